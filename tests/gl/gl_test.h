/// Backends and data for the tests of OpenGL.
#pragma once

#include <cstdlib>
#include <memory>

#include "app/gpu/gl_backend.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {

/// Sets an environment variable of this process, or removes it if `value` is empty.
inline void set_variable(const char* name, const char* value) {
#ifdef _WIN32
    ::_putenv_s(name, value);
#else
    *value ? ::setenv(name, value, 1) : ::unsetenv(name);
#endif
}

/// The default, without a cache on disk.
GlOptions quiet_gl();

/// Throws, so that the test fails, when there is no OpenGL.
std::unique_ptr<GlBackend> gl_backend(const GlOptions& options);

/// The case's layer, and an input, of the numbers that `seed` gives.
Conv2d layer_of(const ConvCase& c, std::uint32_t seed, Numbers numbers = Numbers::small_integers);
std::shared_ptr<const Tensor> input_of(Shape shape, std::uint32_t seed, Numbers numbers = Numbers::small_integers);

/// Makes a mistake in the current context.
void provoke_driver_error();

}  // namespace convlens::test
