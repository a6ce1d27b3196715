/// The comparison's job on the worker: runs the other document and draws both with a shared color scale.
#pragma once

#include "app/backends.h"
#include "app/ui/tools/compare/compared.h"
#include "engine/document/evaluate.h"

namespace convlens {

/// Makes comparisons of a document A with a document B. Owns separate backends, so that A's backend keeps its cached
/// results, and caches the last comparison. Used on the worker thread.
class Comparer {
  public:
    explicit Comparer(BackendChoice options) : options_(std::move(options)), backend_(backend_makers(options_)) {
        backend_.use(use_at_once(options_));
    }

    /// Compares `a` with the target of `request`. If the target is not available, sets Compared::error. Fails if
    /// canceled or if A itself cannot be drawn.
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
    std::unique_ptr<Backend> painter_;  ///< Draws values that are computed here, such as the difference.
    std::optional<Output> b_;
    std::optional<Compared> last_;
    std::weak_ptr<const Activations> last_a_;  ///< A's activations in last_.
    Document last_document_;                   ///< A's document in last_.
};

}  // namespace convlens
