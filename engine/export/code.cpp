/// Writing Python.
#include "engine/export/code.h"

#include <algorithm>
#include <filesystem>

#include "engine/core/overloaded.h"
#include "engine/document/plan.h"
#include "engine/open/open.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

std::string pair_text(const Size2& s) { return s.h == s.w ? std::to_string(s.h) : fmt::format("({}, {})", s.h, s.w); }
const char* flag(bool value) { return value ? "True" : "False"; }

/// A Python string.
std::string python_string(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += static_cast<unsigned char>(c) < ' ' ? '?' : c;
    }
    return result + "\"";
}

/// nn.Sequential's names have no dots.
std::string python_name(std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
}

/// Everything that the script is made of.
struct Writer {
    const Document& document;
    Dialect dialect;
    std::string arrays_file;
    const fs::path& assets;
    std::string text;
    std::vector<std::string> functions;  ///< NumPy's layers, those that are used.

    bool torch() const { return dialect == Dialect::pytorch; }

    template <class... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        text += fmt::format(format, std::forward<Args>(args)...) + "\n";
    }
    void define(const std::string& function) {
        if (std::find(functions.begin(), functions.end(), function) == functions.end()) functions.push_back(function);
    }
};

// ---- the input

const PictureInput* pictures_of(const Document& document) {
    const auto* input = std::get_if<PictureInput>(&document.input.source);
    if (!input) return nullptr;
    // Pillow reads neither 16-bit colours nor HDR.
    const bool plain = std::all_of(input->pictures.begin(), input->pictures.end(),
                                   [](const auto& p) { return p.picture->info.bits == 8; });
    return plain ? input : nullptr;
}

constexpr const char* resize_function = R"(
def resize_matrix(before, after):
    """Bilinear, a mean over the covered area when reducing; the border is repeated."""
    step = max(before / after, 1)
    centre = (np.arange(after) + 0.5) * before / after - 0.5
    margin = int(step) + 2
    place = np.arange(-margin, before + margin)
    weight = np.maximum(0, 1 - np.abs(place - centre[:, None]) / step)
    weight /= weight.sum(axis=1, keepdims=True)
    matrix = np.zeros((after, before))
    for column, at in enumerate(np.clip(place, 0, before - 1)):
        matrix[:, at] += weight[:, column]
    return matrix

)";

