/// A camera as the input: its frames overlay the document until one is frozen.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/ui/tool.h"
#include "app/ui/worker.h"
#include "engine/io/camera.h"

namespace convlens {

/// Asks for the list of cameras, on a thread of its own, because opening a device may take a while. A camera that was
/// switched off ends on the same thread.
struct CameraListRequest {
    std::shared_ptr<Camera> ended;
};

/// What is subtracted from the frames of a camera.
enum class CameraMinus { nothing, frame_before, remembered };

/// Asks for the picture of a frame.
struct CameraRequest {
    std::shared_ptr<const CameraFrame> frame;
    bool mirror = false;
    CameraMinus minus = CameraMinus::nothing;
    std::shared_ptr<const Picture> remembered;
    std::string name;  ///< Of the camera, for messages.
};

/// A frame as a picture.
struct CameraAnswer {
    std::shared_ptr<const Picture> picture;  ///< With CameraMinus, a difference_picture().
    std::shared_ptr<const Picture> plain;    ///< The frame itself.
    double time = 0;                         ///< As in CameraFrame.
    std::uint64_t number = 0;
    std::string problem;  ///< Why there is no picture; empty if there is one.
};

/// State of the camera.
struct CameraView {
    using Devices = Expected<std::vector<CameraDevice>>;
    std::optional<Worker<CameraListRequest, Devices>> lister;
    std::optional<Worker<CameraRequest, CameraAnswer>> converter;
    std::vector<CameraDevice> devices;
    std::string no_devices;  ///< Why there is no list.
    bool listed = false;
    int device = 0, mode = 0;
    bool mirror = true;
    CameraMinus minus = CameraMinus::nothing;
    std::shared_ptr<const Picture> remembered;  ///< The frame to subtract; null before one was chosen.

    std::shared_ptr<Camera> camera;     ///< Null while it is off.
    std::string name;                   ///< Of the camera that is on, or was.
    std::optional<CameraAnswer> shown;  ///< The frame that overlays the document.
    std::uint64_t asked = 0;            ///< Number of the frame that was sent to the converter last.
    std::uint64_t first = 0;            ///< Number of the first frame; 0 before it has come.
    int on_screen = 0, broken = 0;      ///< Frames that were seen in the grid; frames that could not be converted.
    int frozen = 0;                     ///< Number of frames that became a part of a document, for live_origin().
    std::deque<std::pair<std::shared_ptr<const Picture>, double>> recent;  ///< Pictures and their times.
    std::shared_ptr<const Picture> last_seen;
    double seen_time = 0;  ///< When the picture on screen was taken.
    double latency = 0;    ///< Its age when it was first on screen, in seconds.

    /// Returns how many frames have come that were not seen.
    std::uint64_t dropped() const;
};

/// Returns the age of the frame on screen in seconds; nullopt if none is.
std::optional<double> camera_age(const CameraView& view);

/// Asks for the cameras that are plugged in.
void list_cameras(CameraView& v);

/// Switches the chosen camera on.
void start_camera(Frame& f, CameraView& v);

/// Switches the camera off. The document is shown again.
void stop_camera(CameraView& v);

/// Puts the frame on screen into the document, as one undo step, and switches the camera off. Returns false if none is
/// on.
bool freeze_camera(Frame& f);

/// Draws the camera's controls in the player's panel, because a camera is a stream of frames, too.
void camera_part(Frame& f);

/// The tool's entry in the table of tools.
extern const Tool camera_tool;

/// Draws the light that shows that a camera is on, over everything else.
void camera_light(Frame& f);

}  // namespace convlens
