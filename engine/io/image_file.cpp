/// Decoding of image files, with stb_image and, for PSD, PNM and HDR, with code of Convlens; PNG encoding with
/// stb_image_write and zlib.
#include "engine/io/image_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "engine/core/memory_limit.h"
#include "engine/io/byte_reader.h"
#include "engine/io/file.h"
#include "engine/io/picture_formats.h"
#include "engine/io/zip_archive.h"

namespace {

// Memory for stb_image is zeroed, so that a corrupt image does not show other memory, and limited, so that a small file
// can't unpack into all available memory: 16 bytes per pixel of the largest image.
constexpr std::size_t max_stb_bytes = convlens::max_picture_pixels * 16;

void* stb_allocate(std::size_t bytes) { return bytes <= max_stb_bytes ? std::calloc(1, bytes) : nullptr; }

void* stb_reallocate(void* old, std::size_t bytes) {
    return bytes <= max_stb_bytes ? std::realloc(old, bytes) : nullptr;
}

/// Compresses for stb_image_write, whose own compressor does not check its allocations. Returns memory from
/// std::malloc(), or null if there is not enough.
unsigned char* compress_for_stb(const unsigned char* data, int bytes, int* compressed_bytes, int /*quality*/) {
    uLongf size = ::compressBound(static_cast<uLong>(bytes));
    auto* compressed = static_cast<unsigned char*>(std::malloc(size));
    if (!compressed) return nullptr;
    if (::compress2(compressed, &size, data, static_cast<uLong>(bytes), Z_DEFAULT_COMPRESSION) != Z_OK) {
        std::free(compressed);
        return nullptr;
    }
    *compressed_bytes = static_cast<int>(size);
    return compressed;
}

}  // namespace

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_GIF
#define STBI_NO_PIC
#define STBI_NO_PSD  // In stb_image 2.27, colors overflow when it removes the white from transparent pixels.
#define STBI_NO_HDR  // stb_image 2.27 never returns on a truncated file.
#define STBI_NO_PNM  // stb_image 2.27 reads 16-bit values as little-endian and ignores the largest value.
#define STBI_NO_LINEAR
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 32768
#define STBI_MALLOC(bytes) stb_allocate(bytes)
#define STBI_REALLOC(old, bytes) stb_reallocate(old, bytes)
#define STBI_FREE(old) std::free(old)
#include <stb/stb_image.h>
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#define STBIW_ZLIB_COMPRESS compress_for_stb
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

constexpr int max_side = STBI_MAX_DIMENSIONS;
/// What a decoder needs: up to four channels of 16 bits, then as floats.
constexpr std::size_t bytes_per_pixel = 4 * (2 + sizeof(float));
constexpr std::size_t max_file_bytes = std::size_t{1} << 30;

/// TGA is last because it has no signature.
constexpr std::array formats{&png_format, &jpeg_format, &bmp_format, &psd_format,
                             &pnm_format, &hdr_format,  &tga_format};

Expected<const PictureFormat*> format_of(Data file, std::string_view name) {
    constexpr std::string_view read = "expected PNG, JPEG, BMP, TGA, PSD, PNM or HDR";
    if (file.empty()) return fail("{}: the file is empty, expected a picture", name);
    if (file.size() > 4 && begins_with(file, "GIF8")) return fail("{}: GIF is not supported; {}", name, read);
    for (const PictureFormat* format : formats)
        if (format->recognizes(file)) return format;
    return fail("{}: this is not a picture; {}", name, read);
}

