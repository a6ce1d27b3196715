/// What the OpenGL back end can be told.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace convlens {

/// Failures that a driver can have, acted out for tests.
enum class GlFault {
    none,
    no_egl,      ///< Neither EGL nor a window gives a context.
    no_compute,  ///< The driver is too old for compute shaders.
    compile,     ///< It refuses a shader.
    link,        ///< It compiles a shader and refuses to link it.
    memory,      ///< It has no memory for results.
    lost,        ///< It was reset.
    nan,         ///< It computes values that are no numbers.
};

/// "no-egl", "no-compute", "compile", "link", "memory", "lost", "nan", as $CONVLENS_GL_FAULT has them.
std::optional<GlFault> gl_fault_from(std::string_view name);

struct GlOptions {
    std::string shader_dir;  ///< Shaders are read from this folder; empty: those that the program was built with.
    bool refuse_software =
        false;           ///< Fail, soon, when there is no graphics card or only a driver that computes on the CPU.
    bool naive = false;  ///< Convolve with one thread an output value: the baseline of measurements.
    bool timed = false;  ///< Measure the time on the card, see GlBackend::device_ms().
    bool debug = false;  ///< Ask for a debug context and count its errors, see GlBackend::driver_errors().
    std::optional<bool> specialize;  ///< Shaders with the kernel's size as constants; unset: not on a software driver.
    std::optional<std::string>
        cache_dir;  ///< For compiled shaders; "": none; unset: $XDG_CACHE_HOME/convlens or ~/.cache/convlens.
    std::optional<bool>
        split;  ///< Share a deep layer's input channels among work groups; unset: not on a software driver.
    std::size_t max_block_bytes = 0;  ///< Bind no more than this at once; 0: what the driver allows.
    GlFault fault = GlFault::none;    ///< none: what $CONVLENS_GL_FAULT names, if anything.
    std::string fault_file;           ///< memory, lost, nan: only while there is this file; empty: always.
    bool pretend_card =
        false;  ///< Treat a software driver as a graphics card, for tests; also by $CONVLENS_GL_PRETEND_CARD=1.

    /// Whether the fault `asked` is to be acted out now.
    bool acts_out(GlFault asked) const;
};

}  // namespace convlens
