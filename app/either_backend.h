/// A backend that runs on the CPU or on OpenGL, as selected or measured, and uses the CPU if OpenGL fails.
#pragma once

#include <chrono>
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
    /// The faster backend if compare() has measured this network without software drivers, otherwise the backend that
    /// ran last: at first the CPU, never a software driver.
    automatic,
    /// The CPU.
    cpu,
    /// OpenGL with any driver. If there is no driver: the CPU, or an error if Makers::cpu is empty.
    gl,
    /// OpenGL if there is a graphics card, otherwise the CPU. Nothing is measured, and a missing card is no error.
    card,
};

/// Returns BackendUse::cpu for "cpu", BackendUse::gl for "gl" and BackendUse::automatic for any other text, including
/// "auto".
BackendUse backend_use_from(std::string_view name);

/// Result of a benchmark of both backends on one network and input.
struct Comparison {
    std::string layer;    ///< Name of the last layer that ran.
    std::string cpu, gl;  ///< Names of the backends; `gl` is empty if OpenGL was not measured.
    /// Wall-clock time in milliseconds of the fastest forward() that ran all layers and their statistics; 0 if it was
    /// not measured.
    double cpu_ms = 0, gl_ms = 0;
    std::uint64_t multiply_accumulates = 0;  ///< Sum over the layers that ran.
    /// Largest absolute difference between a value of the CPU and the same value of OpenGL, in the output of `layer`.
    double largest_difference = 0;
    double largest_magnitude = 0;  ///< Largest absolute value in the CPU's output of `layer`.
    std::string gl_missing;        ///< Why OpenGL was not measured; empty if OpenGL was measured.
    bool any_driver = false;       ///< Whether OpenGL drivers that compute on the CPU were allowed.

    /// Returns true if OpenGL was measured and is faster than the CPU.
    bool gl_faster() const { return gl_missing.empty() && gl_ms < cpu_ms; }
};

/// Runs on one of two backends, the CPU or OpenGL, which are made on first use. Like any backend, it belongs to the
/// thread that uses it.
class EitherBackend final : public Backend {
  public:
    /// Makes a backend, or fails if the machine can't run it.
    using Make = std::function<Expected<std::unique_ptr<Backend>>()>;
    /// Functions that make the backends.
    struct Makers {
        Make cpu;       ///< May be empty: the CPU then never replaces OpenGL, and the caller handles OpenGL's errors.
        Make card;      ///< OpenGL on a graphics card; fails quickly if only a software driver is available.
        Make software;  ///< OpenGL with any driver.
    };

    /// Returns the time, by which compare() measures.
    using Now = std::function<std::chrono::steady_clock::time_point()>;

    explicit EitherBackend(Makers makers, Now now = std::chrono::steady_clock::now)
        : makers_(std::move(makers)), now_(std::move(now)) {}

    /// Selects the backend of the next forward(). If the selection changes, OpenGL is tried again after an earlier
    /// failure, and cached results are discarded so that forward() measures the time of the new backend.
    void use(BackendUse use);

    /// Makes the backend that the next forward() uses, unless compare() has measured its network. Uses the CPU if
    /// OpenGL is not available. Fails if no backend can be made.
    Expected<void> prepare();

    /// Returns the name of the backend that ran last; before the first run, the name of the CPU backend.
    std::string name() const override;

    /// Runs the selected backend. May fail on OpenGL where the CPU would succeed: call it inside guarded().
    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last_layer, const Cancel& cancel) override;
    /// Discards the cached results of both backends.
    void forget() override;

    /// Calls work(), which uses this backend, and returns its result. If work() fails on OpenGL, calls it again on the
    /// CPU; if that succeeds, OpenGL is not used until use() changes the selection. work() may itself call guarded().
    /// Without Makers::cpu, work() is called only once.
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

    /// Measures both backends on the network up to layer `last_layer` and remembers the result for this network and
    /// input shape. If OpenGL is not available, measures only the CPU with `any_driver`, and nothing without it,
    /// because there is nothing to choose. `any_driver` also allows OpenGL drivers that compute on the CPU. Calls
    /// forget() on both backends after a measurement. Fails if the CPU fails or if `cancel` requests it.
    Expected<Comparison> compare(const Network& network, const std::shared_ptr<const Tensor>& input, int last_layer,
                                 bool any_driver, const Cancel& cancel);

    /// Returns the result of compare() for the layers of this network (whatever their weights) and this input shape.
    /// Returns null if compare() was not called for them, or if results of 64 other networks have replaced theirs. The
    /// pointer is valid until the next compare() or use().
    const Comparison* comparison(const Network& network, const Shape& input) const;

    /// Returns why OpenGL failed or, if it was selected, why it is not available. Empty if OpenGL has not failed since
    /// the selection changed.
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
    Now now_;
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
