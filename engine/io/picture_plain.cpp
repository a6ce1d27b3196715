/// The formats without checksums or markers: BMP, TGA, PSD, PNM, HDR. Their data is measured against the file.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "engine/io/byte_reader.h"
#include "engine/io/picture_formats.h"

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

/// The number of values in the picture: it is within limits, so it fits.
std::size_t pixels_of(const PictureInfo& info) {
    return static_cast<std::size_t>(info.width) * static_cast<std::size_t>(info.height);
}

tl::unexpected<Error> too_short(std::string_view name, const PictureInfo& info, std::size_t needed, std::size_t found) {
    return fail("{}: the {} is cut short: {} x {} pixels need {} bytes, the file has {}", name, info.format, info.width,
                info.height, needed, found);
}

// ---- BMP: https://learn.microsoft.com/windows/win32/gdi/bitmap-storage

struct Bmp {
    std::uint32_t data_begin = 0;
    std::uint32_t header_bytes = 0;
    std::int64_t width = 0;
    std::int64_t height = 0;
    int bits = 0;
    std::uint32_t compression = 0;
    std::uint32_t alpha_mask = 0;
    bool complete = false;
};

Bmp read_bmp_fields(Data file) {
    ByteReader reader(file);
    Bmp bmp;
    reader.skip(10);
    bmp.data_begin = reader.little<std::uint32_t>();
    bmp.header_bytes = reader.little<std::uint32_t>();
    const bool old = bmp.header_bytes == 12;
    bmp.width = old ? reader.little<std::uint16_t>() : static_cast<std::int32_t>(reader.little<std::uint32_t>());
    bmp.height = old ? reader.little<std::uint16_t>() : static_cast<std::int32_t>(reader.little<std::uint32_t>());
    reader.skip(2);
    bmp.bits = reader.little<std::uint16_t>();
    if (!old) bmp.compression = reader.little<std::uint32_t>();
    bmp.complete = !reader.failed();
    if (bmp.header_bytes >= 108) {
        reader.skip(32);
        bmp.alpha_mask = reader.little<std::uint32_t>();
        bmp.complete = !reader.failed();
    }
    return bmp;
}

bool is_bmp(Data file) {
    constexpr std::array<std::uint32_t, 5> header_sizes = {12, 40, 56, 108, 124};
    if (file.size() < 18 || !begins_with(file, "BM")) return false;
    const std::uint32_t size = read_bmp_fields(file).header_bytes;
    return std::find(header_sizes.begin(), header_sizes.end(), size) != header_sizes.end();
}

Expected<PictureHeader> read_bmp_header(Data file, std::string_view name) {
    const Bmp bmp = read_bmp_fields(file);
    if (!bmp.complete) return fail("{}: the BMP ends within its header", name);
    constexpr std::int64_t longest = INT32_MAX;
    if (bmp.width < 0 || std::abs(bmp.height) > longest)
        return fail("{}: expected a BMP of positive size, found {} x {}", name, bmp.width, bmp.height);
    const bool alpha = bmp.bits == 32 ? bmp.compression == 0 || bmp.alpha_mask != 0 : bmp.bits == 16 && bmp.alpha_mask != 0;
    PictureHeader header;
    header.info = {"BMP", static_cast<int>(bmp.width), static_cast<int>(std::abs(bmp.height)), alpha ? 4 : 3, 8, 1};
    return header;
}

/// Whether each pixel of a BMP with a palette names one of its `colors`: stb_image does not check that.
bool indices_within(Data rows, std::size_t row_bytes, int width, int bits, std::size_t colors) {
    if (colors >= (std::size_t{1} << static_cast<unsigned>(bits))) return true;
    const auto bit_count = static_cast<std::size_t>(bits);
    for (std::size_t begin = 0; begin < rows.size(); begin += row_bytes) {
        for (std::size_t bit = 0; bit < static_cast<std::size_t>(width) * bit_count; bit += bit_count) {
            const auto byte = std::to_integer<std::size_t>(rows[begin + bit / 8]);
            const std::size_t index = (byte >> (8 - bit_count - bit % 8)) & ((std::size_t{1} << bit_count) - 1);
            if (index >= colors) return false;
        }
    }
    return true;
}

Expected<void> check_bmp(Data file, const PictureHeader& header, std::string_view name) {
    const Bmp bmp = read_bmp_fields(file);
    constexpr std::array<int, 6> depths = {1, 4, 8, 16, 24, 32};
    if (std::find(depths.begin(), depths.end(), bmp.bits) == depths.end())
        return fail("{}: expected a BMP of 1, 4, 8, 16, 24 or 32 bits, found {}", name, bmp.bits);
    if (bmp.compression != 0 && bmp.compression != 3)
        return fail("{}: expected an uncompressed BMP, found compression {}", name, bmp.compression);
    const std::size_t headers = 14 + std::size_t{bmp.header_bytes};
    if (bmp.data_begin < headers)
        return fail("{}: the BMP's pixels can't begin at byte {}, within the header", name, bmp.data_begin);
    const std::size_t row_bytes = (static_cast<std::size_t>(bmp.width) * static_cast<std::size_t>(bmp.bits) + 31) / 32 * 4;
    const std::size_t needed = bmp.data_begin + row_bytes * static_cast<std::size_t>(header.info.height);
    if (needed > file.size()) return too_short(name, header.info, needed, file.size());
    if (bmp.bits > 8) return {};
    if (bmp.header_bytes == 12) return fail("{}: a BMP of OS/2 with a palette, which is not read", name);
    const std::size_t colors = (bmp.data_begin - headers) / 4;
    const Data rows = file.subspan(bmp.data_begin, needed - bmp.data_begin);
    if (colors == 0 || !indices_within(rows, row_bytes, header.info.width, bmp.bits, colors))
        return fail("{}: the BMP is corrupt: its pixels use more than the {} colours of its palette", name, colors);
    return {};
}

