/// Takes the frames of the camera and shows them.
#include "app/ui/tools/camera/camera.h"

#include <algorithm>
#include <chrono>

#include "app/ui/language.h"
#include "app/ui/wake.h"
#include "engine/core/sentence.h"
#include "engine/document/drawing.h"
#include "engine/io/frames.h"
#include "engine/io/resize.h"
#include "engine/io/screen_device.h"

namespace convlens {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

Worker<CameraListRequest, CameraView::Devices>::Job make_lister() {
    return [](const CameraListRequest&, const Cancel&) -> std::optional<CameraView::Devices> { return list_cameras(); };
}

/// Pictures of the screen have at most this many pixels per side.
constexpr int picture_side = 640;

Expected<ScreenPicture> picture_of_screen() {
    auto stream = ScreenStream::open();
    if (!stream) return tl::unexpected(stream.error());
    const Size2 size = stream->size();
    CameraFrame frame;
    if (auto taken = stream->take({0, 0, size.w, size.h}, frame); !taken) return tl::unexpected(taken.error());
    Picture picture;
    if (auto done = camera_picture(frame, false, "screen", picture); !done) return tl::unexpected(done.error());
    const Shape s = picture.color.shape();
    const double scale = std::min(1.0, picture_side / static_cast<double>(std::max(s.h, s.w)));
    auto small =
        resize(picture.color, {std::max(1, static_cast<int>(s.h * scale)), std::max(1, static_cast<int>(s.w * scale))},
               "screen");
    if (!small) return tl::unexpected(small.error());
    picture.color = std::move(*small);
    return ScreenPicture{frame.mode.size, std::make_shared<const Image>(image_of(picture))};
}

Worker<ScreenRequest, Expected<ScreenPicture>>::Job make_photographer() {
    return [](const ScreenRequest&, const Cancel&) -> std::optional<Expected<ScreenPicture>> {
        return picture_of_screen();
    };
}

/// Converts into pictures whose last user has released them.
Worker<CameraRequest, CameraAnswer>::Job make_converter() {
    return [pool = std::make_shared<ObjectPool<Picture>>(), before = std::shared_ptr<const Picture>()](
               const CameraRequest& request, const Cancel&) mutable -> std::optional<CameraAnswer> {
        CameraAnswer answer{nullptr, nullptr, request.frame->time, request.frame->number, {}};
        try {
            Picture picture = pool->take();
            if (const auto done = camera_picture(*request.frame, request.mirror, request.name, picture); !done) {
                answer.problem = done.error().message;
                return answer;
            }
            answer.picture = answer.plain = pool->share(std::move(picture));
            const auto previous = std::exchange(before, answer.plain);
            const auto minus = request.minus == CameraMinus::remembered     ? request.remembered
                               : request.minus == CameraMinus::frame_before ? previous
                                                                            : nullptr;
            Picture difference = minus ? pool->take() : Picture();
            // A frame of another size, after the camera was changed, is not subtracted.
            if (minus && difference_picture(*answer.plain, *minus, difference))
                answer.picture = pool->share(std::move(difference));
        } catch (const std::bad_alloc&) {
            answer.picture = answer.plain = nullptr;
            answer.problem = sentence("there is not enough memory");
        }
        return answer;
    };
}

void take_list(Frame& f, CameraView& v) {
    auto list = v.lister ? v.lister->poll() : std::nullopt;
    if (!list) return;
    f.requests.redraw = v.listed = true;
    const auto device = static_cast<std::size_t>(v.device);
    const CameraDevice before = device < v.devices.size() ? v.devices[device] : CameraDevice();
    v.no_devices = *list ? "" : list->error().message;
    v.devices = *list ? std::move(**list) : std::vector<CameraDevice>();
    // The camera that is on can't be asked for its modes, but keeps them.
    v.device = std::clamp(v.device, 0, std::max(0, static_cast<int>(v.devices.size()) - 1));
    if (v.devices.empty()) return;
    const CameraDevice& now = v.devices[static_cast<std::size_t>(v.device)];
    // The mode that was chosen stays, as long as it is one of this camera.
    if (now.path != before.path || now.modes != before.modes || static_cast<std::size_t>(v.mode) >= now.modes.size())
        if (!v.camera || static_cast<std::size_t>(v.mode) >= now.modes.size())
            v.mode = static_cast<int>(usual_mode(now.modes));
}

void take_picture(Frame& f, CameraView& v) {
    auto answer = v.converter ? v.converter->poll() : std::nullopt;
    if (!answer || !v.camera) return;
    f.requests.redraw = true;
    if (!answer->picture) {
        ++v.broken;
        return;
    }
    v.recent.emplace_back(answer->picture, answer->time);
    if (v.recent.size() > 8) v.recent.pop_front();
    v.shown = std::move(*answer);
    // After the camera was changed, its frames may have another size.
    if (v.remembered && v.remembered->color.shape() != v.shown->plain->color.shape()) v.remembered.reset();
}

void take_screen(Frame& f, CameraView& v) {
    auto picture = v.photographer ? v.photographer->poll() : std::nullopt;
    if (!picture) return;
    f.requests.redraw = true;
    v.no_screen = *picture ? "" : picture->error().message;
    if (*picture) v.screen = std::move(**picture);
    if (*picture) set_region(v, v.region);
}

/// Notes when a picture that was taken by the camera is on screen for the first time.
void look_at_grid(Frame& f, CameraView& v) {
    const auto* input = f.shown ? std::get_if<PictureInput>(&f.shown->request.document.input.source) : nullptr;
    if (!input || input->pictures.front().picture == v.last_seen) return;
    const auto& picture = input->pictures.front().picture;
    const auto found = std::ranges::find_if(v.recent, [&](const auto& r) { return r.first.lock() == picture; });
    if (found == v.recent.end()) return;
    v.last_seen = picture;
    v.seen_time = found->second;
    v.latency = now() - found->second;
    ++v.on_screen;
}

void poll(Frame& f) {
    auto& v = f.states.of<CameraView>();
    take_list(f, v);
    take_picture(f, v);
    take_screen(f, v);
    if (!v.camera) return;
    look_at_grid(f, v);
    f.requests.wake_after = std::min(f.requests.wake_after, 0.25);  // the age and the light
    const auto frame = v.camera->newest();
    if (!frame || frame->number == v.asked) return;
    if (!v.converter) v.converter.emplace(make_converter, wake_window);
    if (v.converter->busy()) return;  // the newest one is taken then
    if (v.first == 0) v.first = frame->number;
    v.asked = frame->number;
    v.converter->submit(std::make_shared<const CameraRequest>(
        CameraRequest{frame, v.mirror && v.source == LiveSource::camera, v.minus, v.remembered, v.name}));
}

// clang-format off
constexpr Action rows[] = {
    {"camera", "Freeze the frame of the camera or screen", Menu::edit, {{}}, [](const Frame& f) { return f.states.of<CameraView>().camera != nullptr; }, [](Frame& f) { freeze_camera(f); }},
};
// clang-format on

void closed(States& states, Closing) {
    auto& v = states.of<CameraView>();
    v.camera.reset();
    v.photographer.reset();
    v.lister.reset();
    v.converter.reset();
}

/// Returns the document with the newest frame as its input.
Document live_document(States& states, const Document& document) {
    const auto& v = states.of<CameraView>();
    if (!v.camera || !v.shown) return document;
    Document live = document;
    live.input.source = PictureInput{{{live_origin(v.source, 0), v.shown->picture}}};
    return live;
}

/// Switches a source on.
void begin(Frame& f, CameraView& v, LiveSource source, std::string name, OpenStream open) {
    v.source = source;
    v.name = std::move(name);
    v.asked = v.first = 0;
    v.on_screen = v.broken = 0;
    v.last_seen.reset();
    v.shown.reset();
    v.recent.clear();
    v.camera = std::make_shared<LiveFrames>(std::move(open), wake_window);
    f.draft.display.item = 0;
    f.requests.redraw = true;
}

void report(Frame& f) {
    const auto& v = f.states.of<CameraView>();
    const std::string problem = v.camera ? v.camera->problem() : "";
    f.map.state("camera", fmt::format("{} {} {} {} {:.1f} {}", v.camera ? "on" : "off", v.on_screen, v.dropped(),
                                      v.broken, 1000 * v.latency, problem.empty() ? "-" : problem));
    f.map.state("cameras", fmt::format("{}", v.devices.size()));
    f.map.state("screen",
                fmt::format("{}x{} {} {} {} {} {}", v.screen ? v.screen->size.w : 0, v.screen ? v.screen->size.h : 0,
                            v.region.x, v.region.y, v.region.w, v.region.h, v.no_screen.empty() ? "-" : v.no_screen));
}

}  // namespace

