/// A camera, or a part of the screen, as the input: its frames overlay the document until one is frozen.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/ui/tool.h"
#include "app/ui/worker.h"
#include "engine/document/live_origin.h"
#include "engine/io/camera_device.h"
#include "engine/io/live_frames.h"

namespace convlens {

/// Asks for the list of cameras, on a thread of its own, because opening a device may take a while. A camera that was
/// switched off ends on the same thread.
struct CameraListRequest {
    std::shared_ptr<LiveFrames> ended;
};

/// Asks for a picture of the whole screen.
struct ScreenRequest {
    int number = 0;
};

/// The whole screen when it was asked for.
struct ScreenPicture {
    Size2 size;  ///< Of the screen in pixels.
    std::shared_ptr<const Image> image;
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

/// State of the camera and of the screen as a source.
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

    std::optional<Worker<ScreenRequest, Expected<ScreenPicture>>> photographer;
    std::optional<ScreenPicture> screen;  ///< Where the region is drawn; nullopt before it was asked for.
    std::string no_screen;                ///< Why the screen can't be read; empty before that was tried.
    Rect region{0, 0, 640, 480};          ///< Of the screen, in pixels.
    std::optional<std::array<int, 2>>
        corner;  ///< Of a region that is being drawn: x and y where the mouse was pressed.
    std::shared_ptr<ScreenRegion> live_region;

    std::shared_ptr<LiveFrames> camera;      ///< Null while it is off.
    LiveSource source = LiveSource::camera;  ///< What is on, or was.
    std::string name;                        ///< Of the camera that is on, or was; "screen".
    std::optional<CameraAnswer> shown;       ///< The frame that overlays the document.
    std::uint64_t asked = 0;                 ///< Number of the frame that was sent to the converter last.
    std::uint64_t first = 0;                 ///< Number of the first frame; 0 before it has come.
    int on_screen = 0, broken = 0;           ///< Frames that were seen in the grid; frames that could not be converted.
    int frozen = 0;                          ///< Number of frames that became a part of a document, for live_origin().
    std::deque<std::pair<std::weak_ptr<const Picture>, double>> recent;  ///< Pictures and their times.
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

/// Switches the camera or the screen off. The document is shown again.
void stop_camera(CameraView& v);

/// Asks for a picture of the whole screen.
void look_at_screen(CameraView& v);

/// Chooses a region, moved into the screen, also while its frames come.
void set_region(CameraView& v, const Rect& region);

/// Lets the region of the screen be the input.
void start_screen(Frame& f, CameraView& v);

/// Puts the frame in the grid into the document, as one undo step, and switches the camera or the screen off. Returns
/// false if none is on.
bool freeze_camera(Frame& f);

/// Draws the controls of the camera and of the screen in the player's panel, because they are streams of frames, too.
void camera_part(Frame& f);

/// Draws the choice of a region of the screen.
void screen_part(Frame& f);

/// The tool's entry in the table of tools.
extern const Tool camera_tool;

/// Draws the light that shows that a camera is on, or that the screen is read, over everything else.
void camera_light(Frame& f);

}  // namespace convlens
