/// Draws the frames of a GIF in order.
#include "engine/io/gif_player.h"

#include <algorithm>
#include <utility>

namespace convlens {

GifPlayer::GifPlayer(Bytes file, std::string name, Gif gif)
    : file_(std::move(file)), name_(std::move(name)), gif_(std::move(gif)) {}

Expected<Picture> GifPlayer::read(std::size_t frame, const Cancel& cancel) {
    if (frame < next_ || next_ == 0) {
        next_ = 0;
        canvas_ = Image(gif_.width, gif_.height);
    }
    for (; next_ <= frame; ++next_) {
        if (cancel.requested()) return canceled();
        if (next_ > 0) dispose(gif_.frames[next_ - 1]);
        const GifFrame& f = gif_.frames[next_];
        if (f.disposal == 3) before_ = canvas_;
        if (auto drawn = draw_frame(file_.span(), f, canvas_, name_); !drawn) {
            next_ = 0;
            return tl::unexpected(drawn.error());
        }
    }
    return picture();
}

/// Does to the area of a shown frame what the frame says.
void GifPlayer::dispose(const GifFrame& shown) {
    if (shown.disposal == 3) canvas_ = before_;
    if (shown.disposal != 2) return;
    const Rect& a = shown.area;
    for (int y = a.y; y < std::min(a.y + a.h, canvas_.height); ++y)
        for (int x = a.x; x < std::min(a.x + a.w, canvas_.width); ++x) std::fill_n(canvas_.pixel(x, y), 4, 0);
}

Picture GifPlayer::picture() const {
    Picture p;
    const Shape shape{1, 3, canvas_.height, canvas_.width};
    p.info = {"GIF", canvas_.width, canvas_.height, 3, 8, 1};
    p.color = Tensor(shape);
    bool opaque = true;
    for (std::size_t i = 0; i < shape.plane(); ++i) {
        for (int c = 0; c < 3; ++c)
            p.color.plane(0, c)[i] = static_cast<float>(canvas_.rgba[i * 4 + static_cast<std::size_t>(c)]) / 255.0F;
        opaque = opaque && canvas_.rgba[i * 4 + 3] == 255;
    }
    if (opaque) return p;
    p.info.channels = 4;
    p.alpha.resize(shape.plane());
    for (std::size_t i = 0; i < shape.plane(); ++i) p.alpha[i] = static_cast<float>(canvas_.rgba[i * 4 + 3]) / 255.0F;
    return p;
}

}  // namespace convlens