Expected<void> check_size(const PictureInfo& info, std::string_view name) {
    if (info.width < 1 || info.height < 1)
        return fail("{}: the {} is {} x {} pixels, expected at least 1 x 1", name, info.format, info.width,
                    info.height);
    const auto pixels = static_cast<std::size_t>(info.width) * static_cast<std::size_t>(info.height);
    if (info.width > max_side || info.height > max_side || pixels > max_picture_pixels)
        return fail("{}: the {} is {} x {} pixels, expected at most {} per side and {} in total", name, info.format,
                    info.width, info.height, max_side, max_picture_pixels);
    const std::size_t needed = pixels * bytes_per_pixel;
    if (needed > memory_limit() / 2)
        return fail(
            "{}: the {} is {} x {} pixels and needs {}, more than half of the memory limit ({}); --memory sets it",
            name, info.format, info.width, info.height, bytes_in_words(needed), bytes_in_words(memory_limit()));
    return {};
}

/// A header whose image size is within limits, and its format.
struct DetectedFormat {
    const PictureFormat* format = nullptr;
    PictureHeader header;
};

Expected<DetectedFormat> recognize(Data file, std::string_view name) {
    const auto format = format_of(file, name);
    if (!format) return tl::unexpected(format.error());
    auto header = (*format)->read_header(file, name);
    if (!header) return tl::unexpected(header.error());
    if (auto ok = check_size(header->info, name); !ok) return tl::unexpected(ok.error());
    return DetectedFormat{*format, std::move(*header)};
}

/// Orientations 5 to 8 swap width and height.
bool swaps_sides(int orientation) { return orientation >= 5; }

/// Returns the position of the stored pixel (x, y) in the upright image, by EXIF 2.3, tag 274.
std::pair<int, int> upright_position(int x, int y, int width, int height, int orientation) {
    const int mirrored_x = width - 1 - x;
    const int mirrored_y = height - 1 - y;
    switch (orientation) {
        case 2: return {mirrored_x, y};
        case 3: return {mirrored_x, mirrored_y};
        case 4: return {x, mirrored_y};
        case 5: return {y, x};
        case 6: return {mirrored_y, x};
        case 7: return {mirrored_y, mirrored_x};
        case 8: return {y, mirrored_x};
        default: return {x, y};
    }
}

