/// The OpenGL compute back end.
#pragma once

#include <memory>
#include <string>

#include "app/gpu/gl_options.h"
#include "engine/nn/backend.h"

namespace convlens {

/// What a driver says about itself.
struct GlDriver {
    std::string renderer, vendor, version;
    bool software = false;            ///< It computes on the CPU.
    std::size_t max_block_bytes = 0;  ///< What it binds at once.
};

/// Counts that stand still once nothing new is asked for.
struct GlUsage {
    int buffers_made = 0;        ///< Asked from the driver so far.
    std::size_t bytes_held = 0;  ///< In use or kept for the next time.
    int programs_compiled = 0, programs_from_disk = 0;
    int driver_errors = 0;  ///< Reported to a debug context.
    std::string last_driver_error;
};

/// Runs networks in compute shaders of OpenGL 4.3. Results stay on the card; a layer that no shader can run,
/// because what belongs together exceeds what the driver binds, runs on the CPU, and name() says which.
/// Belongs to the thread that made it, like the Activations, which may outlive it.
class GlBackend final : public Backend {
  public:
    ~GlBackend() override;

    /// "OpenGL 4.5, llvmpipe (LLVM 15.0.6, 256 bits)"; behind it ", conv2 on the CPU" after a run that needed
    /// that.
    std::string name() const override;

    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last_layer, const Cancel& cancel) override;
    void forget() override;

    GlDriver driver() const;
    GlUsage usage() const;

    /// What the card took for the layers of the last forward() that ran any, 0 without GlOptions::timed: by
    /// the driver's timer where timer_works(), else, as software drivers give nonsense, by the clock from
    /// glFinish to glFinish.
    double device_ms() const;
    bool timer_works() const;

  private:
    struct State;
    explicit GlBackend(std::unique_ptr<State> state);
    friend Expected<std::unique_ptr<GlBackend>> make_gl_backend(const GlOptions& options);

    std::unique_ptr<State> state_;
};

/// Finds a driver and makes a context of its own, which needs no display; see GlContext::make(). Fails in a
/// sentence when there is no EGL, no OpenGL 4.3, or only a software driver where options.refuse_software.
Expected<std::unique_ptr<GlBackend>> make_gl_backend(const GlOptions& options);

}  // namespace convlens
