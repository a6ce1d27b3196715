/// A layer as Python has it, and how its text is put together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/shape.h"

namespace convlens {

/// A layer in a script of PyTorch.
struct TorchCode {
    std::string module;         ///< "nn.ReLU()"
    bool takes_flat = false;    ///< It wants (N, F): an nn.Flatten goes before it where nothing is flat yet.
    std::string_view define{};  ///< A class that torch.nn lacks, ahead of all.
    std::string after_load{};   ///< A line behind the one that loads the weights.
};

/// A layer in a script of NumPy: a line that makes y, (N, C, H, W), of y.
struct NumpyCode {
    std::string line;
    std::vector<std::string_view> functions{};  ///< Definitions that the line needs, in this order.
};

/// What NumpyCode could not say: "`name`: its `what` has no line of NumPy".
tl::unexpected<Error> no_numpy(const std::string& name, std::string_view what);

/// Python's text of values.
namespace python {

std::string text(int value);
std::string text(float value);
std::string text(bool value);         ///< "True", "False"
std::string text(const Size2& size);  ///< "3" or "(3, 4)", as PyTorch's sizes.
std::string pair(const Size2& size);  ///< "(3, 4)"

/// arrays["conv1.weight"]
std::string array(const std::string& layer, std::string_view name);
/// The same, one value a channel of y.
std::string channel_array(const std::string& layer, std::string_view name);

/// NumPy: what lies under a window at every place.
extern const std::string_view windows_function;

}  // namespace python
}  // namespace convlens
