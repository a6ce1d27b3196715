/// Parsing of the messages of an ONNX file.
#include "engine/io/onnx_file.h"

#include <algorithm>
#include <bit>
#include <unordered_set>

#include "engine/core/numbers.h"
#include "engine/io/array_formats.h"
#include "engine/io/protobuf.h"

namespace convlens {
namespace {

using namespace onnx_field;
using enum ProtoWire;

constexpr std::size_t max_entries = 100'000;  ///< Nodes, tensors, inputs.
constexpr std::size_t max_axes = 8;
constexpr std::size_t max_names = 1'000'000;  ///< Names of inputs and outputs of all nodes.

tl::unexpected<Error> invalid(std::string_view file, std::string_view where) {
    return fail("{}: expected an ONNX file, but {} is not valid protobuf, or the file is cut off", file,
                translated(where));
}

/// Counts the entries of a list in the file. Returns false at the first one too many.
struct Limit {
    std::size_t left = max_entries;
    bool take(std::size_t count = 1) { return left >= count ? (left -= count, true) : (left = 0, false); }
};

/// Reads a ValueInfoProto.
Expected<OnnxInput> parse_input(std::span<const std::byte> message, std::string_view file) {
    OnnxInput result;
    ProtoField value, type, tensor, shape, dim;
    ProtoReader values(message);
    while (values.next(value)) {
        if (value.is(value_name, bytes)) result.name = value.text();
        if (!value.is(value_type, bytes)) continue;
        ProtoReader types(value.bytes);
        while (types.next(type)) {
            if (!type.is(type_tensor, bytes)) continue;
            ProtoReader tensors(type.bytes);
            while (tensors.next(tensor)) {
                if (!tensor.is(type_shape, bytes)) continue;
                result.shape.emplace();
                ProtoReader dims(tensor.bytes);
                while (dims.next(shape)) {
                    if (!shape.is(shape_dim, bytes)) continue;
                    if (result.shape->size() == max_axes)
                        return fail("{}: the input {} has more than {} axes", file, in_quotes(result.name), max_axes);
                    std::int64_t size = -1;
                    ProtoReader one(shape.bytes);
                    while (one.next(dim))
                        if (dim.is(dim_value, varint)) size = static_cast<std::int64_t>(dim.value);
                    result.shape->push_back(size > 0 ? size : -1);
                    if (one.failed()) return invalid(file, "an input");
                }
                if (dims.failed()) return invalid(file, "an input");
            }
            if (tensors.failed()) return invalid(file, "an input");
        }
        if (types.failed()) return invalid(file, "an input");
    }
    if (values.failed()) return invalid(file, "an input");
    return result;
}

Expected<OnnxNode> parse_node(std::span<const std::byte> message, std::string_view file, Limit& names) {
    OnnxNode node;
    node.message = message;
    ProtoReader reader(message);
    ProtoField field;
    while (reader.next(field)) {
        if (field.wire != bytes) continue;
        switch (field.number) {
            case node_input:
            case node_output:
                if (!names.take()) return fail("{}: its nodes have more than {} inputs and outputs", file, max_names);
                (field.number == node_input ? node.inputs : node.outputs).push_back(field.text());
                break;
            case node_name: node.name = field.text(); break;
            case op_type: node.type = field.text(); break;
            case node_domain: node.domain = field.text(); break;
            default: break;
        }
    }
    if (reader.failed()) return invalid(file, "a node");
    return node;
}

/// Reads an entry of two texts, whose fields have the numbers 1 and 2.
std::optional<std::pair<std::string_view, std::string_view>> parse_entry(std::span<const std::byte> message) {
    std::pair<std::string_view, std::string_view> entry;
    ProtoReader reader(message);
    ProtoField field;
    while (reader.next(field)) {
        if (field.is(entry_key, bytes)) entry.first = field.text();
        if (field.is(entry_value, bytes)) entry.second = field.text();
    }
    if (reader.failed()) return std::nullopt;
    return entry;
}

Expected<void> parse_graph(std::span<const std::byte> message, OnnxFile& file) {
    Limit entries, names{max_names};
    ProtoReader reader(message);
    ProtoField field;
    const auto too_many = [&](const char* what) {
        return fail("{}: it has more than {} {}", file.name, max_entries, translated(what));
    };
    while (reader.next(field)) {
        if (field.number == sparse_initializer)
            return fail("{}: it has sparse tensors, expected weights with all values", file.name);
        if (field.wire != bytes) continue;
        if (field.number == node) {
            if (file.nodes.size() == max_entries) return too_many("nodes");
            auto parsed = parse_node(field.bytes, file.name, names);
            if (!parsed) return tl::unexpected(parsed.error());
            file.nodes.push_back(std::move(*parsed));
        } else if (field.number == initializer) {
            if (file.tensors.size() == max_entries) return too_many("tensors");
            auto parsed = parse_onnx_tensor(field.bytes, file.name);
            if (!parsed) return tl::unexpected(parsed.error());
            file.tensors.push_back(std::move(*parsed));
        } else if (field.number == input) {
            if (!entries.take()) return too_many("inputs");
            auto parsed = parse_input(field.bytes, file.name);
            if (!parsed) return tl::unexpected(parsed.error());
            file.inputs.push_back(std::move(*parsed));
        } else if (field.number == output) {
            if (!entries.take()) return too_many("inputs and outputs");
            const auto parsed = parse_input(field.bytes, file.name);
            if (!parsed) return tl::unexpected(parsed.error());
            file.outputs.push_back(parsed->name);
        } else if (field.number == graph_name) {
            file.graph_name = field.text();
        }
    }
    if (reader.failed()) return invalid(file.name, "the graph");
    std::unordered_set<std::string_view> known;
    for (const OnnxTensor& tensor : file.tensors)
        if (!known.insert(tensor.name).second)
            return fail("{}: there are two tensors {}", file.name, in_quotes(tensor.name));
    // Up to IR version 3, every tensor of weights is also listed as an input.
    std::erase_if(file.inputs, [&](const OnnxInput& i) { return known.contains(i.name); });
    return {};
}

/// Calls visit(field) for each attribute of the node with that name and a field `number`.
template <class Visit>
void for_attribute(std::span<const std::byte> node, std::string_view name, const Visit& visit) {
    ProtoReader nodes(node);
    ProtoField attribute, part;
    while (nodes.next(attribute)) {
        if (!attribute.is(onnx_field::attribute, bytes)) continue;
        bool named = false;
        for (ProtoReader reader(attribute.bytes); reader.next(part);)
            named = named || (part.is(attribute_name, bytes) && part.text() == name);
        if (!named) continue;
        for (ProtoReader reader(attribute.bytes); reader.next(part);) visit(part);
        return;
    }
}

}  // namespace

std::optional<std::int64_t> OnnxNode::integer(std::string_view attribute) const {
    std::optional<std::int64_t> value;
    for_attribute(message, attribute, [&](const ProtoField& f) {
        if (f.is(attribute_i, varint)) value = static_cast<std::int64_t>(f.value);
    });
    return value;
}

std::optional<float> OnnxNode::real(std::string_view attribute) const {
    std::optional<float> value;
    for_attribute(message, attribute, [&](const ProtoField& f) {
        if (f.is(attribute_f, fixed32)) value = std::bit_cast<float>(static_cast<std::uint32_t>(f.value));
    });
    return value;
}

std::optional<std::string_view> OnnxNode::text(std::string_view attribute) const {
    std::optional<std::string_view> value;
    for_attribute(message, attribute, [&](const ProtoField& f) {
        if (f.is(attribute_s, bytes)) value = f.text();
    });
    return value;
}

std::optional<std::vector<std::int64_t>> OnnxNode::integers(std::string_view attribute) const {
    std::optional<std::vector<std::int64_t>> values;
    for_attribute(message, attribute, [&](const ProtoField& f) {
        if (f.number != attribute_ints) return;
        if (!values) values.emplace();
        for_each_varint(f, [&](std::uint64_t v) {
            if (values->size() < 64) values->push_back(static_cast<std::int64_t>(v));
        });
    });
    return values;
}

std::optional<std::vector<float>> OnnxNode::reals(std::string_view attribute) const {
    std::optional<std::vector<float>> values;
    for_attribute(message, attribute, [&](const ProtoField& f) {
        if (f.number != attribute_floats) return;
        if (!values) values.emplace();
        const auto put = [&](std::uint32_t bits) {
            if (values->size() < 64) values->push_back(std::bit_cast<float>(bits));
        };
        if (f.wire == fixed32) put(static_cast<std::uint32_t>(f.value));
        if (f.wire == bytes)
            for (ByteReader reader(f.bytes); reader.rest().size() >= sizeof(float);)
                put(reader.little<std::uint32_t>());
    });
    return values;
}

std::optional<std::span<const std::byte>> OnnxNode::tensor(std::string_view attribute) const {
    std::optional<std::span<const std::byte>> value;
    for_attribute(message, attribute, [&](const ProtoField& f) {
        if (f.is(attribute_t, bytes)) value = f.bytes;
    });
    return value;
}

Expected<OnnxTensor> parse_onnx_tensor(std::span<const std::byte> message, std::string_view file) {
    OnnxTensor tensor;
    tensor.message = message;
    ProtoReader reader(message);
    ProtoField field;
    bool outside = false, valid = true;
    while (reader.next(field)) {
        if (field.number == tensor_dims)
            valid = valid && for_each_varint(field, [&](std::uint64_t v) {
                        if (tensor.shape.size() <= max_axes) tensor.shape.push_back(static_cast<std::int64_t>(v));
                    });
        if (field.is(tensor_type, varint)) tensor.type = static_cast<std::int64_t>(field.value);
        if (field.is(tensor_name, bytes)) tensor.name = field.text();
        if (field.is(data_location, varint)) outside = field.value == 1;
        if (field.is(external_data, bytes)) {
            const auto entry = parse_entry(field.bytes);
            if (!entry) return invalid(file, "a tensor");
            if (entry->first == "location") tensor.location = entry->second;
            if (entry->first == "offset") {
                const auto offset = parse_number<std::uint64_t>(entry->second);
                if (!offset)
                    return fail("{}: {}: the offset {} of its external data is no number", file, in_quotes(tensor.name),
                                in_quotes(entry->second));
                tensor.offset = *offset;
            }
        }
    }
    if (reader.failed() || !valid) return invalid(file, "a tensor");
    if (tensor.shape.size() > max_axes)
        return fail("{}: the tensor {} has more than {} axes", file, in_quotes(tensor.name), max_axes);
    if (!count_of(tensor.shape))
        return fail("{}: the shape {} of {} is negative or too large", file, shape_text(tensor.shape),
                    in_quotes(tensor.name));
    if (outside && tensor.location.empty())
        return fail("{}: {} has external data without a file name", file, in_quotes(tensor.name));
    if (!outside) tensor.location = {};
    return tensor;
}

Expected<OnnxFile> parse_onnx_file(Bytes content, std::string_view name, const std::filesystem::path& folder) {
    OnnxFile file;
    file.bytes = std::move(content);
    file.name = name;
    file.folder = folder;
    if (begins_with(file.bytes.span(), "version https://git-lfs"))
        return fail("{}: this is a pointer of Git LFS, not the network itself: fetch it with git lfs pull", name);
    ProtoReader reader(file.bytes.span());
    ProtoField field;
    std::optional<std::span<const std::byte>> graph;
    Limit entries;
    while (reader.next(field)) {
        if (field.wire != bytes) continue;
        if (field.number == onnx_field::graph) {
            if (graph) return fail("{}: expected one graph, found two", name);
            graph = field.bytes;
        } else if (field.number == onnx_field::producer) {
            file.producer = field.text();
        } else if (field.number == opset_import) {
            ProtoReader set(field.bytes);
            ProtoField part;
            std::string_view domain;
            std::int64_t version = 0;
            while (set.next(part)) {
                if (part.is(set_domain, bytes)) domain = part.text();
                if (part.is(set_version, varint)) version = static_cast<std::int64_t>(part.value);
            }
            if (domain.empty() || domain == "ai.onnx") file.opset = version;
        } else if (field.number == onnx_field::metadata) {
            const auto entry = parse_entry(field.bytes);
            if (!entry || !entries.take()) return invalid(name, "its metadata");
            file.metadata.emplace(entry->first, entry->second);
        }
    }
    if (reader.failed()) return invalid(name, "it");
    if (!graph) return fail("{}: expected an ONNX file, but it has no graph", name);
    if (auto ok = parse_graph(*graph, file); !ok) return tl::unexpected(ok.error());
    return file;
}

}  // namespace convlens