void load_function(Writer& w, const PictureInput& input) {
    const Input& in = w.document.input;
    const auto size = effective_resize(w.document);
    if (size) w.text += resize_function;
    const bool alpha = std::any_of(input.pictures.begin(), input.pictures.end(),
                                   [](const auto& p) { return !p.picture->alpha.empty(); });
    const bool turned = std::any_of(input.pictures.begin(), input.pictures.end(),
                                    [](const auto& p) { return p.picture->info.orientation != 1; });
    w.line("\ndef load(path):");
    w.line("    image = {}Image.open(path){}", turned ? "ImageOps.exif_transpose(" : "", turned ? ")" : "");
    if (alpha) {
        const Rgba& b = in.background;
        w.line("    x = np.asarray(image.convert(\"RGBA\"), dtype=np.float32).transpose(2, 0, 1) / 255");
        w.line("    behind = np.array([{}, {}, {}], dtype=np.float32).reshape(3, 1, 1) / 255", b[0], b[1], b[2]);
        w.line("    x = behind + (x[:3] - behind) * x[3]  # what is transparent shows the background");
    } else {
        w.line(
            "    x = np.asarray(image.convert(\"RGB\"), dtype=np.float32).transpose(2, 0, 1) / 255  # (3, height, "
            "width) in 0 to 1");
    }
    if (const auto& c = in.crop) w.line("    x = x[:, {}:{}, {}:{}]", c->y, c->y + c->h, c->x, c->x + c->w);
    if (size)
        w.line(
            "    x = np.einsum(\"Yy,cyx,Xx->cYX\", resize_matrix(x.shape[1], {}), x, resize_matrix(x.shape[2], {}), "
            "optimize=True)",
            size->h, size->w);
    if (in.shift != Size2{}) {
        w.line("    shifted = np.zeros_like(x)");
        const auto range = [](int by, bool to) {
            return by >= 0 ? (to        ? fmt::format("{}:", by)
                              : by == 0 ? ":"
                                        : fmt::format(":-{}", by))
                           : (to ? fmt::format(":{}", by) : fmt::format("{}:", -by));
        };
        w.line("    shifted[:, {}, {}] = x[:, {}, {}]", range(in.shift.h, true), range(in.shift.w, true),
               range(in.shift.h, false), range(in.shift.w, false));
        w.line("    x = shifted");
    }
    const int channels = effective_channels(w.document);
    if (in.gray) w.line("    x = 0.299 * x[0:1] + 0.587 * x[1:2] + 0.114 * x[2:3]");
    if (in.gray && channels > 1) w.line("    x = np.repeat(x, {}, axis=0)  # the kernels take colors", channels);
    switch (effective_normalize(w.document)) {
        case Normalize::none: break;
        case Normalize::half: w.line("    x = (x - 0.5) / 0.5"); break;
        case Normalize::imagenet:
            if (channels == 1)
                w.line("    x = (x - 0.449) / 0.226  # ImageNet's mean and deviation");
            else
                w.line(
                    "    x = (x - np.reshape([0.485, 0.456, 0.406], (3, 1, 1))) / np.reshape([0.229, 0.224, 0.225], "
                    "(3, 1, 1))  # ImageNet's mean and deviation");
    }
    w.line("    return x.astype(np.float32)\n");
}

Expected<void> write_input(Writer& w) {
    const PictureInput* pictures = pictures_of(w.document);
    if (!pictures) {
        w.line("\nx = arrays[\"input\"]  # {}", input_title(w.document.input));
        return {};
    }
    load_function(w, *pictures);
    std::string names;
    for (const auto& picture : pictures->pictures) {
        fs::path path = picture.spec;
        if (picture.spec.starts_with("sample:")) {
            auto sample = sample_path(picture.spec, w.assets);
            if (!sample) return tl::unexpected(sample.error());
            path = *sample;
        }
        std::error_code ignored;
        names += fmt::format("{}{}", names.empty() ? "" : ", ",
                             python_string(fs::absolute(path, ignored).lexically_normal().string()));
    }
    w.line("\nx = np.stack([load(path) for path in [{}]])", names);
    return {};
}

// ---- PyTorch's layers

