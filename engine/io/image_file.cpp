/// Pictures by stb_image, guarded on both sides, and PNG out by stb_image_write.
#include "engine/io/image_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "engine/io/file.h"
#include "engine/io/picture_formats.h"

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
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 32768
#include <stb/stb_image.h>
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

constexpr int max_side = STBI_MAX_DIMENSIONS;

/// TGA comes last: it has no signature.
constexpr std::array formats{&png_format, &jpeg_format, &bmp_format, &psd_format, &pnm_format, &hdr_format, &tga_format};

bool begins_with(Data file, std::string_view text) {
    return file.size() >= text.size() && std::equal(text.begin(), text.end(), file.begin(), [](char c, std::byte b) {
               return static_cast<std::byte>(c) == b;
           });
}

Expected<const PictureFormat*> format_of(Data file, std::string_view name) {
    constexpr std::string_view read = "PNG, JPEG, BMP, TGA, PSD, PNM and HDR are read";
    if (file.empty()) return fail("{}: the file is empty, expected a picture", name);
    if (begins_with(file, "GIF8")) return fail("{}: GIF is not read, {}", name, read);
    for (const PictureFormat* format : formats)
        if (format->recognises(file)) return format;
    return fail("{}: this is not a picture, {}", name, read);
}

Expected<void> check_size(const PictureInfo& info, std::string_view name) {
    if (info.width < 1 || info.height < 1)
        return fail("{}: the {} is {} x {} pixels, expected at least 1 x 1", name, info.format, info.width, info.height);
    const auto pixels = static_cast<std::size_t>(info.width) * static_cast<std::size_t>(info.height);
    if (info.width > max_side || info.height > max_side || pixels > max_picture_pixels)
        return fail("{}: the {} is {} x {} pixels, expected {} a side and {} in all at most", name, info.format, info.width,
                    info.height, max_side, max_picture_pixels);
    return {};
}

/// A header whose size is within limits, and the format it belongs to.
struct Recognised {
    const PictureFormat* format = nullptr;
    PictureHeader header;
};

Expected<Recognised> recognise(Data file, std::string_view name) {
    const auto format = format_of(file, name);
    if (!format) return tl::unexpected(format.error());
    auto header = (*format)->read_header(file, name);
    if (!header) return tl::unexpected(header.error());
    if (auto ok = check_size(header->info, name); !ok) return tl::unexpected(ok.error());
    return Recognised{*format, std::move(*header)};
}

/// Orientations 5 to 8 lie on their side.
bool swaps_sides(int orientation) { return orientation >= 5; }

/// Where pixel (x, y) of the stored picture goes in the upright one, by EXIF 2.3, tag 274.
std::pair<int, int> upright_position(int x, int y, int width, int height, int orientation) {
    const int mirrored_x = width - 1 - x, mirrored_y = height - 1 - y;
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

/// Sorts `channels` interleaved values a pixel into colour planes and alpha, upright.
template <class Value>
Picture planar(const PictureInfo& info, int channels, const Value& value) {
    Picture picture;
    picture.info = info;
    const int width = info.width, height = info.height;
    if (swaps_sides(info.orientation)) std::swap(picture.info.width, picture.info.height);
    const Shape shape{1, 3, picture.info.height, picture.info.width};
    picture.color = Tensor(shape);
    const bool alpha = channels == 2 || channels == 4;
    if (alpha) picture.alpha.resize(shape.plane());
    std::size_t i = 0;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x, i += static_cast<std::size_t>(channels)) {
            const auto [to_x, to_y] = upright_position(x, y, width, height, info.orientation);
            for (int c = 0; c < 3; ++c)
                picture.color.at(0, c, to_y, to_x) = value(i + static_cast<std::size_t>(channels >= 3 ? c : 0));
            if (alpha)
                picture.alpha[static_cast<std::size_t>(to_y) * static_cast<std::size_t>(shape.w) + static_cast<std::size_t>(to_x)] =
                    value(i + static_cast<std::size_t>(channels - 1));
        }
    return picture;
}

