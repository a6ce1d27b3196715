/// The OpenGL compute backend.
#pragma once

#include <memory>
#include <string>

#include "app/gpu/gl_options.h"
#include "engine/nn/backend.h"

namespace convlens {

/// Properties reported by a driver.
struct GlDriver {
    std::string renderer, vendor, version;
    bool software = false;            ///< Whether the driver computes on the CPU.
    std::size_t max_block_bytes = 0;  ///< Maximum number of bytes that the driver binds at once.
};

/// Counters of resources. They stay constant while only cached results are requested.
struct GlUsage {
    int buffers_made = 0;        ///< Number of buffers requested from the driver so far.
    std::size_t bytes_held = 0;  ///< Bytes of all buffers that are in use or cached.
    int programs_compiled = 0, programs_from_disk = 0;
    int driver_errors = 0;  ///< Number of errors reported to a debug context.
    std::string last_driver_error;
};

/// Runs networks in compute shaders of OpenGL 4.3. Results stay on the GPU. A layer whose buffers are too large for the
/// driver to bind runs on the CPU, and name() says which. The backend and its Activations belong to the thread that
/// made the backend; the Activations may outlive it.
class GlBackend final : public Backend {
  public:
    ~GlBackend() override;

    /// Returns the name like "OpenGL 4.5, llvmpipe (LLVM 15.0.6, 256 bits)", followed by ", conv2 on the CPU" if layers
    /// of the last run used the CPU.
    std::string name() const override;

    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last_layer, const Cancel& cancel) override;
    void forget() override;

    GlDriver driver() const;
    GlUsage usage() const;

    /// Returns the GPU time in milliseconds of the last forward() that ran any layers; 0 without GlOptions::timed. The
    /// time comes from the driver's timer if timer_works(). Software drivers report meaningless times: there it is the
    /// wall-clock time from glFinish to glFinish.
    double device_ms() const;
    bool timer_works() const;

  private:
    struct State;
    explicit GlBackend(std::unique_ptr<State> state);
    friend Expected<std::unique_ptr<GlBackend>> make_gl_backend(const GlOptions& options);

    std::unique_ptr<State> state_;
};

/// Finds a driver and makes a separate context, which needs no display; see GlContext::make(). Fails with a sentence
/// when there is no EGL, no OpenGL 4.3, or only a software driver and options.refuse_software is set.
Expected<std::unique_ptr<GlBackend>> make_gl_backend(const GlOptions& options);

}  // namespace convlens
