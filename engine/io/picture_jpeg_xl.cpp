/// JPEG XL, decoded by libjxl, which turns the picture upright.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>

#include "engine/io/byte_reader.h"
#include "engine/io/decoder_library.h"
#include "engine/io/picture_formats.h"
#include "engine/io/picture_planes.h"

#ifdef CONVLENS_JXL
#include <jxl/decode.h>
#endif

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

bool is_jpeg_xl(Data file) {
    constexpr std::string_view container("\0\0\0\x0cJXL \r\n\x87\n", 12);
    return (file.size() >= container.size() && begins_with(file, container)) ||
           (file.size() >= 2 && begins_with(file, "\xff\x0a"));
}

#ifdef CONVLENS_JXL

struct JpegXlLibrary : DecoderLibrary {
    JpegXlLibrary() : DecoderLibrary(CONVLENS_JXL) {}
    CONVLENS_FUNCTION(JxlDecoderCreate);
    CONVLENS_FUNCTION(JxlDecoderDestroy);
    CONVLENS_FUNCTION(JxlDecoderSubscribeEvents);
    CONVLENS_FUNCTION(JxlDecoderSetUnpremultiplyAlpha);
    CONVLENS_FUNCTION(JxlDecoderSetInput);
    CONVLENS_FUNCTION(JxlDecoderCloseInput);
    CONVLENS_FUNCTION(JxlDecoderProcessInput);
    CONVLENS_FUNCTION(JxlDecoderGetBasicInfo);
    CONVLENS_FUNCTION(JxlDecoderImageOutBufferSize);
    CONVLENS_FUNCTION(JxlDecoderSetImageOutBuffer);
};

JpegXlLibrary& library() {
    static JpegXlLibrary opened;
    return opened;
}

/// A decoder that has read the header.
struct Decoder {
    std::unique_ptr<JxlDecoder, void (*)(JxlDecoder*)> decoder;
    PictureInfo info;
};

Expected<Decoder> open(Data file, std::string_view name) {
    JpegXlLibrary& l = library();
    if (!l.complete()) return fail("{}: JPEG XL is read with {}, which is not installed", name, CONVLENS_JXL);
    Decoder opened{{l.JxlDecoderCreate(nullptr), [](JxlDecoder* d) { library().JxlDecoderDestroy(d); }}, {}};
    JxlDecoder* decoder = opened.decoder.get();
    JxlBasicInfo basic;
    if (!decoder || l.JxlDecoderSubscribeEvents(decoder, JXL_DEC_BASIC_INFO | JXL_DEC_FULL_IMAGE) != JXL_DEC_SUCCESS ||
        l.JxlDecoderSetUnpremultiplyAlpha(decoder, JXL_TRUE) != JXL_DEC_SUCCESS ||
        l.JxlDecoderSetInput(decoder, reinterpret_cast<const std::uint8_t*>(file.data()), file.size()) !=
            JXL_DEC_SUCCESS)
        return fail("{}: {} can't begin to decode the JPEG XL", name, CONVLENS_JXL);
    l.JxlDecoderCloseInput(decoder);
    if (l.JxlDecoderProcessInput(decoder) != JXL_DEC_BASIC_INFO ||
        l.JxlDecoderGetBasicInfo(decoder, &basic) != JXL_DEC_SUCCESS)
        return fail("{}: the JPEG XL is cut short or corrupt in its header", name);
    const auto side = [](std::uint32_t size) { return static_cast<int>(std::min<std::uint32_t>(size, INT32_MAX)); };
    const bool floats = basic.exponent_bits_per_sample > 0 || basic.bits_per_sample > 16;
    opened.info = {"JPEG XL", side(basic.xsize), side(basic.ysize), basic.num_color_channels == 1 ? 1 : 3, 8, 1};
    if (basic.alpha_bits > 0) ++opened.info.channels;
    if (basic.bits_per_sample > 8) opened.info.bits = floats ? 32 : 16;
    return opened;
}

Expected<PictureHeader> read_header(Data file, std::string_view name) {
    const auto opened = open(file, name);
    if (!opened) return tl::unexpected(opened.error());
    PictureHeader header;
    header.info = opened->info;
    return header;
}

Expected<Picture> decode(Data file, const PictureHeader& header, std::string_view name) {
    JpegXlLibrary& l = library();
    const auto opened = open(file, name);
    if (!opened) return tl::unexpected(opened.error());
    const PictureInfo& info = header.info;
    const JxlDataType type = info.bits == 8 ? JXL_TYPE_UINT8 : info.bits == 16 ? JXL_TYPE_UINT16 : JXL_TYPE_FLOAT;
    const JxlPixelFormat format{static_cast<std::uint32_t>(info.channels), type, JXL_NATIVE_ENDIAN, 0};
    std::vector<std::byte> pixels(pixels_of(info) * static_cast<std::size_t>(info.channels * info.bits / 8));
    JxlDecoder* decoder = opened->decoder.get();
    std::size_t needed = 0;
    if (l.JxlDecoderProcessInput(decoder) != JXL_DEC_NEED_IMAGE_OUT_BUFFER ||
        l.JxlDecoderImageOutBufferSize(decoder, &format, &needed) != JXL_DEC_SUCCESS || needed != pixels.size() ||
        l.JxlDecoderSetImageOutBuffer(decoder, &format, pixels.data(), pixels.size()) != JXL_DEC_SUCCESS ||
        l.JxlDecoderProcessInput(decoder) != JXL_DEC_FULL_IMAGE)
        return fail("{}: the JPEG XL is cut short or corrupt in its pixels", name);
    if (info.bits == 8) return planar_from(info, reinterpret_cast<const std::uint8_t*>(pixels.data()), 255.0F);
    if (info.bits == 16) return planar_from(info, reinterpret_cast<const std::uint16_t*>(pixels.data()), 65535.0F);
    const auto* values = reinterpret_cast<const float*>(pixels.data());
    return planar(info, [=](std::size_t pixel, int channel) {
        const float value = values[pixel * static_cast<std::size_t>(info.channels) + static_cast<std::size_t>(channel)];
        return std::isfinite(value) ? value : 0.0F;
    });
}

void prepare() { library(); }

#endif

}  // namespace

#ifdef CONVLENS_JXL
const PictureFormat jpeg_xl_format = {"JPEG XL", is_jpeg_xl, read_header, nullptr, decode, prepare};
#else
const PictureFormat jpeg_xl_format = {"JPEG XL", is_jpeg_xl, nullptr, nullptr,
                                      nullptr,   nullptr,    nullptr, "libjxl (Debian's package libjxl-dev)"};
#endif

}  // namespace convlens