/// Returns the upright image. value(pixel, channel) is the value of stored pixel number `pixel`, counted row by row, in
/// a channel.
template <class Value>
Picture planar(const PictureInfo& info, const Value& value) {
    Picture picture;
    picture.info = info;
    if (swaps_sides(info.orientation)) std::swap(picture.info.width, picture.info.height);
    picture.color = Tensor(Shape{1, 3, picture.info.height, picture.info.width});
    const auto red = picture.color.plane(0, 0);
    const auto green = picture.color.plane(0, 1);
    const auto blue = picture.color.plane(0, 2);
    const bool gray = info.channels < 3;
    const bool alpha = info.channels % 2 == 0;
    if (alpha) picture.alpha.resize(red.size());
    std::size_t pixel = 0;
    for (int y = 0; y < info.height; ++y) {
        for (int x = 0; x < info.width; ++x, ++pixel) {
            const auto [to_x, to_y] = upright_position(x, y, info.width, info.height, info.orientation);
            const std::size_t to = static_cast<std::size_t>(to_y) * static_cast<std::size_t>(picture.info.width) +
                                   static_cast<std::size_t>(to_x);
            red[to] = value(pixel, 0);
            green[to] = gray ? red[to] : value(pixel, 1);
            blue[to] = gray ? red[to] : value(pixel, 2);
            if (alpha) picture.alpha[to] = value(pixel, info.channels - 1);
        }
    }
    return picture;
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

Picture decode_pnm(Data file, const PictureHeader& header) {
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

template <class Value>
Picture planar_from(const PictureInfo& info, const Value* values, float largest) {
    return planar(info, [=, channels = static_cast<std::size_t>(info.channels)](std::size_t pixel, int channel) {
        return static_cast<float>(values[pixel * channels + static_cast<std::size_t>(channel)]) / largest;
    });
}

Expected<Picture> decode_with_stb(Data file, const PictureHeader& header, std::string_view name) {
    const PictureInfo& info = header.info;
    const auto* bytes = reinterpret_cast<const stbi_uc*>(file.data());
    const int size = static_cast<int>(file.size());
    int width = 0;
    int height = 0;
    int stored = 0;
    const bool wide = info.bits == 16;
    const std::unique_ptr<void, void (*)(void*)> pixels(
        wide ? static_cast<void*>(stbi_load_16_from_memory(bytes, size, &width, &height, &stored, info.channels))
             : static_cast<void*>(stbi_load_from_memory(bytes, size, &width, &height, &stored, info.channels)),
        std::free);
    if (!pixels) return fail("{}: the {} can't be decoded ({})", name, info.format, stbi_failure_reason());
    if (width != info.width || height != info.height)
        return fail("{}: the {}'s header says {} x {} pixels, but its data has {} x {}", name, info.format, info.width,
                    info.height, width, height);
    return wide ? planar_from(info, static_cast<const stbi_us*>(pixels.get()), 65535.0F)
                : planar_from(info, static_cast<const stbi_uc*>(pixels.get()), 255.0F);
}

Expected<Picture> decode(Data file, const DetectedFormat& found, std::string_view name) {
    if (found.format == &hdr_format) return decode_hdr(file, found.header, name);
    if (found.format == &psd_format) return decode_psd(file, found.header, name);
    if (found.format == &pnm_format) return decode_pnm(file, found.header);
    return decode_with_stb(file, found.header, name);
}

}  // namespace

Expected<PictureInfo> inspect_picture(Data file, std::string_view name) {
    const auto found = recognize(file, name);
    if (!found) return tl::unexpected(found.error());
    PictureInfo info = found->header.info;
    if (swaps_sides(info.orientation)) std::swap(info.width, info.height);
    return info;
}

Expected<Picture> decode_picture(Data file, std::string_view name) {
    if (file.size() > max_file_bytes)
        return fail("{}: the file has {} bytes, expected at most {}", name, file.size(), max_file_bytes);
    const auto found = recognize(file, name);
    if (!found) return tl::unexpected(found.error());
    if (auto ok = found->format->check_data(file, found->header, name); !ok) return tl::unexpected(ok.error());
    try {
        return decode(file, *found, name);
    } catch (const std::bad_alloc&) {
        return fail("{}: there is not enough memory for {} x {} pixels ({})", name, found->header.info.width,
                    found->header.info.height, memory_in_words());
    }
}

Expected<Picture> load_picture(const std::filesystem::path& path) {
    // Reads instead of mapping: if another program shortens a mapped file, access to it crashes this process.
    const auto file = read_part(path, max_file_bytes);
    if (!file) return tl::unexpected(file.error());
    return decode_picture(file->span(), path.filename().string());
}

std::vector<std::byte> encode_png(const Image& image) {
    std::vector<std::byte> bytes;
    constexpr std::size_t max_bytes = std::size_t{1} << 31;  // stb_image_write counts bytes in int.
    if (image.rgba.empty() || image.rgba.size() + static_cast<std::size_t>(image.height) >= max_bytes) return bytes;
    bool opaque = true;
    for (std::size_t i = 3; i < image.rgba.size(); i += 4) opaque = opaque && image.rgba[i] == 255;
    const int channels = opaque ? 3 : 4;
    std::vector<std::uint8_t> rgb;
    if (opaque) {
        rgb.reserve(image.rgba.size() / 4 * 3);
        for (std::size_t i = 0; i < image.rgba.size(); i += 4)
            rgb.insert(rgb.end(), {image.rgba[i], image.rgba[i + 1], image.rgba[i + 2]});
    }
    const auto append = [](void* to, void* data, int size) {
        const auto* begin = static_cast<const std::byte*>(data);
        auto& all = *static_cast<std::vector<std::byte>*>(to);
        all.insert(all.end(), begin, begin + size);
    };
    if (stbi_write_png_to_func(append, &bytes, image.width, image.height, channels,
                               opaque ? rgb.data() : image.rgba.data(), image.width * channels) == 0)
        throw std::bad_alloc();
    return bytes;
}

}  // namespace convlens
