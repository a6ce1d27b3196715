/// engine/io/onnx.h: files that are damaged or hostile.
#include "engine/io/onnx.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "engine/io/onnx_file.h"
#include "engine/io/protobuf.h"
#include "engine/open/open_network.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;
namespace field = onnx_field;

ProtoWriter tensor(std::string_view name, const std::vector<std::int64_t>& shape, std::size_t bytes,
                   std::int64_t type = 1) {
    ProtoWriter t;
    for (const std::int64_t extent : shape) t.integer(field::tensor_dims, extent);
    t.integer(field::tensor_type, type);
    t.text(field::tensor_name, name);
    t.content(field::raw_data, std::vector<std::byte>(bytes));
    return t;
}

ProtoWriter node(std::string_view type, const std::vector<std::string>& inputs, std::string_view output) {
    ProtoWriter n;
    for (const std::string& input : inputs) n.text(field::node_input, input);
    n.text(field::node_output, output);
    n.text(field::node_name, std::string(output) + "_node");
    n.text(field::op_type, type);
    return n;
}

/// A file with the input x of 1x3x8x8, these nodes and these tensors.
std::vector<std::byte> model(const std::vector<ProtoWriter>& nodes, const std::vector<ProtoWriter>& tensors,
                             std::int64_t opset = 13, const std::vector<std::int64_t>& input = {1, 3, 8, 8}) {
    ProtoWriter graph, shape, type, value, types, set, file;
    for (const ProtoWriter& n : nodes) graph.message(field::node, n);
    for (const ProtoWriter& t : tensors) graph.message(field::initializer, t);
    for (const std::int64_t extent : input) {
        ProtoWriter dim;
        dim.integer(field::dim_value, extent);
        shape.message(field::shape_dim, dim);
    }
    type.message(field::type_shape, shape);
    types.message(field::type_tensor, type);
    value.text(field::value_name, "x");
    value.message(field::value_type, types);
    graph.message(field::input, value);
    set.integer(field::set_version, opset);
    file.integer(field::ir_version, 7);
    file.message(field::graph, graph);
    file.message(field::opset_import, set);
    return file.bytes();
}

const ProtoWriter& kernels() {
    static const ProtoWriter t = tensor("conv1.weight", {4, 3, 3, 3}, 4 * 4 * 3 * 3 * 3);
    return t;
}

/// Returns why the file can't be read, or why it can be read only in part; empty if all was read.
std::string problem(const std::vector<std::byte>& bytes) {
    const auto read = read_onnx(Bytes::copy_of(bytes), "a.onnx", {});
    return read ? read->note : read.error().message;
}

TEST(Onnx, ReadsThreeAxesAsImagesOfOneRow) {
    const auto read =
        read_onnx(Bytes::copy_of(model({node("Conv", {"x", "conv1.weight"}, "y"), node("Relu", {"y"}, "z")},
                                       {tensor("conv1.weight", {4, 3, 5}, 4 * 4 * 3 * 5)}, 13, {1, 3, 20})),
                  "a.onnx", {});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->note, "");
    EXPECT_EQ(read->architecture.input_size, (Size2{1, 20}));
    EXPECT_EQ(std::get<Conv2dSpec>(read->architecture.layers[0].operation).kernel_size, (Size2{1, 5}));
    EXPECT_EQ(read->arrays[0].info.shape, (std::vector<std::int64_t>{4, 3, 1, 5}));
}

TEST(Onnx, ReadsOldOpsetsOfOperatorsThatHaveNotChanged) {
    EXPECT_EQ(problem(model({node("Relu", {"x"}, "y"), node("Elu", {"y"}, "z")}, {}, 6)), "");
    EXPECT_EQ(problem(model({node("Relu", {"x"}, "y"), node("Dropout", {"y"}, "z")}, {}, 6)),
              "a.onnx: its operators are those of opset 6, expected 7 to 21");
}

TEST(Onnx, ReadsAConvolution) {
    const auto read =
        read_onnx(Bytes::copy_of(model({node("Conv", {"x", "conv1.weight"}, "y")}, {kernels()})), "a.onnx", {});
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->architecture.layers.size(), 1U);
    EXPECT_EQ(read->architecture.layers[0], (LayerSpec{"conv1", Conv2dSpec{3, 4, {3, 3}, {}, false}}));
    EXPECT_EQ(read->architecture.input_size, (Size2{8, 8}));
    EXPECT_EQ(read->note, "");
}

TEST(Onnx, EveryPrefixOfAFileEndsInASentenceOrIsRead) {
    const auto bytes = model({node("Conv", {"x", "conv1.weight"}, "y"), node("Relu", {"y"}, "z")}, {kernels()});
    int refused = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto read = read_onnx(Bytes::copy_of(std::span(bytes).first(size)), "a.onnx", {});
        refused += !read;
        if (!read) {
            EXPECT_EQ(read.error().message.find('\n'), std::string::npos);
        }
    }
    EXPECT_EQ(refused, static_cast<int>(bytes.size()));  // the opset is at the end
}

