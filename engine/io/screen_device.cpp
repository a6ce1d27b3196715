/// The X protocol's GetImage of the root window (https://www.x.org/releases/X11R7.7/doc/xproto/x11protocol.html).
#include "engine/io/screen_device.h"

#ifdef CONVLENS_X11

#include <xcb/xcb.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/host.h"
#include "engine/io/decoder_library.h"

namespace convlens {
namespace {

struct XLibrary : DecoderLibrary {
    XLibrary() : DecoderLibrary("libxcb.so.1") {}
    CONVLENS_FUNCTION(xcb_connect);
    CONVLENS_FUNCTION(xcb_disconnect);
    CONVLENS_FUNCTION(xcb_connection_has_error);
    CONVLENS_FUNCTION(xcb_get_setup);
    CONVLENS_FUNCTION(xcb_setup_roots_iterator);
    CONVLENS_FUNCTION(xcb_screen_next);
    CONVLENS_FUNCTION(xcb_screen_allowed_depths_iterator);
    CONVLENS_FUNCTION(xcb_depth_next);
    CONVLENS_FUNCTION(xcb_depth_visuals_iterator);
    CONVLENS_FUNCTION(xcb_visualtype_next);
    CONVLENS_FUNCTION(xcb_setup_pixmap_formats);
    CONVLENS_FUNCTION(xcb_setup_pixmap_formats_length);
    CONVLENS_FUNCTION(xcb_query_extension);
    CONVLENS_FUNCTION(xcb_query_extension_reply);
    CONVLENS_FUNCTION(xcb_get_geometry);
    CONVLENS_FUNCTION(xcb_get_geometry_reply);
    CONVLENS_FUNCTION(xcb_get_image);
    CONVLENS_FUNCTION(xcb_get_image_reply);
    CONVLENS_FUNCTION(xcb_get_image_data);
    CONVLENS_FUNCTION(xcb_get_image_data_length);
    CONVLENS_FUNCTION(xcb_poll_for_event);
};

const XLibrary& x() {
    static const XLibrary opened;
    return opened;
}

struct Free {
    void operator()(void* p) const { std::free(p); }
};
template <class T>
using Reply = std::unique_ptr<T, Free>;

/// Returns what is wrong with a connection or with a request whose reply did not come.
tl::unexpected<Error> failure(xcb_connection_t* connection, const Reply<xcb_generic_error_t>& error) {
    if (x().xcb_connection_has_error(connection) != 0 || !error) return fail("the X server has ended the connection");
    return fail("the X server refuses to show it (error {})", int{error->error_code});
}

/// Returns the visual `id` of a screen; null if there is none.
const xcb_visualtype_t* find_visual(const xcb_screen_t* screen, xcb_visualid_t id) {
    for (auto depth = x().xcb_screen_allowed_depths_iterator(screen); depth.rem > 0; x().xcb_depth_next(&depth))
        for (auto visual = x().xcb_depth_visuals_iterator(depth.data); visual.rem > 0; x().xcb_visualtype_next(&visual))
            if (visual.data->visual_id == id) return visual.data;
    return nullptr;
}

}  // namespace

struct ScreenStream::Device {
    Device(const std::string& display, int& number)
        : connection(x().xcb_connect(display.empty() ? nullptr : display.c_str(), &number)) {}
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device() { x().xcb_disconnect(connection); }

    xcb_connection_t* connection;  ///< Never null; it may be one that has failed.
    xcb_window_t root = 0;
    PixelLayout layout;
    std::size_t row_bits = 32;  ///< Rows take a multiple of this many bits.
    Size2 size;
    Rect region;                   ///< Of the frame before.
    std::vector<std::byte> bytes;  ///< Of the frame before.
    std::uint64_t frames = 0;

    /// Returns true if the X server is one that shows windows of X11 on Wayland. Such a server has no picture of the
    /// screen.
    bool of_wayland() const {
        constexpr std::string_view name = "XWAYLAND";
        const auto asked = x().xcb_query_extension(connection, static_cast<std::uint16_t>(name.size()), name.data());
        const Reply<xcb_query_extension_reply_t> found(x().xcb_query_extension_reply(connection, asked, nullptr));
        return found && found->present != 0;
    }

