/// No cameras on Windows yet.
#include "engine/io/camera_device.h"

namespace convlens {

std::size_t usual_mode(const std::vector<CameraMode>& /*modes*/) { return 0; }

Expected<std::vector<CameraDevice>> list_cameras() { return fail("cameras are used on Linux only, by Video4Linux"); }

struct CameraStream::Device {};

CameraStream::CameraStream(std::unique_ptr<Device> device) : device_(std::move(device)) {}
CameraStream::CameraStream(CameraStream&&) noexcept = default;
CameraStream& CameraStream::operator=(CameraStream&&) noexcept = default;
CameraStream::~CameraStream() = default;

Expected<CameraStream> CameraStream::open(const std::string& /*path*/, const CameraMode& /*mode*/) {
    return fail("cameras are used on Linux only");
}

Expected<int> CameraStream::newest(CameraFrame& /*frame*/, std::chrono::milliseconds /*patience*/) {
    return fail("cameras are used on Linux only");
}

}  // namespace convlens