/// Radiance's shared exponent: mantissa / 256 * 2^(exponent - 128).
Expected<Picture> decode_hdr(Data file, const PictureHeader& header, std::string_view name) {
    const auto rgbe = unpack_hdr(file, header, name);
    if (!rgbe) return tl::unexpected(rgbe.error());
    std::vector<float> rgb;
    rgb.reserve(rgbe->size() / 4 * 3);
    for (std::size_t i = 0; i + 3 < rgbe->size(); i += 4) {
        const int exponent = std::to_integer<int>((*rgbe)[i + 3]);
        for (std::size_t c = 0; c < 3; ++c)
            rgb.push_back(exponent == 0 ? 0.0F : std::ldexp(static_cast<float>(std::to_integer<int>((*rgbe)[i + c])), exponent - 136));
    }
    return planar(header.info, 3, [&](std::size_t i) { return rgb[i]; });
}

Expected<Picture> decode_with_stb(Data file, const PictureHeader& header, std::string_view name) {
    const auto* bytes = reinterpret_cast<const stbi_uc*>(file.data());
    const int size = static_cast<int>(file.size());
    int width = 0, height = 0, channels = 0;
    const bool wide = header.info.bits == 16;
    const std::unique_ptr<void, void (*)(void*)> pixels(
        wide ? static_cast<void*>(stbi_load_16_from_memory(bytes, size, &width, &height, &channels, 0))
             : static_cast<void*>(stbi_load_from_memory(bytes, size, &width, &height, &channels, 0)),
        std::free);
    if (!pixels) return fail("{}: the {} can't be decoded ({})", name, header.info.format, stbi_failure_reason());
    if (width != header.info.width || height != header.info.height || channels < 1 || channels > 4)
        return fail("{}: the {}'s header says {} x {} pixels, its data has {} x {}", name, header.info.format, header.info.width,
                    header.info.height, width, height);
    const float largest = header.info.format == "PNM" ? static_cast<float>(header.max_value) : wide ? 65535.0F : 255.0F;
    const auto scaled = [&](auto* values) {
        return planar(header.info, channels, [=](std::size_t i) { return std::min(static_cast<float>(values[i]) / largest, 1.0F); });
    };
    return wide ? scaled(static_cast<const stbi_us*>(pixels.get())) : scaled(static_cast<const stbi_uc*>(pixels.get()));
}

}  // namespace

Expected<PictureInfo> inspect_picture(Data file, std::string_view name) {
    const auto found = recognise(file, name);
    if (!found) return tl::unexpected(found.error());
    PictureInfo info = found->header.info;
    if (swaps_sides(info.orientation)) std::swap(info.width, info.height);
    return info;
}

Expected<Picture> decode_picture(Data file, std::string_view name) {
    constexpr std::size_t most_bytes = std::size_t{1} << 30;
    if (file.size() > most_bytes) return fail("{}: the file has {} bytes, expected {} at most", name, file.size(), most_bytes);
    const auto found = recognise(file, name);
    if (!found) return tl::unexpected(found.error());
    if (auto ok = found->format->check_data(file, found->header, name); !ok) return tl::unexpected(ok.error());
    try {
        return found->format == &hdr_format ? decode_hdr(file, found->header, name) : decode_with_stb(file, found->header, name);
    } catch (const std::bad_alloc&) {
        return fail("{}: there is not enough memory for {} x {} pixels", name, found->header.info.width, found->header.info.height);
    }
}

Expected<Picture> load_picture(const std::filesystem::path& path) {
    const auto file = Bytes::map_file(path);
    if (!file) return tl::unexpected(file.error());
    return decode_picture(file->span(), path.string());
}

std::vector<std::byte> encode_png(const Image& image) {
    bool opaque = true;
    for (std::size_t i = 3; i < image.rgba.size(); i += 4) opaque = opaque && image.rgba[i] == 255;
    const int channels = opaque ? 3 : 4;
    std::vector<std::uint8_t> rgb;
    if (opaque) {
        rgb.reserve(image.rgba.size() / 4 * 3);
        for (std::size_t i = 0; i < image.rgba.size(); i += 4) rgb.insert(rgb.end(), {image.rgba[i], image.rgba[i + 1], image.rgba[i + 2]});
    }
    std::vector<std::byte> bytes;
    const auto append = [](void* to, void* data, int size) {
        const auto* begin = static_cast<const std::byte*>(data);
        static_cast<std::vector<std::byte>*>(to)->insert(static_cast<std::vector<std::byte>*>(to)->end(), begin, begin + size);
    };
    stbi_write_png_to_func(append, &bytes, image.width, image.height, channels, opaque ? rgb.data() : image.rgba.data(),
                           image.width * channels);
    return bytes;
}

}  // namespace convlens
