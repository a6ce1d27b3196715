/// Generates the search for optimal inputs in PyTorch.
#include "engine/export/code.h"

namespace convlens {
namespace {

constexpr const char* beginning = R"(
# Activation maximization (https://distill.pub/2017/feature-visualization): gradient ascent on pictures.
net = layers
if len(net) > 1 and isinstance(net[-1], nn.ReLU):
    net = net[:-1]
)";

constexpr const char* without_padding = R"(for layer in net:  # far from the borders there is no padding
    if isinstance(layer, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)):
        layer.padding = (0, 0)
        if isinstance(layer, nn.Conv2d):
            layer.padding_mode = "zeros"
    if isinstance(layer, (nn.ZeroPad2d, nn.ReflectionPad2d, nn.ReplicationPad2d)):
        layer.padding = (0, 0, 0, 0)
)";

constexpr const char* spectrum = R"(u, v = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None, :]
frequency = torch.sqrt(u**2 + v**2)
scale = (height * width) ** 0.5 / torch.clamp(frequency, min=1 / max(height, width))
)";

constexpr const char* warp = R"(

def warp(pictures, scale, degrees):
    """The pictures, which continue around their edges, enlarged and turned clockwise around the middle of what the network sees."""
    c, s = np.cos(np.radians(degrees)) / scale, np.sin(np.radians(degrees)) / scale
    middle_y, middle_x = (seen_height - 1) / 2, (seen_width - 1) / 2
    y, x = torch.meshgrid(torch.arange(seen_height) - middle_y, torch.arange(seen_width) - middle_x, indexing="ij")
    y, x = middle_y + c * y - s * x, middle_x + s * y + c * x
    low_y, low_x = y.floor(), x.floor()
    down, right = y - low_y, x - low_x
    pixels = lambda dy, dx: pictures[:, :, (low_y.long() + dy) % height, (low_x.long() + dx) % width]
    above = (1 - right) * pixels(0, 0) + right * pixels(0, 1)
    return (1 - down) * above + down * ((1 - right) * pixels(1, 0) + right * pixels(1, 1))
)";

constexpr const char* search_ending = R"(
if len(sys.argv) > 1:  # python3 SCRIPT pictures.npy saves the pictures instead of drawing them
    np.save(sys.argv[1], pictures)
    sys.exit()

import matplotlib.pyplot as plt

columns = min(8, len(pictures))
rows = -(-len(pictures) // columns)
figure, axes = plt.subplots(rows, columns, figsize=(1.6 * columns, 1.6 * rows), squeeze=False)
for axis in axes.flat:
    axis.axis("off")
for picture, channel, axis in zip(pictures, channels, axes.flat):
    axis.imshow(picture.transpose(1, 2, 0) if len(picture) == 3 else picture[0], cmap="gray", vmin=0, vmax=1)
    axis.set_title(str(channel), fontsize=8)
plt.show()
)";

}  // namespace

Expected<Code> maximize_code(const Network& network, int input_channels, Normalize normalize,
                             const MaximizeOptions& options, int steps) {
    const auto search = Maximizer::make(network, input_channels, normalize, options);
    if (!search) return tl::unexpected(search.error());
    Code code;
    const Size2 plane = search->plane_size();
    const Shape seen = search->pictures().shape();
    const auto first = search->parameters();
    const auto numbers = static_cast<std::int64_t>(first.size()) / (seen.n * seen.c);
    code.arrays.emplace_back("first", make_parameter({seen.n, seen.c, numbers}, {first.begin(), first.end()}));
    const bool turns = options.scale > 0 || options.rotation > 0;
    std::vector<float> motions;
    for (const Motion& m : motions_of(options, steps))
        motions.insert(motions.end(), {static_cast<float>(m.shift.h), static_cast<float>(m.shift.w),
                                       static_cast<float>(m.scale), static_cast<float>(m.rotation)});
    code.arrays.emplace_back("motions", make_parameter({steps, 4}, std::move(motions)));

    std::string& t = code.text;
    t = beginning;
    if (options.objective == Objective::unit && !sees_whole_picture(network)) t += without_padding;
    t += fmt::format("channels = [{}]\nheight, width = {}, {}\nseen_height, seen_width = {}, {}\n",
                     fmt::join(options.channels, ", "), plane.h, plane.w, seen.h, seen.w);
    std::vector<float> mean, deviation;
    for (int c = 0; c < seen.c; ++c) {
        const Levels levels = levels_of(normalize, c, seen.c);
        mean.push_back(levels.mean), deviation.push_back(levels.deviation);
    }
    for (const auto& [name, values] : {std::pair{"mean", &mean}, std::pair{"deviation", &deviation}})
        t += fmt::format("{} = torch.tensor([{}]).reshape(-1, 1, 1)\n", name, fmt::join(*values, ", "));
    const bool mixes = options.correlated_colors && seen.c == 3;
    if (mixes)
        t += "mix = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.0, -0.05], [0.27, -0.09, 0.03]]) / 0.462  # the colors "
             "of "
             "photographs\n";
    if (options.spectrum) {
        t += spectrum;
        if (options.low_pass > 0)
            t += fmt::format("scale = scale * torch.exp(-((frequency / {}) ** 4))\n", options.low_pass);
    }
    t += "z = torch.from_numpy(arrays[\"first\"]).requires_grad_()  # the first parameters\n\n\ndef colors():\n";
    t += options.spectrum ? "    t = torch.view_as_complex(z.reshape(len(z), z.shape[1], height, width // 2 + 1, 2))\n"
                            "    t = torch.fft.irfft2(t * scale, s=(height, width)) / 4\n"
                          : "    t = z.reshape(len(z), z.shape[1], height, width)\n";
    if (mixes) t += "    t = torch.einsum(\"ij,njyx->niyx\", mix, t)\n";
    t += "    return torch.sigmoid(t)\n\n";
    if (turns) t += warp;
    t += "\ndef values(pictures, shift, scale, degrees):\n";
    t += turns ? "    seen = warp(torch.roll(pictures, shift, (2, 3)), scale, degrees)\n"
               : "    seen = torch.roll(pictures, shift, (2, 3))[:, :, :seen_height, :seen_width]\n";
    t += "    y = net((seen - mean) / deviation)\n    y = y.reshape(*y.shape, *(1,) * (4 - y.ndim))\n"
         "    own = torch.stack([y[n, c] for n, c in enumerate(channels)])\n";
    t += options.objective == Objective::unit ? "    return own[:, own.shape[1] // 2, own.shape[2] // 2]\n\n\n"
                                              : "    return own.mean((1, 2))\n\n\n";
    t += fmt::format("optimizer = torch.optim.Adam([z], {}, weight_decay={})\n", options.learning_rate,
                     options.weight_decay);
    t += "for down, right, factor, degrees in arrays[\"motions\"].tolist():\n    optimizer.zero_grad()\n"
         "    pictures = colors()\n    loss = -values(pictures, (int(down), int(right)), factor, degrees).sum()\n";
    if (options.total_variation > 0)
        t += fmt::format(
            "    loss = loss + {} * (pictures.diff(dim=2).square().sum() + pictures.diff(dim=3).square().sum())\n",
            options.total_variation);
    t += "    loss.backward()\n    optimizer.step()\n"
         "with torch.no_grad():\n    pictures = colors()[:, :, :seen_height, :seen_width].numpy()\n";
    t += search_ending;
    return code;
}

}  // namespace convlens
