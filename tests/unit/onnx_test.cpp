/// engine/io/onnx.h: files that are damaged or hostile.
#include "engine/io/onnx.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <limits>

#include "engine/cpu/cpu_backend.h"
#include "engine/io/onnx_file.h"
#include "engine/io/onnx_means.h"
#include "engine/io/onnx_writer.h"
#include "engine/io/protobuf.h"
#include "engine/nn/parameters.h"
#include "engine/open/open_network.h"
#include "engine/reference/random_case.h"

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

ProtoWriter node(std::string_view type, const std::vector<std::string>& inputs, std::string_view output,
                 const OnnxAttributes& attributes) {
    ProtoWriter n = node(type, inputs, output);
    for (const ProtoWriter& a : attributes.all()) n.message(field::attribute, a);
    return n;
}

ProtoWriter tensor_of(std::string_view name, const std::vector<std::int64_t>& shape, std::span<const float> values) {
    ProtoWriter t;
    for (const std::int64_t extent : shape) t.integer(field::tensor_dims, extent);
    t.integer(field::tensor_type, 1);
    t.text(field::tensor_name, name);
    t.content(field::raw_data, std::as_bytes(values));
    return t;
}

const ProtoWriter& kernels() {
    static const ProtoWriter t = tensor("conv1.weight", {4, 3, 3, 3}, 4 * 4 * 3 * 3 * 3);
    return t;
}

/// Returns why the file can't be read, or why it can be read only in part; empty if all was read.
std::string onnx_problem(const std::vector<std::byte>& bytes) {
    const auto read = read_onnx(Bytes::copy_of(bytes), "a.onnx", {});
    return read ? read->note : read.error().message;
}

/// Runs all layers that were read.
Tensor output_of(const OnnxNetwork& read, const Tensor& input) {
    ParameterMap parameters;
    for (const FoundArray& array : read.arrays) {
        auto loaded = array.load().value();
        parameters.emplace(array.info.key, make_parameter(loaded.shape, std::move(loaded.values)));
    }
    Network network;
    for (const LayerSpec& layer : read.architecture.layers)
        network.layers.push_back(with_parameters(layer, parameters).value());
    return all_values(**make_cpu_backend({}).value()->forward(network, std::make_shared<const Tensor>(input.clone()),
                                                              static_cast<int>(network.layers.size()) - 1, Cancel()))
        .value();
}

std::string types_of(const OnnxNetwork& read) {
    std::string text;
    for (const LayerSpec& layer : read.architecture.layers)
        text += (text.empty() ? "" : " ") + std::string(type_name(layer.operation));
    return text;
}

