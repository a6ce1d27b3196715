/// HEIC and AVIF, decoded by libheif, which follows the transforms in the file.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

#include "engine/io/byte_reader.h"
#include "engine/io/color_profile.h"
#include "engine/io/decoder_library.h"
#include "engine/io/picture_formats.h"
#include "engine/io/picture_planes.h"

#ifdef CONVLENS_HEIF
#include <libheif/heif.h>
#endif

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

/// Returns true if the file begins with a box "ftyp" that names one of the brands (ISO/IEC 14496-12, 4.3).
bool has_brand(Data file, std::span<const std::string_view> brands) {
    ByteReader reader(file);
    const auto size = reader.big<std::uint32_t>();
    if (text_of(reader.take(4)) != "ftyp" || size < 16) return false;
    const std::string_view all = text_of(reader.rest().first(std::min<std::size_t>(reader.rest().size(), size - 8)));
    for (std::size_t at = 0; at + 4 <= all.size(); at += 4)
        if (at != 4 && std::ranges::find(brands, all.substr(at, 4)) != brands.end()) return true;
    return false;
}

bool is_avif(Data file) {
    constexpr std::array<std::string_view, 2> brands{"avif", "avis"};
    return has_brand(file, brands);
}

bool is_heic(Data file) {
    constexpr std::array<std::string_view, 6> brands{"heic", "heix", "heim", "heis", "mif1", "hevc"};
    return has_brand(file, brands) && !is_avif(file);
}

#ifdef CONVLENS_HEIF

struct HeifLibrary : DecoderLibrary {
    HeifLibrary() : DecoderLibrary(CONVLENS_HEIF) {}
    CONVLENS_FUNCTION(heif_context_alloc);
    CONVLENS_FUNCTION(heif_context_free);
    CONVLENS_FUNCTION(heif_context_set_maximum_image_size_limit);
    CONVLENS_FUNCTION(heif_context_set_max_decoding_threads);
    CONVLENS_FUNCTION(heif_context_read_from_memory_without_copy);
    CONVLENS_FUNCTION(heif_context_get_primary_image_handle);
    CONVLENS_FUNCTION(heif_image_handle_release);
    CONVLENS_FUNCTION(heif_image_handle_get_width);
    CONVLENS_FUNCTION(heif_image_handle_get_height);
    CONVLENS_FUNCTION(heif_image_handle_has_alpha_channel);
    CONVLENS_FUNCTION(heif_image_handle_is_premultiplied_alpha);
    CONVLENS_FUNCTION(heif_image_handle_get_luma_bits_per_pixel);
    CONVLENS_FUNCTION(heif_image_handle_get_raw_color_profile);
    CONVLENS_FUNCTION(heif_image_handle_get_raw_color_profile_size);
    CONVLENS_FUNCTION(heif_decoding_options_alloc);
    CONVLENS_FUNCTION(heif_decoding_options_free);
    CONVLENS_FUNCTION(heif_decode_image);
    CONVLENS_FUNCTION(heif_image_release);
    CONVLENS_FUNCTION(heif_image_get_width);
    CONVLENS_FUNCTION(heif_image_get_height);
    CONVLENS_FUNCTION(heif_image_get_bits_per_pixel_range);
    CONVLENS_FUNCTION(heif_image_get_plane_readonly);
};

HeifLibrary& library() {
    static HeifLibrary opened;
    return opened;
}

template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

/// An open file and its primary image.
struct HeifFile {
    Owned<heif_context> context;
    Owned<heif_image_handle> image;
};

Expected<HeifFile> open(Data file, std::string_view format, std::string_view name) {
    HeifLibrary& l = library();
    if (!l.complete()) return fail("{}: {} is read with {}, which is not installed", name, format, CONVLENS_HEIF);
    HeifFile opened{{l.heif_context_alloc(), [](heif_context* c) { library().heif_context_free(c); }},
                    {nullptr, [](heif_image_handle* h) { library().heif_image_handle_release(h); }}};
    l.heif_context_set_maximum_image_size_limit(opened.context.get(), 32768);
    l.heif_context_set_max_decoding_threads(opened.context.get(), 0);
    heif_error error =
        l.heif_context_read_from_memory_without_copy(opened.context.get(), file.data(), file.size(), nullptr);
    heif_image_handle* image = nullptr;
    if (error.code == heif_error_Ok) error = l.heif_context_get_primary_image_handle(opened.context.get(), &image);
    if (error.code != heif_error_Ok) return fail("{}: the {} can't be read ({})", name, format, error.message);
    opened.image.reset(image);
    return opened;
}

