/// Options of the OpenGL backend.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace convlens {

/// Driver failures that can be simulated for tests.
enum class GlFault {
    none,
    no_egl,      ///< Neither EGL nor a window provides a context.
    no_compute,  ///< The driver is too old for compute shaders.
    compile,     ///< It rejects a shader.
    link,        ///< It compiles a shader but rejects linking it.
    memory,      ///< It has no memory for results.
    lost,        ///< It was reset.
    nan,         ///< It computes NaN values.
};

/// Parses "no-egl", "no-compute", "compile", "link", "memory", "lost", "nan", as used in $CONVLENS_GL_FAULT.
std::optional<GlFault> gl_fault_from(std::string_view name);

struct GlOptions {
    std::string shader_dir;  ///< Folder of the shaders; empty: those that the program was built with.
    /// Fail early when there is no graphics card or only a driver that computes on the CPU.
    bool refuse_software = false;
    bool naive = false;  ///< Convolve with one thread per output value: the baseline of measurements.
    bool timed = false;  ///< Measure the GPU time, see GlBackend::device_ms().
    bool debug = false;  ///< Request a debug context and count its errors, see GlUsage::driver_errors.
    /// Use shaders with the kernel size as constants; unset: not on a software driver.
    std::optional<bool> specialize;
    /// Folder for compiled shaders; "": none; unset: $XDG_CACHE_HOME/convlens or ~/.cache/convlens.
    std::optional<std::string> cache_dir;
    /// Share the input channels of a deep layer among workgroups; unset: not on a software driver.
    std::optional<bool> split;
    std::size_t max_block_bytes = 0;  ///< Maximum number of bytes to bind at once; 0: the driver's limit.
    GlFault fault = GlFault::none;    ///< none: the one named in $CONVLENS_GL_FAULT, if any.
    std::string fault_file;           ///< For memory, lost, nan: only while this file exists; empty: always.
    /// Treat a software driver as a graphics card, for tests; also set by $CONVLENS_GL_PRETEND_CARD=1.
    bool pretend_card = false;

    /// Whether the fault `asked` should be simulated now.
    bool acts_out(GlFault asked) const;
};

}  // namespace convlens
