/// PNG and JPEG: their headers, checks of their data, and the EXIF orientation.
#include <libexif/exif-data.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

#include "engine/io/byte_reader.h"
#include "engine/io/color_profile.h"
#include "engine/io/picture_formats.h"

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

constexpr std::string_view png_signature = "\x89PNG\r\n\x1a\n";
constexpr std::string_view exif_signature{"Exif\0\0", 6};

/// One chunk of a PNG. `checked` holds the bytes that the checksum `crc` covers: type and payload.
struct Chunk {
    std::string_view type;
    Data payload;
    Data checked;
    std::uint32_t crc = 0;
};

/// Reads the next chunk. If the file ends within it, reader.failed() is true afterwards.
Chunk next_chunk(ByteReader& reader) {
    const auto length = reader.big<std::uint32_t>();
    Chunk chunk;
    chunk.checked = reader.take(std::size_t{length} + 4);
    chunk.crc = reader.big<std::uint32_t>();
    if (!reader.failed()) {
        chunk.type = text_of(chunk.checked.first(4));
        chunk.payload = chunk.checked.subspan(4);
    }
    return chunk;
}

std::uint32_t crc32(Data bytes) {
    static const auto table = [] {
        std::array<std::uint32_t, 256> t{};
        for (std::uint32_t i = 0; i < t.size(); ++i) {
            t[i] = i;
            for (int bit = 0; bit < 8; ++bit) t[i] = (t[i] >> 1U) ^ ((t[i] & 1U) != 0 ? 0xedb88320U : 0U);
        }
        return t;
    }();
    std::uint32_t crc = 0xffffffffU;
    for (const std::byte b : bytes) crc = table[(crc ^ std::to_integer<std::uint32_t>(b)) & 255U] ^ (crc >> 8U);
    return ~crc;
}

bool is_png(Data file) { return file.size() >= png_signature.size() && begins_with(file, png_signature); }

Expected<PictureHeader> read_png_header(Data file, std::string_view name) {
    ByteReader reader(file.subspan(png_signature.size()));
    const Chunk first = next_chunk(reader);
    if (first.type != "IHDR" || first.payload.size() != 13)
        return fail("{}: expected a PNG that begins with an IHDR chunk of 13 bytes, found none", name);
    ByteReader fields(first.payload);
    const auto width = fields.big<std::uint32_t>();
    const auto height = fields.big<std::uint32_t>();
    const int bits = fields.byte();
    const int color_type = fields.byte();
    if (width > 0x7fffffffU || height > 0x7fffffffU)
        return fail("{}: the PNG claims {} x {} pixels, more than the format allows", name, width, height);
    constexpr std::array<int, 7> channels = {1, 0, 3, 3, 2, 0, 4};
    if (color_type > 6 || channels[static_cast<std::size_t>(color_type)] == 0)
        return fail("{}: expected a PNG color type of 0, 2, 3, 4 or 6, found {}", name, color_type);
    PictureHeader header;
    header.info = {"PNG",
                   static_cast<int>(width),
                   static_cast<int>(height),
                   channels[static_cast<std::size_t>(color_type)],
                   bits == 16 ? 16 : 8,
                   1};
    bool in_data = false;
    for (Chunk chunk = next_chunk(reader); !reader.failed() && chunk.type != "IEND"; chunk = next_chunk(reader)) {
        in_data = in_data || chunk.type == "IDAT";
        if (chunk.type == "tRNS" && !in_data && header.info.channels % 2 == 1) ++header.info.channels;
        if (chunk.type == "eXIf") header.info.orientation = exif_orientation(chunk.payload);
    }
    return header;
}

Expected<void> check_png(Data file, const PictureHeader& /*header*/, std::string_view name) {
    ByteReader reader(file.subspan(png_signature.size()));
    for (;;) {
        const std::size_t begin = png_signature.size() + reader.offset();
        const Chunk chunk = next_chunk(reader);
        if (reader.failed()) return fail("{}: the PNG is cut short after {} bytes", name, file.size());
        if (crc32(chunk.checked) != chunk.crc)
            return fail("{}: the PNG is corrupt: the chunk at byte {} has a wrong checksum", name, begin);
        if (chunk.type == "IEND") return {};
    }
}

