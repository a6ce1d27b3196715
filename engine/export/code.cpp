/// Generates Python code.
#include "engine/export/code.h"

#include <fmt/ranges.h>
#include <algorithm>
#include <filesystem>

#include "engine/document/embedded.h"
#include "engine/document/plan.h"
#include "engine/export/python_text.h"
#include "engine/io/frames.h"
#include "engine/nn/graph.h"
#include "engine/open/open.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

/// The script while it is generated, and everything that its parts depend on.
struct Writer {
    const Document& document;
    ScriptLibrary library;
    std::string arrays_file;
    const fs::path& assets;
    std::string text;
    std::vector<std::string_view> defined;  ///< Classes and functions that layers need.

    bool torch() const { return library == ScriptLibrary::pytorch; }

    template <class... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        text += fmt::format(format, std::forward<Args>(args)...) + "\n";
    }
    /// Adds a definition unless it has already been added.
    void define(std::string_view definition) {
        if (std::ranges::find(defined, definition) == defined.end()) defined.push_back(definition);
    }
    void write_defined() {
        for (const std::string_view definition : defined) text += definition;
    }
};

// ---- the input

const PictureInput* pictures_of(const Document& document) {
    const auto* input = std::get_if<PictureInput>(&document.input.source);
    if (!input) return nullptr;
    // Pillow reads neither 16-bit colors nor HDR, and a script can't open a picture without a file.
    const bool plain = std::all_of(input->pictures.begin(), input->pictures.end(), [](const auto& p) {
        constexpr std::array<std::string_view, 9> read{"PNG", "JPEG", "GIF", "WebP", "TIFF",
                                                       "BMP", "TGA",  "PSD", "PNM"};
        const FramePath path = split_frame(p.origin.path());
        return !is_embedded(p.origin) && path.frame == 0 && !path.minus && p.picture->info.bits == 8 &&
               !p.picture->info.converted && std::ranges::find(read, p.picture->info.format) != read.end();
    });
    return plain ? input : nullptr;
}

constexpr const char* resize_function = R"(
def resize_matrix(before, after):
    """Returns the matrix that resizes one axis bilinearly; it averages the covered pixels when reducing."""
    step = max(before / after, 1)
    center = (np.arange(after) + 0.5) * before / after - 0.5
    margin = int(step) + 2
    place = np.arange(-margin, before + margin)
    weight = np.maximum(0, 1 - np.abs(place - center[:, None]) / step)
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
        w.line("    x = behind + (x[:3] - behind) * x[3]  # transparent pixels show the background");
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
    if (in.gray && channels > 1)
        w.line("    x = np.repeat(x, {}, axis=0)  # the kernels take three channels", channels);
    switch (effective_normalize(w.document)) {
        case Normalize::none: break;
        case Normalize::half: w.line("    x = (x - 0.5) / 0.5"); break;
        case Normalize::imagenet:
            if (channels == 1)
                w.line("    x = (x - 0.449) / 0.226  # ImageNet's mean and standard deviation");
            else
                w.line(
                    "    x = (x - np.reshape([0.485, 0.456, 0.406], (3, 1, 1))) / np.reshape([0.229, 0.224, 0.225], "
                    "(3, 1, 1))  # ImageNet's mean and standard deviation");
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
        const auto path = picture_path(picture.origin, w.assets);
        if (!path) return tl::unexpected(path.error());
        std::error_code ignored;
        names += fmt::format("{}{}", names.empty() ? "" : ", ",
                             python_string(fs::absolute(*path, ignored).lexically_normal().string()));
    }
    w.line("\nx = np.stack([load(path) for path in [{}]])", names);
    return {};
}

// ---- the layers

/// Returns the name of a layer as LayerTraits writes it between quotation marks: a file may have any name.
std::string name_in_code(const LayerSpec& layer) { return python_escaped(python_name(layer.name)); }

TorchCode torch_code(const LayerSpec& layer) {
    return std::visit([&]<class Spec>(const Spec& s) { return LayerTraits<Spec>::torch(s, name_in_code(layer)); },
                      layer.operation);
}

Expected<NumpyCode> numpy_code(const LayerSpec& layer) {
    return std::visit([&]<class Spec>(const Spec& s) { return LayerTraits<Spec>::numpy(s, name_in_code(layer)); },
                      layer.operation);
}

/// Returns the expression for the output of layer `index`, "x" for the network's input.
std::string torch_value(const std::vector<LayerSpec>& layers, int index) {
    if (index < 0) return "x";
    return fmt::format("y[{}]", python_string(python_name(layers[static_cast<std::size_t>(index)].name)));
}

