/// A camera that runs, and comes back after it was unplugged.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/core/object_pool.h"
#include "engine/io/camera_device.h"

namespace convlens {

/// Takes frames on a thread of its own and keeps only the newest. If the camera can't be used, it is opened again every
/// half second until it can. All members may be called from any thread.
class Camera {
  public:
    /// Begins. `wake` is called on the thread after each frame and when problem() changes.
    Camera(std::string path, const CameraMode& mode, std::function<void()> wake);
    Camera(const Camera&) = delete;
    Camera& operator=(const Camera&) = delete;
    /// Ends the thread and closes the camera; waits for at most a tenth of a second.
    ~Camera();

    const std::string& path() const { return path_; }
    const CameraMode& mode() const { return mode_; }

    /// Returns the newest frame; null before the first one. It stays when the camera is unplugged.
    std::shared_ptr<const CameraFrame> newest() const;

    /// Returns why there are no new frames: "it is unplugged"; empty while there are.
    std::string problem() const;

  private:
    void run();
    void take_frames();
    void set_problem(const std::string& problem);

    const std::string path_;
    const CameraMode mode_;
    const std::function<void()> wake_;
    std::atomic<bool> quit_ = false;
    mutable std::mutex mutex_;  // guards newest_ and problem_
    std::shared_ptr<const CameraFrame> newest_;
    std::string problem_;
    ObjectPool<CameraFrame> pool_;
    std::uint64_t before_ = 0;  ///< Frames of the times that the camera was open before. Used by the thread.
    std::thread thread_;
};

}  // namespace convlens
