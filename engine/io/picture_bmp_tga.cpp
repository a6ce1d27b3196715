/// BMP and TGA. Their data is checked against the file size, because stb_image silently replaces missing data.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "engine/io/byte_reader.h"
#include "engine/io/picture_formats.h"

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

// ---- BMP: https://learn.microsoft.com/windows/win32/gdi/bitmap-storage

struct Bmp {
    std::uint32_t data_begin = 0;
    std::uint32_t header_bytes = 0;
    std::int64_t width = 0;
    std::int64_t height = 0;
    int bits = 0;
    std::uint32_t compression = 0;
    std::uint32_t alpha_mask = 0;
    bool complete = false;  ///< Whether the file contains the whole header.
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
    const bool alpha =
        bmp.bits == 32 ? bmp.compression == 0 || bmp.alpha_mask != 0 : bmp.bits == 16 && bmp.alpha_mask != 0;
    PictureHeader header;
    header.info = {"BMP", static_cast<int>(bmp.width), static_cast<int>(std::abs(bmp.height)), alpha ? 4 : 3, 8, 1};
    return header;
}

/// Returns true if each pixel of a BMP with a palette refers to one of the `colors` entries of the palette; stb_image
/// does not check that.
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
        return fail("{}: expected a BMP of 1, 4, 8, 16, 24 or 32 bits per pixel, found {}", name, bmp.bits);
    if (bmp.compression != 0 && bmp.compression != 3)
        return fail("{}: expected an uncompressed BMP, found compression {}", name, bmp.compression);
    const std::size_t headers = 14 + std::size_t{bmp.header_bytes};
    if (bmp.data_begin < headers)
        return fail("{}: the BMP's pixels can't begin at byte {}, within the header", name, bmp.data_begin);
    const std::size_t row_bytes =
        (static_cast<std::size_t>(bmp.width) * static_cast<std::size_t>(bmp.bits) + 31) / 32 * 4;
    const std::size_t needed = bmp.data_begin + row_bytes * static_cast<std::size_t>(header.info.height);
    if (needed > file.size()) return too_short(name, header.info, needed, file.size());
    if (bmp.bits > 8) return {};
    if (bmp.header_bytes == 12) return fail("{}: an OS/2 BMP with a palette is not supported", name);
    const std::size_t colors = (bmp.data_begin - headers) / 4;
    const Data rows = file.subspan(bmp.data_begin, needed - bmp.data_begin);
    if (colors == 0 || !indices_within(rows, row_bytes, header.info.width, bmp.bits, colors))
        return fail("{}: the BMP is corrupt: its pixels use more than the {} colors of its palette", name, colors);
    return {};
}

// ---- TGA: Truevision TGA file format specification, version 2.0

struct Tga {
    std::uint8_t id_bytes, has_map, type, map_bits, bits, flags;
    std::uint16_t map_first, map_length, width, height;
    std::size_t data_begin;

    bool run_length() const { return type >= 9; }
    bool gray() const { return type == 3 || type == 11; }
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
    reader.skip(4);  // The origin of the image.
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
    return tga.gray() ? one_of(tga.bits, {8, 16}) : one_of(tga.bits, {15, 16, 24, 32});
}

Expected<PictureHeader> read_tga_header(Data file, std::string_view /*name*/) {
    const Tga tga = read_tga_fields(file);
    const int color_bits = tga.has_map != 0 ? tga.map_bits : tga.bits;
    int channels = color_bits == 32 ? 4 : 3;
    if (tga.gray()) channels = tga.bits / 8;
    PictureHeader header;
    header.info = {"TGA", tga.width, tga.height, channels, 8, 1};
    return header;
}

Expected<void> check_tga(Data file, const PictureHeader& header, std::string_view name) {
    const Tga tga = read_tga_fields(file);
    if (tga.map_first != 0) return fail("{}: a TGA whose color map begins at {} is not supported", name, tga.map_first);
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
    if (reader.failed())
        return fail("{}: the TGA is cut short: its pixels need more than the file's {} bytes", name, file.size());
    return {};
}

}  // namespace

const PictureFormat bmp_format = {"BMP", is_bmp, read_bmp_header, check_bmp, decode_with_stb};
const PictureFormat tga_format = {"TGA", is_tga, read_tga_header, check_tga, decode_with_stb};

}  // namespace convlens
