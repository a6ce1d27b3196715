/// The table of methods.
#include "engine/attribute/method.h"

#include <algorithm>
#include <array>

namespace convlens {
namespace {

constexpr std::array<MethodText, 7> table{{
    {"gradient", "Gradient",
     "How much the output changes when this pixel changes a little: the derivative by its color that matters most.",
     "Simonyan, Vedaldi, Zisserman: Deep Inside Convolutional Networks, 2014, https://arxiv.org/abs/1312.6034", false},
    {"gradient_input", "Gradient x input",
     "What this pixel would add to the output if the network were linear: derivative times normalized value, summed "
     "over "
     "the colors.",
     "Shrikumar et al.: Not Just a Black Box, 2016, https://arxiv.org/abs/1605.01713", true},
    {"integrated_gradients", "Integrated gradients",
     "This pixel's share of the difference between the outputs for the image and for a black one: all shares add up to "
     "it.",
     "Sundararajan, Taly, Yan: Axiomatic Attribution for Deep Networks, 2017, https://arxiv.org/abs/1703.01365", true},
    {"guided_backprop", "Guided backprop",
     "The gradient, but each ReLU also stops what is negative on the way back, so that it is no derivative of "
     "anything.",
     "Springenberg et al.: Striving for Simplicity, 2015, https://arxiv.org/abs/1412.6806", false},
    {"deconvolution", "Deconvolution",
     "The output sent back through the transposed kernels, with a ReLU of what comes back instead of the ReLU's "
     "derivative.",
     "Zeiler, Fergus: Visualizing and Understanding Convolutional Networks, 2014, https://arxiv.org/abs/1311.2901",
     false},
    {"grad_cam", "Grad-CAM",
     "Where an earlier convolution is active with features that raise the output: its maps, each weighted by its mean "
     "derivative.",
     "Selvaraju et al.: Grad-CAM, 2017, https://arxiv.org/abs/1610.02391", false},
    {"occlusion", "Occlusion",
     "How much the output falls when a patch of the image's mean color covers this pixel, averaged over all such "
     "patches.",
     "Zeiler, Fergus: Visualizing and Understanding Convolutional Networks, 2014, https://arxiv.org/abs/1311.2901",
     true},
}};

}  // namespace

std::span<const MethodText> methods() { return table; }

std::optional<Method> method_from(std::string_view name) {
    const auto found = std::ranges::find(table, name, &MethodText::name);
    if (found == table.end()) return std::nullopt;
    return static_cast<Method>(found - table.begin());
}

}  // namespace convlens