enum Marker : std::uint8_t { dht = 0xc4, rst0 = 0xd0, soi = 0xd8, eoi = 0xd9, sos = 0xda, app1 = 0xe1, app2 = 0xe2 };

/// One segment of a JPEG, without marker and length.
struct Segment {
    std::uint8_t marker = 0;
    Data payload;
};

/// Reads the next segment; returns nullopt if no marker follows or the file ends.
std::optional<Segment> next_segment(ByteReader& reader) {
    if (reader.byte() != 0xff) return std::nullopt;
    Segment segment;
    do segment.marker = reader.byte();
    while (segment.marker == 0xff);  // Fill bytes.
    if (segment.marker >= rst0 && segment.marker <= eoi) return reader.failed() ? std::nullopt : std::optional(segment);
    const auto length = reader.big<std::uint16_t>();
    if (length < 2) return std::nullopt;
    segment.payload = reader.take(length - 2U);
    if (reader.failed()) return std::nullopt;
    return segment;
}

/// Skips the entropy-coded data of a scan up to the next marker. Restart markers are part of the data.
void skip_scan(ByteReader& reader) {
    const Data rest = reader.rest();
    std::size_t i = 0;
    for (; i + 1 < rest.size(); ++i) {
        if (rest[i] != std::byte{0xff}) continue;
        const auto next = std::to_integer<std::uint8_t>(rest[i + 1]);
        const bool restart = next >= rst0 && next < soi;
        if (next != 0 && next != 0xff && !restart) break;
    }
    reader.skip(i);
}

/// Returns true for the markers of a frame header, SOF0 to SOF15. The markers DHT, JPG and DAC lie in the same range
/// but do not begin a frame header.
bool is_frame(std::uint8_t marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

bool is_jpeg(Data file) { return file.size() >= 3 && begins_with(file, "\xff\xd8\xff"); }

Expected<PictureHeader> read_jpeg_header(Data file, std::string_view name) {
    PictureHeader header;
    header.info.format = "JPEG";
    bool frame_seen = false;
    bool exif_seen = false;
    ByteReader reader(file.subspan(2));
    for (auto segment = next_segment(reader); segment; segment = next_segment(reader)) {
        if (segment->marker == sos || segment->marker == eoi) break;
        if (segment->marker == app1 && !exif_seen && segment->payload.size() > exif_signature.size() &&
            begins_with(segment->payload, exif_signature)) {
            exif_seen = true;
            header.info.orientation = exif_orientation(segment->payload);
        }
        if (!is_frame(segment->marker) || frame_seen) continue;
        frame_seen = true;
        if (segment->marker > 0xc2)
            return fail("{}: expected a baseline or progressive JPEG, found another kind (SOF{})", name,
                        segment->marker - 0xc0);
        ByteReader fields(segment->payload);
        const int bits = fields.byte();
        header.info.height = fields.big<std::uint16_t>();
        header.info.width = fields.big<std::uint16_t>();
        header.info.channels = fields.byte() == 1 ? 1 : 3;
        if (fields.failed()) return fail("{}: the JPEG's frame header is cut short", name);
        if (bits != 8) return fail("{}: expected a JPEG of 8 bits per channel, found {}", name, bits);
    }
    if (!frame_seen) return fail("{}: the JPEG ends or is corrupt before its frame header", name);
    return header;
}

/// Returns true if no Huffman table in a DHT segment has more than 256 codes. For a table with more, stb_image 2.27
/// writes past the end of its own table.
bool huffman_tables_fit(Data payload) {
    ByteReader reader(payload);
    while (!reader.rest().empty() && !reader.failed()) {
        reader.skip(1);
        std::size_t codes = 0;
        for (const std::byte count : reader.take(16)) codes += std::to_integer<std::size_t>(count);
        if (codes > 256) return false;
        reader.skip(codes);
    }
    return !reader.failed();
}

Expected<void> check_jpeg(Data file, const PictureHeader& /*header*/, std::string_view name) {
    // Each scan covers the whole image: more scans would let a small file take minutes. 1 to 12 are usual.
    constexpr int max_scans = 500;
    int scans = 0;
    ByteReader reader(file.subspan(2));
    for (auto segment = next_segment(reader); segment; segment = next_segment(reader)) {
        if (segment->marker == eoi && scans > 0) return {};
        if (segment->marker == eoi) return fail("{}: the JPEG holds no picture data", name);
        if (segment->marker == dht && !huffman_tables_fit(segment->payload))
            return fail("{}: the JPEG is corrupt in a Huffman table before byte {}", name, 2 + reader.offset());
        if (segment->marker != sos) continue;
        if (++scans > max_scans) return fail("{}: the JPEG has more than {} scans", name, max_scans);
        skip_scan(reader);
    }
    return fail("{}: the JPEG is cut short or corrupt at byte {} of {}", name, 2 + reader.offset(), file.size());
}

}  // namespace

