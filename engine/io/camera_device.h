/// Cameras of the operating system. camera_device_posix.cpp implements them with Video4Linux; other systems have none
/// yet.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/io/camera_frame.h"

namespace convlens {

/// A camera that is plugged in.
struct CameraDevice {
    std::string path;  ///< "/dev/video0"
    std::string name;  ///< As it calls itself: "Integrated Camera".
    std::vector<CameraMode>
        modes;            ///< Smallest first: YUYV below 1280x720, Motion JPEG from there on, as far as it has them.
    std::string problem;  ///< Why it can't be used; empty if it can.
    friend bool operator==(const CameraDevice&, const CameraDevice&) = default;
};

/// Returns the cameras; fails where Convlens has no way to use any.
Expected<std::vector<CameraDevice>> list_cameras();

/// Returns the index of the mode that is chosen without being asked: 640x480, or what is next to it.
std::size_t usual_mode(const std::vector<CameraMode>& modes);

/// An open camera that sends frames. Used by one thread.
class CameraStream {
  public:
    /// Opens the camera `path` and lets it begin. Fails, with what is wrong as "it is unplugged", if another program
    /// uses it, if access is denied, if it was unplugged, and if it does not have the mode.
    static Expected<CameraStream> open(const std::string& path, const CameraMode& mode);

    CameraStream(CameraStream&&) noexcept;
    CameraStream& operator=(CameraStream&&) noexcept;
    ~CameraStream();

    /// Waits for a frame, for at most `patience`, and takes the newest of those that have arrived into `frame`. Returns
    /// how many have arrived. Fails as open() does.
    Expected<int> newest(CameraFrame& frame, std::chrono::milliseconds patience);

  private:
    struct Device;

    explicit CameraStream(std::unique_ptr<Device> device);

    std::unique_ptr<Device> device_;
};

}  // namespace convlens
