/// Videos, animations and numbered pictures as streams of frames.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <utility>

#include "engine/core/cancel.h"
#include "engine/io/frame_names.h"
#include "engine/io/image_file.h"

namespace convlens {

/// Where the frames come from; each kind is a struct in frames.cpp.
struct FrameSource;

/// Largest number of frames of a stream that are shown.
inline constexpr int max_stream_frames = 1'000'000;

/// Returns the difference of two pictures of the same size: 128 of 255 where they are equal, brighter where `a` is:
/// round(127.5 (1 + a - b)) / 255 for each color. It has 8 bits and no alpha. Writes it to `difference`, in whose
/// memory it is stored if the size is right. Fails with a sentence if the sizes differ.
Expected<void> difference_picture(const Picture& a, const Picture& b, Picture& difference);

/// The frames of a file. Frame n is the same picture, however the frames before it were read. May be used by one thread
/// at a time.
class Frames {
  public:
    /// Opens `path`: an animated GIF or WebP; a .y4m video; numbered pictures, named by a pattern with one of %d, %02d
    /// to %09d, as "frame_%04d.png", which begin at 0 or 1; or a video that the program ffmpeg reads, which must be
    /// installed. Any other picture is a stream of one frame. Fails like load_picture(), and if ffmpeg is missing.
    static Expected<Frames> open(const std::filesystem::path& path, const Cancel& cancel);

    Frames(Frames&&) noexcept;
    Frames& operator=(Frames&&) noexcept;
    ~Frames();

    /// Returns the number of frames. Of videos that ffmpeg reads, this follows from their duration, and is corrected
    /// when their end is reached.
    int count() const;

    /// Returns how long a frame is on screen, in seconds.
    double duration(int frame) const;

    /// Reads frame `frame`, counted from 0. Fails if there are fewer frames.
    Expected<std::shared_ptr<const Picture>> read(int frame, const Cancel& cancel);

    /// Reads frame `path.frame`, and its difference_picture() if `path` names a frame to subtract. Keeps the last two
    /// frames, so that the differences of frames in a row read each of them once. Ignores `path.file`.
    Expected<std::shared_ptr<const Picture>> read(const FramePath& path, const Cancel& cancel);

  private:
    explicit Frames(std::unique_ptr<FrameSource> source);
    Expected<std::shared_ptr<const Picture>> kept(int frame, const Cancel& cancel);

    std::unique_ptr<FrameSource> source_;
    std::array<std::pair<int, std::shared_ptr<const Picture>>, 2> kept_;  ///< The one that was used last comes first.
};

}  // namespace convlens
