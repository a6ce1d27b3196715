/// Parses JSON into documents without their large parts.
#include <array>
#include <cmath>
#include <limits>

#include "engine/core/color.h"
#include "engine/core/sentence.h"
#include "engine/io/array_formats.h"
#include "engine/nn/layer_fields.h"
#include "engine/session/document_json.h"
#include "engine/view/grid.h"

namespace convlens {
namespace {

constexpr std::size_t max_spec_bytes = 4096;
constexpr std::size_t max_pictures = 65536;
constexpr int max_channel = 65535;

std::string spec(Members& m, const char* name, const Json& json, std::size_t most = max_spec_bytes) {
    std::string text = m.text(name, json, most);
    if (text.empty() || text.find('\n') != std::string::npos) m.expected(name, json, "a file name");
    return text;
}

std::uint32_t seed(Members& m, const char* name) {
    const Json* json = m.find(name);
    if (!json) return 1;
    if (json->is_number_unsigned() && json->get<std::uint64_t>() <= std::numeric_limits<std::uint32_t>::max())
        return json->get<std::uint32_t>();
    m.expected(name, *json, "a whole number from 0 to 4294967295");
    return 1;
}

/// Parses a pair [height, width] of at least 1.
Size2 size(Members& m, const char* name, const Json& json) {
    Size2 value;
    m.read(name, json, value);
    if (value.h < 1 || value.w < 1) m.expected(name, json, "a size of at least 1");
    return value;
}

/// Parses `count` integers, each at least `lowest`.
template <std::size_t count>
std::array<int, count> whole_numbers(Members& m, const char* name, const Json& json, std::int64_t lowest,
                                     std::string_view what) {
    std::array<int, count> values{};
    if (!json.is_array() || json.size() != count) {
        m.expected(name, json, what);
        return values;
    }
    for (std::size_t i = 0; i < count; ++i) values[i] = m.whole(name, json[i], lowest, what);
    return values;
}

/// Parses a word with `from`, which returns an optional. Without a value, adds an error; `what` describes the accepted
/// words.
template <class From>
auto word(Members& m, const char* name, const Json& json, const From& from, std::string_view what) {
    auto value = json.is_string() ? from(json.get_ref<const std::string&>()) : decltype(from(std::string()))();
    if (!value) m.expected(name, json, what);
    return value;
}

void read_color(Members& m, const char* name, Rgba& color) {
    if (const Json* json = m.find(name)) color = word(m, name, *json, rgba_from, "a color as RRGGBB").value_or(color);
}

/// Parses a list of finite numbers.
std::vector<float> floats(Members& m, const char* name, const Json& json) {
    std::vector<float> values;
    if (!json.is_array() || json.empty()) m.expected(name, json, "a list of numbers");
    if (!json.is_array()) return values;
    for (const Json& value : json) m.read(name, value, values.emplace_back());
    return values;
}

/// Parses four nested lists as (C_out, C_in/groups, KH, KW).
std::shared_ptr<const Tensor> weight_from(Members& m, const Json& json) {
    const auto wrong = [&] {
        m.add_error(
            "weight is not a list of kernels: expected nested lists of numbers, [C_out][C_in][KH][KW], of equal "
            "lengths");
        return nullptr;
    };
    const Json* level = &json;
    std::array<std::size_t, 4> extents{};
    for (std::size_t& extent : extents) {
        if (!level->is_array() || level->empty() || level->size() > 65536) return wrong();
        extent = level->size();
        level = &(*level)[0];
    }
    const auto [n, c, h, w] = extents;
    if (n * c > (std::size_t{1} << 26U) || n * c * h > (std::size_t{1} << 26U)) return wrong();
    for (const Json& kernel : json) {  // check before anything of that size is allocated
        if (!kernel.is_array() || kernel.size() != c) return wrong();
        for (const Json& plane : kernel) {
            if (!plane.is_array() || plane.size() != h) return wrong();
            for (const Json& row : plane)
                if (!row.is_array() || row.size() != w) return wrong();
        }
    }
    Tensor tensor({static_cast<int>(n), static_cast<int>(c), static_cast<int>(h), static_cast<int>(w)});
    float* next = tensor.data();
    for (const Json& kernel : json)
        for (const Json& plane : kernel)
            for (const Json& row : plane)
                for (const Json& value : row) m.read("weight", value, *next++);
    return std::make_shared<const Tensor>(std::move(tensor));
}

/// Reads one object of the document with `read`; errors have the form "FILE: WHERE: PROBLEM".
template <class Read>
Expected<void> object(const Json& json, std::string_view file, std::string_view where, const Read& read) {
    if (!json.is_object()) return fail("{}: {} is {}: expected an object", file, where, shown(json));
    Members m(json);
    read(m);
    if (const std::string problem = m.problem(); !problem.empty()) return fail("{}: {}: {}", file, where, problem);
    return {};
}

void read_source(Members& m, Input& input) {
    const Json *images = m.find("images"), *pattern = m.find("pattern"), *tensor = m.find("tensor"),
               *extent = m.find("size"), *batch = m.find("batch");
    if ((images != nullptr) + (pattern != nullptr) + (tensor != nullptr) != 1)
        return m.add_error("expected one of images, pattern and tensor");
    if (images) {
        PictureInput pictures;
        if (!images->is_array() || images->empty() || images->size() > max_pictures)
            return m.expected("images", *images, "a list of picture names");
        for (const Json& image : *images)
            pictures.pictures.push_back({PictureOrigin::parse(spec(m, "images", image, max_session_bytes)), nullptr});
        input.source = std::move(pictures);
    } else if (tensor) {
        input.source = TensorInput{spec(m, "tensor", *tensor), nullptr};
    } else {
        PatternInput made;
        made.pattern =
            word(m, "pattern", *pattern, pattern_from, sentence("one of {}", fmt::join(pattern_names(), ", ")))
                .value_or(made.pattern);
        if (extent) made.size = size(m, "size", *extent);
        if (batch) made.batch = m.whole("batch", *batch, 1, "a whole number from 1");
        input.source = made;
    }
    if (!pattern && (extent || batch)) m.add_error("size and batch belong to a pattern");
}

void read_input(Members& m, Input& input) {
    read_source(m, input);
    read_color(m, "background", input.background);
    if (const Json* json = m.find("crop")) {
        const auto [x, y, w, h] =
            whole_numbers<4>(m, "crop", *json, 0, translated("[left, top, width, height] of whole numbers from 0"));
        input.crop = Rect{x, y, w, h};
    }
    if (const Json* json = m.find("resize")) input.resize = size(m, "resize", *json);
    if (const Json* json = m.find("shift")) {
        const auto [h, w] =
            whole_numbers<2>(m, "shift", *json, -(1 << 20), translated("[down, right] of whole numbers"));
        input.shift = {h, w};
    }
    m.optional("gray", input.gray, false);
    if (const Json* json = m.find("normalize")) m.read("normalize", *json, input.normalize.emplace());
}

void read_loaded(Members& m, LoadedKernels& loaded, bool written) {
    const Json *file = m.find("file"), *title = m.find("title"), *weight = m.find("weight"), *bias = m.find("bias"),
               *trained = m.find("trained_with");
    if (file) loaded.origin = KernelsOrigin::parse(spec(m, "file", *file));
    if (!written && !file) m.add_error("file is missing");
    if (bias) loaded.bias = std::make_shared<const std::vector<float>>(floats(m, "bias", *bias));
    if (!written) {
        if (weight || title || trained) m.add_error("title, weight and trained_with belong to \"bank\": \"values\"");
        return;
    }
    if (!weight) return m.add_error("weight is missing");
    loaded.weight = weight_from(m, *weight);
    if (loaded.weight && loaded.bias && loaded.bias->size() != static_cast<std::size_t>(loaded.weight->shape().n))
        m.add_error(
            sentence("bias has {} values: expected {}, one per kernel", loaded.bias->size(), loaded.weight->shape().n));
    loaded.title = title ? m.text("title", *title, 1000) : "kernels";
    if (trained) m.read("trained_with", *trained, loaded.trained_with);
}

void read_kernels(Members& m, Kernels& kernels) {
    std::string bank;
    m.required("bank", bank);
    if (bank == "random") {
        RandomKernels random;
        m.optional("out_channels", random.out_channels, 7);
        m.optional("kernel_size", random.kernel_size, Size2{5, 5});
        if (random.out_channels < 1 || random.out_channels > 65536 || random.kernel_size.h < 1 ||
            random.kernel_size.w < 1)
            m.add_error("expected out_channels from 1 to 65536 and kernel_size of at least 1");
        random.seed = seed(m, "seed");
        kernels.bank = random;
    } else if (bank == "file" || bank == "values") {
        LoadedKernels loaded;
        read_loaded(m, loaded, bank == "values");
        kernels.bank = std::move(loaded);
    } else if (bank == "edges") {
        kernels.bank = EdgeKernels{};
    } else if (!bank.empty()) {
        m.add_error(sentence("bank is {}: expected one of edges, random, values, file", in_quotes(bank)));
    }
    if (const Json* gray = m.find("gray", "grey")) {  // older name
        if (*gray == "sum")
            kernels.gray = GrayKernels::channel_sum;
        else if (*gray != "luminance")
            m.expected("gray", *gray, "luminance or sum");
    }
    m.optional("use_bias", kernels.bias, true);
}

/// Parses the arrays of a network: {"conv1.weight": {"shape": [...], "values": [...]}}.
std::shared_ptr<const ParameterMap> arrays_from(Members& m, const Json& json) {
    auto map = std::make_shared<ParameterMap>();
    if (!json.is_object()) m.expected("arrays", json, "an object");
    if (!json.is_object()) return map;
    for (const auto& [name, array] : json.items()) {
        if (!array.is_object() || array.size() != 2 || !array.contains("shape") || !array.contains("values") ||
            !array["shape"].is_array()) {
            m.add_error(sentence("{} is not an array: expected its shape and its values", in_quotes(name)));
            continue;
        }
        std::vector<std::int64_t> shape;
        // More values than a file can hold; most * most does not overflow.
        constexpr std::uint64_t most = std::uint64_t{1} << 31U;
        std::uint64_t count = 1;
        for (const Json& extent : array["shape"]) {
            shape.push_back(m.whole("shape", extent, 1, "whole numbers from 1"));
            count =
                shape.back() < 1 ? 0 : std::min(count * std::min(static_cast<std::uint64_t>(shape.back()), most), most);
        }
        std::vector<float> values = floats(m, "values", array["values"]);
        const bool axes = (shape.size() >= 1 && shape.size() <= 4) || shape.size() == 6;
        if (!axes || count == 0 || values.size() != count) {
            m.add_error(sentence("{} has {} values: expected {}", in_quotes(name), values.size(), shape_text(shape)));
            continue;
        }
        (*map)[name] = make_parameter(std::move(shape), std::move(values));
    }
    return map;
}

Expected<void> read_weights(const Json& json, LoadedWeights& weights, std::string_view file) {
    return object(json, file, "weights", [&](Members& m) {
        const Json *name = m.find("file"), *title = m.find("title"), *arrays = m.find("arrays");
        if (name) weights.origin = CheckpointOrigin::parse(spec(m, "file", *name));
        if (!name && !arrays) m.add_error("expected file or arrays");
        if (title) weights.title = m.text("title", *title, 1000);
        if (arrays) weights.parameters = arrays_from(m, *arrays);
    });
}

Expected<void> read_layered(const Json& json, LayeredNetwork& network, std::string_view file) {
    Expected<void> inner;
    auto ok = object(json, file, "network", [&](Members& m) {
        network.origin = NetworkOrigin::parse(spec(m, "name", *m.find("name")));
        network.architecture = known_architecture(network.origin);
        if (const Json* architecture = m.find("architecture")) {
            auto read = architecture_from(*architecture, file);
            if (read)
                network.architecture = std::make_shared<const Architecture>(std::move(*read));
            else
                inner = tl::unexpected(read.error());
        }
        network.weights = RandomWeights{seed(m, "seed")};
        const Json* weights = m.find("weights");
        if (!weights) return;
        if (m.find("seed")) m.add_error("seed and weights can't be combined");
        LoadedWeights loaded;
        if (auto read = read_weights(*weights, loaded, file); !read) inner = read;
        network.weights = std::move(loaded);
    });
    return ok ? inner : ok;
}

Expected<void> read_chain(const Json& json, ConvChain& chain, std::string_view file) {
    Expected<void> inner;
    auto ok = object(json, file, "network", [&](Members& m) {
        m.optional("relu", chain.relu, false);
        if (const Json* pool = m.find("max_pool"))
            inner = object(*pool, file, "max_pool", [&](Members& p) { visit_fields(chain.pool.emplace(), p); });
    });
    return ok ? inner : ok;
}

/// Returns scale_from(text) as an optional, for word().
std::optional<Scale> scale_word(const std::string& text) {
    const auto scale = scale_from(text);
    return scale ? std::optional(*scale) : std::nullopt;
}

std::optional<Sort> sort_word(const std::string& text) {
    const auto sort = sort_from(text);
    return sort ? std::optional(*sort) : std::nullopt;
}

void read_display(Members& m, DisplayOptions& display) {
    if (const Json* json = m.find("scale"))
        display.scale =
            word(m, "scale", *json, scale_word, "per-channel, shared, symmetric, per-channel-symmetric or fixed:LO:HI")
                .value_or(display.scale);
    if (const Json* json = m.find("colormap"))
        display.colormap =
            word(m, "colormap", *json, colormap_from, sentence("one of {}", fmt::join(colormap_names(), ", ")));
    if (const Json* json = m.find("columns")) display.columns = m.whole("columns", *json, 1, "a whole number from 1");
    if (const Json* json = m.find("cell")) display.cell = size(m, "cell", *json);
    if (const Json* json = m.find("gap")) display.gap = m.whole("gap", *json, 0, "a whole number from 0");
    if (display.columns > 4096 || display.gap > 4096 || display.cell.h > max_picture_side ||
        display.cell.w > max_picture_side)
        m.add_error(
            "columns, gap or cell is too large: expected at most 4096 columns, a gap of 4096 and a cell of 16384 "
            "pixels");
    if (const Json* json = m.find("channels")) {
        if (!json->is_array() || json->size() > max_pictures)
            return m.expected("channels", *json, "a list of channel numbers");
        for (const Json& channel : *json) {
            display.channels.push_back(m.whole("channels", channel, 0, "whole numbers from 0"));
            if (display.channels.back() > max_channel) return m.expected("channels", channel, "numbers below 65536");
        }
    }
    if (const Json* json = m.find("sort"))
        display.sort = word(m, "sort", *json, sort_word, "index, mean, max or energy").value_or(display.sort);
    if (const Json* json = m.find("item")) display.item = m.whole("item", *json, 0, "a whole number from 0");
    for (const auto& [name, flag] : {std::pair{"hide_dead", &display.hide_dead}, {"mark_beyond", &display.mark_beyond}})
        if (const Json* json = m.find(name)) m.read(name, *json, *flag);
    read_color(m, "background", display.background);
}

}  // namespace

Expected<DocumentSpec> document_from(const Json& json, std::string_view file) {
    DocumentSpec result;
    Document& d = result.document;
    const Json *input = nullptr, *network = nullptr, *kernels = nullptr, *conv = nullptr, *display = nullptr;
    auto ok = object(json, file, "document", [&](Members& m) {
        input = m.find("input");
        network = m.find("network");
        kernels = m.find("kernels");
        conv = m.find("conv");
        display = m.find("display", "look");
        if (const Json* layer = m.find("layer")) d.layer = m.text("layer", *layer, 100);
        if (!input) m.add_error("input is missing");
    });
    if (ok) ok = object(*input, file, "input", [&](Members& m) { read_input(m, d.input); });
    if (ok && kernels) ok = object(*kernels, file, "kernels", [&](Members& m) { read_kernels(m, d.kernels); });
    if (ok && conv) ok = object(*conv, file, "conv", [&](Members& m) { visit_conv(d.conv, m); });
    if (ok && display) ok = object(*display, file, "display", [&](Members& m) { read_display(m, d.display); });
    if (ok && network && network->is_object() && network->contains("name")) {
        ok = read_layered(*network, d.network.emplace<LayeredNetwork>(), file);
    } else if (ok && network) {
        ok = read_chain(*network, d.network.emplace<ConvChain>(), file);
    }
    if (!ok) return tl::unexpected(ok.error());
    return result;
}

Expected<Json> file_object(std::string_view text, std::string_view file, std::string_view kind, int max_depth,
                           std::size_t max_bytes) {
    if (text.size() > max_bytes)
        return fail("{}: {} bytes are too many for a {}, expected {} at most", file, text.size(), kind, max_bytes);
    auto json = json_from(text, file, sentence("a {}", kind), max_depth);
    if (json && !json->is_object()) return fail("{}: expected a {}, found {}", file, kind, shown(*json));
    return json;
}

void check_kind(Members& m, std::string_view kind) {
    const Json *what = m.find("convlens"), *version = m.find("version");
    if (!what || *what != std::string(kind))
        return m.add_error(sentence("it is not a {}: expected \"convlens\": \"{}\"", kind, kind));
    if (!version || !version->is_number_integer()) return m.add_error("version is missing: expected 1");
    if (*version > 1)
        return m.add_error(sentence("a newer Convlens wrote it: its version is {}, this one reads 1", shown(*version)));
    if (*version != 1) m.expected("version", *version, "1");
}

}  // namespace convlens
