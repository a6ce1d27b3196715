/// The CPU or OpenGL, as the user says or as measuring says; the CPU takes over from OpenGL that fails.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/nn/architecture.h"
#include "engine/nn/backend.h"

namespace convlens {

/// Which back end the user asks for.
enum class BackendUse {
    automatic,  ///< The faster one where compare() has measured both, else the one used before, at first the CPU.
    cpu,
    gl,
    card,  ///< OpenGL at once, for work that nothing is measured for, but only on a graphics card; without one,
           ///< silently the CPU.
};

/// "auto", "cpu", "gl".
BackendUse backend_use_from(std::string_view name);

/// Both back ends on one network and input.
struct Comparison {
    std::string layer;             ///< The last one that ran.
    std::string cpu, gl;           ///< Their names; gl is empty where there is none.
    double cpu_ms = 0, gl_ms = 0;  ///< Wall clock of forward() that runs all layers and their statistics.
    std::size_t multiply_accumulates = 0;
    double largest_difference = 0;  ///< Between any two values.
    double largest_magnitude = 0;   ///< Of the CPU's values.
    std::string gl_missing;         ///< Why OpenGL was not measured; else empty.
    bool any_driver = false;        ///< Software drivers were welcome.

    bool gl_faster() const { return gl_missing.empty() && gl_ms < cpu_ms; }
};

/// Runs on one of two back ends. Like them, belongs to the thread that uses it; they are made when they are needed
/// first.
class EitherBackend final : public Backend {
  public:
    using Make = std::function<Expected<std::unique_ptr<Backend>>()>;
    struct Makers {
        Make cpu;       ///< May be empty: nothing takes over, and OpenGL's failures are the caller's.
        Make card;      ///< OpenGL on a graphics card; fails, soon, where only a program on the CPU would compute it.
        Make software;  ///< OpenGL, whatever computes it.
    };

    explicit EitherBackend(Makers makers) : makers_(std::move(makers)) {}

    /// What the next forward() uses. A choice other than the last one lets OpenGL that has failed try again, and what
    /// was computed is computed again, so that the new back end's time can be seen.
    void use(BackendUse use);

    /// Makes the back end that the next forward() would use where nothing was measured. Fails where there is none.
    Expected<void> prepare();

    /// Of the one that ran last.
    std::string name() const override;

    /// Fails where the CPU would not: to be called inside guarded().
    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last_layer, const Cancel& cancel) override;
    void forget() override;

    /// The result of work(), which uses this back end and what it made. When it fails on OpenGL, OpenGL is left alone
    /// from then on, if the CPU succeeds with the same work. work() may itself call guarded().
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

    /// Measures both on the network up to `last_layer` and remembers it for this network and input shape, also when
    /// there is no OpenGL. `any_driver`: OpenGL may be a program on the CPU. Both forget() what they computed for it.
    Expected<Comparison> compare(const Network& network, const std::shared_ptr<const Tensor>& input, int last_layer,
                                 bool any_driver, const Cancel& cancel);

    /// What compare() has remembered; null for nothing.
    const Comparison* comparison(const Network& network, const Shape& input) const;

    /// Why OpenGL is not used although it is asked for; else empty.
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
    std::string no_card_, no_driver_;  ///< Why there is none; empty while that is not known.
    bool gl_is_card_ = false;
    bool on_gl_ = false, cpu_only_ = false, last_on_gl_ = false;
    std::vector<Known> known_;  ///< Oldest first.
};

}  // namespace convlens
