/// The thread of live frames, and the streams that it takes them from.
#include "engine/io/live_frames.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "engine/core/sentence.h"
#include "engine/core/threads.h"
#include "engine/io/camera_device.h"
#include "engine/io/screen_device.h"

namespace convlens {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds patience{100}, between_tries{500};
constexpr int silent_tries = 30;                         ///< Of `patience`.
constexpr std::chrono::microseconds look_again{33'333};  ///< From one look at the screen to the next.

double seconds(Clock::time_point time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

}  // namespace

OpenStream camera_stream(std::string path, const CameraMode& mode) {
    return [path = std::move(path), mode]() -> Expected<TakeFrame> {
        auto opened = CameraStream::open(path, mode);
        if (!opened) return tl::unexpected(opened.error());
        // A std::function is copied with what it holds.
        return TakeFrame([stream = std::make_shared<CameraStream>(std::move(*opened)), silent = 0](
                             CameraFrame& frame, std::chrono::milliseconds wait) mutable -> Expected<Sent> {
            const auto arrived = stream->newest(frame, wait);
            if (!arrived) return tl::unexpected(arrived.error());
            silent = *arrived > 0 ? 0 : silent + 1;
            if (silent >= silent_tries) return fail("it sends no frames");
            return *arrived > 0 ? Sent::frame : Sent::nothing;
        });
    };
}

OpenStream screen_stream(std::shared_ptr<const ScreenRegion> region) {
    return [region = std::move(region)]() -> Expected<TakeFrame> {
        auto opened = ScreenStream::open();
        if (!opened) return tl::unexpected(opened.error());
        return TakeFrame([stream = std::make_shared<ScreenStream>(std::move(*opened)), region, next = Clock::now()](
                             CameraFrame& frame, std::chrono::milliseconds wait) mutable -> Expected<Sent> {
            const auto now = Clock::now();
            if (now < next) std::this_thread::sleep_for(std::min<Clock::duration>(next - now, wait));
            next = std::max(next, now) + look_again;
            const auto taken = stream->take(region->get(), frame);
            if (!taken) return tl::unexpected(taken.error());
            return *taken ? Sent::frame : Sent::same;
        });
    };
}

LiveFrames::LiveFrames(OpenStream open, std::function<void()> wake) : open_(std::move(open)), wake_(std::move(wake)) {
    if constexpr (has_threads) thread_ = std::thread([this] { run(); });
}

LiveFrames::~LiveFrames() {
    quit_ = true;
    if constexpr (has_threads) thread_.join();
}

std::shared_ptr<const CameraFrame> LiveFrames::newest() const {
    const std::scoped_lock lock(mutex_);
    return newest_;
}

double LiveFrames::seen() const {
    const std::scoped_lock lock(mutex_);
    return seen_;
}

std::string LiveFrames::problem() const {
    const std::scoped_lock lock(mutex_);
    return problem_;
}

void LiveFrames::set_problem(const std::string& problem) {
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(problem_, problem) == problem) return;
    }
    wake_();
}

/// Opens the stream and takes frames until it fails or the object is destroyed. Stores the number of the newest frame
/// in `last`.
void LiveFrames::take_frames(std::uint64_t& last) {
    const auto take = open_();
    if (!take) return set_problem(take.error().message);
    while (!quit_) {
        CameraFrame frame = pool_.take();
        const auto sent = (*take)(frame, patience);
        if (!sent) return set_problem(sent.error().message);
        if (*sent != Sent::frame) {
            pool_.put_back(std::move(frame));
            if (*sent == Sent::same) {
                const std::scoped_lock lock(mutex_);
                seen_ = seconds(Clock::now());
            }
            continue;
        }
        last = frame.number;
        frame.number += before_;
        const double time = frame.time;
        auto shared = pool_.share(std::move(frame));
        {
            const std::scoped_lock lock(mutex_);
            newest_ = std::move(shared);
            seen_ = time;
            problem_.clear();
        }
        wake_();
    }
}

void LiveFrames::run() {
    while (!quit_) {
        std::uint64_t last = 0;
        try {
            take_frames(last);
        } catch (const std::bad_alloc&) {
            set_problem(sentence("there is not enough memory"));
        } catch (const std::exception& error) {
            set_problem(printable(error.what()));
        }
        before_ += last;
        for (auto waited = std::chrono::milliseconds(0); waited < between_tries && !quit_; waited += patience / 2)
            std::this_thread::sleep_for(patience / 2);
    }
}

}  // namespace convlens
