/// The player's thread and clock.
#include "app/ui/tools/video/video.h"

#include <GLFW/glfw3.h>
#include <imgui.h>

#include <algorithm>
#include <utility>

#include "app/ui/frame.h"
#include "app/ui/tools/camera/camera.h"
#include "app/ui/tools/video/trail.h"
#include "app/ui/wake.h"
#include "engine/io/frames.h"

namespace convlens {
namespace {

/// The picture of a document that may be a frame of a stream.
struct InStream {
    std::string path;
    int frame = 0;
    std::optional<int> minus;
    std::shared_ptr<const Picture> picture;
};

/// Returns what the document's input is a frame of; nullopt if it is none.
std::optional<InStream> stream_of(const Document& document) {
    const auto* input = std::get_if<PictureInput>(&document.input.source);
    if (!input || input->pictures.size() != 1 || !input->pictures.front().origin.is_file()) return std::nullopt;
    const FramePath path = split_frame(input->pictures.front().origin.path());
    if (!may_have_frames(path.file)) return std::nullopt;
    return InStream{path.file.string(), path.frame, path.minus, input->pictures.front().picture};
}

/// Returns the input that is this frame.
PictureInput input_of(const FrameAnswer& frame) {
    return {{{PictureOrigin::file(with_frame({frame.of.path, frame.of.frame, frame.of.minus})), frame.picture}}};
}

void show(Frame& f) {
    f.view.panels = true;
    f.view.tool = &grid_tool;
    f.view.side = f.view.side == &video_tool ? &kernels_tool : &video_tool;
}

// clang-format off
constexpr Action rows[] = {
    {"video", "Play a video or an animation", Menu::view, {{{'v', 0}}}, [](const Frame&) { return true; }, show},
    {"video.toggle", "Video: play or pause", Menu::view, {{{GLFW_KEY_SPACE, GLFW_MOD_CONTROL}}}, [](const Frame& f) { return f.states.of<VideoView>().count > 1; }, [](Frame& f) { auto& v = f.states.of<VideoView>(); play_video(f, v, !v.playing); }},
};
// clang-format on

/// Opens the stream of the last request again only if its path changes.
Worker<FrameRequest, Expected<FrameAnswer>>::Job make_job() {
    struct Opened {
        std::string path;
        std::optional<Frames> frames;
    };
    return [opened = std::make_shared<Opened>()](const FrameRequest& request,
                                                 const Cancel& cancel) -> std::optional<Expected<FrameAnswer>> {
        if (opened->path != request.path || !opened->frames) {
            opened->frames.reset();
            auto frames = Frames::open(request.path, cancel);
            if (!frames) return tl::unexpected(frames.error());
            opened->path = request.path;
            opened->frames = std::move(*frames);
        }
        auto picture = opened->frames->read(FramePath{request.path, request.frame, request.minus}, cancel);
        if (!picture) {
            const Error error = picture.error();
            opened->frames.reset();
            return tl::unexpected(error);
        }
        return FrameAnswer{request, std::move(*picture), opened->frames->count(),
                           opened->frames->duration(request.frame)};
    };
}

/// Puts the frame on screen into the document: one undo step.
void keep_frame(Frame& f, VideoView& v) {
    v.keep = false;
    if (!v.shown || !stream_of(f.draft)) return;
    f.draft.input.source = input_of(*v.shown);
    v.document_frame = v.shown->of.frame;
    v.document_minus = v.shown->of.minus;
    v.shown.reset();
    f.requests.step = true;
}

/// Follows the document where something else has changed its input.
void follow(Frame& f, VideoView& v) {
    const InStream now = stream_of(f.draft).value_or(InStream{});
    const std::string& path = now.path;
    const int frame = now.frame;
    const bool given = std::exchange(v.in_out_given, false);
    if (path == v.path && frame == v.document_frame && now.minus == v.document_minus) return;
    v.playing = v.keep = false;
    v.shown.reset();
    v.document_frame = v.frame = frame;
    v.document_minus = v.minus = now.minus;
    if (path == v.path) return;
    v.path = path;
    v.known = false;
    if (!given) {
        v.in = 0;
        v.out.reset();
    }
    v.count = 1;
    v.passed = v.on_screen = 0;
}

void take_answer(Frame& f, VideoView& v) {
    auto answer = v.worker ? v.worker->poll() : std::nullopt;
    if (!answer) return;
    f.requests.redraw = true;
    if (!*answer) {
        if (answer->error().canceled) return;
        v.playing = v.keep = false;
        v.known = true;
        f.requests.error = answer->error().message;
        return;
    }
    if ((*answer)->of.path != v.path) return;
    const FrameRequest& of = (*answer)->of;
    if (!v.playing && !v.scrubbing && (of.frame != v.frame || of.minus != v.minus))
        return;  // asked for before the pause
    v.known = true;
    v.count = (*answer)->count;
    v.in = std::clamp(v.in, 0, std::max(v.count - 1, 0));
    if (v.out) v.out = std::clamp(*v.out, v.in, std::max(v.count - 1, 0));
    v.duration = (*answer)->duration;
    if (of.frame == v.document_frame && of.minus == v.document_minus && !v.playing) {
        v.shown.reset();
        v.keep = false;
        return;
    }
    v.shown = std::move(**answer);
    if (v.keep && v.shown->of.frame == v.frame) keep_frame(f, v);
}

/// Counts the frames that were due, and asks for the newest of them.
void advance(Frame& f, VideoView& v) {
    const double now = ImGui::GetTime(), step = v.duration / static_cast<double>(video_speeds[v.speed]);
    if (now - v.due > 1 + step) v.due = now;  // the window slept, or the stream was opened
    int frame = v.frame, due = 0;
    for (; now >= v.due; v.due += step, ++due) {
        if (frame >= video_end(v) && !v.loop) {
            v.playing = false;
            return show_frame(f, v, frame, true);
        }
        frame = frame >= video_end(v) || frame + 1 < v.in ? v.in : frame + 1;
    }
    f.requests.wake_after = std::max(0.0, v.due - now);
    if (due == 0) return;
    v.passed += due;
    show_frame(f, v, frame, false);
}

void poll(Frame& f) {
    auto& v = f.states.of<VideoView>();
    follow(f, v);
    take_answer(f, v);
    follow_trail(f, v.playing || v.scrubbing || f.states.of<CameraView>().camera);
    if (v.path.empty()) return;
    const bool visible = f.view.side == &video_tool;
    if (visible && !v.known && !(v.worker && v.worker->busy())) show_frame(f, v, v.document_frame, false);
    if (v.playing && v.known) advance(f, v);
    if (!f.shown || !v.playing) return;
    const auto seen = stream_of(f.shown->request.document);
    if (seen && seen->picture != v.last_seen) {
        v.last_seen = seen->picture;
        if (v.passed > 0) ++v.on_screen;
    }
}

ScenePart scene_part(States& states) {
    const auto& v = states.of<VideoView>();
    if (v.in == 0 && !v.out) return {};
    ScenePart::Object part{{"in", {static_cast<double>(v.in)}}};
    if (v.out) part.emplace("out", ScenePart{static_cast<double>(*v.out)});
    return {part};
}

void show_part(States& states, const ScenePart& part) {
    auto& v = states.of<VideoView>();
    v.playing = v.keep = false;
    const auto frame = [](const ScenePart& number, int otherwise) {
        const double n = number.number(otherwise);
        return n >= 0 && n <= max_stream_frames ? static_cast<int>(n) : otherwise;
    };
    v.in = frame(part["in"], 0);
    const int out = frame(part["out"], -1);
    v.out = out >= v.in ? std::optional(out) : std::nullopt;
    v.in_out_given = true;
}

bool busy(States& states) {
    const auto& v = states.of<VideoView>();
    return v.worker && v.worker->busy();
}

void closed(States& states, Closing) { states.of<VideoView>().worker.reset(); }

/// Returns the document with the frame that runs.
Document live_document(States& states, const Document& document) {
    const auto& v = states.of<VideoView>();
    const auto now = stream_of(document);
    if (!v.shown || !now || now->path != v.path) return document;
    Document live = document;
    live.input.source = input_of(*v.shown);
    return live;
}

void report(Frame& f) {
    const auto& v = f.states.of<VideoView>();
    const auto seen = f.shown ? stream_of(f.shown->request.document) : std::nullopt;
    f.map.state("video", v.path.empty() ? "-"
                                        : fmt::format("{} {} {} {} {}", seen ? seen->frame : -1, v.count,
                                                      v.playing ? "playing" : "paused", v.document_frame,
                                                      std::max(0, v.passed - v.on_screen)));
    f.map.state("video_part", fmt::format("{} {} {}", v.in, video_end(v), v.document_minus.value_or(-9)));
    report_trail(f);
}

}  // namespace

std::string video_path(const Document& document) {
    const auto stream = stream_of(document);
    return stream ? stream->path : std::string();
}

void show_frame(Frame& f, VideoView& v, int frame, bool keep) {
    if (v.path.empty()) return;
    v.frame = std::clamp(frame, 0, std::max(v.count - 1, 0));
    if (!v.known) v.frame = std::max(frame, 0);
    v.keep = keep;
    const FrameRequest wanted{v.path, v.frame, v.minus};
    if (keep && v.shown && v.shown->of == wanted) return keep_frame(f, v);
    if (!v.worker) v.worker.emplace(make_job, wake_window);
    v.worker->submit(std::make_shared<const FrameRequest>(wanted));
}

int video_end(const VideoView& v) { return std::min(v.out.value_or(v.count - 1), v.count - 1); }

void play_video(Frame& f, VideoView& v, bool play) {
    if (play == v.playing) return;
    v.playing = play;
    if (!play) return show_frame(f, v, v.shown ? v.shown->of.frame : v.document_frame, true);
    if (v.frame >= video_end(v) || v.frame < v.in) v.frame = v.in - 1;
    v.due = ImGui::GetTime();
    v.passed = v.on_screen = 0;
    v.last_seen.reset();
    f.requests.redraw = true;
}

const Tool video_tool{
    .id = "video",
    .side = {"Play", "Plays a video, an animation or numbered pictures: the grid follows (v)", video_panel},
    .actions = rows,
    .poll = poll,
    .busy = busy,
    .closed = closed,
    .document = live_document,
    .scene_part = scene_part,
    .show_part = show_part,
    .report = report};

}  // namespace convlens
