/// OpenGL's functions: epoxy finds them on the desktop, the browser has those of OpenGL ES 3.
#pragma once

#ifdef __EMSCRIPTEN__
#include <GLES3/gl3.h>
#else
#include <epoxy/gl.h>
#endif
