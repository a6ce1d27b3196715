/// A handler for Xlib, which GLFW has loaded.
#include "app/x_errors.h"

#if defined(__unix__) && !defined(__EMSCRIPTEN__)
#include <dlfcn.h>
#endif

namespace convlens {

#if defined(__unix__) && !defined(__EMSCRIPTEN__)
namespace {

/// XErrorEvent of X11/Xlib.h, which not every system that builds Convlens has.
struct XError {
    int type;
    void* display;
    unsigned long resource, serial;
    unsigned char code, request, minor;
};
using Handler = int (*)(void* display, XError* error);

constexpr unsigned char bad_window = 3;  // X11/X.h

Handler before = nullptr;

int handle(void* display, XError* error) {
    return error->code == bad_window || !before ? 0 : before(display, error);
}

}  // namespace

void ignore_lost_windows() {
    static void* const library = ::dlopen("libX11.so.6", RTLD_LAZY | RTLD_NOLOAD);
    static const auto set =
        library ? reinterpret_cast<Handler (*)(Handler)>(::dlsym(library, "XSetErrorHandler")) : nullptr;
    if (!set) return;
    if (const Handler last = set(handle); last != handle) before = last;
}
#else
void ignore_lost_windows() {}
#endif

}  // namespace convlens
