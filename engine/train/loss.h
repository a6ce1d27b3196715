/// Losses with PyTorch's definitions, averaged over a batch.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace convlens {

enum class Loss {
    bce_with_logits,  ///< nn.BCEWithLogitsLoss: one logit an image, target 0 or 1.
    cross_entropy,    ///< nn.CrossEntropyLoss: a logit a class, the target is a class.
    mse,              ///< nn.MSELoss: the mean of (x - target)^2.
};

/// Their names in the enum's order: "bce_with_logits", "cross_entropy", "mse".
std::span<const std::string_view> loss_names();
std::string_view to_string(Loss loss);
std::optional<Loss> loss_from(std::string_view name);

/// log(1 + exp(-x)) + (1 - target) x, without overflow; `gradient` = sigmoid(x) - target.
/// https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
double bce_with_logits(float logit, float target, float& gradient);

/// log(sum of exp(x)) - x[target]; gradient[i] = softmax(x)[i] - (i == target). `target` is an index of `logits`;
/// `gradient` is as long. https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
double cross_entropy(std::span<const float> logits, int target, std::span<float> gradient);

/// (x - target)^2; `gradient` = 2 (x - target). https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
double squared_error(float value, float target, float& gradient);

}  // namespace convlens