const PictureFormat png_format = {.name = "PNG",
                                  .recognizes = is_png,
                                  .read_header = read_png_header,
                                  .check_data = check_png,
                                  .decode = decode_with_stb,
                                  .profile = png_profile};
const PictureFormat jpeg_format = {.name = "JPEG",
                                   .recognizes = is_jpeg,
                                   .read_header = read_jpeg_header,
                                   .check_data = check_jpeg,
                                   .decode = decode_with_stb,
                                   .profile = jpeg_profile};

std::vector<std::byte> png_profile(Data file) {
    ByteReader reader(file.subspan(png_signature.size()));
    for (Chunk chunk = next_chunk(reader); !reader.failed() && chunk.type != "IDAT"; chunk = next_chunk(reader)) {
        if (chunk.type != "iCCP") continue;
        const std::size_t name_end = text_of(chunk.payload).find('\0');
        if (name_end > 79 || chunk.payload.size() < name_end + 2) return {};
        const Data packed = chunk.payload.subspan(name_end + 2);
        std::vector<std::byte> profile(std::min(max_profile_bytes, packed.size() * 1032 + 64));  // deflate's best ratio
        uLongf size = profile.size();
        const int done = ::uncompress(reinterpret_cast<Bytef*>(profile.data()), &size,
                                      reinterpret_cast<const Bytef*>(packed.data()), packed.size());
        profile.resize(done == Z_OK ? size : 0);
        return profile;
    }
    return {};
}

std::vector<std::byte> jpeg_profile(Data file) {
    constexpr std::string_view signature{"ICC_PROFILE\0", 12};
    std::vector<Data> parts;
    std::size_t found = 0, bytes = 0;
    ByteReader reader(file.subspan(2));
    for (auto segment = next_segment(reader); segment && segment->marker != sos && segment->marker != eoi;
         segment = next_segment(reader)) {
        const Data payload = segment->payload;
        if (segment->marker != app2 || payload.size() < signature.size() + 2 || !begins_with(payload, signature))
            continue;
        const auto number = std::to_integer<std::size_t>(payload[signature.size()]);
        const auto count = std::to_integer<std::size_t>(payload[signature.size() + 1]);
        if (parts.empty()) parts.resize(count);
        if (number < 1 || number > parts.size() || !parts[number - 1].empty()) return {};
        parts[number - 1] = payload.subspan(signature.size() + 2);
        bytes += parts[number - 1].size();
        ++found;
    }
    std::vector<std::byte> profile;
    if (found != parts.size() || bytes > max_profile_bytes) return profile;
    for (const Data part : parts) profile.insert(profile.end(), part.begin(), part.end());
    return profile;
}

int exif_orientation(Data exif) {
    constexpr std::size_t max_bytes = 1U << 20U;
    exif = exif.first(std::min(exif.size(), max_bytes));
    std::vector<std::byte> signed_exif;  // libexif reads nothing without the signature
    if (!begins_with(exif, exif_signature)) {
        const auto signature = std::as_bytes(std::span(exif_signature));
        signed_exif.assign(signature.begin(), signature.end());
        signed_exif.insert(signed_exif.end(), exif.begin(), exif.end());
        exif = signed_exif;
    }
    const std::unique_ptr<ExifData, void (*)(ExifData*)> data(
        exif_data_new_from_data(reinterpret_cast<const unsigned char*>(exif.data()),
                                static_cast<unsigned>(exif.size())),
        exif_data_unref);
    if (!data) return 1;
    ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    if (entry == nullptr || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
    const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

}  // namespace convlens
