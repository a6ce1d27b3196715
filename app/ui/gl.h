/// Declares the functions of OpenGL: libepoxy on the desktop, the header of OpenGL ES 3 in the browser.
#pragma once

#ifdef __EMSCRIPTEN__
#include <GLES3/gl3.h>
#else
#include <epoxy/gl.h>
#endif