/// Writes the body of forward(): one line for each layer, with its inputs by name. `flat` tells which outputs have the
/// axes (N, F).
void write_forward(Writer& w, const std::vector<LayerSpec>& layers) {
    std::vector<bool> flat;
    const auto is_flat = [&](int i) { return i >= 0 && flat[static_cast<std::size_t>(i)]; };
    w.line("\n    def forward(self, x):\n        y = {{}}  # the outputs by the name of the layer");
    for (int i = 0; i < static_cast<int>(layers.size()); ++i) {
        const LayerSpec& layer = layers[static_cast<std::size_t>(i)];
        const std::vector<int> inputs = inputs_of(layers, i);
        const JoinRule rule = inputs.size() > 1 ? join_of(layer.operation) : JoinRule::none;
        const TorchCode code = torch_code(layer);
        std::string value;
        if (rule == JoinRule::none) {
            const bool flattens = code.takes_flat && !is_flat(inputs.front());
            value = fmt::format("self.layers[{}]({}{})", python_string(python_name(layer.name)),
                                torch_value(layers, inputs.front()), flattens ? ".flatten(1)" : "");
            flat.push_back(is_flat(inputs.front()) || code.takes_flat ||
                           channels_of(layer.operation) == ChannelFlow::flat);
        } else {
            const bool all_flat = std::ranges::all_of(inputs, is_flat);
            std::vector<std::string> values;
            for (const int from : inputs)
                values.push_back(torch_value(layers, from) + (is_flat(from) && !all_flat ? "[:, :, None, None]" : ""));
            value = rule == JoinRule::concat
                        ? fmt::format("torch.cat([{}], dim=1)", fmt::join(values, ", "))
                        : fmt::format("{}", fmt::join(values, rule == JoinRule::sum ? " + " : " * "));
            flat.push_back(all_flat);
        }
        w.line("        {} = {}", torch_value(layers, i), value);
    }
    w.line("        return {}\n", torch_value(layers, static_cast<int>(layers.size()) - 1));
}

void write_torch(Writer& w, const std::vector<LayerSpec>& layers) {
    const bool chain = is_chain(layers);
    const std::string_view indent = chain ? "" : "        ";
    if (chain)
        w.line("\nlayers = nn.Sequential(OrderedDict([");
    else
        w.line(
            "\n\nclass Network(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.layers = "
            "nn.ModuleDict(OrderedDict([");
    bool flat = false, weights = false;
    std::string after_load;
    for (const LayerSpec& layer : layers) {
        const TorchCode code = torch_code(layer);
        if (chain && code.takes_flat && !flat) w.line("    (\"flat_for_{}\", nn.Flatten()),", name_in_code(layer));
        flat = flat || code.takes_flat || channels_of(layer.operation) == ChannelFlow::flat;
        if (layer.inputs.size() < 2)
            w.line("{}    ({}, {}),", indent, python_string(python_name(layer.name)), code.module);
        weights = weights || !parameters_of(layer.operation).empty();
        if (!code.after_load.empty()) after_load += code.after_load + "\n";
    }
    w.text += chain ? "])).eval()\n" : "        ]))\n";
    if (!chain) {
        write_forward(w, layers);
        w.line("\nnetwork = Network().eval()\nlayers = network.layers");
    }
    if (weights)
        w.line(
            "layers.load_state_dict({{name: torch.from_numpy(arrays[name]) for name in arrays.files if name != "
            "\"input\"}}, strict=False)");
    w.text += after_load;
    w.line("with torch.no_grad():\n    y = {}(torch.from_numpy(x)).numpy()", chain ? "layers" : "network");
}

Expected<void> write_numpy(Writer& w, const std::vector<LayerSpec>& layers) {
    const bool chain = is_chain(layers);
    const auto value = [&](int i) {
        return i < 0 ? "x" : fmt::format("maps[{}]", python_string(layers[static_cast<std::size_t>(i)].name));
    };
    std::string body = chain ? "\ny = x\n" : "\nmaps = {}  # the outputs by the name of the layer\n";
    for (int i = 0; i < static_cast<int>(layers.size()); ++i) {
        const LayerSpec& layer = layers[static_cast<std::size_t>(i)];
        const auto code = numpy_code(layer);
        if (!code) return tl::unexpected(code.error());
        for (const std::string_view function : code->functions) w.define(function);
        if (chain) {
            body += fmt::format("y = {}  # {}\n", code->line, printable(layer.name));
            continue;
        }
        const std::vector<int> inputs = inputs_of(layers, i);
        std::vector<std::string> values;
        for (const int from : inputs) values.push_back(value(from));
        const JoinRule rule = inputs.size() > 1 ? join_of(layer.operation) : JoinRule::none;
        if (rule == JoinRule::none)
            body += fmt::format("y = {}\n{} = {}\n", values.front(), value(i), code->line);
        else if (rule == JoinRule::concat)
            body += fmt::format("{} = np.concatenate([{}], axis=1)\n", value(i), fmt::join(values, ", "));
        else
            body += fmt::format("{} = {}\n", value(i), fmt::join(values, rule == JoinRule::sum ? " + " : " * "));
    }
    if (!chain) body += fmt::format("y = {}\n", value(static_cast<int>(layers.size()) - 1));
    w.write_defined();
    w.text += body;
    return {};
}

