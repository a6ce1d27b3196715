/// Generates attribution maps in PyTorch.
#include <algorithm>

#include "engine/export/code.h"
#include "engine/export/python_text.h"

namespace convlens {
namespace {

constexpr const char* rules = R"(

class Guided(torch.autograd.Function):  # guided backpropagation through a ReLU
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(context, gradient):
        return gradient.clamp(min=0) * (context.saved_tensors[0] > 0)


class Deconvolution(Guided):
    @staticmethod
    def backward(context, gradient):
        return gradient.clamp(min=0)


def run(net, x, relu=torch.relu):
    for layer in net:
        x = relu(x) if isinstance(layer, nn.ReLU) else layer(x)
    return x.reshape(*x.shape[:2], -1)[:, channel].mean(1)


def input_gradient(net, x, relu=torch.relu):
    x = x.clone().requires_grad_()
    run(net, x, relu).sum().backward()
    return x.grad

)";

/// Functions that compute a map, by Method.
constexpr std::array<const char*, 7> functions{
    "    return input_gradient(net, x).abs().amax(1)",
    "    return (input_gradient(net, x) * x).sum(1)",
    R"(    points = torch.cat([black + (x - black) * (k + 0.5) / steps for k in range(steps)])
    return ((x - black) * input_gradient(net, points).mean(0, keepdim=True)).sum(1))",
    "    return input_gradient(net, x, Guided.apply).abs().amax(1)",
    "    return input_gradient(net, x, Deconvolution.apply).abs().amax(1)",
    R"(    first = [name for name, _ in net.named_children()].index(cam_layer) + 1
    maps = net[:first](x).detach().requires_grad_()
    run(net[first:], maps).sum().backward()
    small = torch.relu((maps.grad.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True)).detach()
    return nn.functional.interpolate(small, x.shape[2:], mode="bilinear", align_corners=False)[:, 0])",
    R"(    total, count = torch.zeros(x.shape[2:]), torch.zeros(x.shape[2:])
    starts = [sorted({*range(0, size - p + 1, s), size - p}) for size, p, s in zip(x.shape[2:], patch, stride)]
    with torch.no_grad():
        for top in starts[0]:
            for left in starts[1]:
                covered = x.clone()
                covered[:, :, top:top + patch[0], left:left + patch[1]] = x.mean((2, 3), keepdim=True)
                total[top:top + patch[0], left:left + patch[1]] += run(net, x)[0] - run(net, covered)[0]
                count[top:top + patch[0], left:left + patch[1]] += 1
    return (total / count.clamp(min=1))[None])"};

constexpr const char* attribution_ending = R"(

def all_maps(net):
    return np.stack([method(net, x).detach().numpy()[0] for method in methods])


maps = all_maps(net)
if len(sys.argv) > 1:  # python3 SCRIPT maps.npy saves the maps instead of drawing them
    np.save(sys.argv[1], maps)
    sys.exit()

# The same maps with random weights: a method whose map does not change does not show what the network has learned.
torch.manual_seed(1)
names = [name for name, _ in net.named_children()]
for layer in list(net)[names.index(random_from):]:
    if hasattr(layer, "reset_parameters"):
        layer.reset_parameters()
twins = all_maps(net)

import matplotlib.pyplot as plt

figure, axes = plt.subplots(2, len(methods), figsize=(2.2 * len(methods), 5), squeeze=False)
for column, method in enumerate(methods):
    for row, (map, title) in enumerate([(maps[column], method.__name__), (twins[column], "random weights")]):
        signed = map.min() < 0
        axes[row, column].imshow(map, cmap="coolwarm" if signed else "gray",
                                 vmin=-abs(map).max() if signed else 0, vmax=abs(map).max())
        axes[row, column].set_title(title, fontsize=8)
        axes[row, column].axis("off")
plt.show()
)";

}  // namespace

Code attribute_code(const StudyTask& task, int item) {
    Code code;
    std::string& t = code.text;
    const Network network = without_last_activations(task.network);
    const auto& layers = network.layers;
    const auto name_of = [&](int layer) { return python_name(layers[static_cast<std::size_t>(layer)].name); };
    const int cam = task.options.cam_layer < 0 ? default_cam_layer(network) : task.options.cam_layer;
    const Shape in = task.input->shape();
    std::vector<float> black;
    for (int c = 0; c < in.c; ++c) black.push_back(levels_of(task.normalize, c, in.c)(0));
    t += "\n# Which pixels the output depends on. A ReLU, Sigmoid or Softmax at the end is left out.\nnet = layers\n"
         "while len(net) > 1 and isinstance(net[-1], (nn.ReLU, nn.Sigmoid, nn.Softmax)):\n    net = net[:-1]\n";
    t += fmt::format("channel = {}\nx = torch.from_numpy(x[{}:{}])\n", task.channel, item, item + 1);
    t += fmt::format("random_from = {}\n", python_string(name_of(task.random_from)));
    const auto uses = [&](Method m) { return std::ranges::find(task.chosen, m) != task.chosen.end(); };
    if (uses(Method::integrated_gradients))
        t += fmt::format("steps = {}\nblack = torch.tensor([{}]).reshape(1, -1, 1, 1)\n", task.options.steps,
                         fmt::join(black, ", "));
    if (uses(Method::grad_cam) && cam >= 0) t += fmt::format("cam_layer = {}\n", python_string(name_of(cam)));
    if (uses(Method::occlusion))
        t += fmt::format("patch, stride = ({}, {}), ({}, {})\n", task.options.patch.h, task.options.patch.w,
                         task.options.stride.h, task.options.stride.w);
    t += rules;
    std::string list;
    for (const Method method : task.chosen) {
        if (method == Method::grad_cam && cam < 0) continue;  // there is no convolution before the explained layer
        const MethodText& text = text_of(method);
        t += fmt::format("\ndef {}(net, x):  # {}\n{}\n\n", text.name, text.source,
                         functions[static_cast<std::size_t>(method)]);
        list += fmt::format("{}{}", list.empty() ? "" : ", ", text.name);
    }
    t += fmt::format("\nmethods = [{}]\n", list);
    t += attribution_ending;
    return code;
}

}  // namespace convlens
