/// Frames of a camera, or of a part of the screen, that come back after the camera was unplugged.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/core/image.h"
#include "engine/core/object_pool.h"
#include "engine/io/camera_frame.h"

namespace convlens {

/// What a stream has sent.
enum class Sent {
    nothing,
    same,  ///< It still shows the frame before.
    frame,
};

/// Waits for a frame, for at most `patience`, and takes the newest one. Fails, with what is wrong as "it is unplugged".
using TakeFrame = std::function<Expected<Sent>(CameraFrame& frame, std::chrono::milliseconds patience)>;

/// Opens a stream. Fails as TakeFrame does.
using OpenStream = std::function<Expected<TakeFrame>()>;

/// A region of the screen that may be changed while its frames come. All members may be called from any thread.
class ScreenRegion {
  public:
    explicit ScreenRegion(const Rect& region) : region_(region) {}
    Rect get() const {
        const std::scoped_lock lock(mutex_);
        return region_;
    }
    void set(const Rect& region) {
        const std::scoped_lock lock(mutex_);
        region_ = region;
    }

  private:
    mutable std::mutex mutex_;
    Rect region_;
};

/// Returns what opens the camera `path`. A camera that sends nothing for three seconds fails.
OpenStream camera_stream(std::string path, const CameraMode& mode);

/// Returns what opens the screen. It looks at the region 30 times a second.
OpenStream screen_stream(std::shared_ptr<const ScreenRegion> region);

/// Takes frames on a thread of its own and keeps only the newest. If the stream fails, it is opened again every half
/// second until it can. So it is if the stream throws. All members may be called from any thread.
class LiveFrames {
  public:
    /// Begins. `wake` is called on the thread after each frame and when problem() changes.
    LiveFrames(OpenStream open, std::function<void()> wake);
    LiveFrames(const LiveFrames&) = delete;
    LiveFrames& operator=(const LiveFrames&) = delete;
    /// Ends the thread and closes the stream; waits for at most a tenth of a second.
    ~LiveFrames();

    /// Returns the newest frame; null before the first one. It stays when the camera is unplugged.
    std::shared_ptr<const CameraFrame> newest() const;

    /// Returns when the newest frame was last what the stream shows, in seconds of std::chrono::steady_clock; 0 before
    /// the first one.
    double seen() const;

    /// Returns why there are no new frames: "it is unplugged"; empty while there are.
    std::string problem() const;

  private:
    void run();
    void take_frames(std::uint64_t& last);
    void set_problem(const std::string& problem);

    const OpenStream open_;
    const std::function<void()> wake_;
    std::atomic<bool> quit_ = false;
    mutable std::mutex mutex_;  // guards newest_, seen_ and problem_
    std::shared_ptr<const CameraFrame> newest_;
    double seen_ = 0;
    std::string problem_;
    ObjectPool<CameraFrame> pool_;
    std::uint64_t before_ = 0;  ///< Frames of the times that the stream was open before. Used by the thread.
    std::thread thread_;
};

}  // namespace convlens
