/// Losses with PyTorch's definitions, averaged over a batch.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace convlens {

enum class Loss {
    bce_with_logits,  ///< nn.BCEWithLogitsLoss: one logit per image, target 0 or 1.
    cross_entropy,    ///< nn.CrossEntropyLoss: one logit per class, the target is a class.
    mse,              ///< nn.MSELoss: the mean of (x - target)^2.
};

/// Returns the names in the order of the enumerators: "bce_with_logits", "cross_entropy", "mse".
std::span<const std::string_view> loss_names();
std::string_view to_string(Loss loss);
std::optional<Loss> loss_from(std::string_view name);

/// Returns log(1 + exp(-x)) + (1 - target) x, computed without overflow; `gradient` = sigmoid(x) - target.
/// https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
double bce_with_logits(float logit, float target, float& gradient);

/// Returns log(sum of exp(x)) - x[target]; gradient[i] = softmax(x)[i] - (i == target). `target` is an index of
/// `logits`; `gradient` has the same length. https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
double cross_entropy(std::span<const float> logits, int target, std::span<float> gradient);

/// Returns (x - target)^2; `gradient` = 2 (x - target). https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
double squared_error(float value, float target, float& gradient);

}  // namespace convlens