    Expected<void> set_layout(const xcb_setup_t* setup, const xcb_screen_t* screen) {
        const xcb_visualtype_t* visual = find_visual(screen, screen->root_visual);
        if (!visual || visual->_class != XCB_VISUAL_CLASS_TRUE_COLOR)
            return fail("its pixels are numbers of colors in a table: expected a screen with more colors");
        const auto* formats = x().xcb_setup_pixmap_formats(setup);
        const auto* end = formats + x().xcb_setup_pixmap_formats_length(setup);
        const auto* format =
            std::find_if(formats, end, [&](const xcb_format_t& f) { return f.depth == screen->root_depth; });
        if (format == end) return fail("it has {} bits per pixel: expected 16, 24 or 32", int{screen->root_depth});
        layout = {format->bits_per_pixel, setup->image_byte_order == XCB_IMAGE_ORDER_MSB_FIRST, visual->red_mask,
                  visual->green_mask, visual->blue_mask};
        row_bits = std::max<std::size_t>(format->scanline_pad, 8);
        return check_layout(layout);
    }
};

ScreenStream::ScreenStream(std::unique_ptr<Device> device) : device_(std::move(device)) {}
ScreenStream::ScreenStream(ScreenStream&&) noexcept = default;
ScreenStream& ScreenStream::operator=(ScreenStream&&) noexcept = default;
ScreenStream::~ScreenStream() = default;

Size2 ScreenStream::size() const { return device_->size; }

Expected<ScreenStream> ScreenStream::open(const std::string& display) {
    const auto wayland = [] { return fail("Convlens can't read it on Wayland yet: expected a session with X11"); };
    if (environment_variable("WAYLAND_DISPLAY")) return wayland();
    if (!x().complete()) return fail("libxcb is not installed");
    int number = 0;
    auto device = std::make_unique<Device>(display, number);
    if (x().xcb_connection_has_error(device->connection) != 0) return fail("there is no X11 display");
    if (device->of_wayland()) return wayland();
    const xcb_setup_t* setup = x().xcb_get_setup(device->connection);
    auto screens = x().xcb_setup_roots_iterator(setup);
    for (; number > 0 && screens.rem > 1; --number) x().xcb_screen_next(&screens);
    if (screens.rem < 1) return fail("there is no X11 display");
    const xcb_screen_t* screen = screens.data;
    device->root = screen->root;
    device->size = {screen->height_in_pixels, screen->width_in_pixels};
    if (auto ok = device->set_layout(setup, screen); !ok) return tl::unexpected(ok.error());
    return ScreenStream(std::move(device));
}

Expected<bool> ScreenStream::take(const Rect& region, CameraFrame& frame) {
    Device& d = *device_;
    // Events that every program gets, as of another keyboard, would pile up.
    while (const Reply<xcb_generic_event_t> ignored{x().xcb_poll_for_event(d.connection)}) {
    }
    xcb_generic_error_t* refused = nullptr;
    const Reply<xcb_get_geometry_reply_t> root(
        x().xcb_get_geometry_reply(d.connection, x().xcb_get_geometry(d.connection, d.root), &refused));
    if (!root) return failure(d.connection, Reply<xcb_generic_error_t>(refused));
    d.size = {root->height, root->width};
    const Rect part = inside_screen(region, d.size);
    const double now = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    const auto asked =
        x().xcb_get_image(d.connection, XCB_IMAGE_FORMAT_Z_PIXMAP, d.root, static_cast<std::int16_t>(part.x),
                          static_cast<std::int16_t>(part.y), static_cast<std::uint16_t>(part.w),
                          static_cast<std::uint16_t>(part.h), ~std::uint32_t{0});
    const Reply<xcb_get_image_reply_t> image(x().xcb_get_image_reply(d.connection, asked, &refused));
    if (!image) return failure(d.connection, Reply<xcb_generic_error_t>(refused));
    const auto count = static_cast<std::size_t>(std::max(x().xcb_get_image_data_length(image.get()), 0));
    const auto* pixels = reinterpret_cast<const std::byte*>(x().xcb_get_image_data(image.get()));
    if (d.frames > 0 && part == d.region && count == d.bytes.size() && std::memcmp(pixels, d.bytes.data(), count) == 0)
        return false;
    d.region = part;
    d.bytes.assign(pixels, pixels + count);
    frame.bytes.assign(pixels, pixels + count);
    frame.mode = {false, {part.h, part.w}, 0};
    frame.screen = d.layout;
    const std::size_t bits = static_cast<std::size_t>(part.w) * static_cast<std::size_t>(d.layout.bits);
    frame.row_bytes = (bits + d.row_bits - 1) / d.row_bits * d.row_bits / 8;
    frame.time = now;
    frame.number = ++d.frames;
    return true;
}

}  // namespace convlens

#else

namespace convlens {

struct ScreenStream::Device {};

ScreenStream::ScreenStream(std::unique_ptr<Device> device) : device_(std::move(device)) {}
ScreenStream::ScreenStream(ScreenStream&&) noexcept = default;
ScreenStream& ScreenStream::operator=(ScreenStream&&) noexcept = default;
ScreenStream::~ScreenStream() = default;

Expected<ScreenStream> ScreenStream::open(const std::string& /*display*/) {
#if defined(_WIN32) || defined(__EMSCRIPTEN__) || defined(__APPLE__)
    return fail("the screen can be read under X11 only");
#else
    return fail("this build can't read the screen, because libxcb was missing when it was made");
#endif
}

Size2 ScreenStream::size() const { return {}; }

Expected<bool> ScreenStream::take(const Rect& /*region*/, CameraFrame& /*frame*/) {
    return fail("the screen can be read under X11 only");
}

}  // namespace convlens

#endif