// ---- the drawing

void write_drawing(Writer& w) {
    const DisplayOptions& display = w.document.display;
    w.line("y = y.reshape(*y.shape, *(1,) * (4 - y.ndim)).astype(np.float32)  # (batch, channels, height, width)");
    w.line("\nif len(sys.argv) > 1:  # python3 SCRIPT y.npy saves the numbers instead of drawing them");
    w.line("    np.save(sys.argv[1], y)");
    w.line("    sys.exit()");
    w.line("\nimport matplotlib.pyplot as plt\n");
    w.line("maps = y[{}]{}", display.item,
           display.channels.empty() ? "" : fmt::format("[{}]", fmt::format("[{}]", fmt::join(display.channels, ", "))));
    std::string range;
    switch (display.scale.mode) {
        case ScaleMode::per_channel: break;
        case ScaleMode::shared: range = ", vmin=maps.min(), vmax=maps.max()"; break;
        case ScaleMode::symmetric: range = ", vmin=-abs(maps).max(), vmax=abs(maps).max()"; break;
        case ScaleMode::per_channel_symmetric: range = ", vmin=-abs(map).max(), vmax=abs(map).max()"; break;
        case ScaleMode::fixed: range = fmt::format(", vmin={}, vmax={}", display.scale.lo, display.scale.hi); break;
    }
    w.line("columns = min({}, len(maps))", display.columns);
    w.line("rows = -(-len(maps) // columns)");
    w.line(
        "figure, axes = plt.subplots(rows, columns, figsize=(1.6 * columns, 1.6 * rows * maps.shape[1] / "
        "maps.shape[2]), squeeze=False)");
    w.line("for axis in axes.flat:\n    axis.axis(\"off\")");
    w.line("for map, axis in zip(maps, axes.flat):\n    axis.imshow(map, cmap=\"{}\"{})",
           to_string(display.effective_colormap()), range);
    w.line("plt.show()");
}

std::vector<std::pair<std::string, Parameter>> arrays_of(const Network& network, int last_layer) {
    std::vector<std::pair<std::string, Parameter>> arrays;
    const Network part{part_for(network.layers, last_layer)};
    for (const auto& [name, parameter] : parameters_of(part)) {
        const auto dot = name.rfind('.');
        arrays.emplace_back(python_name(name.substr(0, dot)) + name.substr(dot), parameter);
    }
    return arrays;
}

}  // namespace

Expected<Code> write_code(const Document& document, ScriptLibrary library, const std::string& arrays_file,
                          const fs::path& assets, const Code* ending) {
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

    if (ending) code.arrays.insert(code.arrays.end(), ending->arrays.begin(), ending->arrays.end());
    Writer w{document, library, arrays_file, assets, {}, {}};
    const std::string title =
        fmt::format("{} on {}, by Convlens.", network_title(document), input_title(document.input));
    w.line("# {}", python_escaped(title));
    w.line("import sys");
    if (w.torch()) w.line("from collections import OrderedDict");
    w.line("\nimport numpy as np");
    if (w.torch()) w.line("import torch\nfrom torch import nn");
    if (pictures_of(document)) w.line("from PIL import Image, ImageOps");
    const std::vector<LayerSpec> layers = part_for(plan->layers, plan->layer);
    if (ending && !is_chain(layers))
        return fail("{}: such a script needs a chain of layers, and this network has branches",
                    network_title(document));
    if (w.torch()) {
        for (const LayerSpec& layer : layers) w.define(torch_code(layer).define);
        w.write_defined();
    }
    if (!code.arrays.empty()) w.line("\narrays = np.load({})  # weights by layer", python_string(arrays_file));
    if (auto ok = write_input(w); !ok) return tl::unexpected(ok.error());
    if (w.torch()) {
        write_torch(w, layers);
    } else if (auto ok = write_numpy(w, layers); !ok) {
        return tl::unexpected(ok.error());
    }
    if (ending)
        w.text += ending->text;
    else
        write_drawing(w);
    code.text = std::move(w.text);
    return code;
}

}  // namespace convlens
