/// PSD, PNM and HDR: headers, checks of the data against the file size, and decoders.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "engine/io/byte_reader.h"
#include "engine/io/picture_formats.h"
#include "engine/io/picture_planes.h"

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

// ---- PSD: https://www.adobe.com/devnet-apps/photoshop/fileformatashtml

bool is_psd(Data file) { return file.size() >= 4 && begins_with(file, "8BPS"); }

Expected<PictureHeader> read_psd_header(Data file, std::string_view name) {
    ByteReader reader(file);
    reader.skip(4);
    const auto version = reader.big<std::uint16_t>();
    reader.skip(6);
    const auto channels = reader.big<std::uint16_t>();
    const auto height = reader.big<std::uint32_t>();
    const auto width = reader.big<std::uint32_t>();
    const auto bits = reader.big<std::uint16_t>();
    const auto mode = reader.big<std::uint16_t>();
    if (reader.failed()) return fail("{}: the PSD ends within its header", name);
    if (version != 1) return fail("{}: expected a PSD of version 1, found {}", name, version);
    if (bits != 8 && bits != 16) return fail("{}: expected a PSD of 8 or 16 bits per channel, found {}", name, bits);
    if (mode != 3 || channels < 3 || channels > 16)
        return fail("{}: expected a PSD in RGB (mode 3, 3 to 16 channels), found mode {} with {} channels", name, mode,
                    channels);
    if (width > INT32_MAX || height > INT32_MAX)
        return fail("{}: the PSD claims {} x {} pixels, more than the format allows", name, width, height);
    PictureHeader header;
    header.info = {"PSD", static_cast<int>(width), static_cast<int>(height), channels > 3 ? 4 : 3, bits, 1};
    return header;
}

/// Unpacks one row that is compressed with Apple's PackBits. A code n below 128 is followed by n + 1 bytes that are
/// copied; a code n above 128 by one byte that is repeated 257 - n times; 128 is skipped. Returns false if the data is
/// corrupt.
bool unpack_bits(Data packed, std::span<std::byte> row) {
    ByteReader reader(packed);
    for (std::size_t x = 0; x < row.size();) {
        const std::size_t code = reader.byte();
        if (reader.failed()) return false;
        if (code == 128) continue;
        const bool run = code > 128;
        const std::size_t count = run ? 257 - code : code + 1;
        const Data values = reader.take(run ? 1 : count);
        if (reader.failed() || count > row.size() - x) return false;
        for (std::size_t i = 0; i < count; ++i, ++x) row[x] = values[run ? 0 : i];
    }
    return true;
}

/// Returns the planes of a PSD whose rows are packed one by one. A table of the packed lengths of all rows comes first.
Expected<std::vector<std::byte>> unpack_psd_rows(ByteReader& reader, const PictureHeader& header, std::size_t channels,
                                                 std::string_view name) {
    const auto height = static_cast<std::size_t>(header.info.height);
    const std::size_t row_bytes =
        static_cast<std::size_t>(header.info.width) * static_cast<std::size_t>(header.info.bits / 8);
    ByteReader lengths(reader.take(height * channels * 2));
    // 128 bytes can't be packed into fewer than two.
    const std::size_t kept = height * static_cast<std::size_t>(header.info.channels);
    const std::size_t least = kept * 2 * ((row_bytes + 127) / 128);
    if (reader.failed() || least > reader.rest().size())
        return fail("{}: the PSD is cut short in its picture of {} x {} pixels", name, header.info.width,
                    header.info.height);
    std::vector<std::byte> planes(kept * row_bytes);
    for (std::size_t row = 0; row < kept; ++row) {
        const Data packed = reader.take(lengths.big<std::uint16_t>());
        if (!unpack_bits(packed, std::span(planes).subspan(row * row_bytes, row_bytes)))
            return fail("{}: the PSD is cut short or corrupt in row {}", name, row % height);
    }
    return planes;
}

// ---- PNM

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_pnm(Data file) {
    const std::string_view text = text_of(file);
    return text.size() >= 3 && text[0] == 'P' && text[1] >= '1' && text[1] <= '7' &&
           (is_blank(text[2]) || text[2] == '#');
}