/// A block of ConvNeXt as PyTorch writes it: between the two Transpose, the channels are in the last axis.
TEST(Onnx, ReadsLayersBetweenTwoTransposes) {
    Random random(5);
    const auto values = [&](std::size_t count) {
        const Tensor t =
            reference::random_tensor({1, 1, 1, static_cast<int>(count)}, reference::Numbers::reals, random);
        return std::vector<float>(t.values().begin(), t.values().end());
    };
    const auto weight = values(3), bias = values(3), first = values(3 * 5), second = values(5 * 3), shift = values(5),
               scale = values(3);
    const float eps = 1e-3F, two = 2, root = std::sqrt(2.0F), one = 1, half = 0.5F;
    const std::vector<ProtoWriter> tensors{
        tensor_of("n.weight", {3}, weight),  tensor_of("bias", {3}, bias),     tensor_of("first", {3, 5}, first),
        tensor_of("second", {5, 3}, second), tensor_of("shift", {5}, shift),   tensor_of("scale", {3, 1, 1}, scale),
        tensor_of("eps", {}, {&eps, 1}),     tensor_of("two", {}, {&two, 1}),  tensor_of("root", {}, {&root, 1}),
        tensor_of("one", {}, {&one, 1}),     tensor_of("half", {}, {&half, 1})};
    const auto last_axis = OnnxAttributes().integers("axes", {-1});
    const ProtoWriter begin = node("Transpose", {"x"}, "t", OnnxAttributes().integers("perm", {0, 2, 3, 1}));
    const std::vector<ProtoWriter> parts{begin,
                                         node("ReduceMean", {"t"}, "mean", last_axis),
                                         node("Sub", {"t", "mean"}, "d"),
                                         node("Pow", {"d", "two"}, "d2"),
                                         node("ReduceMean", {"d2"}, "v", last_axis),
                                         node("Add", {"v", "eps"}, "v2"),
                                         node("Sqrt", {"v2"}, "s"),
                                         node("Div", {"d", "s"}, "n"),
                                         node("Mul", {"n", "n.weight"}, "nw"),
                                         node("Add", {"nw", "bias"}, "ln")},
        whole{begin, node("LayerNormalization", {"t", "n.weight", "bias"}, "ln",
                          OnnxAttributes().integer("axis", -1).real("epsilon", eps))};
    const std::vector<ProtoWriter> rest{
        node("MatMul", {"ln", "first"}, "m"),
        node("Add", {"shift", "m"}, "a"),
        node("Div", {"a", "root"}, "g1"),
        node("Erf", {"g1"}, "g2"),
        node("Add", {"g2", "one"}, "g3"),
        node("Mul", {"a", "g3"}, "g4"),
        node("Mul", {"g4", "half"}, "g"),
        node("MatMul", {"g", "second"}, "m2"),
        node("Transpose", {"m2"}, "back", OnnxAttributes().integers("perm", {0, 3, 1, 2})),
        node("Mul", {"scale", "back"}, "scaled"),
        node("Add", {"scaled", "x"}, "y")};
    const Tensor input = reference::random_tensor({1, 3, 8, 8}, reference::Numbers::reals, random);
    for (const auto& norm : {parts, whole}) {
        auto nodes = norm;
        nodes.insert(nodes.end(), rest.begin(), rest.end());
        const auto read = read_onnx(Bytes::copy_of(model(nodes, tensors, 17)), "a.onnx", {});
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(read->note, "");
        EXPECT_EQ(types_of(*read), "LayerNorm2d Conv2d GELU Conv2d BatchNorm2d Add");
        EXPECT_EQ(read->architecture.layers.front().name, "n");
        const Tensor output = output_of(*read, input);
        for (int y = 0; y < 8; ++y)
            for (int x = 0; x < 8; ++x) {
                double mean = 0, variance = 0, normal[3];
                for (int c = 0; c < 3; ++c) mean += static_cast<double>(input.at(0, c, y, x)) / 3;
                for (int c = 0; c < 3; ++c)
                    variance += std::pow(static_cast<double>(input.at(0, c, y, x)) - mean, 2) / 3;
                for (std::size_t c = 0; c < 3; ++c)
                    normal[c] = (static_cast<double>(input.at(0, static_cast<int>(c), y, x)) - mean) /
                                    std::sqrt(variance + static_cast<double>(eps)) * static_cast<double>(weight[c]) +
                                static_cast<double>(bias[c]);
                double sums[3] = {};
                for (std::size_t k = 0; k < 5; ++k) {
                    auto h = static_cast<double>(shift[k]);
                    for (std::size_t c = 0; c < 3; ++c) h += normal[c] * static_cast<double>(first[c * 5 + k]);
                    h = h * (std::erf(h / std::sqrt(2.0)) + 1) / 2;
                    for (std::size_t c = 0; c < 3; ++c) sums[c] += h * static_cast<double>(second[k * 3 + c]);
                }
                for (std::size_t c = 0; c < 3; ++c) {
                    const auto at = static_cast<int>(c);
                    EXPECT_NEAR(static_cast<double>(output.at(0, at, y, x)),
                                sums[c] * static_cast<double>(scale[c]) + static_cast<double>(input.at(0, at, y, x)),
                                1e-4);
                }
            }
    }
    auto nodes = parts;
    nodes.push_back(node("GlobalAveragePool", {"ln"}, "y"));
    EXPECT_EQ(onnx_problem(model(nodes, tensors)),
              "10 of its 11 nodes were read, up to n: GlobalAveragePool \"y_node\" reads a value with the channels in "
              "the last axis");
}

/// The values at the border, repeated, change no maximum.
TEST(Onnx, ReadsMaximaWithPaddingOnOneSide) {
    Random random(6);
    Tensor input = reference::random_tensor({1, 3, 8, 8}, reference::Numbers::reals, random);
    for (float& v : input.values()) v -= 10;  // zeros would be the largest
    for (const std::vector<int>& p : {std::vector{0, 2, 1, 0}, {2, 2, 2, 2}, {1, 0, 0, 1}}) {
        const auto read = read_onnx(Bytes::copy_of(model({node("MaxPool", {"x"}, "y",
                                                               OnnxAttributes()
                                                                   .integers("kernel_shape", {3, 3})
                                                                   .integers("strides", {2, 1})
                                                                   .integers("pads", {p[0], p[1], p[2], p[3]}))},
                                                         {})),
                                    "a.onnx", {});
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(types_of(*read), "ReplicationPad2d MaxPool2d");
        const Tensor output = output_of(*read, input);
        const int h = (8 + p[0] + p[2] - 3) / 2 + 1, w = 8 + p[1] + p[3] - 2;
        ASSERT_EQ(output.shape(), (Shape{1, 3, h, w}));
        for (int c = 0; c < 3; ++c)
            for (int y = 0; y < h; ++y)
                for (int x = 0; x < w; ++x) {
                    float largest = -std::numeric_limits<float>::infinity();
                    for (int i = std::max(0, 2 * y - p[0]); i < std::min(8, 2 * y - p[0] + 3); ++i)
                        for (int j = std::max(0, x - p[1]); j < std::min(8, x - p[1] + 3); ++j)
                            largest = std::max(largest, input.at(0, c, i, j));
                    EXPECT_EQ(output.at(0, c, y, x), largest);
                }
    }
}

