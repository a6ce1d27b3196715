/// Losses as PyTorch defines them with reduction='mean', computed one example or value at a time: the caller averages.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace convlens {

/// The losses, by their names in torch.nn.
enum class Loss {
    bce_with_logits,  ///< nn.BCEWithLogitsLoss: the network outputs one logit; the target is 0 or 1.
    cross_entropy,    ///< nn.CrossEntropyLoss: the network outputs one logit per class; the target is the index of a
                      ///< class.
    mse,              ///< nn.MSELoss: the mean of (output - target)^2 over all output values.
};

/// Returns the names in the order of the enumerators: "bce_with_logits", "cross_entropy", "mse".
std::span<const std::string_view> loss_names();
std::string_view to_string(Loss loss);
std::optional<Loss> loss_from(std::string_view name);

/// Returns log(1 + exp(-x)) + (1 - target) x for x = logit, computed without overflow. Sets `gradient` to the
/// derivative, sigmoid(x) - target. https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
double bce_with_logits(float logit, float target, float& gradient);

/// Returns log(sum of exp(x)) - x[target] for x = logits; `target` is an index of `logits`. Sets `gradient`, which has
/// the same length, to softmax(x)[i] - (i == target).
/// https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
double cross_entropy(std::span<const float> logits, int target, std::span<float> gradient);

/// Returns (value - target)^2. Sets `gradient` to 2 (value - target).
/// https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
double squared_error(float value, float target, float& gradient);

}  // namespace convlens
