/// Python code for layers in the exported PyTorch and NumPy scripts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/shape.h"

namespace convlens {

/// A layer in a PyTorch script.
struct TorchCode {
    std::string module;         ///< Expression that creates the module: "nn.ReLU()".
    bool takes_flat = false;    ///< Whether the module expects (N, F). If so, the script inserts an nn.Flatten before
                                ///< it unless the values are already flat.
    std::string_view define{};  ///< Definition of a class that torch.nn lacks, for the top of the script; or empty.
    std::string after_load{};   ///< A statement that the script executes after it has loaded the weights; or empty.
};

/// A layer in a NumPy script.
struct NumpyCode {
    std::string line;  ///< Expression for the layer's output (N, C, H, W); the layer's input is called y in it.
    std::vector<std::string_view> functions{};  ///< Definitions of the functions that the expression calls, in order.
};

/// Returns the error that the NumPy script does not support the hyper-parameter `what` of the layer `name`.
tl::unexpected<Error> no_numpy(const std::string& name, std::string_view what);

/// Values and arrays as Python code.
namespace python {

/// Return the value as a Python expression.
std::string text(int value);
std::string text(float value);
std::string text(bool value);         ///< "True" or "False".
std::string text(const Size2& size);  ///< "3" for 3x3, "(3, 4)" for 3x4, as sizes are written in PyTorch.
std::string pair(const Size2& size);  ///< "(3, 3)" for 3x3, "(3, 4)" for 3x4.

/// Returns the Python expression for the array `name` of layer `layer`: arrays["conv1.weight"].
std::string array(const std::string& layer, std::string_view name);
/// Like array(), for an array with one value per channel: the expression reshapes it to (1, C, 1, 1), so that it
/// broadcasts over (N, C, H, W).
std::string channel_array(const std::string& layer, std::string_view name);

/// Definition of the NumPy function windows(x, kernel_size, stride, dilation), which returns the values under the
/// window at every position.
extern const std::string_view windows_function;

}  // namespace python
}  // namespace convlens