/// Reads the next number of a PNM header after blanks and comments; returns -1 if there is none.
int next_number(std::string_view& text) {
    while (!text.empty() && (is_blank(text[0]) || text[0] == '#')) {
        const std::size_t end = text[0] == '#' ? text.find('\n') : 0;
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    int value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc() ? value : -1;
}

Expected<PictureHeader> read_pnm_header(Data file, std::string_view name) {
    std::string_view text = text_of(file);
    const char kind = text[1];
    if (kind != '5' && kind != '6') return fail("{}: expected a PNM of kind P5 or P6, found P{}", name, kind);
    text.remove_prefix(2);
    const int width = next_number(text);
    const int height = next_number(text);
    const int max_value = next_number(text);
    if (width < 0 || height < 0 || max_value < 1 || max_value > 65535 || text.empty() || !is_blank(text[0]))
        return fail("{}: the PNM's header does not have a width, a height and a largest value up to 65535", name);
    PictureHeader header;
    header.info = {"PNM", width, height, kind == '6' ? 3 : 1, max_value > 255 ? 16 : 8, 1};
    header.data_begin = file.size() - (text.size() - 1);
    header.max_value = max_value;
    return header;
}

Expected<void> check_pnm(Data file, const PictureHeader& header, std::string_view name) {
    const auto value_bytes = static_cast<std::size_t>(header.info.channels * header.info.bits / 8);
    const std::size_t needed = header.data_begin + pixels_of(header.info) * value_bytes;
    if (needed > file.size()) return too_short(name, header.info, needed, file.size());
    return {};
}

// ---- HDR: Greg Ward, "Real Pixels", Graphics Gems II; https://radsite.lbl.gov/radiance/refer/filefmts.pdf

bool is_hdr(Data file) {
    return file.size() > 10 && (begins_with(file, "#?RADIANCE\n") || begins_with(file, "#?RGBE\n"));
}

/// Removes the next line from `text` and returns it without its end.
std::string_view next_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

/// Removes `prefix` and the number after it from `text` and returns the number; -1 if they are missing.
int number_after(std::string_view prefix, std::string_view& text) {
    if (!text.starts_with(prefix)) return -1;
    text.remove_prefix(prefix.size());
    int value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc() ? value : -1;
}

Expected<PictureHeader> read_hdr_header(Data file, std::string_view name) {
    std::string_view text = text_of(file);
    bool rgbe = false;
    for (std::string_view line = next_line(text); !line.empty(); line = next_line(text))
        rgbe = rgbe || line == "FORMAT=32-bit_rle_rgbe";
    if (!rgbe) return fail("{}: expected an HDR picture of FORMAT=32-bit_rle_rgbe, found another or no format", name);
    std::string_view size = next_line(text);
    const int height = number_after("-Y ", size);
    const int width = number_after(" +X ", size);
    if (width < 0 || height < 0 || !size.empty())
        return fail("{}: expected the HDR picture's size as -Y height +X width, found something else", name);
    PictureHeader header;
    header.info = {"HDR", width, height, 3, 32, 1};
    header.data_begin = file.size() - text.size();
    return header;
}

/// Unpacks one of the four components of a row into every fourth byte of `row`, starting with the first. Returns false
/// if the data is corrupt.
bool unpack_component(ByteReader& reader, std::span<std::byte> row) {
    for (std::size_t x = 0; x < row.size();) {
        const std::size_t code = reader.byte();
        const bool run = code > 128;
        const std::size_t count = run ? code - 128 : code;
        if (count == 0 || count > (row.size() - x + 3) / 4) return false;
        const Data values = reader.take(run ? 1 : count);
        if (reader.failed()) return false;
        for (std::size_t i = 0; i < count; ++i, x += 4) row[x] = values[run ? 0 : i];
    }
    return true;
}

/// Returns the unpacked planes of a Photoshop file, one after another: red, green, blue and, if header.info has four
/// channels, alpha. Values of two bytes are big-endian. Fails if the data is truncated, corrupt or compressed in
/// another way than by run lengths.
Expected<std::vector<std::byte>> unpack_psd(Data file, const PictureHeader& header, std::string_view name) {
    ByteReader reader(file);
    reader.skip(12);
    const std::size_t channels = reader.big<std::uint16_t>();
    reader.skip(12);
    for (int section = 0; section < 3; ++section) reader.skip(reader.big<std::uint32_t>());
    const auto compression = reader.big<std::uint16_t>();
    if (reader.failed()) return fail("{}: the PSD is cut short before its picture", name);
    if (compression == 1) return unpack_psd_rows(reader, header, channels, name);
    if (compression != 0)
        return fail("{}: expected a PSD that is uncompressed (0) or run-length encoded (1), found compression {}", name,
                    compression);
    const std::size_t plane_bytes = pixels_of(header.info) * static_cast<std::size_t>(header.info.bits / 8);
    const std::size_t begin = reader.offset();
    const Data all = reader.take(plane_bytes * channels);
    if (reader.failed()) return too_short(name, header.info, begin + plane_bytes * channels, file.size());
    const Data kept = all.first(plane_bytes * static_cast<std::size_t>(header.info.channels));
    return std::vector<std::byte>(kept.begin(), kept.end());
}

/// Returns the unpacked pixels of a Radiance file, row by row, four bytes each: red, green, blue, exponent. Fails if
/// the data is truncated or corrupt.
Expected<std::vector<std::byte>> unpack_hdr(Data file, const PictureHeader& header, std::string_view name) {
    ByteReader reader(file);
    reader.skip(header.data_begin);
    const auto width = static_cast<std::size_t>(header.info.width);
    const std::size_t total = pixels_of(header.info) * 4;
    const Data start = reader.rest().first(std::min<std::size_t>(reader.rest().size(), 4));
    const auto announces_runs = [](Data s) {
        return s.size() == 4 && s[0] == std::byte{2} && s[1] == std::byte{2} &&
               (s[2] & std::byte{0x80}) == std::byte{0};
    };
    if (width < 8 || width > 32767 || !announces_runs(start)) {
        const Data flat = reader.take(total);
        if (reader.failed()) return too_short(name, header.info, header.data_begin + total, file.size());
        return std::vector<std::byte>(flat.begin(), flat.end());
    }
    // A row takes at least one code and one value for each run of up to 127 pixels, in each of four components.
    const std::size_t least = static_cast<std::size_t>(header.info.height) * (4 + 4 * 2 * ((width + 126) / 127));
    if (least > reader.rest().size()) return too_short(name, header.info, header.data_begin + least, file.size());
    std::vector<std::byte> pixels(total);
    for (std::size_t begin = 0; begin < total; begin += width * 4) {
        const Data prefix = reader.take(4);
        bool good = announces_runs(prefix) &&
                    std::to_integer<std::size_t>(prefix[2]) * 256 + std::to_integer<std::size_t>(prefix[3]) == width;
        for (std::size_t c = 0; c < 4 && good; ++c)
            good = unpack_component(reader, std::span(pixels).subspan(begin + c, width * 4 - c));
        if (!good) return fail("{}: the HDR picture is cut short or corrupt in row {}", name, begin / (width * 4));
    }
    return pixels;
}

/// Decodes Radiance's shared exponent: mantissa / 256 * 2^(exponent - 128).
Expected<Picture> decode_hdr(Data file, const PictureHeader& header, std::string_view name) {
    const auto rgbe = unpack_hdr(file, header, name);
    if (!rgbe) return tl::unexpected(rgbe.error());
    return planar(header.info, [&](std::size_t pixel, int channel) {
        const std::byte* at = rgbe->data() + pixel * 4;
        const int exponent = std::to_integer<int>(at[3]);
        return exponent == 0 ? 0.0F : std::ldexp(static_cast<float>(std::to_integer<int>(at[channel])), exponent - 136);
    });
}

/// Returns a value stored in one byte, or in two bytes in big-endian order.
float value_at(const std::byte* at, std::size_t value_bytes) {
    const int first = std::to_integer<int>(*at);
    return static_cast<float>(value_bytes == 2 ? first * 256 + std::to_integer<int>(at[1]) : first);
}

Expected<Picture> decode_pnm(Data file, const PictureHeader& header, std::string_view /*name*/) {
    const auto channels = static_cast<std::size_t>(header.info.channels);
    const std::size_t value_bytes = header.info.bits == 16 ? 2 : 1;
    const auto largest = static_cast<float>(header.max_value);
    return planar(header.info, [&, begin = file.data() + header.data_begin](std::size_t pixel, int channel) {
        const std::size_t index = pixel * channels + static_cast<std::size_t>(channel);
        return std::min(value_at(begin + index * value_bytes, value_bytes) / largest, 1.0F);
    });
}

/// Decodes a PSD. Photoshop blends partly transparent pixels with white when it saves them; this function removes the
/// white.
Expected<Picture> decode_psd(Data file, const PictureHeader& header, std::string_view name) {
    const auto planes = unpack_psd(file, header, name);
    if (!planes) return tl::unexpected(planes.error());
    const std::size_t value_bytes = header.info.bits == 16 ? 2 : 1;
    const float largest = header.info.bits == 16 ? 65535.0F : 255.0F;
    const std::size_t pixels = pixels_of(header.info);
    const auto stored = [&](std::size_t pixel, int channel) {
        const std::size_t index = static_cast<std::size_t>(channel) * pixels + pixel;
        return value_at(planes->data() + index * value_bytes, value_bytes) / largest;
    };
    return planar(header.info, [&](std::size_t pixel, int channel) {
        const float value = stored(pixel, channel);
        const float alpha = header.info.channels == 4 ? stored(pixel, 3) : 1.0F;
        const bool mixed = channel < 3 && alpha > 0 && alpha < 1;
        return mixed ? std::clamp((value - 1 + alpha) / alpha, 0.0F, 1.0F) : value;
    });
}

}  // namespace

const PictureFormat psd_format = {"PSD", is_psd, read_psd_header, nullptr, decode_psd};
const PictureFormat pnm_format = {"PNM", is_pnm, read_pnm_header, check_pnm, decode_pnm};
const PictureFormat hdr_format = {"HDR", is_hdr, read_hdr_header, nullptr, decode_hdr};

std::size_t pixels_of(const PictureInfo& info) {
    return static_cast<std::size_t>(info.width) * static_cast<std::size_t>(info.height);
}

tl::unexpected<Error> too_short(std::string_view name, const PictureInfo& info, std::size_t needed, std::size_t found) {
    return fail("{}: the {} is cut short: {} x {} pixels need {} bytes, the file has {}", name, info.format, info.width,
                info.height, needed, found);
}

}  // namespace convlens
