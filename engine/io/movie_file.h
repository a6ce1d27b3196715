/// Writes moving pictures: animated GIF, numbered PNGs, Y4M, and MP4 and WebM by the program ffmpeg.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/cancel.h"
#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/shape.h"
#include "engine/io/file.h"

namespace convlens {

/// Where frames go; each kind is a struct in movie_file.cpp.
struct MovieSink;

/// The endings of the files that a MovieFile writes: ".gif", ".mp4", ".webm", ".y4m", ".png". Numbered pictures have a
/// name with a place for the number, as in "frame_%03d.png", and begin at 0.
std::span<const std::string_view> movie_formats();

/// Returns true if `path` has a name that a MovieFile writes.
bool is_movie(const std::filesystem::path& path);

/// Returns `size`, or the next larger one that the format of `path` can store: MP4 and WebM have even sides.
Size2 movie_size(const std::filesystem::path& path, Size2 size);

/// A file of frames that is written completely or not at all: unless finish() has succeeded, the destructor removes
/// what was written, and a file that was at the path before is unchanged. May be used by one thread at a time.
class MovieFile {
  public:
    /// Begins the file `path` for frames of `size` pixels, which must be movie_size(), and `rate` frames per second. A
    /// GIF has whole hundredths of seconds, rounded so that the sum is right, and at most 50 frames per second. Fails
    /// if the file can't be written, for other names than those of is_movie(), and if a picture is too large for the
    /// format. If ffmpeg is missing, the first frames or finish() fail.
    static Expected<MovieFile> create(const std::filesystem::path& path, Size2 size, double rate,
                                      Existing existing = Existing::replaced);

    MovieFile(MovieFile&&) noexcept;
    MovieFile& operator=(MovieFile&&) noexcept;
    ~MovieFile();

    /// Adds a frame, an opaque image of the size of the movie.
    Expected<void> add(const Image& frame, const Cancel& cancel);

    /// Waits until everything is on the disk, gives the file its name, and returns it. With Existing::kept, a movie
    /// whose name is taken meanwhile gets the first unused_path(); numbered pictures fail then.
    Expected<std::string> finish(const Cancel& cancel);

    /// Returns false if colors were lost: a frame of a GIF had more than 256, or the codec is not lossless.
    bool lossless() const;

  private:
    explicit MovieFile(std::unique_ptr<MovieSink> sink);

    std::unique_ptr<MovieSink> sink_;
};

}  // namespace convlens
