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

/// Returns the fault that $CONVLENS_GL_FAULT names: "no-egl", "no-compute", "compile", "link", "memory", "lost" or
/// "nan", and GlFault::none for "". Returns nullopt for any other text.
std::optional<GlFault> gl_fault_from(std::string_view name);

/// Options of make_gl_backend().
struct GlOptions {
    std::string shader_dir;  ///< Folder of the shader files. Empty string: uses the shaders embedded at build time.
    /// Whether to fail if there is no graphics card or only a driver that computes on the CPU.
    bool refuse_software = false;
    bool naive = false;  ///< Whether to run convolutions with one thread per output value: the baseline of benchmarks.
    bool timed = false;  ///< Whether to measure the GPU time, see GlBackend::device_ms().
    bool debug = false;  ///< Whether to request a debug context and count its errors, see GlUsage::driver_errors.
    /// Whether shaders are compiled with kernel size, stride and dilation as constants. nullopt: only on a graphics
    /// card, because software drivers compile slowly.
    std::optional<bool> specialize;
    /// Folder of the on-disk cache of compiled shaders. Empty string: no disk cache. nullopt: cache_folder(), which is
    /// $XDG_CACHE_HOME/convlens or ~/.cache/convlens on Linux.
    std::optional<std::string> cache_dir;
    /// Whether several workgroups may share the input channels of a layer that has many of them and few outputs.
    /// nullopt: only on a graphics card.
    std::optional<bool> split;
    /// Maximum number of bytes to bind at once, at most the driver's limit; 0 means that limit.
    std::size_t max_block_bytes = 0;
    GlFault fault = GlFault::none;  ///< Fault to simulate. GlFault::none: uses $CONVLENS_GL_FAULT if it is set.
    std::string fault_file;         ///< Simulates GlFault::memory, lost and nan only while this file exists; empty
                                    ///< means always.
    /// Whether to treat a software driver as a graphics card, for tests. $CONVLENS_GL_PRETEND_CARD=1 also sets it.
    bool pretend_card = false;

    /// Returns true if the fault `asked` should be simulated at this moment.
    bool simulates(GlFault asked) const;
};

}  // namespace convlens
