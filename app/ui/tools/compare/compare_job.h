/// The comparison's work on the worker thread: runs document B, and draws A, B and their difference.
#pragma once

#include "app/backends.h"
#include "app/ui/tools/compare/compared.h"
#include "engine/document/evaluate.h"

namespace convlens {

/// Compares a document A with a document B. Runs B on backends of its own, so that A's backend keeps its cached
/// results. Keeps the last comparison and reuses its pictures. Used on the worker thread only.
class Comparer {
  public:
    explicit Comparer(BackendChoice options) : options_(std::move(options)), backend_(backend_makers(options_)) {
        backend_.use(use_at_once(options_));
    }

    /// Compares `a` with request.target (B). If B is not available, sets Compared::error and draws only A. Fails if
    /// canceled, or if A cannot be drawn or read.
    Expected<Compared> make(const Output& a, const CompareRequest& request, const Cancel& cancel);

  private:
    // Each function sets members of `next`.
    Expected<void> run_and_draw(const Output& a, Compared& next, const Cancel& cancel);
    Expected<void> run_target(const Output& a, Compared& next, const Cancel& cancel);
    Expected<void> draw(const Output& a, Compared& next, const Cancel& cancel);
    Expected<void> draw_difference(const Output& a, Compared& next, const Cancel& cancel);
    Expected<void> draw_normalized(const Output& a, Compared& next, const Cancel& cancel);
    Expected<void> read_point(const Output& a, Compared& next) const;
    Expected<std::shared_ptr<const Activations>> as_activations(Tensor values, const Cancel& cancel);

    BackendChoice options_;
    EitherBackend backend_;                    ///< Runs B.
    std::unique_ptr<Backend> painter_;         ///< Draws values that are computed here, such as the difference.
    std::optional<Output> b_;                  ///< Output of B; nullopt if B is not available.
    std::optional<Compared> last_;             ///< The last comparison.
    std::weak_ptr<const Activations> last_a_;  ///< A's activations in last_.
    Document last_document_;                   ///< A's document in last_.
};

}  // namespace convlens
