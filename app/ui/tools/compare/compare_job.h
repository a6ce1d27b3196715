/// The worker's part of the comparison: runs the other document and draws both on one scale.
#pragma once

#include "app/backends.h"
#include "app/ui/tools/compare/compared.h"
#include "engine/document/evaluate.h"

namespace convlens {

/// Makes comparisons; keeps back ends of its own, so that A's keeps its results, and what it made last. For the
/// worker's thread.
class Comparer {
  public:
    explicit Comparer(BackendChoice options) : options_(std::move(options)), backend_(backend_makers(options_)) {
        backend_.use(use_at_once(options_));
    }

    /// `a` beside the opponent of `request`. That the opponent can't be had is Compared::error; fails when canceled,
    /// and when A itself can't be drawn.
    Expected<Compared> make(const Output& a, const CompareRequest& request, const Cancel& cancel);

  private:
    Expected<void> run_and_draw(const Output& a, Compared& next, const Cancel& cancel);
    Expected<void> run_target(const Output& a, Compared& next, const Cancel& cancel);
    Expected<void> draw(const Output& a, Compared& next, const Cancel& cancel);
    Expected<void> draw_difference(const Output& a, Compared& next, const Cancel& cancel);
    Expected<void> draw_normalized(const Output& a, Compared& next, const Cancel& cancel);
    Expected<void> read_point(const Output& a, Compared& next) const;
    Expected<std::shared_ptr<const Activations>> as_activations(Tensor values, const Cancel& cancel);

    BackendChoice options_;
    EitherBackend backend_;             ///< Runs B.
    std::unique_ptr<Backend> painter_;  ///< Draws what was computed here.
    std::optional<Output> b_;
    std::optional<Compared> last_;
    std::weak_ptr<const Activations> last_a_;  ///< What last_ is of ...
    Document last_document_;                   ///< ... and what asked for it.
};

}  // namespace convlens
