/// Pieces of Python code for layers.
#include "engine/nn/layer_code.h"

namespace convlens {

tl::unexpected<Error> no_numpy(const std::string& name, std::string_view what) {
    return fail("{}: the NumPy script does not support its {}: use the PyTorch script instead", name, what);
}

namespace python {

std::string text(int value) { return std::to_string(value); }
std::string text(float value) { return fmt::format("{}", value); }
std::string text(bool value) { return value ? "True" : "False"; }
std::string text(const Size2& s) { return s.h == s.w ? std::to_string(s.h) : pair(s); }
std::string pair(const Size2& s) { return fmt::format("({}, {})", s.h, s.w); }

std::string array(const std::string& layer, std::string_view name) {
    return fmt::format("arrays[\"{}.{}\"]", layer, name);
}

std::string channel_array(const std::string& layer, std::string_view name) {
    return array(layer, name) + ".reshape(1, -1, 1, 1)";
}

const std::string_view windows_function = R"(
def windows(x, kernel_size, stride=(1, 1), dilation=(1, 1)):
    """(N, C, H, W) -> (N, C, OH, OW, KH, KW): the values under the kernel at every position."""
    span = [(k - 1) * d + 1 for k, d in zip(kernel_size, dilation)]
    every = np.lib.stride_tricks.sliding_window_view(x, span, axis=(2, 3))
    return every[:, :, ::stride[0], ::stride[1], ::dilation[0], ::dilation[1]]
)";

}  // namespace python
}  // namespace convlens
