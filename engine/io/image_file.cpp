/// Decoding of image files: the table of formats, limits, and stb_image; PNG encoding with stb_image_write and zlib.
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
#include "engine/io/color_profile.h"
#include "engine/io/file.h"
#include "engine/io/picture_child.h"
#include "engine/io/picture_formats.h"
#include "engine/io/picture_planes.h"
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
constexpr std::array formats{&png_format,  &jpeg_format, &gif_format,     &webp_format, &tiff_format,
                             &heic_format, &avif_format, &jpeg_xl_format, &exr_format,  &bmp_format,
                             &psd_format,  &pnm_format,  &hdr_format,     &tga_format};

Expected<const PictureFormat*> format_of(Data file, std::string_view name) {
    if (file.empty()) return fail("{}: the file is empty, expected a picture", name);
    for (const PictureFormat* format : formats) {
        if (!format->recognizes(file)) continue;
        if (format->missing) return fail("{}: {} is read by builds with {}", name, format->name, format->missing);
        return format;
    }
    return fail("{}: this is not a picture; expected {}", name, picture_formats_in_words());
}

}  // namespace

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

std::string picture_formats_in_words() {
    std::string words;
    std::size_t left = static_cast<std::size_t>(std::ranges::count(formats, nullptr, &PictureFormat::missing));
    for (const PictureFormat* format : formats) {
        if (format->missing) continue;
        words += format->name;
        --left;
        words += left > 1 ? ", " : left == 1 ? " or " : "";
    }
    return words;
}

void prepare_decoder(Data file) {
    const auto format = format_of(file, "");
    if (format && (*format)->prepare) (*format)->prepare();
    if (format && (*format)->profile) prepare_color_profiles();
}

Expected<Picture> decode_picture_here(Data file, std::string_view name, int frame, bool convert) {
    const auto format = format_of(file, name);
    if (!format) return tl::unexpected(format.error());
    const auto header = (*format)->read_header(file, name);
    if (!header) return tl::unexpected(header.error());
    if (auto ok = check_size(header->info, name); !ok) return tl::unexpected(ok.error());
    if (frame == header_only) {
        Picture picture;
        picture.info = header->info;
        if (swaps_sides(header->info.orientation)) std::swap(picture.info.width, picture.info.height);
        return picture;
    }
    if ((*format)->check_data)
        if (auto ok = (*format)->check_data(file, *header, name); !ok) return tl::unexpected(ok.error());
    try {
        if (frame > 0 && !(*format)->decode_frame)
            return fail("{}: the {} has no frame {}", name, (*format)->name, frame);
        auto picture =
            frame == 0 ? (*format)->decode(file, *header, name) : (*format)->decode_frame(file, *header, frame, name);
        if (!picture || !(*format)->profile || !convert) return picture;
        if (const auto profile = (*format)->profile(file); !is_srgb(profile))
            picture->info.converted = convert_to_srgb(*picture, profile);
        return picture;
    } catch (const std::bad_alloc&) {
        return fail("{}: there is not enough memory for {} x {} pixels ({})", name, header->info.width,
                    header->info.height, memory_in_words());
    }
}

Expected<Picture> decode_frame(Data file, std::string_view name, int frame) {
    if (file.size() > max_file_bytes)
        return fail("{}: the file has {} bytes, expected at most {}", name, file.size(), max_file_bytes);
    const auto format = format_of(file, name);
    if (!format) return tl::unexpected(format.error());
    if ((*format)->prepare) return decode_in_child(picture_child(), file, (*format)->name, name, frame);
    // Profiles from strangers are read by the child process, too. If that fails, the colors stay as they are stored.
    if (has_color_profiles && frame != header_only && (*format)->profile && !is_srgb((*format)->profile(file)))
        if (auto converted = decode_in_child(picture_child(), file, (*format)->name, name, frame)) return converted;
    return decode_picture_here(file, name, frame, false);
}

Expected<PictureInfo> inspect_picture(Data file, std::string_view name) {
    const auto picture = decode_frame(file, name, header_only);
    if (!picture) return tl::unexpected(picture.error());
    return picture->info;
}

Expected<Picture> decode_picture(Data file, std::string_view name) { return decode_frame(file, name, 0); }

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