/// Zeros that count as values of the mean can be values of the input.
TEST(Onnx, ReadsMeansWithPaddingLargerThanHalfOfTheWindow) {
    Random random(7);
    const Tensor input = reference::random_tensor({1, 3, 8, 8}, reference::Numbers::reals, random);
    const auto pool = [](std::int64_t counts) {
        return model({node("AveragePool", {"x"}, "y",
                           OnnxAttributes()
                               .integers("kernel_shape", {3, 3})
                               .integers("pads", {2, 1, 2, 1})
                               .integer("count_include_pad", counts))},
                     {});
    };
    const auto read = read_onnx(Bytes::copy_of(pool(1)), "a.onnx", {});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->note, "");
    EXPECT_EQ(types_of(*read), "ZeroPad2d AvgPool2d");
    const Tensor output = output_of(*read, input);
    ASSERT_EQ(output.shape(), (Shape{1, 3, 10, 8}));
    for (int c = 0; c < 3; ++c)
        for (int y = 0; y < 10; ++y)
            for (int x = 0; x < 8; ++x) {
                double sum = 0;
                for (int i = std::max(0, y - 2); i < std::min(8, y + 1); ++i)
                    for (int j = std::max(0, x - 1); j < std::min(8, x + 2); ++j)
                        sum += static_cast<double>(input.at(0, c, i, j));
                EXPECT_NEAR(static_cast<double>(output.at(0, c, y, x)), sum / 9, 1e-5);
            }
    EXPECT_NE(onnx_problem(pool(0)).find("has a padding that is larger than half of the window"), std::string::npos);
}

/// The two products are an AdaptiveAvgPool2d only along rows and columns, not along columns and channels.
TEST(Onnx, ReadsMeansAsProductsOnlyOfRowsAndColumns) {
    const auto rows = adaptive_means(4, 3, false), columns = adaptive_means(4, 3, true);
    const std::vector<ProtoWriter> tensors{tensor_of("rows", {3, 4}, rows), tensor_of("columns", {4, 3}, columns)};
    const auto products_of = [](const std::string& value) {
        return std::vector{node("MatMul", {"rows", value}, "m"), node("MatMul", {"m", "columns"}, "y")};
    };
    const auto read = read_onnx(Bytes::copy_of(model(products_of("x"), tensors, 13, {1, 4, 4, 4})), "a.onnx", {});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->note, "");
    EXPECT_EQ(types_of(*read), "AdaptiveAvgPool2d");
    auto nodes = products_of("t");
    nodes.insert(nodes.begin(), node("Transpose", {"x"}, "t", OnnxAttributes().integers("perm", {0, 2, 3, 1})));
    const std::string why = onnx_problem(model(nodes, tensors, 13, {1, 4, 4, 4}));
    EXPECT_NE(why.find("MatMul \"m_node\" multiplies a constant by the feature maps"), std::string::npos) << why;
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
    EXPECT_EQ(onnx_problem(model({node("Relu", {"x"}, "y"), node("Elu", {"y"}, "z")}, {}, 6)), "");
    EXPECT_EQ(onnx_problem(model({node("Relu", {"x"}, "y"), node("Dropout", {"y"}, "z")}, {}, 6)),
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
    EXPECT_EQ(onnx_problem({}), "a.onnx: expected an ONNX file, but it has no graph");
    const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 100\n";
    const auto lfs = std::as_bytes(std::span(pointer));
    EXPECT_EQ(onnx_problem({lfs.begin(), lfs.end()}),
              "a.onnx: this is a pointer of Git LFS, not the network itself: fetch it with git lfs pull");
    EXPECT_EQ(onnx_problem(model({}, {}, 6)), "a.onnx: its operators are those of opset 6, expected 7 to 21");
    EXPECT_EQ(onnx_problem(model({}, {}, 22)), "a.onnx: its operators are those of opset 22, expected 7 to 21");
    EXPECT_EQ(onnx_problem(model({}, {})), "a.onnx: no node reads an input");
}

