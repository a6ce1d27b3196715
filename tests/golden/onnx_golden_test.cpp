/// ONNX files against what PyTorch computes, and ONNX's own tests of operators.
#include <gtest/gtest.h>

#include <map>

#include "engine/io/onnx.h"
#include "engine/nn/parameters.h"
#include "engine/reference/layer_case.h"
#include "engine/reference/random_case.h"
#include "tests/golden/golden.h"
#include "tests/golden/onnx_cases.h"

namespace convlens::test {
namespace {

/// Returns the relative error of the file's layers on the input of its case.
double error_of(const std::string& name, OnnxNetwork& read) {
    const auto file = TensorFile::open(golden("onnx.npz"));
    const auto bytes = Bytes::map_file(golden("onnx/" + name + ".onnx"));
    auto opened = read_onnx(bytes.value(), name + ".onnx", golden("onnx"));
    EXPECT_TRUE(opened) << opened.error().message;
    if (!opened) return 1;
    read = std::move(*opened);
    const auto output = run(*every_backend(2).front(), network_of(read), tensor_of(*file, name + "/input"));
    EXPECT_TRUE(output) << output.error().message;
    const Tensor expected = tensor_of(*file, name + "/output");
    if (!output || output->size() != expected.size()) return 1;
    return relative_error(output->values(), in_double(expected));
}

TEST(OnnxGolden, ChainsMatchPyTorch) {
    for (const char* name : {"viewed_7", "viewed_9", "viewed_13", "viewed_17", "viewed_any_batch", "pooled_any_size",
                             "gemm", "constants", "half", "channels_last", "external", "residual"}) {
        SCOPED_TRACE(name);
        OnnxNetwork network;
        EXPECT_LE(error_of(name, network), 1e-5);
        EXPECT_EQ(network.note, "");
    }
}

TEST(OnnxGolden, NamesComeFromTheFile) {
    OnnxNetwork network;
    error_of("viewed_13", network);
    std::string names;
    for (const LayerSpec& layer : network.architecture.layers) names += layer.name + " ";
    EXPECT_EQ(names,
              "features.0 features.1 features.2 features.3 features.4 features.5 features.6 Reshape classifier.1 "
              "classifier.2 classifier.3 classifier.4 ");
    EXPECT_EQ(network.architecture.name, "viewed_13");
    EXPECT_EQ(network.architecture.input_size, (Size2{12, 15}));
}

TEST(OnnxGolden, WhatLiesBeforeAMissingOperatorRuns) {
    OnnxNetwork network;
    EXPECT_LE(error_of("missing", network), 1e-5);
    EXPECT_EQ(network.note,
              "2 of its 5 nodes were read, up to c_node: Sin \"s_node\" is not supported, nor are 1 Cos, 1 more Sin");
}

/// Returns what the network computes after it was written as ONNX and read again; why not, if it can't be written.
Expected<Tensor> through_onnx(const Network& network, const Tensor& input) {
    const auto bytes = encode_onnx(network, "net", Normalize::half, input.shape());
    if (!bytes) return tl::unexpected(bytes.error());
    const auto read = read_onnx(Bytes::copy_of(*bytes), "net.onnx", {});
    if (!read) return tl::unexpected(read.error());
    EXPECT_EQ(read->note, "");
    EXPECT_EQ(read->architecture.name, "net");
    EXPECT_EQ(read->architecture.normalize, Normalize::half);
    return run(*every_backend(2).front(), network_of(*read), input);
}

TEST(OnnxGolden, LayersThatWereWrittenAndReadAgainComputeTheSame) {
    Random random(7);
    std::map<std::string, int> written, refused;
    const auto check = [&](const Operation& operation, const Shape& shape) {
        SCOPED_TRACE(fmt::format("{} of {}", type_name(spec_of(operation)), to_string(shape)));
        const Network network{{{"layer.0", operation}}};
        const Tensor input = reference::random_tensor(shape, reference::Numbers::reals, random);
        const auto expected = run(*every_backend(2).front(), network, input), again = through_onnx(network, input);
        ASSERT_TRUE(expected) << expected.error().message;
        const std::string type(type_name(spec_of(operation)));
        ++(again ? written : refused)[type];
        if (!again) {
            EXPECT_NE(again.error().message.find("layer.0: "), std::string::npos) << again.error().message;
            return;
        }
        ASSERT_EQ(to_string(again->shape()), to_string(expected->shape()));
        EXPECT_LE(relative_error(again->values(), in_double(*expected)), 2e-6);
    };
    for (const auto& c : reference::layer_cases())
        if (c.input.count() < 100'000)
            check(reference::with_numbers(c.spec, reference::Numbers::reals, random), c.input);
    for (int i = 0; i < 60; ++i) {
        const auto c = reference::random_case(random);
        const Conv2d conv = reference::random_layer(c, reference::Numbers::reals, random);
        if (output_shape(conv, c.input)) check(conv, c.input);
    }
    for (const std::string_view type : layer_types()) {
        EXPECT_EQ(written[std::string(type)] == 0, type == "LocallyConnected2d") << type;
    }
    for (const auto& [type, count] : refused)
        EXPECT_TRUE(type == "LocallyConnected2d" || type == "AdaptiveMaxPool2d" || type == "LocalResponseNorm") << type;
}

TEST(OnnxGolden, ChainsThatWereWrittenAndReadAgainComputeTheSame) {
    for (const char* name : {"viewed_13", "gemm", "constants", "half", "residual"}) {
        SCOPED_TRACE(name);
        OnnxNetwork read;
        error_of(name, read);
        const auto file = TensorFile::open(golden("onnx.npz"));
        const Tensor input = tensor_of(*file, std::string(name) + "/input");
        const auto expected = run(*every_backend(2).front(), network_of(read), input),
                   again = through_onnx(network_of(read), input);
        ASSERT_TRUE(expected && again);
        EXPECT_LE(relative_error(again->values(), in_double(*expected)), 2e-6);
    }
}

TEST(OnnxGolden, OnnxsOwnTestsOfOperators) {
    const std::filesystem::path folder = "/usr/share/libonnx-testdata/data/node";
    if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "Debian's libonnx-testdata is not installed";
    int passed = 0;
    std::map<std::string, std::string> others;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const NodeTest test = load_node_test(entry.path());
        if (test.operators != 1 || !onnx_can_read(test.type)) continue;
        const auto read = read_onnx(Bytes::copy_of(test.model), name, {});
        if (!read) {
            others[name] = read.error().message;
            continue;
        }
        const auto output = run(*every_backend(2).front(), network_of(*read), test.input);
        EXPECT_TRUE(output) << name << ": " << output.error().message;
        if (!output) continue;
        ASSERT_EQ(output->size(), test.output.values.size()) << name;
        EXPECT_LE(relative_error(output->values(),
                                 Reference{output->shape(), {test.output.values.begin(), test.output.values.end()}}),
                  1e-5)
            << name;
        ++passed;
    }
    for (const auto& [name, why] : others) std::printf("not read: %s\n", why.c_str());
    std::printf("%d passed, %zu not read\n", passed, others.size());
    EXPECT_GE(passed, 87);
}

}  // namespace
}  // namespace convlens::test
