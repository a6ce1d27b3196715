/// GIF as a picture: the first image on a transparent canvas.
#include "engine/io/gif.h"
#include "engine/io/picture_formats.h"
#include "engine/io/picture_planes.h"

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

Expected<PictureHeader> read_header(Data file, std::string_view name) {
    const auto gif = read_gif(file, name, 1);
    if (!gif) return tl::unexpected(gif.error());
    const GifFrame& first = gif->frames.front();
    const Rect& area = first.area;
    const bool covers = area.x == 0 && area.y == 0 && area.w >= gif->width && area.h >= gif->height;
    PictureHeader header;
    header.info = {"GIF", gif->width, gif->height, covers && !first.transparent ? 3 : 4, 8, 1};
    return header;
}

Expected<Picture> decode(Data file, const PictureHeader& header, std::string_view name) {
    const auto gif = read_gif(file, name, 1);
    if (!gif) return tl::unexpected(gif.error());
    Image canvas(header.info.width, header.info.height);
    if (auto drawn = draw_frame(file, gif->frames.front(), canvas, name); !drawn) return tl::unexpected(drawn.error());
    return planar(header.info, [&](std::size_t pixel, int channel) {
        return static_cast<float>(canvas.rgba[pixel * 4 + static_cast<std::size_t>(channel)]) / 255.0F;
    });
}

}  // namespace

const PictureFormat gif_format = {"GIF", is_gif, read_header, nullptr, decode};

}  // namespace convlens
