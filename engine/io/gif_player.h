/// Plays the frames of a GIF: each is drawn on what the frames before it have left.
#pragma once

#include <cstddef>
#include <string>

#include "engine/core/cancel.h"
#include "engine/io/file.h"
#include "engine/io/gif.h"
#include "engine/io/image_file.h"

namespace convlens {

/// The canvas of an animation, up to the frame before `next_`.
class GifPlayer {
  public:
    /// `gif` is what read_gif() has read in `file`; `name` is the name of the file in messages. The size of the canvas
    /// has been checked by check_size().
    GifPlayer(Bytes file, std::string name, Gif gif);

    const Gif& gif() const { return gif_; }

    /// Returns the picture after `frame`, an index of gif().frames. Frames in order are drawn once each; for an earlier
    /// one, the animation begins again. Fails if one of the frames up to this one can't be drawn.
    Expected<Picture> read(std::size_t frame, const Cancel& cancel);

  private:
    void dispose(const GifFrame& shown);
    Picture picture() const;

    Bytes file_;
    std::string name_;
    Gif gif_;
    std::size_t next_ = 0;
    Image canvas_, before_;
};

}  // namespace convlens
