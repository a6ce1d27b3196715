/// Matches the names and shapes of arrays in a file with those of a network.
#include "engine/open/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "engine/io/array_formats.h"
#include "engine/io/file.h"
#include "engine/io/onnx.h"

namespace convlens {
namespace {

using State = CheckpointRow::State;

/// Returns the name that an array has in torchvision's published files if it is another one, otherwise nothing. Those
/// of DenseNet are older than its code: "denselayer1.norm.1.weight" for "denselayer1.norm1.weight". The factors of a
/// block of ConvNeXt belong to no layer there: "0.layer_scale" for "0.layer_scale.weight".
std::string other_name(std::string_view key) {
    constexpr std::string_view factors = ".layer_scale.weight";
    if (key.ends_with(factors)) return std::string(key.substr(0, key.rfind('.')));
    const std::size_t layer = key.find("denselayer");
    if (layer == std::string_view::npos) return {};
    for (const std::string_view part : {".norm1.", ".norm2.", ".conv1.", ".conv2."})
        if (const std::size_t found = key.find(part, layer); found != std::string_view::npos)
            return std::string(key).insert(found + part.size() - 2, ".");
    return {};
}

/// The arrays that a network needs, in the order of its state dict.
struct Wanted {
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> arrays;
    std::vector<std::string> other_names;  ///< One per array, see other_name().
    std::unordered_map<std::string_view, std::size_t> by_name;
    std::size_t longest = 0;  ///< Length of the longest name.
    /// Arrays that PyTorch saves but no layer needs: num_batches_tracked.
    std::set<std::string, std::less<>> passed_over;

    explicit Wanted(const std::vector<LayerSpec>& layers) {
        for (const LayerSpec& layer : layers) {
            for (ParameterSpec& p : parameters_of(layer.operation))
                arrays.emplace_back(layer.name + "." + p.name, std::move(p.shape));
            for (const std::string_view name : unused_arrays_of(layer.operation))
                passed_over.insert(fmt::format("{}.{}", layer.name, name));
        }
        for (const auto& array : arrays) other_names.push_back(other_name(array.first));
        for (std::size_t i = 0; i < arrays.size(); ++i) {
            by_name.emplace(arrays[i].first, i);
            if (!other_names[i].empty()) by_name.emplace(other_names[i], i);
            longest = std::max({longest, arrays[i].first.size(), other_names[i].size()});
        }
    }
};

/// Calls visit(prefix, index in `wanted`.arrays) for each needed name that `key` ends with; `prefix` is the text before
/// that name.
template <class Visit>
void for_each_end(const Wanted& wanted, std::string_view key, const Visit& visit) {
    const std::size_t first = key.size() > wanted.longest ? key.size() - wanted.longest : 0;
    for (std::size_t at = first; at < key.size(); ++at) {
        if (at > 0 && key[at - 1] != '.' && key[at - 1] != '/') continue;
        if (const auto it = wanted.by_name.find(key.substr(at)); it != wanted.by_name.end())
            visit(key.substr(0, at), it->second);
    }
}

/// Returns true if an array of shape `found` has the values of one of shape `wanted`: the same shape, or the one
/// without the last axes of a 1x1 convolution, as the linear layers and the factors of channels in torchvision's
/// ConvNeXt.
bool fits(const std::vector<std::int64_t>& found, std::vector<std::int64_t> wanted) {
    while (wanted.size() > found.size() && wanted.size() > 2 && wanted.back() == 1) wanted.pop_back();
    return found == wanted;
}

/// Returns the prefix for which most arrays fit by name and shape. Among equals, returns the one for which most arrays
/// fit by name, then the shortest.
std::string best_prefix(const TensorFile& file, const Wanted& wanted) {
    struct Score {
        std::size_t fitting = 0, named = 0;
    };
    std::map<std::string_view, Score> scores;
    for (const ArrayInfo& array : file.arrays())
        for_each_end(wanted, array.key, [&](std::string_view prefix, std::size_t index) {
            Score& score = scores[prefix];
            ++score.named;
            score.fitting += fits(array.shape, wanted.arrays[index].second);
        });
    const auto worse = [](const auto& a, const auto& b) {
        return std::tuple(a.second.fitting, a.second.named, b.first.size()) <
               std::tuple(b.second.fitting, b.second.named, a.first.size());
    };
    const auto best = std::max_element(scores.begin(), scores.end(), worse);
    return best == scores.end() ? std::string() : std::string(best->first);
}

/// Compares a file with what is needed. `in_file` receives the file's name of each array that it has.
CheckpointReport compare(const TensorFile& file, std::string_view name, const Wanted& wanted,
                         std::map<std::string, std::string>& in_file) {
    CheckpointReport report{std::string(name), best_prefix(file, wanted), {}, {}};
    if (const auto note = file.metadata().find("note"); note != file.metadata().end()) report.note = note->second;
    std::unordered_map<std::string_view, const ArrayInfo*> there;
    for (const ArrayInfo& array : file.arrays()) there.emplace(array.key, &array);
    std::set<std::string, std::less<>> used;
    for (std::size_t i = 0; i < wanted.arrays.size(); ++i) {
        const auto& [key, shape] = wanted.arrays[i];
        auto found = there.find(report.prefix + key);
        if (found == there.end() && !wanted.other_names[i].empty())
            found = there.find(report.prefix + wanted.other_names[i]);
        if (found == there.end()) {
            report.rows.push_back({State::missing, key, shape, {}});
        } else {
            report.rows.push_back({fits(found->second->shape, shape) ? State::matched : State::other_shape, key, shape,
                                   found->second->shape});
            used.insert(found->second->key);
            in_file[key] = found->second->key;
        }
    }
    for (const ArrayInfo& array : file.arrays()) {
        const std::string_view key = array.key;
        const bool passed_over =
            key.starts_with(report.prefix) && wanted.passed_over.contains(key.substr(report.prefix.size()));
        if (!used.contains(array.key) && !passed_over)
            report.rows.push_back({State::left_over, array.key, {}, array.shape});
    }
    return report;
}

/// Returns the first names and shapes for a message: "a" 3x4, "b" scalar and 3 more.
std::string some_names(const TensorFile& file) {
    constexpr std::size_t most = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(most, file.arrays().size()); ++i)
        text += fmt::format("{}{} {}", i > 0 ? ", " : "", in_quotes(file.arrays()[i].key),
                            shape_text(file.arrays()[i].shape));
    if (file.arrays().size() > most) text += fmt::format(" and {} more", file.arrays().size() - most);
    return text.empty() ? "no arrays" : text;
}

/// Returns the name and shape with which the array `key` of a network is saved. In a block of torchvision's ConvNeXt,
/// X.block and X.layer_scale, the factors of channels belong to no layer, and the other convolutions of 1x1 are linear
/// layers: see other_name() and fits().
std::pair<std::string, std::vector<std::int64_t>> saved_array(const ParameterMap& all, const std::string& key,
                                                              const std::vector<std::int64_t>& shape) {
    constexpr std::string_view factors = ".layer_scale.weight", linear = ".block.5.weight";
    const bool scales = key.ends_with(factors);
    const std::size_t end = scales ? key.size() - factors.size() : key.rfind(".block.");
    const std::string block = key.substr(0, std::min(end, key.size()));
    const bool is_1x1 = shape.size() == 4 && shape[2] == 1 && shape[3] == 1;
    if (!is_1x1 || end == std::string::npos || !all.contains(block + std::string(factors)) ||
        !all.contains(block + std::string(linear)))
        return {key, shape};
    if (scales) return {other_name(key), {shape[0], 1, 1}};
    return {key, {shape[0], shape[1]}};
}

bool has_extension(const std::filesystem::path& path, std::string_view extension) {
    return path.extension() == extension;
}

}  // namespace

