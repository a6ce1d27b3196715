/// Frames as cameras and screens send them, and their conversion to pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/memory_limit.h"
#include "engine/core/result.h"
#include "engine/core/shape.h"
#include "engine/io/image_file.h"
#include "engine/io/screen_frame.h"

namespace convlens {

/// How a camera sends frames.
struct CameraMode {
    bool jpeg = false;  ///< Motion JPEG: each frame is a JPEG file; otherwise YUYV, two bytes per pixel.
    Size2 size;         ///< Height and width in pixels.
    double rate = 0;    ///< Frames per second; 0 if the camera does not say.
    friend bool operator==(const CameraMode&, const CameraMode&) = default;
};

/// A frame as it was sent.
struct CameraFrame {
    CameraMode mode;
    std::size_t row_bytes = 0;               ///< From one row to the next; not of Motion JPEG.
    CountedVector<std::byte> bytes;          ///< All that was sent, which may be too little.
    double time = 0;                         ///< When it was taken, in seconds of std::chrono::steady_clock.
    std::uint64_t number = 0;                ///< Counted from 1; frames that were dropped count.
    std::optional<PixelLayout> screen = {};  ///< Of a frame of the screen, which is neither YUYV nor Motion JPEG.
};

/// Converts a frame to a picture, in whose memory the new values are stored if it has the right size. `mirror` swaps
/// left and right. YUYV is that of ITU-R BT.601 with brightness 16..235. Fails if the frame is cut short or corrupt, or
/// if check_layout() does; `name` is the camera in messages.
Expected<void> camera_picture(const CameraFrame& frame, bool mirror, std::string_view name, Picture& picture);

/// Returns a JPEG of a camera with the Huffman tables of ITU-T T.81, section K.3, which most cameras leave out; a copy
/// if it has tables, or if it is no JPEG.
std::vector<std::byte> with_huffman_tables(std::span<const std::byte> jpeg);

}  // namespace convlens
