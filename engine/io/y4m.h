/// YUV4MPEG2, uncompressed video (https://wiki.multimedia.cx/index.php/YUV4MPEG2): a line of text, then frames of
/// planes.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/shape.h"
#include "engine/io/image_file.h"

namespace convlens {

/// What the first line of a stream says.
struct Y4mHeader {
    int width = 0;
    int height = 0;
    double rate = 25;         ///< Frames per second.
    Size2 subsampling{1, 1};  ///< Rows and columns of pixels that share a color: 4:2:0 is {2, 2}, 4:2:2 is {1, 2}.
    bool mono = false;        ///< Whether there is only brightness.
    bool full_range = false;  ///< Whether brightness is 0..255; otherwise 16..235, as in television.

    /// Returns the size of a frame without its line of text, in bytes.
    std::size_t frame_bytes() const;
};

/// Parses the first line, without its end. Fails for other sizes than those of pictures, and for more than 8 bits.
Expected<Y4mHeader> parse_y4m_header(std::string_view line, std::string_view name);

/// Converts the planes Y, Cb and Cr of a frame by ITU-R BT.601. A color belongs to all pixels that share it. `frame`
/// has header.frame_bytes() bytes.
Picture y4m_picture(const Y4mHeader& header, std::span<const std::byte> frame);

/// Reads bytes into the span and returns how many there were: fewer only at the end.
using ReadBytes = std::function<Expected<std::size_t>(std::span<std::byte>)>;

/// The frames of a stream, one after another.
class Y4mStream {
  public:
    /// Reads the header. `name` is the name of the file in messages.
    static Expected<Y4mStream> open(ReadBytes read, std::string name);

    const Y4mHeader& header() const { return header_; }

    /// Reads the next frame into `frame`. Returns false at the end of the stream; fails if the stream ends within a
    /// frame.
    Expected<bool> next(std::vector<std::byte>& frame);

    /// Reads the line of text of the next frame, and returns its length with its end; 0 at the end of the stream.
    Expected<std::size_t> next_line();

  private:
    Y4mStream(ReadBytes read, std::string name) : read_(std::move(read)), name_(std::move(name)) {}

    ReadBytes read_;
    std::string name_;
    Y4mHeader header_;
};

/// Returns the first line, with its end, of a video of `rate` frames per second whose frames y4m_frame() makes.
std::string y4m_header(Size2 size, double rate);

/// Makes a frame with its line of text: Y, Cb and Cr of each pixel (4:4:4) by ITU-R BT.601, without alpha.
void y4m_frame(const Image& image, std::vector<std::byte>& frame);

}  // namespace convlens