struct TorchLayer {
    std::string operator()(const Conv2dSpec& s) const {
        const ConvParams& p = s.params;
        std::string text = fmt::format("nn.Conv2d({}, {}, {}", s.in_channels, s.out_channels, pair_text(s.kernel_size));
        if (p.stride != Size2{1, 1}) text += ", stride=" + pair_text(p.stride);
        if (p.same) text += ", padding=\"same\"";
        if (!p.same && p.padding != Size2{0, 0}) text += ", padding=" + pair_text(p.padding);
        if (p.dilation != Size2{1, 1}) text += ", dilation=" + pair_text(p.dilation);
        if (p.groups != 1) text += fmt::format(", groups={}", p.groups);
        if (!s.bias) text += ", bias=False";
        if (p.padding_mode != PaddingMode::zeros)
            text += fmt::format(", padding_mode=\"{}\"", to_string(p.padding_mode));
        return text + ")";
    }
    std::string operator()(const LocallyConnected2dSpec& s) const {
        return fmt::format("LocallyConnected2d({}, {}, {}, {}, {}, {})", s.in_channels, s.out_channels,
                           fmt::format("({}, {})", s.output_size.h, s.output_size.w),
                           fmt::format("({}, {})", s.kernel_size.h, s.kernel_size.w),
                           fmt::format("({}, {})", s.stride.h, s.stride.w), flag(s.bias));
    }
    std::string operator()(const LeakyReLU& s) const { return fmt::format("nn.LeakyReLU({})", s.negative_slope); }
    std::string operator()(const MaxPool2d& s) const {
        return fmt::format("nn.MaxPool2d({}, stride={}, padding={}, dilation={}, ceil_mode={})",
                           pair_text(s.kernel_size), pair_text(s.stride), pair_text(s.padding), pair_text(s.dilation),
                           flag(s.ceil_mode));
    }
    std::string operator()(const AvgPool2d& s) const {
        return fmt::format(
            "nn.AvgPool2d({}, stride={}, padding={}, ceil_mode={}, count_include_pad={}, divisor_override={})",
            pair_text(s.kernel_size), pair_text(s.stride), pair_text(s.padding), flag(s.ceil_mode),
            flag(s.count_include_pad), s.divisor_override ? std::to_string(*s.divisor_override) : "None");
    }
    std::string operator()(const AdaptiveAvgPool2d& s) const {
        return fmt::format("nn.AdaptiveAvgPool2d({})", pair_text(s.output_size));
    }
    std::string operator()(const BatchNorm2dSpec& s) const {
        return fmt::format("nn.BatchNorm2d({}, eps={}, affine={})", s.num_features, s.eps, flag(s.affine));
    }
    std::string operator()(const LinearSpec& s) const {
        return fmt::format("nn.Linear({}, {}, bias={})", s.in_features, s.out_features, flag(s.bias));
    }
    std::string operator()(const Dropout& s) const { return fmt::format("nn.Dropout({})", s.p); }
    std::string operator()(const Softmax&) const { return "nn.Softmax(dim=1)"; }
    template <class Plain>  // ReLU, Sigmoid, Tanh, Flatten
    std::string operator()(const Plain& s) const {
        return fmt::format("nn.{}()", type_name(OperationSpec(s)));
    }
};

constexpr const char* locally_connected = R"(
class LocallyConnected2d(nn.Module):
    """A convolution with kernels of its own at every place."""
    def __init__(self, inputs, outputs, output_size, kernel_size, stride, bias):
        super().__init__()
        self.kernel_size, self.stride, self.output_size = kernel_size, stride, output_size
        self.weight = nn.Parameter(torch.zeros(outputs, inputs, *output_size, *kernel_size))
        self.bias = nn.Parameter(torch.zeros(outputs, *output_size)) if bias else None

    def forward(self, x):
        patches = x.unfold(2, self.kernel_size[0], self.stride[0]).unfold(3, self.kernel_size[1], self.stride[1])
        y = torch.einsum("nchwij,ochwij->nohw", patches, self.weight)
        return y if self.bias is None else y + self.bias

)";

void write_torch(Writer& w, const NetworkPlan& plan) {
    const auto end = plan.layers.begin() + plan.layer + 1;
    w.line("\nlayers = nn.Sequential(OrderedDict([");
    bool flat = false;
    for (auto layer = plan.layers.begin(); layer != end; ++layer) {
        const bool linear = std::holds_alternative<LinearSpec>(layer->operation);
        if (linear && !flat) w.line("    (\"flat_for_{}\", nn.Flatten()),", python_name(layer->name));
        flat = flat || linear || std::holds_alternative<Flatten>(layer->operation);
        w.line("    ({}, {}),", python_string(python_name(layer->name)), std::visit(TorchLayer{}, layer->operation));
    }
    w.line("])).eval()");
    const bool weights =
        std::any_of(plan.layers.begin(), end, [](const LayerSpec& l) { return !parameters_of(l.operation).empty(); });
    if (weights)
        w.line(
            "layers.load_state_dict({{name: torch.from_numpy(arrays[name]) for name in arrays.files if name != "
            "\"input\"}}, strict=False)");
    for (auto layer = plan.layers.begin(); layer != end; ++layer)
        if (const auto* conv = std::get_if<Conv2dSpec>(&layer->operation); conv && conv->params.flip)
            w.line(
                "layers.{0}.weight.data = layers.{0}.weight.flip(2, 3)  # PyTorch correlates; turned kernels make it a "
                "convolution",
                python_name(layer->name));
    w.line("with torch.no_grad():\n    y = layers(torch.from_numpy(x)).numpy()");
}

