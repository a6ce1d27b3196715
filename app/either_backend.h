/// Runs on the CPU or on OpenGL, as selected or measured; falls back to the CPU if OpenGL fails.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/nn/architecture.h"
#include "engine/nn/backend.h"

namespace convlens {

/// The backend that the user selects.
enum class BackendUse {
    automatic,  ///< The faster backend if compare() has measured both, else the one that ran last (at first the CPU).
    cpu,
    gl,
    card,  ///< OpenGL without measuring if there is a graphics card, otherwise the CPU; a missing card is no error.
};

/// Returns BackendUse::cpu for "cpu", BackendUse::gl for "gl" and BackendUse::automatic for any other text, including
/// "auto".
BackendUse backend_use_from(std::string_view name);

/// Benchmark of both backends on one network and input.
struct Comparison {
    std::string layer;             ///< The last layer that ran.
    std::string cpu, gl;           ///< Names of the backends; `gl` is empty if OpenGL was not measured.
    double cpu_ms = 0, gl_ms = 0;  ///< Wall-clock time of a forward() that runs all layers and their statistics.
    std::uint64_t multiply_accumulates = 0;
    double largest_difference = 0;  ///< Largest difference between corresponding values.
    double largest_magnitude = 0;   ///< Largest magnitude of the CPU's values.
    std::string gl_missing;         ///< Why OpenGL was not measured; empty if OpenGL was measured.
    bool any_driver = false;        ///< Whether software drivers were allowed.

    bool gl_faster() const { return gl_missing.empty() && gl_ms < cpu_ms; }
};

/// Runs on one of two backends, which are made on first use. Like a backend, it belongs to the thread that uses it.
class EitherBackend final : public Backend {
  public:
    using Make = std::function<Expected<std::unique_ptr<Backend>>()>;
    struct Makers {
        Make cpu;       ///< If this is empty, there is no fallback: the caller handles OpenGL's failures.
        Make card;      ///< OpenGL on a graphics card; fails quickly if only a software driver is available.
        Make software;  ///< OpenGL with any driver.
    };

    explicit EitherBackend(Makers makers) : makers_(std::move(makers)) {}

    /// Selects the backend of the next forward(). A change lets OpenGL try again after a failure, and discards computed
    /// results so that the time of the new backend is measured.
    void use(BackendUse use);

    /// Makes the backend that the next forward() uses if compare() has not measured its network. Falls back to the CPU
    /// if OpenGL is not available; fails if the CPU backend can't be made.
    Expected<void> prepare();

    /// Returns the name of the backend that ran last.
    std::string name() const override;

    /// Runs the selected backend. May fail on OpenGL where the CPU would succeed, so call it inside guarded().
    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last_layer, const Cancel& cancel) override;
    void forget() override;

    /// Returns the result of work(), which uses this backend and its results. If work() fails on OpenGL and succeeds on
    /// the CPU, OpenGL is not used any more. work() may itself call guarded().
    template <class Work>
    auto guarded(const Work& work) -> decltype(work()) {
        on_gl_ = false;
        auto done = work();
        if (done || done.error().canceled || !on_gl_ || !makers_.cpu) return done;
        cpu_only_ = true;
        auto again = work();
        cpu_only_ = false;
        again ? give_up_gl(done.error().message) : void(last_on_gl_ = true);
        return again;
    }

    /// Measures both backends on the network up to `last_layer` and remembers the result for this network and input
    /// shape, even if OpenGL is not available. `any_driver` also allows software drivers. Calls forget() on both
    /// backends afterwards.
    Expected<Comparison> compare(const Network& network, const std::shared_ptr<const Tensor>& input, int last_layer,
                                 bool any_driver, const Cancel& cancel);

    /// Returns the result of compare() for this network and input shape. Returns null if compare() was not called for
    /// them or if more recent results have replaced theirs.
    const Comparison* comparison(const Network& network, const Shape& input) const;

    /// Returns the reason why OpenGL is not used although it was selected; empty if there is no such reason.
    const std::string& failure() const { return failure_; }

  private:
    struct Known {
        std::vector<LayerSpec> layers;
        Shape input;
        Comparison comparison;
    };

    Expected<Backend*> cpu();
    Backend* gl(bool any_driver);
    bool wants_gl(const Network& network, const Shape& input) const;
    void give_up_gl(const std::string& why);

    Makers makers_;
    std::unique_ptr<Backend> cpu_, gl_;
    BackendUse use_ = BackendUse::automatic;
    std::string failure_;
    std::string no_card_, no_driver_;  ///< Why there is no graphics card or no OpenGL driver; empty if one was found or
                                       ///< while none was searched for.
    bool gl_is_card_ = false;
    bool on_gl_ = false, cpu_only_ = false, last_on_gl_ = false;
    std::vector<Known> known_;  ///< Oldest first.
};

}  // namespace convlens
