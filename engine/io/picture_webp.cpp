/// WebP, decoded by libwebp. An animation needs libwebpdemux.
#include <algorithm>

#include "engine/io/byte_reader.h"
#include "engine/io/color_profile.h"
#include "engine/io/picture_formats.h"
#include "engine/io/picture_planes.h"

#ifdef CONVLENS_WEBP
#include <webp/decode.h>
#include <webp/demux.h>
#endif

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

bool is_webp(Data file) {
    return file.size() >= 12 && begins_with(file, "RIFF") && begins_with(file.subspan(8), "WEBP");
}

#ifdef CONVLENS_WEBP

const std::uint8_t* begin_of(Data file) { return reinterpret_cast<const std::uint8_t*>(file.data()); }

/// Returns the payload of a chunk, such as "EXIF"; empty if there is none.
Data chunk_of(Data file, std::string_view wanted) {
    ByteReader reader(file);
    reader.skip(12);
    while (!reader.failed()) {
        const auto type = text_of(reader.take(4));
        const auto size = reader.little<std::uint32_t>();
        const Data payload = reader.take(size);
        if (type == wanted) return payload;
        reader.skip(size % 2);
    }
    return {};
}

Expected<WebPBitstreamFeatures> features_of(Data file, std::string_view name) {
    WebPBitstreamFeatures features;
    const VP8StatusCode status = WebPGetFeatures(begin_of(file), file.size(), &features);
    if (status == VP8_STATUS_OK) return features;
    return status == VP8_STATUS_NOT_ENOUGH_DATA ? fail("{}: the WebP is cut short within its header", name)
                                                : fail("{}: the WebP is corrupt in its header", name);
}

Expected<PictureHeader> read_header(Data file, std::string_view name) {
    const auto features = features_of(file, name);
    if (!features) return tl::unexpected(features.error());
    PictureHeader header;
    header.info = {"WebP", features->width, features->height, features->has_alpha ? 4 : 3, 8, 1};
    header.info.orientation = exif_orientation(chunk_of(file, "EXIF"));
    return header;
}

Expected<Picture> decode_animation(Data file, const PictureHeader& header, int frame, std::string_view name) {
    const WebPData data{begin_of(file), file.size()};
    WebPAnimDecoderOptions options;
    WebPAnimDecoderOptionsInit(&options);
    const std::unique_ptr<WebPAnimDecoder, void (*)(WebPAnimDecoder*)> decoder(WebPAnimDecoderNew(&data, &options),
                                                                               WebPAnimDecoderDelete);
    std::uint8_t* rgba = nullptr;
    int milliseconds = 0;
    for (int i = 0; i <= frame; ++i)
        if (!decoder || !WebPAnimDecoderGetNext(decoder.get(), &rgba, &milliseconds))
            return fail("{}: the animated WebP is cut short or corrupt in frame {}", name, i);
    return planar(header.info, [&](std::size_t pixel, int channel) {
        return static_cast<float>(rgba[pixel * 4 + static_cast<std::size_t>(channel)]) / 255.0F;
    });
}

Expected<Picture> decode(Data file, const PictureHeader& header, std::string_view name) {
    const auto features = features_of(file, name);
    if (!features) return tl::unexpected(features.error());
    if (features->has_animation) return decode_animation(file, header, 0, name);
    const auto channels = static_cast<std::size_t>(header.info.channels);
    std::vector<std::uint8_t> pixels(pixels_of(header.info) * channels);
    const int stride = header.info.width * header.info.channels;
    const auto* into = (channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto)(begin_of(file), file.size(),
                                                                                pixels.data(), pixels.size(), stride);
    if (!into) return fail("{}: the WebP is cut short or corrupt in its pixels", name);
    return planar_from(header.info, pixels.data(), 255.0F);
}

std::vector<std::byte> profile(Data file) {
    const Data chunk = chunk_of(file, "ICCP");
    return chunk.size() > max_profile_bytes ? std::vector<std::byte>() : std::vector(chunk.begin(), chunk.end());
}

/// libwebp is linked, but it had a hole that was used in attacks (CVE-2023-4863): a confined process reads the file.
void prepare() {}

#endif

}  // namespace

std::vector<int> webp_delays(Data file) {
    std::vector<int> delays;
    ByteReader reader(file);
    reader.skip(12);
    while (!reader.failed()) {
        const auto type = text_of(reader.take(4));
        const auto size = reader.little<std::uint32_t>();
        ByteReader payload(reader.take(size));
        reader.skip(size % 2);
        if (type != "ANMF") continue;
        payload.skip(12);  // place and size, of 3 bytes each
        const auto low = payload.little<std::uint16_t>();
        const int delay = low | payload.byte() << 16;
        if (!payload.failed()) delays.push_back(delay);
    }
    return delays;
}

#ifdef CONVLENS_WEBP
const PictureFormat webp_format = {"WebP",  is_webp,          read_header, nullptr, decode,
                                   prepare, decode_animation, nullptr,     profile};
#else
const PictureFormat webp_format = {"WebP",  is_webp, nullptr, nullptr,
                                   nullptr, nullptr, nullptr, "libwebp (Debian's package libwebp-dev)"};
#endif

}  // namespace convlens