Expected<Checkpoint> match_checkpoint(const TensorFile& file, std::string_view name,
                                      const std::vector<LayerSpec>& layers, std::string_view network) {
    const Wanted wanted(layers);
    std::map<std::string, std::string> in_file;
    Checkpoint checkpoint{{}, compare(file, name, wanted, in_file)};
    if (wanted.arrays.empty()) return fail("{}: {} has no layer with weights", name, network);
    if (checkpoint.report.count(State::matched) == 0)
        return fail("{}: none of its arrays fits {}, which needs {} {} and others: the file has {}", name, network,
                    in_quotes(wanted.arrays[0].first), shape_text(wanted.arrays[0].second), some_names(file));
    for (const CheckpointRow& row : checkpoint.report.rows) {
        if (row.state != State::matched) continue;
        auto array = file.load(in_file[row.key]);
        if (!array) return tl::unexpected(array.error());
        const auto bad =
            std::count_if(array->values.begin(), array->values.end(), [](float v) { return !std::isfinite(v); });
        if (bad > 0)
            return fail("{}: {} of the {} values of {} are NaN or infinite, expected finite numbers", name, bad,
                        array->values.size(), in_quotes(row.key));
        checkpoint.parameters.emplace(row.key, make_parameter(row.wanted, std::move(array->values)));
    }
    return checkpoint;
}

Expected<void> save_weights(const std::filesystem::path& path, const Network& network, const std::string& title,
                            Existing existing) {
    const ParameterMap parameters = parameters_of(network);
    std::vector<std::pair<std::string, ArrayView>> arrays;
    for (const auto& [key, parameter] : parameters) {
        auto [name, shape] = saved_array(parameters, key, parameter.shape);
        arrays.emplace_back(std::move(name), ArrayView{std::move(shape), parameter.data()});
    }
    if (arrays.empty()) return fail("{}: the network has no weights to save", path.string());
    if (has_extension(path, ".safetensors"))
        return write_file(path, encode_safetensors(arrays, {{"title", title}}), existing);
    if (!has_extension(path, ".npz")) return fail("{}: weights are written as .safetensors or .npz", path.string());
    const auto bytes = encode_npz(arrays);
    if (!bytes) return tl::unexpected(bytes.error());
    return write_file(path, *bytes, existing);
}

Expected<void> save_onnx(const std::filesystem::path& path, const Document& document, const Network& network,
                         const Shape& input, Existing existing) {
    if (!has_extension(path, ".onnx"))
        return fail("{}: expected a file name that ends in .onnx", path.filename().string());
    const auto* layered = std::get_if<LayeredNetwork>(&document.network);
    const auto bytes = encode_onnx(network, layered ? layered->architecture->name : "Convolution",
                                   effective_normalize(document), input);
    if (!bytes) return tl::unexpected(bytes.error());
    return write_file(path, *bytes, existing);
}

}  // namespace convlens
