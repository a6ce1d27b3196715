/// Networks from ONNX files, and the folders of ONNX's own tests.
#include "tests/golden/onnx_cases.h"

#include "engine/io/onnx_reader.h"
#include "engine/io/protobuf.h"
#include "engine/nn/parameters.h"

namespace convlens::test {

Network network_of(const OnnxNetwork& read) {
    ParameterMap parameters;
    for (const FoundArray& array : read.arrays) {
        auto loaded = array.load().value();
        parameters.emplace(array.info.key, make_parameter(loaded.shape, std::move(loaded.values)));
    }
    Network network;
    for (const LayerSpec& layer : read.architecture.layers)
        network.layers.push_back(with_parameters(layer, parameters).value());
    return network;
}

bool onnx_can_read(std::string_view type) { return onnx_operator(type) != nullptr; }

NodeTest load_node_test(const std::filesystem::path& folder) {
    NodeTest test;
    const Bytes bytes = Bytes::map_file(folder / "model.onnx").value();
    const OnnxFile file = parse_onnx_file(bytes, "model", {}).value();
    test.operators = file.nodes.size();
    if (!file.nodes.empty()) test.type = file.nodes[0].type;
    const auto tensor = [&](const std::string& name) -> std::optional<Array> {
        const auto path = folder / "test_data_set_0" / (name + ".pb");
        if (!std::filesystem::exists(path)) return std::nullopt;
        const Bytes part = Bytes::map_file(path).value();
        const auto parsed = parse_onnx_tensor(part.span(), name);
        auto loaded = parsed ? file.load(*parsed) : Expected<Array>(fail("no tensor"));
        return loaded ? std::optional(std::move(*loaded)) : std::nullopt;
    };
    const auto input = tensor("input_0");
    auto output = tensor("output_0");
    if (!input || !output || input->shape.empty() || input->values.empty() || input->shape.size() > 4) {
        test.operators = 0;
        return test;
    }
    test.output = std::move(*output);
    // Two axes are (N, C).
    Shape shape{1, 1, 1, 1};
    int* const extents[] = {&shape.n, &shape.c, &shape.h, &shape.w};
    const bool rows = input->shape.size() == 3;  // (N, C, W): the height is 1
    for (std::size_t i = 0; i < input->shape.size(); ++i)
        *extents[rows && i == 2 ? 3 : i] = static_cast<int>(input->shape[i]);
    test.input = Tensor(shape);
    std::copy(input->values.begin(), input->values.end(), test.input.data());

    ProtoWriter model, graph;
    ProtoField field;
    for (ProtoReader reader(bytes.span()); reader.next(field);) {
        if (field.is(onnx_field::graph, ProtoWire::bytes)) {
            for (ProtoReader parts(field.bytes); parts.next(field);)
                if (field.wire == ProtoWire::bytes) graph.content(field.number, field.bytes);
        } else if (field.wire == ProtoWire::bytes) {
            model.content(field.number, field.bytes);
        }
    }
    for (std::size_t i = 1; i < file.inputs.size(); ++i) {
        const auto path = folder / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb");
        const Bytes part = Bytes::map_file(path).value();
        ProtoWriter named;
        named.text(onnx_field::tensor_name, file.inputs[i].name);
        std::vector<std::byte> content(part.span().begin(), part.span().end());
        content.insert(content.end(), named.bytes().begin(), named.bytes().end());
        graph.content(onnx_field::initializer, content);
    }
    model.message(onnx_field::graph, graph);
    test.model = model.bytes();
    return test;
}

}  // namespace convlens::test