std::uint64_t CameraView::dropped() const {
    const std::uint64_t come = shown && first > 0 ? shown->number - first + 1 : 0;
    const auto seen = static_cast<std::uint64_t>(on_screen);
    return come > seen ? come - seen : 0;
}

std::optional<double> camera_age(const CameraView& v) {
    if (!v.last_seen || !v.camera) return std::nullopt;
    // What the screen still shows is not old.
    const bool newest = v.shown && v.last_seen == v.shown->picture && v.shown->number == v.asked;
    return std::max(0.0, now() - (newest ? std::max(v.seen_time, v.camera->seen()) : v.seen_time));
}

void list_cameras(CameraView& v) {
    if (!v.lister) v.lister.emplace(make_lister, wake_window);
    v.lister->submit(std::make_shared<const CameraListRequest>());
}

void start_camera(Frame& f, CameraView& v) {
    if (v.camera || static_cast<std::size_t>(v.device) >= v.devices.size()) return;
    const CameraDevice& device = v.devices[static_cast<std::size_t>(v.device)];
    if (static_cast<std::size_t>(v.mode) >= device.modes.size()) return;
    begin(f, v, LiveSource::camera, device.name,
          camera_stream(device.path, device.modes[static_cast<std::size_t>(v.mode)]));
}

void look_at_screen(CameraView& v) {
    if (!v.photographer) v.photographer.emplace(make_photographer, wake_window);
    v.photographer->submit(std::make_shared<const ScreenRequest>());
}