TEST(Onnx, RefusesWhatIsNoOnnxFile) {
    EXPECT_EQ(problem({}), "a.onnx: expected an ONNX file, but it has no graph");
    const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 100\n";
    const auto lfs = std::as_bytes(std::span(pointer));
    EXPECT_EQ(problem({lfs.begin(), lfs.end()}),
              "a.onnx: this is a pointer of Git LFS, not the network itself: fetch it with git lfs pull");
    EXPECT_EQ(problem(model({}, {}, 6)), "a.onnx: its operators are those of opset 6, expected 7 to 21");
    EXPECT_EQ(problem(model({}, {}, 22)), "a.onnx: its operators are those of opset 22, expected 7 to 21");
    EXPECT_EQ(problem(model({}, {})), "a.onnx: no node reads an input");
}

TEST(Onnx, RefusesCyclesMissingTensorsAndNamesUsedTwice) {
    EXPECT_EQ(problem(model({node("Add", {"x", "b"}, "a"), node("Relu", {"a"}, "b")}, {})),
              "a.onnx: Add \"a_node\" depends on its own output, expected a graph without cycles");
    EXPECT_EQ(problem(model({node("Conv", {"x", "w"}, "y")}, {})),
              "a.onnx: Conv \"y_node\" uses \"w\", which does not exist");
    EXPECT_EQ(problem(model({node("Relu", {"x"}, "x")}, {})),
              "a.onnx: Relu \"x_node\" makes \"x\", which there is already");
    EXPECT_EQ(problem(model({node("Relu", {"x"}, "y")}, {kernels(), kernels()})),
              "a.onnx: there are two tensors \"conv1.weight\"");
}

TEST(Onnx, ShapesThatLieEndInASentence) {
    const std::int64_t huge = std::int64_t{1} << 40U;
    const auto conv = node("Conv", {"x", "w"}, "y");
    EXPECT_EQ(problem(model({conv}, {tensor("w", {huge, huge, huge, huge}, 4)})),
              fmt::format("a.onnx: the shape {0}x{0}x{0}x{0} of \"w\" is negative or too large", huge));
    EXPECT_EQ(problem(model({conv}, {tensor("w", {-1, 3, 3, 3}, 4)})),
              "a.onnx: the shape -1x3x3x3 of \"w\" is negative or too large");
    EXPECT_NE(problem(model({conv}, {tensor("w", {huge, 1, 1, 1}, 4)})).find("which are too large"), std::string::npos);
    EXPECT_NE(problem(model({conv}, {tensor("w", std::vector<std::int64_t>(9, 1), 4)})).find("more than 8 axes"),
              std::string::npos);
    // A shape that would fit, but not the values: found when they are loaded, before memory is allocated.
    const auto read = read_onnx(Bytes::copy_of(model({conv}, {tensor("w", {1 << 20, 3, 8, 8}, 4)})), "a.onnx", {});
    ASSERT_TRUE(read) << read.error().message;
    const auto loaded = read->arrays[0].load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().message, "a.onnx: \"w\" has 1 values, expected 201326592 for its shape 1048576x3x8x8");
}

TEST(Onnx, AMillionNodesEndInASentence) {
    ProtoWriter graph, file;
    const ProtoWriter relu = node("Relu", {"x"}, "y");
    for (int i = 0; i < 1'000'000; ++i) graph.message(field::node, relu);
    file.message(field::graph, graph);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(problem(file.bytes()), "a.onnx: it has more than 100000 nodes");
    const std::chrono::duration<double> needed = std::chrono::steady_clock::now() - start;
    EXPECT_LT(needed.count(), 5) << "1 s is expected, with room for a busy machine";
    std::vector<ProtoWriter> chain;
    for (int i = 0; i < 5000; ++i)
        chain.push_back(node("Relu", {i == 0 ? "x" : "v" + std::to_string(i)}, "v" + std::to_string(i + 1)));
    EXPECT_EQ(problem(model(chain, {})),
              "1000 of its 5000 nodes were read, up to v1000_node: Relu \"v1001_node\" would be layer 1001, which are "
              "too many");
}

TEST(Onnx, LayersThatShareWeightsDoNotFillTheMemory) {
    std::vector<ProtoWriter> nodes;
    for (int i = 0; i < 1000; ++i)
        nodes.push_back(node("Conv", {i == 0 ? "x" : "v" + std::to_string(i), "w"}, "v" + std::to_string(i + 1)));
    const std::string why = problem(model(nodes, {tensor("w", {100, 100, 10, 10}, 4'000'000)}, 13, {1, 100, -1, -1}));
    EXPECT_NE(why.find("1 of its 1000 nodes were read"), std::string::npos) << why;
    EXPECT_NE(why.find("other layers use too"), std::string::npos) << why;
}

