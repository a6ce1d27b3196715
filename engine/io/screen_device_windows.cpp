/// No screen as a source on Windows yet.
#include "engine/io/screen_device.h"

namespace convlens {

struct ScreenStream::Device {};

ScreenStream::ScreenStream(std::unique_ptr<Device> device) : device_(std::move(device)) {}
ScreenStream::ScreenStream(ScreenStream&&) noexcept = default;
ScreenStream& ScreenStream::operator=(ScreenStream&&) noexcept = default;
ScreenStream::~ScreenStream() = default;

Expected<ScreenStream> ScreenStream::open(const std::string& /*display*/) {
    return fail("the screen can be read under X11 only");
}

Size2 ScreenStream::size() const { return {}; }

Expected<bool> ScreenStream::take(const Rect& /*region*/, CameraFrame& /*frame*/) {
    return fail("the screen can be read under X11 only");
}

}  // namespace convlens
