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
    compile,     ///< The driver rejects a shader.
    link,        ///< The driver compiles a shader but does not link it.
    memory,      ///< The driver has no memory for results.
    lost,        ///< The driver was reset.
    nan,         ///< The driver computes NaN values.
};

/// Parses "no-egl", "no-compute", "compile", "link", "memory", "lost", "nan", as used in $CONVLENS_GL_FAULT.
std::optional<GlFault> gl_fault_from(std::string_view name);

struct GlOptions {
    std::string shader_dir;  ///< Folder of the shader files. Empty string: uses the shaders embedded at build time.
    /// Fail early when there is no graphics card or only a driver that computes on the CPU.
    bool refuse_software = false;
    bool naive = false;  ///< Convolve with one thread per output value: the baseline of measurements.
    bool timed = false;  ///< Measure the GPU time, see GlBackend::device_ms().
    bool debug = false;  ///< Request a debug context and count its errors, see GlUsage::driver_errors.
    /// Whether to compile shaders with the kernel size as constants. nullopt: only on a graphics card, not on a
    /// software driver.
    std::optional<bool> specialize;
    /// Folder of the on-disk cache of compiled shaders. Empty string: no disk cache. nullopt: $XDG_CACHE_HOME/convlens
    /// or ~/.cache/convlens.
    std::optional<std::string> cache_dir;
    /// Whether to share the input channels of a deep layer among workgroups. nullopt: only on a graphics card, not on a
    /// software driver.
    std::optional<bool> split;
    std::size_t max_block_bytes = 0;  ///< Maximum number of bytes to bind at once; 0 means the driver's limit.
    GlFault fault = GlFault::none;    ///< Fault to simulate. GlFault::none: uses $CONVLENS_GL_FAULT if it is set.
    std::string fault_file;           ///< Simulates GlFault::memory, lost and nan only while this file exists; empty
                                      ///< means always.
    /// Treat a software driver as a graphics card, for tests; also set by $CONVLENS_GL_PRETEND_CARD=1.
    bool pretend_card = false;

    /// Whether the fault `asked` should be simulated now.
    bool simulates(GlFault asked) const;
};

}  // namespace convlens
