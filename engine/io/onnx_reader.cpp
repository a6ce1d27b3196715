/// The walk through the graph of an ONNX file.
#include "engine/io/onnx_reader.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "engine/core/sentence.h"
#include "engine/io/frame_names.h"
#include "engine/nn/parameters.h"

namespace convlens {
namespace {

constexpr std::size_t max_layers = 1000;
constexpr std::size_t max_name_bytes = 90;  ///< Of a layer, before a number that makes it unique.

bool is_default_domain(const OnnxNode& node) { return node.domain.empty() || node.domain == "ai.onnx"; }

/// Operators that are read only where they compute constants and shapes.
bool is_folded(std::string_view type) {
    constexpr std::string_view types[] = {"Constant", "Shape", "Gather", "Unsqueeze", "Squeeze", "Concat",
                                          "Slice",    "Cast",  "Div",    "Sub",       "Mul",     "Add"};
    return std::ranges::find(types, type) != std::end(types);
}

/// Operators that mean the same in all opsets before 7 as in opset 7.
bool is_old(const OnnxNode& node) {
    constexpr std::string_view types[] = {
        "Conv",     "ConvTranspose", "Elu",     "Flatten",   "GlobalAveragePool",     "GlobalMaxPool",
        "Identity", "HardSigmoid",   "LRN",     "LeakyRelu", "InstanceNormalization", "MaxPool",
        "Relu",     "Sigmoid",       "Softmax", "Tanh"};
    return std::ranges::find(types, node.type) != std::end(types);
}

/// Returns the part of a name like "/features/features.0/Conv" that names the module: "features.0"; and the whole name
/// if it is not of that form. PyTorch writes all outer modules, and repeats the name of a Sequential before the index.
std::string module_of(std::string_view name, std::string_view type) {
    if (!name.starts_with('/')) return std::string(name);
    std::vector<std::string_view> parts;
    for (name.remove_prefix(1); !name.empty();) {
        const std::size_t end = std::min(name.find('/'), name.size());
        parts.push_back(name.substr(0, end));
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    if (parts.size() > 1 && parts.back().starts_with(type)) parts.pop_back();
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const bool repeated = i + 1 < parts.size() && parts[i + 1].starts_with(fmt::format("{}.", parts[i]));
        if (!repeated) text += fmt::format("{}{}", text.empty() ? "" : ".", parts[i]);
    }
    return text;
}

}  // namespace

std::string in_words(const OnnxNode& node) {
    const std::string_view name = !node.name.empty() ? node.name : node.outputs.empty() ? "" : node.outputs[0];
    return fmt::format("{} {}", printable(node.type, 40), in_quotes(name));
}

std::vector<std::int64_t> OnnxConstant::shape() const {
    auto result = tensor->shape;
    if (transposed) std::ranges::reverse(result);
    return result;
}

OnnxReader::OnnxReader(std::shared_ptr<const OnnxFile> file) : file_(std::move(file)) {
    for (const OnnxTensor& tensor : file_->tensors) {
        tensors_.emplace(tensor.name, &tensor);
        values_left_ += std::min<std::uint64_t>(tensor.count(), file_->bytes.span().size() + (std::uint64_t{1} << 40U));
    }
    values_left_ += 1'000'000;
}

Expected<void> OnnxReader::check_graph() {
    const OnnxFile& file = *file_;
    std::set<std::string_view> known;
    for (const OnnxTensor& tensor : file.tensors) known.insert(tensor.name);
    for (const OnnxInput& input : file.inputs) known.insert(input.name);
    for (const OnnxNode& node : file.nodes)
        for (const std::string_view output : node.outputs)
            if (!output.empty() && (known.contains(output) || !producers_.emplace(output, &node).second))
                return fail("{}: {} makes {}, which there is already", file.name, in_words(node), in_quotes(output));
    std::unordered_map<const OnnxNode*, std::size_t> waiting;  // for so many inputs
    std::vector<const OnnxNode*> ready;
    for (const OnnxNode& node : file.nodes) {
        std::size_t count = 0;
        for (const std::string_view input : node.inputs) {
            if (input.empty()) continue;
            const bool made = producers_.contains(input);
            if (!made && !known.contains(input))
                return fail("{}: {} uses {}, which does not exist", file.name, in_words(node), in_quotes(input));
            users_[input].push_back(&node);
            count += made;
        }
        waiting[&node] = count;
        if (count == 0) ready.push_back(&node);
    }
    // As many nodes as possible in the order of the file, because it is that in which people read them.
    const auto later = [](const OnnxNode* a, const OnnxNode* b) { return a > b; };
    std::ranges::make_heap(ready, later);
    std::size_t done = 0;
    while (!ready.empty()) {
        std::ranges::pop_heap(ready, later);
        const OnnxNode* node = ready.back();
        ready.pop_back();
        ++done;
        order_.push_back(node);
        for (const std::string_view output : node->outputs)
            if (const auto at = users_.find(output); at != users_.end() && !output.empty())
                for (const OnnxNode* user : at->second)
                    if (--waiting[user] == 0) {
                        ready.push_back(user);
                        std::ranges::push_heap(ready, later);
                    }
    }
    if (done < file.nodes.size()) {
        const auto stuck = std::ranges::find_if(file.nodes, [&](const OnnxNode& n) { return waiting[&n] > 0; });
        return fail("{}: {} depends on its own output, expected a graph without cycles", file.name, in_words(*stuck));
    }
    for (const OnnxNode& node : file.nodes) {
        if (node.type != "Constant" || node.outputs.empty()) continue;
        if (const auto message = node.tensor("value")) {
            auto tensor = parse_onnx_tensor(*message, file.name);
            if (!tensor) return tl::unexpected(tensor.error());
            tensor->name = node.outputs[0];
            values_left_ += tensor->count();
            own_tensors_.push_back(std::move(*tensor));
            tensors_.emplace(node.outputs[0], &own_tensors_.back());
        }
    }
    return {};
}

std::vector<const OnnxNode*> OnnxReader::users(std::string_view value) const {
    std::vector<const OnnxNode*> result;
    if (const auto at = users_.find(value); at != users_.end())
        for (const OnnxNode* node : at->second)
            if (node->type != "Shape" && std::ranges::find(result, node) == result.end()) {
                result.push_back(node);
                if (result.size() == 100) break;  // a branch in any case
            }
    return result;
}

std::string OnnxReader::layer_name(const OnnxNode& node, const OnnxConstant* weight, std::string_view suffix) {
    constexpr std::string_view ending = ".weight";
    std::string name;
    if (weight && weight->tensor->name.size() > ending.size() && weight->tensor->name.ends_with(ending))
        name = weight->tensor->name.substr(0, weight->tensor->name.size() - ending.size());
    if (name.empty()) name = module_of(node.name, node.type);
    if (name.empty()) name = node.outputs[0];
    if (name.empty()) name = node.type;
    name = printable(name + std::string(suffix), max_name_bytes);
    std::string unique = name;
    if (name == "input") names_.insert(name);  // the name of the network's input
    for (int i = 2; !names_.insert(unique).second; ++i) unique = fmt::format("{}_{}", name, i);
    return unique;
}

OnnxReader::Result OnnxReader::append(const OnnxNode& node, OperationSpec spec, std::vector<int> inputs,
                                      const OnnxConstant* weight, std::string_view suffix) {
    auto& layers = architecture_.layers;
    if (layers.size() == max_layers) return fail("would be layer {}, which are too many", max_layers + 1);
    const int index = static_cast<int>(layers.size());
    layers.push_back({layer_name(node, weight, suffix), std::move(spec), stored_inputs(index, std::move(inputs))});
    values_of_layer_.push_back(0);
    layer_ = index;
    return {};
}

OnnxReader::Result OnnxReader::add(const OnnxNode& node, OperationSpec spec, const OnnxConstant* weight,
                                   std::string_view suffix) {
    const auto shape_before = shape_;
    const auto channels_before = channels_;
    if (shape_) {
        auto output = output_shape(spec, *shape_);
        if (!output) return fail("can't run on {}: {}", to_string(*shape_), output.error().message);
        shape_ = *output;
        channels_ = output->c;
    } else {
        channels_.reset();
        if (const auto* conv = std::get_if<Conv2dSpec>(&spec)) channels_ = conv->out_channels;
        if (const auto* linear = std::get_if<LinearSpec>(&spec)) channels_ = linear->out_features;
        if (const auto* transposed = std::get_if<ConvTranspose2dSpec>(&spec)) channels_ = transposed->out_channels;
    }
    auto done = append(node, std::move(spec), {layer_}, weight, suffix);
    if (!done) shape_ = shape_before, channels_ = channels_before;
    return done;
}

OnnxReader::Result OnnxReader::read_join(const OnnxNode& node, const std::vector<std::string_view>& inputs) {
    const bool adds = node.type == "Add" || node.type == "Sum", concat = node.type == "Concat";
    if (!adds && !concat && node.type != "Mul") return fail("combines two values that depend on the input");
    if (inputs.size() != node.inputs.size())
        return fail("combines constants with several values that depend on the input");
    const std::int64_t axis = node.integer("axis").value_or(1);
    if (concat && axis != 1 && axis != 1 - rank_) return fail("has the axis {}, expected the channels, 1", axis);
    OperationSpec spec = adds ? OperationSpec(Add{}) : concat ? OperationSpec(Concat{}) : OperationSpec(Multiply{});
    std::vector<int> layers;
    std::vector<Shape> shapes;
    std::optional<int> channels = concat ? std::optional(0) : std::nullopt;
    for (const std::string_view name : inputs) {
        const Value& value = values_.at(name);
        if (value.channels_last != channels_last_ || (concat && channels_last_))
            return fail("combines values with the channels in the last axis");
        if (value.rank != rank_) return fail("combines values of {} and {} axes", rank_, value.rank);
        layers.push_back(value.layer);
        if (value.shape) shapes.push_back(*value.shape);
        if (concat)
            channels = channels && value.channels ? std::optional(*channels + *value.channels) : std::nullopt;
        else
            channels = std::max(channels, value.channels);
    }
    if (inputs.size() > max_layer_inputs) return fail("has {} inputs, which are too many", inputs.size());
    if (shapes.size() == inputs.size()) {
        auto output = output_shape(spec, shapes);
        if (!output) return fail("can't run: {}", output.error().message);
        shape_ = *output;
        channels_ = output->c;
    } else {
        shape_.reset();
        channels_ = channels;
    }
    return append(node, std::move(spec), std::move(layers), nullptr, "");
}

bool OnnxReader::is_read_once() const {
    return layer_ >= 0 && values_of_layer_[static_cast<std::size_t>(layer_)] == 1 && users(value_).size() == 1;
}

void OnnxReader::add_array(std::string_view array, std::vector<std::int64_t> shape, const OnnxConstant& from,
                           OnnxChange change) {
    const std::string key = fmt::format("{}.{}", last()->name, array);
    const std::uint64_t count = from.tensor->count();
    values_left_ = values_left_ > count ? values_left_ - count : 0;
    used_.insert(std::string(from.tensor->name));
    const auto load = [file = file_, tensor = *from.tensor, transposed = from.transposed, shape,
                       change = std::move(change)]() -> Expected<Array> {
        auto loaded = file->load(tensor);
        if (!loaded) return loaded;
        file->bytes.release_pages();
        if (transposed && tensor.shape.size() == 2)
            loaded->values = in_c_order(std::move(loaded->values), {tensor.shape[1], tensor.shape[0]},
                                        {1, static_cast<std::uint64_t>(tensor.shape[1])});
        if (change) change(loaded->values);
        loaded->shape = shape;
        return loaded;
    };
    arrays_.push_back({{key, from.tensor->dtype(), std::move(shape)}, load});
}

void OnnxReader::add_array(std::string_view array, std::int64_t count, float value) {
    const auto values = static_cast<std::uint64_t>(count);
    values_left_ = values_left_ > values ? values_left_ - values : 0;
    arrays_.push_back(
        {{fmt::format("{}.{}", last()->name, array), "float32", {count}}, [count, value]() -> Expected<Array> {
             return Array{{count}, std::vector<float>(static_cast<std::size_t>(count), value)};
         }});
}

/// Returns the operators of the file that Convlens does not have, besides `node`: ", nor are 3 Einsum, 2 Loop".
std::string OnnxReader::other_missing(const OnnxNode& node) const {
    std::map<std::string, std::size_t> counts;
    for (const OnnxNode& other : file_->nodes)
        if (&other != &node && !consumed_.contains(&other) &&
            (!is_default_domain(other) || (!onnx_operator(other.type) && !is_folded(other.type))))
            ++counts[printable(other.type, 40)];
    std::vector<std::string> texts;
    for (const auto& [type, count] : counts) {
        if (texts.size() == 20) {
            texts.push_back(sentence("{} other operators", counts.size() - texts.size()));
            break;
        }
        texts.push_back(fmt::format("{}{} {}", count, type == node.type ? sentence(" more") : "", type));
    }
    return texts.empty() ? "" : sentence(", nor are {}", fmt::join(texts, ", "));
}

Expected<void> OnnxReader::begin() {
    const OnnxFile& file = *file_;
    std::vector<const OnnxInput*> used;
    for (const OnnxInput& input : file.inputs)
        if (users_.contains(input.name)) used.push_back(&input);
    if (used.empty()) return fail("{}: no node reads an input", file.name);
    value_ = used[0]->name;
    auto sizes = used[0]->shape;
    if (sizes && (sizes->size() > 4 || sizes->size() < 2))
        return fail("{}: the input {} is {}, expected the axes (N, C, H, W) of images", file.name,
                    in_quotes(used[0]->name), shape_text(*sizes));
    const auto first = users(value_);
    if (sizes && sizes->size() == 4 && first.size() == 1 && first[0]->type == "Transpose" &&
        first[0]->integers("perm") == std::vector<std::int64_t>{0, 3, 1, 2} && first[0]->outputs.size() == 1) {
        sizes = {(*sizes)[0], (*sizes)[3], (*sizes)[1], (*sizes)[2]};  // the file's input is (N, H, W, C)
        value_ = first[0]->outputs[0];
        consumed_.insert(first[0]);
        ++nodes_read_;
    }
    rank_ = sizes ? static_cast<int>(sizes->size()) : 4;
    if (!sizes || (*sizes)[1] < 1 || (*sizes)[1] > max_hyper_parameter) return {};
    channels_ = static_cast<int>((*sizes)[1]);
    if (rank_ == 2) return {};
    if (rank_ == 3) sizes->insert(sizes->begin() + 2, 1);
    if (std::min((*sizes)[2], (*sizes)[3]) < 1 || std::max((*sizes)[2], (*sizes)[3]) > max_hyper_parameter) return {};
    architecture_.input_size = Size2{static_cast<int>((*sizes)[2]), static_cast<int>((*sizes)[3])};
    shape_ = Shape{1, *channels_, architecture_.input_size->h, architecture_.input_size->w};
    return {};
}

void OnnxReader::make_current(std::string_view name) {
    const Value& value = values_.at(name);
    value_ = name;
    layer_ = value.layer;
    rank_ = value.rank;
    channels_last_ = value.channels_last;
    shape_ = value.shape;
    channels_ = value.channels;
}

void OnnxReader::record(std::string_view name) {
    values_[name] = {layer_, rank_, channels_last_, shape_, channels_};
    if (shape_ && !channels_last_) shapes_[name] = {rank_, *shape_};
    if (layer_ >= 0) ++values_of_layer_[static_cast<std::size_t>(layer_)];
}

void OnnxReader::consume(const OnnxNode& last) {
    std::vector<const OnnxNode*> left{&last};
    while (!left.empty()) {
        const OnnxNode* node = left.back();
        left.pop_back();
        if (!consumed_.insert(node).second) continue;
        for (const std::string_view input : node->inputs)
            if (const auto at = producers_.find(input); at != producers_.end() && input != value_)
                left.push_back(at->second);
    }
}

OnnxReader::Result OnnxReader::read(const OnnxNode& node) {
    if (node.outputs.empty()) return fail("has no output");
    std::vector<std::string_view> inputs;
    for (const std::string_view input : node.inputs) {
        if (values_.contains(input)) inputs.push_back(input);
        if (other_inputs_.contains(input))
            return fail("reads the input {}, expected a network with one input", in_quotes(input));
    }
    const bool any_number = node.type == "Sum" || node.type == "Concat",
               joins = any_number || node.type == "Add" || node.type == "Mul";
    if (joins && inputs.size() == node.inputs.size() && (any_number || inputs.size() > 1) && is_default_domain(node))
        return read_join(node, inputs);
    const OnnxOperator* known = is_default_domain(node) ? onnx_operator(node.type) : nullptr;
    if (!known)
        return is_default_domain(node) ? fail("is not supported")
                                       : fail("of {} is not supported", in_quotes(node.domain));
    if (channels_last_ && !known->any_order) return fail("reads a value with the channels in the last axis");
    return known->read(*this, node);
}

void OnnxReader::step(const OnnxNode& node) {
    constexpr std::size_t max_users = 8;  // of a value where patterns are searched
    if (consumed_.contains(&node) || node.type == "Shape") return;
    const auto is_unread = [&](std::string_view input) { return unread_.contains(input); };
    const auto skip = [&] {
        for (const std::string_view output : node.outputs) unread_.insert(output);
    };
    if (std::ranges::any_of(node.inputs, is_unread)) return skip();
    const auto first =
        std::ranges::find_if(node.inputs, [&](std::string_view input) { return values_.contains(input); });
    const bool other_input =
        std::ranges::any_of(node.inputs, [&](std::string_view input) { return other_inputs_.contains(input); });
    if (first == node.inputs.end() && !other_input) return;  // it computes a constant or a shape
    if (first != node.inputs.end()) make_current(*first);
    const std::size_t layers = architecture_.layers.size(), arrays = arrays_.size(), nodes = nodes_read_;
    next_ = &node;
    std::optional<OnnxPattern> pattern;
    if (first != node.inputs.end())
        if (const auto all = users(value_); all.size() <= max_users)
            for (const OnnxNode* other : all)
                if (other != &node && !pattern) pattern = onnx_pattern(*this, {&node, other});
    auto done = Result();
    if (pattern) {
        go_on_after(*pattern->last, pattern->nodes);
        done = add(*pattern->last, pattern->layer, pattern->arrays.empty() ? nullptr : &pattern->arrays[0].second);
        for (std::size_t i = 0; done && i < pattern->arrays.size(); ++i) {
            const auto& [name, constant] = pattern->arrays[i];
            add_array(name, {static_cast<std::int64_t>(constant.tensor->count())}, constant);
        }
    } else {
        done = read(node);
    }
    for (std::size_t i = 1; done && i < next_->outputs.size(); ++i)
        if (!users(next_->outputs[i]).empty()) done = fail("has a second output that is used");
    if (done && values_left_ == 0) done = fail("uses weights that other layers use too: they would fill the memory");
    if (!done) {
        for (std::size_t i = layers; i < architecture_.layers.size(); ++i) names_.erase(architecture_.layers[i].name);
        architecture_.layers.resize(layers);
        values_of_layer_.resize(layers);
        arrays_.resize(arrays);
        nodes_read_ = nodes;
        if (reason_.empty())
            reason_ = fmt::format("{} {}{}", in_words(node), done.error().message, other_missing(node));
        return skip();
    }
    ++nodes_read_;
    const OnnxNode& last = *next_;
    if (&last != &node) consume(last);
    record(last.outputs[0]);
}

Expected<OnnxNetwork> OnnxReader::read() {
    const OnnxFile& file = *file_;
    const bool old = file.opset > 0 && file.opset < 7 && !file.nodes.empty() && std::ranges::all_of(file.nodes, is_old);
    if ((file.opset < 7 && !old) || file.opset > 21)
        return fail("{}: its operators are those of opset {}, expected 7 to 21", file.name, file.opset);
    if (auto ok = check_graph(); !ok) return tl::unexpected(ok.error());
    if (auto ok = begin(); !ok) return tl::unexpected(ok.error());
    for (const OnnxInput& input : file.inputs)
        if (input.name != value_ && !tensors_.contains(input.name)) other_inputs_.insert(input.name);
    record(value_);
    for (const OnnxNode* node : order_) step(*node);
    std::string note;
    if (!reason_.empty()) {
        const auto& layers = architecture_.layers;
        const std::string end = layers.empty() ? "" : sentence(", up to {}", layers.back().name);
        note =
            printable(sentence("{} of its {} nodes were read{}: {}", nodes_read_, file_->nodes.size(), end, reason_));
    }
    if (architecture_.layers.empty())
        return fail("{}: {}", file.name, note.empty() ? sentence("expected layers, found none") : note);
    architecture_.name = printable(std::filesystem::path(file.name).stem().string(), 100);
    if (file.producer == "Convlens" && !file.graph_name.empty()) architecture_.name = printable(file.graph_name, 100);
    if (const auto at = file.metadata.find("normalize"); at != file.metadata.end())
        if (const auto normalize = normalize_from(at->second)) architecture_.normalize = *normalize;
    return OnnxNetwork{std::move(architecture_), std::move(arrays_), std::move(used_), std::move(note)};
}

bool is_onnx(const std::filesystem::path& path) { return lower_extension(path) == ".onnx"; }

Expected<OnnxNetwork> read_onnx(const Bytes& bytes, std::string_view name, const std::filesystem::path& folder) {
    auto file = parse_onnx_file(bytes, name, folder);
    if (!file) return tl::unexpected(file.error());
    return OnnxReader(std::make_shared<const OnnxFile>(std::move(*file))).read();
}

Expected<Architecture> load_onnx_architecture(const std::filesystem::path& path) {
    const auto bytes = Bytes::map_file(path);
    if (!bytes) return tl::unexpected(bytes.error());
    auto network = read_onnx(*bytes, path.filename().string(), path.parent_path());
    if (!network) return tl::unexpected(network.error());
    return std::move(network->architecture);
}

Expected<FoundArrays> parse_onnx(const Bytes& bytes, std::string_view name, const std::filesystem::path& folder) {
    auto parsed = parse_onnx_file(bytes, name, folder);
    if (!parsed) return tl::unexpected(parsed.error());
    const auto file = std::make_shared<const OnnxFile>(std::move(*parsed));
    FoundArrays found;
    std::set<std::string, std::less<>> keys;
    if (auto network = OnnxReader(file).read()) {
        found.arrays = std::move(network->arrays);
        for (const FoundArray& array : found.arrays) keys.insert(array.info.key);
        keys.merge(network->used);
        found.metadata["title"] = network->architecture.name;
        if (!network->note.empty()) {
            found.metadata["title"] += fmt::format(", up to {}", network->architecture.layers.back().name);
            found.metadata["note"] = network->note;
        }
    }
    for (const OnnxTensor& tensor : file->tensors)
        if (keys.insert(std::string(tensor.name)).second)
            found.arrays.push_back({{std::string(tensor.name), tensor.dtype(), tensor.shape},
                                    [file, tensor] { return file->load(tensor); }});
    return found;
}

}  // namespace convlens
