/// Names of files with frames: videos, animations, patterns of numbered pictures, and single frames of them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace convlens {

/// Returns the extension of `path` with small letters: ".png".
std::string lower_extension(const std::filesystem::path& path);

/// A file and the number of one of its frames.
struct FramePath {
    std::filesystem::path file;
    int frame = 0;
    /// The frame that is subtracted: its number, or `frame_before`; nullopt if none is.
    std::optional<int> minus = std::nullopt;

    static constexpr int frame_before = -1;  ///< Stands for the frame before; frame 0 is its own.
    /// Returns the number of the frame to subtract, if there is one.
    std::optional<int> subtracted() const {
        return minus == frame_before ? std::optional(frame > 0 ? frame - 1 : 0) : minus;
    }
};

/// Returns picture `number` of a pattern of numbered pictures, as "a/frame_0012.png" of "a/frame_%04d.png"; an empty
/// path if `path` is no such pattern.
std::filesystem::path numbered_file(const std::filesystem::path& path, int number);

/// Returns the first file that exists and has a name that a pattern of numbered pictures gives; an empty path if there
/// is none, or if `path` is no such pattern. Reads the folder.
std::filesystem::path existing_numbered_file(const std::filesystem::path& path);

/// Returns the FramePath::minus that a text names: a number, or "before"; nullopt if it is neither.
std::optional<int> minus_from(std::string_view text);

/// Splits "clip.gif#frame=12", the name of frame 12, counted from 0, and "clip.gif#frame=12&minus=before" or
/// "clip.gif#frame=12&minus=3", the names of differences of frames; any other name is that of a file's first frame.
FramePath split_frame(const std::string& path);

/// Returns the name that split_frame() splits.
std::string with_frame(const FramePath& path);

/// Returns true if `path` has the extension of a picture. Does not read the file.
bool is_picture_name(const std::filesystem::path& path);

/// Returns true if `path` has a name that only Frames opens: of a video, or a pattern of numbered pictures.
bool is_stream(const std::filesystem::path& path);

/// Returns true if the file at `path` may have several frames, by its name.
bool may_have_frames(const std::filesystem::path& path);

/// Returns the pattern of numbered pictures to which `path` belongs: "a/frame_%04d.png" for "a/frame_0012.png". Returns
/// an empty path if its name has no number. Does not read the folder.
std::filesystem::path pattern_of(const std::filesystem::path& path);

}  // namespace convlens
