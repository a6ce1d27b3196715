/// The OpenGL compute backend.
#pragma once

#include <memory>
#include <string>

#include "app/gpu/gl_options.h"
#include "engine/nn/backend.h"

namespace convlens {

/// Properties reported by a driver.
struct GlDriver {
    std::string renderer, vendor, version;  ///< GL_RENDERER, GL_VENDOR and GL_VERSION.
    bool software = false;                  ///< Whether the driver computes on the CPU.
    std::size_t max_block_bytes = 0;  ///< Maximum number of bytes that a shader can access through one buffer binding.
};

/// Counters of resources. They do not change while forward() only returns cached results.
struct GlUsage {
    int buffers_made = 0;        ///< Number of buffers requested from the driver so far.
    std::size_t bytes_held = 0;  ///< Bytes of all buffers that are in use or in the pool of free buffers.
    /// Number of shader programs compiled, and read from the on-disk cache.
    int programs_compiled = 0, programs_from_disk = 0;
    int driver_errors = 0;          ///< Number of errors that the driver reported; 0 without GlOptions::debug.
    std::string last_driver_error;  ///< Message of the last of these errors.
};

/// Runs networks in compute shaders of OpenGL 4.3. Results stay on the GPU. A layer whose buffers are too large for the
/// driver to bind runs on the CPU, and name() says which. The backend and its Activations belong to the thread that
/// made the backend; Activations may outlive the backend.
class GlBackend final : public Backend {
  public:
    ~GlBackend() override;

    /// Returns the name like "OpenGL 4.5, llvmpipe (LLVM 15.0.6, 256 bits)", followed by ", conv2 on the CPU" if layers
    /// of the last run used the CPU.
    std::string name() const override;

    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last_layer, const Cancel& cancel) override;
    void forget() override;

    /// Returns what the driver reports about itself.
    GlDriver driver() const;
    /// Returns the current counters.
    GlUsage usage() const;

    /// Returns the GPU time in milliseconds of the last forward() that ran any layers; 0 without GlOptions::timed. If
    /// timer_works(), the driver's timer measured it. Otherwise, as for software drivers, whose timers are meaningless,
    /// it is the wall-clock time from glFinish to glFinish.
    double device_ms() const;
    /// Returns true if the driver's timer measured device_ms().
    bool timer_works() const;

  private:
    struct State;
    explicit GlBackend(std::unique_ptr<State> state);
    friend Expected<std::unique_ptr<GlBackend>> make_gl_backend(const GlOptions& options);

    std::unique_ptr<State> state_;
};

/// Makes a backend with an OpenGL context of its own; see GlContext::make(). Fails with a message for the user if no
/// driver offers OpenGL 4.3, or if there is only a driver that computes on the CPU and options.refuse_software is set.
Expected<std::unique_ptr<GlBackend>> make_gl_backend(const GlOptions& options);

}  // namespace convlens
