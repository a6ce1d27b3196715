/// The thread of a recording.
#include "app/ui/tools/record/record.h"

#include <GLFW/glfw3.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "app/fonts.h"
#include "app/ui/frame.h"
#include "app/ui/tools/train/training.h"
#include "app/ui/tools/video/video.h"
#include "app/ui/wake.h"
#include "engine/core/sentence.h"
#include "engine/io/file.h"

namespace convlens {
namespace {

// clang-format off
constexpr Action rows[] = {
    {"record", "Record ...", Menu::file, {{{'R', GLFW_MOD_CONTROL | GLFW_MOD_SHIFT}}}, [](const Frame& f) { return f.shown != nullptr; }, [](Frame& f) { f.view.overlay = &record_overlay; }},
};
// clang-format on

void end_thread(RecordView& v) {
    v.thread->end();
    v.leaving.push_back([thread = std::move(v.thread)] { return thread->ended(); });
    v.thread.reset();
}

void poll(Frame& f) {
    auto& v = f.states.of<RecordView>();
    std::erase_if(v.leaving, [](const auto& ended) { return ended(); });
    if (!v.thread) return;
    v.thread->poll();
    const long version = v.thread->version();
    if (version == v.version) return;
    v.version = version;
    v.progress = v.thread->view();
    if (const std::string failure = v.thread->take_failure(); !failure.empty()) v.progress.error = failure;
    f.requests.redraw = true;
    if (!v.progress.error.empty()) {
        f.requests.error = sentence("not recorded: {}", v.progress.error);
    } else if (v.progress.finished) {
        report_saved(f, v.progress.path);
    } else {
        return;
    }
    end_thread(v);
}

bool busy(States& states) {
    const auto& v = states.of<RecordView>();
    return v.thread || !v.leaving.empty();
}

bool saving(States& states) { return states.of<RecordView>().thread != nullptr; }

void closed(States& states, Closing) {
    auto& v = states.of<RecordView>();
    if (v.quit) *v.quit = true;
    v.thread.reset();
    v.leaving.clear();
}

void report(Frame& f) {
    const auto& v = f.states.of<RecordView>();
    f.map.state("record", fmt::format("{} {} {}", v.thread ? "running" : "idle", v.progress.done, v.progress.frames));
}

}  // namespace

RecordJob::RecordJob(Document document, RecordOrder order, const std::string& path, CpuOptions options,
                     std::shared_ptr<const std::atomic<bool>> quit, RecordedMoments moments)
    : recording_(std::in_place, std::move(document), std::move(order), path, export_typeface(), std::move(moments),
                 Existing::kept),
      path_(path),
      options_(std::move(options)),
      quit_(std::move(quit)) {}

bool RecordJob::step() {
    if (!recording_) return false;
    const auto give_up = [&](const Error& error) {
        if (!error.canceled) progress_.error = error.message;
        recording_.reset();
        return false;
    };
    if (!backend_) {
        // Numbered pictures get the names of the pattern; those that exist are replaced, so the pattern must be unused.
        if (const auto taken = existing_numbered_file(path_); !taken.empty())
            return give_up(Error{sentence("{} exists already", taken.filename().string())});
        auto made = make_cpu_backend(options_);
        if (!made) return give_up(made.error());
        backend_ = std::move(*made);
    }
    const std::atomic<bool> newer = false;
    std::atomic<float> progress = 0;
    const auto more = recording_->step(*backend_, Cancel(*quit_, newer, {}, progress));
    if (!more) return give_up(more.error());
    progress_.done = recording_->done();
    progress_.frames = recording_->frames();
    progress_.size = recording_->size();
    progress_.lossless = recording_->lossless();
    progress_.finished = !*more;
    if (!*more) progress_.path = recording_->path().string();
    return *more;
}

void start_recording(Frame& f) {
    auto& v = f.states.of<RecordView>();
    if (v.thread) return;
    RecordOrder order = v.order;
    if (order.what == Recorded::sweep) {
        const SweepNumber& number = sweep_numbers()[static_cast<std::size_t>(v.number)];
        order.sweeps = {{std::string(number.name), v.from, v.to}};
    }
    if (order.what == Recorded::window) order.size = {};  // as large as its cells
    if (order.what != Recorded::frames) {
        order.frames = v.frames;
        order.rate = v.rate;
    } else {  // the part that the player plays
        const auto& video = f.states.of<VideoView>();
        order.first = video.in;
        if (video.out) order.frames = *video.out - video.in + 1;
    }
    RecordedMoments moments;
    if (order.what == Recorded::moments) moments = f.states.of<Training>().moments(f.draft);
    v.quit = std::make_shared<std::atomic<bool>>(false);
    v.progress = {};
    v.version = -1;
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    v.thread = std::make_shared<StepThread<RecordJob>>(
        RecordJob(f.draft, std::move(order), unused_path(v.path), f.backend.cpu, v.quit, std::move(moments)),
        std::max(1, cores - 1), wake_window);
    v.thread->play();
}

void cancel_recording(RecordView& v) {
    if (!v.thread) return;
    *v.quit = true;
    end_thread(v);
    v.progress = {};
}

const Overlay record_overlay{.draw = record_panel, .keyboard = true};

const Tool record_tool{
    .id = "record", .actions = rows, .poll = poll, .busy = busy, .saving = saving, .closed = closed, .report = report};

}  // namespace convlens