// ---- TGA: Truevision TGA file format specification, version 2.0

struct Tga {
    std::uint8_t id_bytes, has_map, type, map_bits, bits, flags;
    std::uint16_t map_first, map_length, width, height;
    std::size_t data_begin;

    bool run_length() const { return type >= 9; }
    bool grey() const { return type == 3 || type == 11; }
    std::size_t pixel_bytes() const { return (bits + 7U) / 8U; }
};

Tga read_tga_fields(Data file) {
    ByteReader reader(file);
    Tga tga{};
    tga.id_bytes = reader.byte();
    tga.has_map = reader.byte();
    tga.type = reader.byte();
    tga.map_first = reader.little<std::uint16_t>();
    tga.map_length = reader.little<std::uint16_t>();
    tga.map_bits = reader.byte();
    reader.skip(4);  // Origin.
    tga.width = reader.little<std::uint16_t>();
    tga.height = reader.little<std::uint16_t>();
    tga.bits = reader.byte();
    tga.flags = reader.byte();
    const std::size_t map_bytes = tga.has_map != 0 ? std::size_t{tga.map_length} * ((tga.map_bits + 7U) / 8U) : 0;
    tga.data_begin = reader.offset() + tga.id_bytes + map_bytes;
    return tga;
}

bool is_tga(Data file) {
    if (file.size() < 18) return false;
    const Tga tga = read_tga_fields(file);
    const auto one_of = [](int value, std::initializer_list<int> values) {
        return std::find(values.begin(), values.end(), value) != values.end();
    };
    if (!one_of(tga.type, {1, 2, 3, 9, 10, 11})) return false;
    // The lowest four bits count alpha bits, the highest two are reserved.
    if (!one_of(tga.flags & 15, {0, 1, 8}) || (tga.flags & 0xc0) != 0) return false;
    const bool mapped = tga.type == 1 || tga.type == 9;
    if (mapped)
        return tga.has_map == 1 && one_of(tga.map_bits, {15, 16, 24, 32}) && one_of(tga.bits, {8, 16}) &&
               tga.map_length > 0;
    if (tga.has_map != 0 || tga.map_length != 0 || tga.map_first != 0) return false;
    return tga.grey() ? one_of(tga.bits, {8, 16}) : one_of(tga.bits, {15, 16, 24, 32});
}

Expected<PictureHeader> read_tga_header(Data file, std::string_view /*name*/) {
    const Tga tga = read_tga_fields(file);
    const int color_bits = tga.has_map != 0 ? tga.map_bits : tga.bits;
    int channels = color_bits == 32 ? 4 : 3;
    if (tga.grey()) channels = tga.bits / 8;
    PictureHeader header;
    header.info = {"TGA", tga.width, tga.height, channels, 8, 1};
    return header;
}

Expected<void> check_tga(Data file, const PictureHeader& header, std::string_view name) {
    const Tga tga = read_tga_fields(file);
    if (tga.map_first != 0) return fail("{}: a TGA whose colour map begins at {} is not read", name, tga.map_first);
    const std::size_t pixels = pixels_of(header.info);
    ByteReader reader(file);
    reader.skip(tga.data_begin);
    if (!tga.run_length()) {
        reader.skip(pixels * tga.pixel_bytes());
    } else {
        for (std::size_t done = 0; done < pixels && !reader.failed();) {
            const unsigned packet = reader.byte();
            const std::size_t count = (packet & 127U) + 1;
            reader.skip((packet & 128U) != 0 ? tga.pixel_bytes() : count * tga.pixel_bytes());
            done += count;
        }
    }
    if (reader.failed()) return fail("{}: the TGA is cut short: its pixels go on after {} bytes", name, file.size());
    return {};
}

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
    if (bits != 8 && bits != 16) return fail("{}: expected a PSD of 8 or 16 bits, found {}", name, bits);
    if (mode != 3 || channels < 3 || channels > 16)
        return fail("{}: expected a PSD in RGB (mode 3, 3 to 16 channels), found mode {} with {}", name, mode, channels);
    if (width > INT32_MAX || height > INT32_MAX)
        return fail("{}: the PSD claims {} x {} pixels, more than the format allows", name, width, height);
    PictureHeader header;
    header.info = {"PSD", static_cast<int>(width), static_cast<int>(height), channels > 3 ? 4 : 3, bits, 1};
    return header;
}