TEST(Onnx, WhatAnOperatorCannotDoIsSaid) {
    const auto branch =
        model({node("Conv", {"x", "conv1.weight"}, "a"), node("Relu", {"a"}, "b"), node("Add", {"a", "b"}, "y")},
              {kernels()});
    EXPECT_EQ(problem(branch), "");
    EXPECT_EQ(problem(model({node("Conv", {"x", "conv1.weight"}, "a"), node("Einsum", {"a"}, "b"),
                             node("Relu", {"a"}, "c"), node("Add", {"b", "c"}, "d"), node("Sigmoid", {"c"}, "y")},
                            {kernels()})),
              "3 of its 5 nodes were read, up to y_node: Einsum \"b_node\" is not supported");
    EXPECT_EQ(problem(model({node("Conv", {"x", "conv1.weight"}, "a"), node("Sub", {"a", "x"}, "y")}, {kernels()})),
              "1 of its 2 nodes were read, up to conv1: Sub \"y_node\" combines two values that depend on the input");
    EXPECT_EQ(problem(model({node("Loop", {"x"}, "y"), node("Loop", {"y"}, "z"), node("If", {"z"}, "u")}, {})),
              "a.onnx: 0 of its 3 nodes were read: Loop \"y_node\" is not supported, nor are 1 If, 1 more Loop");
    EXPECT_EQ(
        problem(model({node("Conv", {"x", "conv1.weight"}, "y")}, {kernels()}, 13, {1, 4, 8, 8})),
        "a.onnx: 0 of its 1 nodes were read: Conv \"y_node\" can't run on 1x4x8x8: the kernels take 3 input channels, "
        "but the input has 4");
}

TEST(Onnx, ExternalDataMustBeBesideTheFileAndNoLink) {
    const fs::path folder = fs::temp_directory_path() / fmt::format("convlens_onnx_{}", ::getpid());
    fs::create_directories(folder / "inside");
    const std::vector<std::byte> values(4 * 4 * 3 * 3 * 3);
    ASSERT_TRUE(write_file(folder / "secret", values));
    ASSERT_TRUE(write_file(folder / "inside/w.bin", values));
    std::error_code no_link, no_hard_link;  // users of Windows may not make symbolic links
    fs::create_symlink(folder / "secret", folder / "inside/link.bin", no_link);
    fs::create_hard_link(folder / "secret", folder / "inside/hard.bin", no_hard_link);
    const auto open = [&](const std::string& location) -> std::string {
        ProtoWriter t, entry;
        for (const std::int64_t extent : {4, 3, 3, 3}) t.integer(field::tensor_dims, extent);
        t.integer(field::tensor_type, 1);
        t.text(field::tensor_name, "conv1.weight");
        entry.text(field::entry_key, "location");
        entry.text(field::entry_value, location);
        t.message(field::external_data, entry);
        t.integer(field::data_location, 1);
        const fs::path path = folder / "inside/net.onnx";
        EXPECT_TRUE(write_file(path, model({node("Conv", {"x", "conv1.weight"}, "y")}, {t})));
        const auto network = open_network(path.string(), "", {});
        return network ? "" : network.error().message;
    };
    EXPECT_EQ(open("w.bin"), "");
    for (const char* path : {"../secret", "/etc/passwd", "..", "inside/w.bin"})
        EXPECT_EQ(
            open(path),
            fmt::format("net.onnx: \"conv1.weight\": its values are in \"{}\", expected a file in the same folder",
                        path));
    if (!no_link) {
        EXPECT_NE(open("link.bin").find("link.bin: cannot be read"), std::string::npos) << open("link.bin");
    }
    if (!no_hard_link) {
        EXPECT_NE(open("hard.bin").find("hard.bin: cannot be read"), std::string::npos) << open("hard.bin");
    }
    EXPECT_NE(open("none.bin").find("none.bin: cannot be read"), std::string::npos);
    fs::resize_file(folder / "inside/w.bin", 10);
    EXPECT_NE(open("w.bin").find("expected 432 bytes from byte 0 of \"w.bin\", which has 10 bytes"), std::string::npos);
    fs::remove_all(folder);
}

TEST(Onnx, AnOpenedFileHasItsOwnWeightsAndReopens) {
    const std::string path = CONVLENS_TEST_DATA "/golden/onnx/residual.onnx";
    const auto network = open_network(path, "", {});
    ASSERT_TRUE(network) << network.error().message;
    const auto& weights = std::get<LoadedWeights>(network->weights);
    EXPECT_EQ(weights.title, "residual");
    EXPECT_TRUE(weights.report->summary().starts_with("residual.onnx: 4 of 4 arrays loaded"))
        << weights.report->summary();
    const auto again = open_checkpoint(*network, weights.origin, {});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->parameters->size(), 4U);
    EXPECT_TRUE(std::holds_alternative<RandomWeights>(open_network(path, "random:3", {})->weights));
    const auto kernels = open_kernels(path + ":conv2.weight", {});
    ASSERT_TRUE(kernels) << kernels.error().message;
}

}  // namespace
}  // namespace convlens