// ---- NumPy's layers

constexpr const char* windows_function = R"(
def windows(x, kernel_size, stride=(1, 1), dilation=(1, 1)):
    """(N, C, H, W) -> (N, C, OH, OW, KH, KW): what lies under the kernel at every place."""
    span = [(k - 1) * d + 1 for k, d in zip(kernel_size, dilation)]
    every = np.lib.stride_tricks.sliding_window_view(x, span, axis=(2, 3))
    return every[:, :, ::stride[0], ::stride[1], ::dilation[0], ::dilation[1]]
)";

constexpr const char* conv_function = R"(
def conv2d(x, weight, bias, stride, padding, dilation, groups, mode):
    x = np.pad(x, ((0, 0), (0, 0), *padding), mode=mode)
    parts = []
    for channels, kernels in zip(np.split(x, groups, axis=1), np.split(weight, groups)):
        parts.append(np.einsum("nchwij,ocij->nohw", windows(channels, weight.shape[2:], stride, dilation), kernels, optimize=True))
    return np.concatenate(parts, axis=1) + np.reshape(bias, (1, -1, 1, 1))
)";

constexpr const char* max_pool_function = R"(
def max_pool2d(x, kernel_size, stride, padding, dilation):
    x = np.pad(x, ((0, 0), (0, 0), *padding), constant_values=-np.inf)
    return windows(x, kernel_size, stride, dilation).max(axis=(4, 5))
)";

