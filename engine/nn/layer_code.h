/// Python code for layers, and the pieces that it is composed of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/shape.h"

namespace convlens {

/// A layer in a PyTorch script.
struct TorchCode {
    std::string module;         ///< "nn.ReLU()"
    bool takes_flat = false;    ///< Expects (N, F): an nn.Flatten precedes it unless the values are already flat.
    std::string_view define{};  ///< Definition of a class that torch.nn lacks; placed at the top of the script.
    std::string after_load{};   ///< A line after the one that loads the weights.
};

/// A layer in a NumPy script: an expression that computes the new y, (N, C, H, W), from y.
struct NumpyCode {
    std::string line;
    std::vector<std::string_view> functions{};  ///< Function definitions that the line needs, in this order.
};

/// Returns the error of layer `name` whose `what` (a hyper-parameter) NumPy code does not support.
tl::unexpected<Error> no_numpy(const std::string& name, std::string_view what);

/// Values and arrays as Python code.
namespace python {

std::string text(int value);
std::string text(float value);
std::string text(bool value);         ///< "True", "False"
std::string text(const Size2& size);  ///< "3" or "(3, 4)", as sizes are written in PyTorch.
std::string pair(const Size2& size);  ///< "(3, 4)"

/// Returns the Python expression for an array of a layer: arrays["conv1.weight"].
std::string array(const std::string& layer, std::string_view name);
/// Returns the code of the array, reshaped so that its values, one per channel, broadcast over y.
std::string channel_array(const std::string& layer, std::string_view name);

/// Definition of a NumPy function that returns the values under a window at every position.
extern const std::string_view windows_function;

}  // namespace python
}  // namespace convlens
