/// The player: the input as a stream of frames of a video, an animation or numbered pictures.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/ui/tool.h"
#include "app/ui/worker.h"

namespace convlens {

/// Asks the player's thread for a frame.
struct FrameRequest {
    std::string path;
    int frame = 0;
    std::optional<int> minus;  ///< As FramePath::minus.
    friend bool operator==(const FrameRequest&, const FrameRequest&) = default;
};

/// A frame, and what is known about its stream.
struct FrameAnswer {
    FrameRequest of;
    std::shared_ptr<const Picture> picture;
    int count = 1;          ///< Number of frames of the stream.
    double duration = 0.1;  ///< Of this frame, in seconds.
};

/// State of the player. While frames run, they overlay the document when it is submitted; a frame becomes a part of the
/// document, as one undo step, when the player pauses.
struct VideoView {
    std::optional<Worker<FrameRequest, Expected<FrameAnswer>>> worker;
    std::string path;                   ///< The stream that is the document's input; empty if it is none.
    int document_frame = 0;             ///< The frame in the document.
    std::optional<int> document_minus;  ///< The frame that the document subtracts from it, as FramePath::minus.
    std::optional<int> minus;           ///< The frame that is subtracted from those that run.
    int in = 0;                         ///< The frame with which the part that plays begins.
    bool in_out_given = false;          ///< Whether a scene has just set `in` and `out`.
    std::optional<int> out;             ///< The frame with which it ends; nullopt for the last one.
    int frame = 0;                      ///< The frame that was asked for last.
    std::optional<FrameAnswer> shown;   ///< The frame that overlays the document; nullopt for the document's own.
    bool keep = false;                  ///< Whether the frame goes into the document when it arrives.
    bool scrubbing = false;             ///< Whether the slider of frames is dragged.
    bool known = false;                 ///< Whether count and duration are those of the stream.
    int count = 1;
    double duration = 0.1;
    bool playing = false, loop = true;
    int speed = 2;      ///< Index in video_speeds.
    double due = 0;     ///< When the next frame is due, in seconds of ImGui::GetTime().
    int passed = 0;     ///< Frames that were due since the player began to play.
    int on_screen = 0;  ///< How many of them were seen in the grid.
    std::shared_ptr<const Picture> last_seen;
};

/// Returns the last frame that plays.
int video_end(const VideoView& v);

inline constexpr float video_speeds[] = {0.25F, 0.5F, 1, 2, 4};

/// The tool's entry in the table of tools.
extern const Tool video_tool;

/// Returns the path of the video or animation of which the document's input is a frame; empty if it is none.
std::string video_path(const Document& document);

/// Asks for a frame, which goes into the document if `keep`.
void show_frame(Frame& f, VideoView& v, int frame, bool keep);

/// Starts or pauses.
void play_video(Frame& f, VideoView& v, bool play);

/// Draws the player in the panel on the right.
void video_panel(Frame& frame);

}  // namespace convlens