constexpr const char* adaptive_function = R"(
def adaptive_avg_pool2d(x, output_size):
    (h, w), (oh, ow) = x.shape[2:], output_size
    rows = [(i * h // oh, -(-(i + 1) * h // oh)) for i in range(oh)]
    columns = [(i * w // ow, -(-(i + 1) * w // ow)) for i in range(ow)]
    return np.stack([np.stack([x[:, :, a:b, c:d].mean(axis=(2, 3)) for c, d in columns], axis=2) for a, b in rows], axis=2)
)";

std::string tuple(const Size2& s) { return fmt::format("({}, {})", s.h, s.w); }

/// One layer as a line that makes y of y; fails for what no line says.
struct NumpyLayer {
    Writer& w;
    std::string name;  ///< Of the layer's arrays.

    using Line = Expected<std::string>;

    Line operator()(const Conv2dSpec& s) const {
        constexpr const char* modes[] = {"constant", "reflect", "edge", "wrap"};
        const Padding p = resolve_padding(s.params, s.kernel_size);
        w.define(windows_function), w.define(conv_function);
        return fmt::format(
            "conv2d(y, arrays[\"{0}.weight\"]{1}, {2}, stride={3}, padding=(({4}, {5}), ({6}, {7})), dilation={8}, "
            "groups={9}, mode=\"{10}\")",
            name, s.params.flip ? "[:, :, ::-1, ::-1]" : "", s.bias ? fmt::format("arrays[\"{}.bias\"]", name) : "0",
            tuple(s.params.stride), p.top, p.bottom, p.left, p.right, tuple(s.params.dilation), s.params.groups,
            modes[static_cast<std::size_t>(s.params.padding_mode)]);
    }
    Line operator()(const MaxPool2d& s) const {
        if (s.ceil_mode) return no("ceil_mode");
        w.define(windows_function), w.define(max_pool_function);
        return fmt::format("max_pool2d(y, {0}, stride={1}, padding=(({2}, {2}), ({3}, {3})), dilation={4})",
                           tuple(s.kernel_size), tuple(s.stride), s.padding.h, s.padding.w, tuple(s.dilation));
    }
    Line operator()(const AvgPool2d& s) const {
        if (s.ceil_mode || s.divisor_override || s.padding != Size2{0, 0})
            return no("padding, ceil_mode or divisor_override");
        w.define(windows_function);
        return fmt::format("windows(y, {}, {}).mean(axis=(4, 5))", tuple(s.kernel_size), tuple(s.stride));
    }
    Line operator()(const AdaptiveAvgPool2d& s) const {
        w.define(adaptive_function);
        return fmt::format("adaptive_avg_pool2d(y, {})", tuple(s.output_size));
    }
    Line operator()(const LocallyConnected2dSpec& s) const {
        w.define(windows_function);
        return fmt::format(
            "np.einsum(\"nchwij,ochwij->nohw\", windows(y, {}, {}), arrays[\"{}.weight\"], optimize=True){}",
            tuple(s.kernel_size), tuple(s.stride), name, s.bias ? fmt::format(" + arrays[\"{}.bias\"]", name) : "");
    }
    Line operator()(const LinearSpec& s) const {
        return fmt::format("(y.reshape(len(y), -1) @ arrays[\"{0}.weight\"].T{1}).reshape(len(y), -1, 1, 1)", name,
                           s.bias ? fmt::format(" + arrays[\"{}.bias\"]", name) : "");
    }
    Line operator()(const BatchNorm2dSpec& s) const {
        const auto value = [&](const char* what) {
            return fmt::format("arrays[\"{}.{}\"].reshape(1, -1, 1, 1)", name, what);
        };
        const std::string normal =
            fmt::format("(y - {}) / np.sqrt({} + {})", value("running_mean"), value("running_var"), s.eps);
        return s.affine ? fmt::format("{} * {} + {}", normal, value("weight"), value("bias")) : normal;
    }
    Line operator()(const ReLU&) const { return "np.maximum(y, 0)"; }
    Line operator()(const LeakyReLU& s) const { return fmt::format("np.where(y < 0, {} * y, y)", s.negative_slope); }
    Line operator()(const Sigmoid&) const { return "1 / (1 + np.exp(-y))"; }
    Line operator()(const Tanh&) const { return "np.tanh(y)"; }
    Line operator()(const Flatten&) const { return "y.reshape(len(y), -1, 1, 1)"; }
    Line operator()(const Dropout&) const { return "y"; }
    Line operator()(const Softmax&) const {
        return "(lambda e: e / e.sum(axis=1, keepdims=True))(np.exp(y - y.max(axis=1, keepdims=True)))";
    }

  private:
    Line no(const char* what) const {
        return fail("{}: its {} has no line of NumPy: take PyTorch's script instead", name, what);
    }
};

Expected<void> write_numpy(Writer& w, const NetworkPlan& plan) {
    std::string body = "\ny = x\n";
    for (int i = 0; i <= plan.layer; ++i) {
        const LayerSpec& layer = plan.layers[static_cast<std::size_t>(i)];
        const auto made = std::visit(NumpyLayer{w, python_name(layer.name)}, layer.operation);
        if (!made) return tl::unexpected(made.error());
        body += fmt::format("y = {}  # {}\n", *made, layer.name);
    }
    for (const std::string& function : w.functions) w.text += function;
    w.text += body;
    return {};
}

// ---- the drawing

void write_drawing(Writer& w) {
    const Look& look = w.document.look;
    w.line("y = y.reshape(*y.shape, *(1,) * (4 - y.ndim)).astype(np.float32)  # (batch, channels, height, width)");
    w.line("\nif len(sys.argv) > 1:  # python3 SCRIPT y.npy saves the numbers instead of drawing them");
    w.line("    np.save(sys.argv[1], y)");
    w.line("    sys.exit()");
    w.line("\nimport matplotlib.pyplot as plt\n");
    w.line("maps = y[{}]{}", look.item,
           look.channels.empty() ? "" : fmt::format("[{}]", fmt::format("[{}]", fmt::join(look.channels, ", "))));
    std::string range;
    switch (look.scale.mode) {
        case ScaleMode::per_channel: break;
        case ScaleMode::shared: range = ", vmin=maps.min(), vmax=maps.max()"; break;
        case ScaleMode::symmetric: range = ", vmin=-abs(maps).max(), vmax=abs(maps).max()"; break;
        case ScaleMode::per_channel_symmetric: range = ", vmin=-abs(map).max(), vmax=abs(map).max()"; break;
        case ScaleMode::fixed: range = fmt::format(", vmin={}, vmax={}", look.scale.lo, look.scale.hi); break;
    }
    w.line("columns = min({}, len(maps))", look.columns);
    w.line("rows = -(-len(maps) // columns)");
    w.line(
        "figure, axes = plt.subplots(rows, columns, figsize=(1.6 * columns, 1.6 * rows * maps.shape[1] / "
        "maps.shape[2]), squeeze=False)");
    w.line("for axis in axes.flat:\n    axis.axis(\"off\")");
    w.line("for map, axis in zip(maps, axes.flat):\n    axis.imshow(map, cmap=\"{}\"{})",
           to_string(look.effective_colormap()), range);
    w.line("plt.show()");
}

std::vector<std::pair<std::string, Parameter>> arrays_of(const Network& network, int last_layer) {
    std::vector<std::pair<std::string, Parameter>> arrays;
    Network part;
    part.layers.assign(network.layers.begin(), network.layers.begin() + last_layer + 1);
    for (const auto& [name, parameter] : parameters_of(part)) {
        const auto dot = name.rfind('.');
        arrays.emplace_back(python_name(name.substr(0, dot)) + name.substr(dot), parameter);
    }
    return arrays;
}

}  // namespace

Expected<Code> write_code(const Document& document, Dialect dialect, const std::string& arrays_file,
                          const fs::path& assets) {
    const auto input = input_tensor(document, Cancel());
    if (!input) return tl::unexpected(input.error());
    const Shape& shape = (*input)->shape();
    const auto plan = plan_network(document, shape.c);
    if (!plan) return tl::unexpected(plan.error());
    const auto network = build_network(document, shape.c);
    if (!network) return tl::unexpected(network.error());
    Code code;
    code.arrays = arrays_of(*network, plan->layer);
    if (!pictures_of(document))
        code.arrays.emplace_back("input", Parameter{{shape.n, shape.c, shape.h, shape.w}, *input, nullptr});

    Writer w{document, dialect, arrays_file, assets, {}, {}};
    const std::string title =
        fmt::format("{} on {}, by Convlens.", network_title(document), input_title(document.input));
    w.line("# {}", python_string(title).substr(1, python_string(title).size() - 2));
    w.line("import sys");
    if (w.torch()) w.line("from collections import OrderedDict");
    w.line("\nimport numpy as np");
    if (w.torch()) w.line("import torch\nfrom torch import nn");
    if (pictures_of(document)) w.line("from PIL import Image, ImageOps");
    const bool local =
        std::any_of(plan->layers.begin(), plan->layers.begin() + plan->layer + 1,
                    [](const LayerSpec& l) { return std::holds_alternative<LocallyConnected2dSpec>(l.operation); });
    if (w.torch() && local) w.text += locally_connected;
    if (!code.arrays.empty()) w.line("\narrays = np.load({})  # weights by layer", python_string(arrays_file));
    if (auto ok = write_input(w); !ok) return tl::unexpected(ok.error());
    if (w.torch()) {
        write_torch(w, *plan);
    } else if (auto ok = write_numpy(w, *plan); !ok) {
        return tl::unexpected(ok.error());
    }
    write_drawing(w);
    code.text = std::move(w.text);
    return code;
}

}  // namespace convlens