Expected<void> check_psd(Data file, const PictureHeader& header, std::string_view name) {
    ByteReader reader(file);
    reader.skip(12);
    const std::size_t channels = reader.big<std::uint16_t>();
    reader.skip(12);
    for (int section = 0; section < 3; ++section) reader.skip(reader.big<std::uint32_t>());
    const auto compression = reader.big<std::uint16_t>();
    if (reader.failed()) return fail("{}: the PSD is cut short before its picture", name);
    const bool run_length = compression == 1;
    if (compression > 1 || (run_length && header.info.bits == 16))
        return fail("{}: expected a PSD that is uncompressed, or run-length encoded with 8 bits, found compression {} "
                    "with {}", name, compression, header.info.bits);
    std::size_t needed = pixels_of(header.info) * channels * static_cast<std::size_t>(header.info.bits / 8);
    if (run_length) {
        needed = 0;
        const std::size_t rows = static_cast<std::size_t>(header.info.height) * channels;
        for (std::size_t row = 0; row < rows && !reader.failed(); ++row) needed += reader.big<std::uint16_t>();
    }
    if (reader.failed() || needed > reader.rest().size())
        return too_short(name, header.info, reader.offset() + needed, file.size());
    return {};
}

// ---- PNM

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_pnm(Data file) {
    const std::string_view text = text_of(file);
    return text.size() >= 3 && text[0] == 'P' && text[1] >= '1' && text[1] <= '7' && (is_blank(text[2]) || text[2] == '#');
}

/// The next number of a PNM header, after blanks and comments; -1 where there is none.
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
        return fail("{}: the PNM's header does not tell a width, a height and a largest value up to 65535", name);
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

/// The next line of `text`, without its end.
std::string_view next_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

/// A number after `prefix`, both taken off `text`; -1 where that is not there.
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
    if (!rgbe) return fail("{}: expected an HDR picture of FORMAT=32-bit_rle_rgbe, found another", name);
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

/// Unpacks one of the four components of a row, `stride` bytes apart. False where the data is corrupt.
bool unpack_component(ByteReader& reader, std::span<std::byte> row) {
    for (std::size_t x = 0; x < row.size();) {
        const std::size_t code = reader.byte();
        const bool run = code > 128;
        const std::size_t count = run ? code - 128 : code;
        if (count == 0 || count > row.size() / 4 - x / 4) return false;
        const Data values = reader.take(run ? 1 : count);
        if (reader.failed()) return false;
        for (std::size_t i = 0; i < count; ++i, x += 4) row[x] = values[run ? 0 : i];
    }
    return true;
}

Expected<void> nothing_to_check(Data /*file*/, const PictureHeader& /*header*/, std::string_view /*name*/) { return {}; }

}  // namespace

const PictureFormat bmp_format = {"BMP", is_bmp, read_bmp_header, check_bmp};
const PictureFormat tga_format = {"TGA", is_tga, read_tga_header, check_tga};
const PictureFormat psd_format = {"PSD", is_psd, read_psd_header, check_psd};
const PictureFormat pnm_format = {"PNM", is_pnm, read_pnm_header, check_pnm};
const PictureFormat hdr_format = {"HDR", is_hdr, read_hdr_header, nothing_to_check};

Expected<std::vector<std::byte>> unpack_hdr(Data file, const PictureHeader& header, std::string_view name) {
    ByteReader reader(file);
    reader.skip(header.data_begin);
    const auto width = static_cast<std::size_t>(header.info.width);
    const std::size_t total = pixels_of(header.info) * 4;
    const Data start = reader.rest().first(std::min<std::size_t>(reader.rest().size(), 4));
    const auto announces_runs = [](Data s) {
        return s.size() == 4 && s[0] == std::byte{2} && s[1] == std::byte{2} && (s[2] & std::byte{0x80}) == std::byte{0};
    };
    if (width < 8 || width > 32767 || !announces_runs(start)) {
        const Data flat = reader.take(total);
        if (reader.failed()) return too_short(name, header.info, header.data_begin + total, file.size());
        return std::vector<std::byte>(flat.begin(), flat.end());
    }
    // A row takes at least a code and a value for each run of up to 127 pixels in each of four components.
    const std::size_t least = static_cast<std::size_t>(header.info.height) * (4 + 4 * 2 * ((width + 126) / 127));
    if (least > reader.rest().size()) return too_short(name, header.info, header.data_begin + least, file.size());
    std::vector<std::byte> pixels(total);
    for (std::size_t begin = 0; begin < total; begin += width * 4) {
        const Data prefix = reader.take(4);
        bool good = announces_runs(prefix) && std::to_integer<std::size_t>(prefix[2]) * 256 + std::to_integer<std::size_t>(prefix[3]) == width;
        for (std::size_t c = 0; c < 4 && good; ++c)
            good = unpack_component(reader, std::span(pixels).subspan(begin + c, width * 4 - c));
        if (!good) return fail("{}: the HDR picture is cut short or corrupt in row {}", name, begin / (width * 4));
    }
    return pixels;
}

}  // namespace convlens