TEST(Onnx, RefusesCyclesMissingTensorsAndNamesUsedTwice) {
    EXPECT_EQ(onnx_problem(model({node("Add", {"x", "b"}, "a"), node("Relu", {"a"}, "b")}, {})),
              "a.onnx: Add \"a_node\" depends on its own output, expected a graph without cycles");
    EXPECT_EQ(onnx_problem(model({node("Conv", {"x", "w"}, "y")}, {})),
              "a.onnx: Conv \"y_node\" uses \"w\", which does not exist");
    EXPECT_EQ(onnx_problem(model({node("Relu", {"x"}, "x")}, {})),
              "a.onnx: Relu \"x_node\" makes \"x\", which there is already");
    EXPECT_EQ(onnx_problem(model({node("Relu", {"x"}, "y")}, {kernels(), kernels()})),
              "a.onnx: there are two tensors \"conv1.weight\"");
}

TEST(Onnx, ShapesThatLieEndInASentence) {
    const std::int64_t huge = std::int64_t{1} << 40U;
    const auto conv = node("Conv", {"x", "w"}, "y");
    EXPECT_EQ(onnx_problem(model({conv}, {tensor("w", {huge, huge, huge, huge}, 4)})),
              fmt::format("a.onnx: the shape {0}x{0}x{0}x{0} of \"w\" is negative or too large", huge));
    EXPECT_EQ(onnx_problem(model({conv}, {tensor("w", {-1, 3, 3, 3}, 4)})),
              "a.onnx: the shape -1x3x3x3 of \"w\" is negative or too large");
    EXPECT_NE(onnx_problem(model({conv}, {tensor("w", {huge, 1, 1, 1}, 4)})).find("which are too large"),
              std::string::npos);
    EXPECT_NE(onnx_problem(model({conv}, {tensor("w", std::vector<std::int64_t>(9, 1), 4)})).find("more than 8 axes"),
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
    EXPECT_EQ(onnx_problem(file.bytes()), "a.onnx: it has more than 100000 nodes");
    std::vector<ProtoWriter> chain;
    for (int i = 0; i < 5000; ++i)
        chain.push_back(node("Relu", {i == 0 ? "x" : "v" + std::to_string(i)}, "v" + std::to_string(i + 1)));
    EXPECT_EQ(onnx_problem(model(chain, {})),
              "1000 of its 5000 nodes were read, up to v1000_node: Relu \"v1001_node\" would be layer 1001, which are "
              "too many");
}

TEST(Onnx, LayersThatShareWeightsDoNotFillTheMemory) {
    std::vector<ProtoWriter> nodes;
    for (int i = 0; i < 1000; ++i)
        nodes.push_back(node("Conv", {i == 0 ? "x" : "v" + std::to_string(i), "w"}, "v" + std::to_string(i + 1)));
    const std::string why =
        onnx_problem(model(nodes, {tensor("w", {100, 100, 10, 10}, 4'000'000)}, 13, {1, 100, -1, -1}));
    EXPECT_NE(why.find("1 of its 1000 nodes were read"), std::string::npos) << why;
    EXPECT_NE(why.find("other layers use too"), std::string::npos) << why;
}

TEST(Onnx, WhatAnOperatorCannotDoIsSaid) {
    const auto branch =
        model({node("Conv", {"x", "conv1.weight"}, "a"), node("Relu", {"a"}, "b"), node("Add", {"a", "b"}, "y")},
              {kernels()});
    EXPECT_EQ(onnx_problem(branch), "");
    EXPECT_EQ(onnx_problem(model({node("Conv", {"x", "conv1.weight"}, "a"), node("Einsum", {"a"}, "b"),
                                  node("Relu", {"a"}, "c"), node("Add", {"b", "c"}, "d"), node("Sigmoid", {"c"}, "y")},
                                 {kernels()})),
              "3 of its 5 nodes were read, up to y_node: Einsum \"b_node\" is not supported");
    EXPECT_EQ(
        onnx_problem(model({node("Conv", {"x", "conv1.weight"}, "a"), node("Sub", {"a", "x"}, "y")}, {kernels()})),
        "1 of its 2 nodes were read, up to conv1: Sub \"y_node\" combines two values that depend on the input");
    EXPECT_EQ(onnx_problem(model({node("Loop", {"x"}, "y"), node("Loop", {"y"}, "z"), node("If", {"z"}, "u")}, {})),
              "a.onnx: 0 of its 3 nodes were read: Loop \"y_node\" is not supported, nor are 1 If, 1 more Loop");
    EXPECT_EQ(
        onnx_problem(model({node("Conv", {"x", "conv1.weight"}, "y")}, {kernels()}, 13, {1, 4, 8, 8})),
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
