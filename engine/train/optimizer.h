/// SGD and Adam as torch.optim defines them.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace convlens {

/// The optimizers, as in torch.optim.
enum class Optimizer {
    sgd,   ///< torch.optim.SGD with momentum and weight decay, no Nesterov, no dampening.
    adam,  ///< torch.optim.Adam, betas (0.9, 0.999), eps 1e-8, weight decay added to the gradient.
};

/// Returns the names in the order of the enumerators: "sgd", "adam".
std::span<const std::string_view> optimizer_names();
std::string_view to_string(Optimizer optimizer);
std::optional<Optimizer> optimizer_from(std::string_view name);

/// Options of an optimizer. All of them may change from one step to the next.
struct OptimizerOptions {
    Optimizer optimizer = Optimizer::sgd;
    float learning_rate = 0.01F;  ///< Factor of the update, lr in PyTorch.
    float momentum = 0.9F;        ///< Used by SGD only; 0 means no momentum.
    float weight_decay = 0.0F;    ///< L2 penalty: weight_decay * parameter is added to the gradient.
    friend bool operator==(const OptimizerOptions&, const OptimizerOptions&) = default;
};

/// State of an optimizer: what it remembers of earlier gradients. Empty before the first step; optimize() resets it
/// when the optimizer or the number of parameters changes.
struct OptimizerState {
    Optimizer of = Optimizer::sgd;  ///< The optimizer that this state belongs to.
    long steps = 0;                 ///< Steps since the last reset.
    /// With SGD, `first` is the momentum buffer and `second` is empty. With Adam, they are the moving averages of the
    /// gradient and of the squared gradient.
    std::vector<float> first, second;
};

/// Does one step: updates `parameters` and `state` from `gradient`, which is as long as `parameters`. The formulas are
/// those of
/// https://pytorch.org/docs/stable/generated/torch.optim.SGD.html and
/// https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
void optimize(const OptimizerOptions& options, std::span<const float> gradient, std::span<float> parameters,
              OptimizerState& state);

}  // namespace convlens
