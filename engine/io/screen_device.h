/// The screen of the operating system. screen_device.cpp reads that of an X server through libxcb, on a
/// connection of its own, whose errors are return values and end nothing; other systems have none yet.
#pragma once

#include <memory>
#include <string>

#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/io/camera_frame.h"

namespace convlens {

/// A connection that reads pixels of the screen. Used by one thread.
class ScreenStream {
  public:
    /// Connects with the X server `display`, as ":0"; empty: that of the environment variable DISPLAY. Fails, with what
    /// is wrong as "there is no X11 display", if there is none, on Wayland, if pixels are not those of a layout that
    /// check_layout() accepts, and where this build reads no screen.
    static Expected<ScreenStream> open(const std::string& display = {});

    ScreenStream(ScreenStream&&) noexcept;
    ScreenStream& operator=(ScreenStream&&) noexcept;
    ~ScreenStream();

    /// Returns the size of the screen in pixels, as of the last take().
    Size2 size() const;

    /// Takes the part inside_screen() of `region` into `frame`, without the mouse pointer. Returns false, and leaves
    /// `frame` alone, if the pixels and their place are those of the call before. Fails if the X server ends or
    /// refuses.
    Expected<bool> take(const Rect& region, CameraFrame& frame);

  private:
    struct Device;

    explicit ScreenStream(std::unique_ptr<Device> device);

    std::unique_ptr<Device> device_;
};

}  // namespace convlens