Expected<PictureHeader> read_header(Data file, const char* format, std::string_view name) {
    HeifLibrary& l = library();
    const auto opened = open(file, format, name);
    if (!opened) return tl::unexpected(opened.error());
    const heif_image_handle* image = opened->image.get();
    const int bits = l.heif_image_handle_get_luma_bits_per_pixel(image);
    if (bits < 1 || bits > 16) return fail("{}: the {} has {} bits per channel, expected 1 to 16", name, format, bits);
    PictureHeader header;
    header.info = {format,
                   l.heif_image_handle_get_width(image),
                   l.heif_image_handle_get_height(image),
                   l.heif_image_handle_has_alpha_channel(image) ? 4 : 3,
                   bits > 8 ? 16 : 8,
                   1};
    return header;
}

Expected<Picture> decode(Data file, const PictureHeader& header, std::string_view name) {
    HeifLibrary& l = library();
    const PictureInfo& info = header.info;
    const auto opened = open(file, info.format, name);
    if (!opened) return tl::unexpected(opened.error());
    const bool wide = info.bits == 16, alpha = info.channels == 4;
    const heif_chroma chroma = wide ? (alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
                                    : (alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB);
    const Owned<heif_decoding_options> options(
        l.heif_decoding_options_alloc(), [](heif_decoding_options* o) { library().heif_decoding_options_free(o); });
    if (options && options->version >= 3) options->strict_decoding = 1;
    heif_image* decoded = nullptr;
    const heif_error error =
        l.heif_decode_image(opened->image.get(), &decoded, heif_colorspace_RGB, chroma, options.get());
    if (error.code != heif_error_Ok) return fail("{}: the {} can't be decoded ({})", name, info.format, error.message);
    const Owned<heif_image> image(decoded, [](heif_image* i) { library().heif_image_release(i); });
    const int width = l.heif_image_get_width(decoded, heif_channel_interleaved);
    const int height = l.heif_image_get_height(decoded, heif_channel_interleaved);
    const int bits = l.heif_image_get_bits_per_pixel_range(decoded, heif_channel_interleaved);
    int stride = 0;
    const std::uint8_t* rows = l.heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
    const int bytes = wide ? 2 : 1;
    if (!rows || width != info.width || height != info.height || bits < 1 || bits > bytes * 8 ||
        stride < width * info.channels * bytes)
        return fail("{}: the {}'s header says {} x {} pixels, but its data has {} x {} of {} bits", name, info.format,
                    info.width, info.height, width, height, bits);
    const auto largest = static_cast<float>((1 << bits) - 1);
    const auto value = [=](std::size_t pixel, int channel) {
        const std::size_t y = pixel / static_cast<std::size_t>(width), x = pixel % static_cast<std::size_t>(width);
        const std::size_t index = x * static_cast<std::size_t>(info.channels) + static_cast<std::size_t>(channel);
        const std::uint8_t* at = rows + y * static_cast<std::size_t>(stride) + index * static_cast<std::size_t>(bytes);
        return static_cast<float>(wide ? at[0] | at[1] << 8 : at[0]) / largest;
    };
    if (!alpha || !l.heif_image_handle_is_premultiplied_alpha(opened->image.get())) return planar(info, value);
    return planar(info, [&](std::size_t pixel, int channel) {
        const float opacity = value(pixel, 3);
        if (channel == 3) return opacity;
        return opacity > 0 ? std::min(value(pixel, channel) / opacity, 1.0F) : 0.0F;
    });
}

std::vector<std::byte> profile(Data file) {
    const auto opened = open(file, "", "");
    const std::size_t size =
        opened ? library().heif_image_handle_get_raw_color_profile_size(opened->image.get()) : std::size_t{0};
    if (size == 0 || size > max_profile_bytes) return {};
    std::vector<std::byte> bytes(size);
    if (library().heif_image_handle_get_raw_color_profile(opened->image.get(), bytes.data()).code != heif_error_Ok)
        return {};
    return bytes;
}

Expected<PictureHeader> read_heic_header(Data file, std::string_view name) { return read_header(file, "HEIC", name); }
Expected<PictureHeader> read_avif_header(Data file, std::string_view name) { return read_header(file, "AVIF", name); }

/// libheif opens its own libraries when the first file is opened: that must happen before the process is confined.
void prepare() {
    if (library().complete()) library().heif_context_alloc();
}

#endif

}  // namespace

#ifdef CONVLENS_HEIF
const PictureFormat heic_format = {"HEIC",  is_heic, read_heic_header, nullptr, decode,
                                   prepare, nullptr, nullptr,          profile};
const PictureFormat avif_format = {"AVIF",  is_avif, read_avif_header, nullptr, decode,
                                   prepare, nullptr, nullptr,          profile};
#else
constexpr const char* missing = "libheif (Debian's package libheif-dev)";
const PictureFormat heic_format = {"HEIC", is_heic, nullptr, nullptr, nullptr, nullptr, nullptr, missing};
const PictureFormat avif_format = {"AVIF", is_avif, nullptr, nullptr, nullptr, nullptr, nullptr, missing};
#endif

}  // namespace convlens
