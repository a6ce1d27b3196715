/// The thread of a camera.
#include "engine/io/camera.h"

#include <chrono>
#include <utility>

#include "engine/core/threads.h"

namespace convlens {
namespace {

constexpr std::chrono::milliseconds patience{100}, between_tries{500};
constexpr int silent_tries = 30;  ///< Of `patience`: a camera that sends nothing for that long is opened again.

}  // namespace

Camera::Camera(std::string path, const CameraMode& mode, std::function<void()> wake)
    : path_(std::move(path)), mode_(mode), wake_(std::move(wake)) {
    if constexpr (has_threads) thread_ = std::thread([this] { run(); });
}

Camera::~Camera() {
    quit_ = true;
    if constexpr (has_threads) thread_.join();
}

std::shared_ptr<const CameraFrame> Camera::newest() const {
    const std::scoped_lock lock(mutex_);
    return newest_;
}

std::string Camera::problem() const {
    const std::scoped_lock lock(mutex_);
    return problem_;
}

void Camera::set_problem(const std::string& problem) {
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(problem_, problem) == problem) return;
    }
    wake_();
}

/// Opens the camera and takes frames until it fails or the object is destroyed.
void Camera::take_frames() {
    auto stream = CameraStream::open(path_, mode_);
    if (!stream) return set_problem(stream.error().message);
    std::uint64_t last = 0;
    for (int silent = 0; !quit_;) {
        CameraFrame frame = pool_.take();
        const auto arrived = stream->newest(frame, patience);
        if (!arrived) {
            set_problem(arrived.error().message);
            break;
        }
        if (*arrived == 0) {
            pool_.put_back(std::move(frame));
            if (++silent < silent_tries) continue;
            set_problem("it sends no frames");
            break;
        }
        silent = 0;
        last = frame.number;
        frame.number += before_;
        auto shared = pool_.share(std::move(frame));
        {
            const std::scoped_lock lock(mutex_);
            newest_ = std::move(shared);
            problem_.clear();
        }
        wake_();
    }
    before_ += last;
}

void Camera::run() {
    while (!quit_) {
        take_frames();
        for (auto waited = std::chrono::milliseconds(0); waited < between_tries && !quit_; waited += patience / 2)
            std::this_thread::sleep_for(patience / 2);
    }
}

}  // namespace convlens
