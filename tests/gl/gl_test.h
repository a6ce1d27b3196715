/// Back ends for the tests of OpenGL.
#pragma once

#include <memory>

#include "app/gpu/gl_backend.h"

namespace convlens::test {

/// The default, without a cache on disk.
GlOptions quiet_gl();

/// Throws, so that the test fails, when there is no OpenGL.
std::unique_ptr<GlBackend> gl_backend(const GlOptions& options);

/// Makes a mistake in the current context.
void provoke_driver_error();

}  // namespace convlens::test