void set_region(CameraView& v, const Rect& region) {
    v.region = v.screen ? inside_screen(region, v.screen->size) : region;
    if (v.live_region) v.live_region->set(v.region);
}

void start_screen(Frame& f, CameraView& v) {
    if (v.camera) return;
    v.live_region = std::make_shared<ScreenRegion>(v.region);
    begin(f, v, LiveSource::screen, tr("screen"), screen_stream(v.live_region));
}

void stop_camera(CameraView& v) {
    if (!v.camera) return;
    v.shown.reset();
    v.last_seen.reset();
    v.recent.clear();
    if (!v.lister) v.lister.emplace(make_lister, wake_window);
    v.lister->submit(std::make_shared<const CameraListRequest>(CameraListRequest{std::move(v.camera)}));
    v.camera.reset();
}

bool freeze_camera(Frame& f) {
    auto& v = f.states.of<CameraView>();
    if (!v.camera) return false;
    const auto picture = v.last_seen ? v.last_seen : v.shown ? v.shown->picture : nullptr;
    if (picture) {
        f.draft.input.source = PictureInput{{{live_origin(v.source, ++v.frozen), picture}}};
        f.draft.display.item = 0;
        f.requests.step = true;
    }
    stop_camera(v);
    return true;
}

const Tool camera_tool{.id = "camera",
                       .actions = rows,
                       .poll = poll,
                       .closed = closed,
                       .document = live_document,
                       .over = camera_light,
                       .report = report};

}  // namespace convlens
