/// engine/open/checkpoint.h
#include "engine/open/checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>

namespace convlens {
namespace {

namespace fs = std::filesystem;
using State = CheckpointRow::State;
using Arrays = std::vector<std::pair<std::string, Parameter>>;

TensorFile file_of(const Arrays& arrays) {
    std::vector<std::pair<std::string, ArrayView>> views;
    for (const auto& [key, p] : arrays) views.emplace_back(key, ArrayView{p.shape, p.data()});
    return TensorFile::parse(Bytes::copy_of(encode_safetensors(views, {})), "c").value();
}

/// LargeNet's arrays, every name behind `prefix`.
Arrays largenet_arrays(const std::string& prefix) {
    Arrays arrays;
    for (const LayerSpec& layer : largenet().layers)
        for (auto& [key, parameter] : initial_parameters(layer, 7)) arrays.emplace_back(prefix + key, parameter);
    return arrays;
}

Parameter filled(std::vector<std::int64_t> shape, float value) {
    std::size_t count = 1;
    for (const auto extent : shape) count *= static_cast<std::size_t>(extent);
    return make_parameter(std::move(shape), std::vector<float>(count, value));
}

Expected<Checkpoint> match(const Arrays& arrays, const Architecture& a = largenet()) {
    return match_checkpoint(file_of(arrays), "c", a.layers, a.name);
}

TEST(MatchCheckpoint, SeesThroughEveryPrefix) {
    for (const char* prefix : {"", "module.", "state_dict.", "model.state_dict.module.", "net/"}) {
        const auto checkpoint = match(largenet_arrays(prefix));
        ASSERT_TRUE(checkpoint) << checkpoint.error().message;
        EXPECT_EQ(checkpoint->report.prefix, prefix);
        EXPECT_EQ(checkpoint->report.summary(), "c: 8 of 8 arrays loaded");
        ASSERT_EQ(checkpoint->parameters.size(), 8U);
        for (const auto& [key, parameter] : largenet_arrays(""))
            EXPECT_TRUE(std::ranges::equal(checkpoint->parameters.at(key).data(), parameter.data())) << key;
    }
}

TEST(MatchCheckpoint, KnowsTheNamesOfPublishedDenseNets) {
    const Architecture a{"DenseNet",
                         {},
                         Normalize::none,
                         {{"features.denselayer1.norm1", BatchNorm2dSpec{2}},
                          {"features.denselayer1.conv1", Conv2dSpec{2, 4, {1, 1}, {}, false}},
                          {"features.norm1", BatchNorm2dSpec{4}}}};
    const Arrays arrays{{"features.denselayer1.norm.1.weight", filled({2}, 1)},
                        {"features.denselayer1.norm.1.bias", filled({2}, 2)},
                        {"features.denselayer1.norm.1.running_mean", filled({2}, 3)},
                        {"features.denselayer1.norm.1.running_var", filled({2}, 4)},
                        {"features.denselayer1.conv.1.weight", filled({4, 2, 1, 1}, 5)},
                        {"features.norm.1.weight", filled({4}, 6)}};
    const auto checkpoint = match(arrays, a);
    ASSERT_TRUE(checkpoint) << checkpoint.error().message;
    EXPECT_EQ(checkpoint->report.summary(), "c: 5 of 9 arrays loaded, 4 missing, 1 left over");
    EXPECT_EQ(checkpoint->parameters.at("features.denselayer1.conv1.weight").data()[0], 5);
    EXPECT_EQ(checkpoint->parameters.at("features.denselayer1.norm1.running_var").data()[1], 4);
}

TEST(MatchCheckpoint, TakesTheLinearLayersAndFactorsOfConvNeXtForConvolutionsOf1x1) {
    const Architecture a{"ConvNeXt",
                         {},
                         Normalize::none,
                         {{"f.block.3", Conv2dSpec{2, 3, {1, 1}, {}, true}},
                          {"f.layer_scale", Conv2dSpec{3, 3, {1, 1}, {.groups = 3}, false}},
                          {"g", Conv2dSpec{3, 1, {2, 1}, {}, false}}}};
    const Parameter matrix = make_parameter({3, 2}, {1, 2, 3, 4, 5, 6});
    const auto checkpoint = match({{"f.block.3.weight", matrix},
                                   {"f.block.3.bias", filled({3}, 1)},
                                   {"f.layer_scale", filled({3, 1, 1}, 0.5F)},
                                   {"g.weight", filled({1, 3}, 1)}},
                                  a);
    ASSERT_TRUE(checkpoint) << checkpoint.error().message;
    EXPECT_EQ(checkpoint->report.summary(), "c: 3 of 4 arrays loaded, 1 of another shape");
    const Parameter& loaded = checkpoint->parameters.at("f.block.3.weight");
    EXPECT_EQ(loaded.shape, (std::vector<std::int64_t>{3, 2, 1, 1}));
    EXPECT_EQ(loaded.tensor->at(2, 1, 0, 0), 6);
    EXPECT_EQ(checkpoint->parameters.at("f.layer_scale.weight").tensor->at(2, 0, 0, 0), 0.5F);
}

TEST(MatchCheckpoint, TakesThePrefixThatFitsMost) {
    Arrays arrays = largenet_arrays("model.");
    for (auto& [key, parameter] : largenet_arrays("")) arrays.emplace_back("optimizer." + key, filled({1}, 0));
    arrays.emplace_back("conv1.bias", filled({5}, 9));
    const auto checkpoint = match(arrays).value();
    EXPECT_EQ(checkpoint.report.prefix, "model.");
    EXPECT_EQ(checkpoint.report.summary(), "c: 8 of 8 arrays loaded, 9 left over");
    EXPECT_NE(checkpoint.parameters.at("conv1.bias").data()[0], 9.0F);
}

TEST(MatchCheckpoint, ReportsWhatIsMissingLeftOverAndOfAnotherShape) {
    Arrays arrays = largenet_arrays("");
    std::erase_if(arrays, [](const auto& a) { return a.first == "fc2.weight"; });
    for (auto& [key, parameter] : arrays)
        if (key == "fc1.weight") parameter = filled({32, 360}, 1);
    arrays.emplace_back("fc3.bias", filled({4}, 1));
    const auto checkpoint = match(arrays).value();
    const auto row = [&](const std::string& key) {
        for (const CheckpointRow& r : checkpoint.report.rows)
            if (r.key == key) return r;
        throw std::runtime_error(key);
    };
    EXPECT_EQ(row("fc2.weight"), (CheckpointRow{State::missing, "fc2.weight", {1, 32}, {}}));
    EXPECT_EQ(row("fc1.weight"), (CheckpointRow{State::other_shape, "fc1.weight", {32, 250}, {32, 360}}));
    EXPECT_EQ(row("fc3.bias"), (CheckpointRow{State::left_over, "fc3.bias", {}, {4}}));
    EXPECT_EQ(row("conv1.bias"), (CheckpointRow{State::matched, "conv1.bias", {5}, {5}}));
    EXPECT_EQ(checkpoint.report.rows.size(), 9U);
    EXPECT_EQ(checkpoint.parameters.size(), 6U);
    EXPECT_EQ(checkpoint.report.summary(), "c: 6 of 8 arrays loaded, 1 missing, 1 of another shape, 1 left over");
}

TEST(MatchCheckpoint, LoadsNothingOfAnotherNetworkAndNamesWhatItHas) {
    const auto other = match({{"layer1.weight", filled({3, 4}, 1)}, {"layer1.bias", filled({3}, 1)}});
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().message,
              "c: none of its arrays fits LargeNet, which needs \"conv1.weight\" 5x3x5x5 and others: the file has "
              "\"layer1.weight\" 3x4, \"layer1.bias\" 3");
    const auto names_only = match({{"conv1.weight", filled({5, 3, 3, 3}, 1)}});
    ASSERT_FALSE(names_only);
    EXPECT_NE(names_only.error().message.find("\"conv1.weight\" 5x3x3x3"), std::string::npos);
    Arrays many;
    for (int i = 0; i < 300; ++i) many.emplace_back(fmt::format("a{}", i), filled({1}, 1));
    EXPECT_TRUE(match(many).error().message.ends_with("\"a4\" 1 and 295 more"));
    const auto none = match_checkpoint(file_of(many), "c", {{"r", ReLU{}}}, "Nothing");
    EXPECT_EQ(none.error().message, "c: Nothing has no layer with weights");
}

TEST(MatchCheckpoint, DoesNotTakeANameForTheEndOfAnother) {
    EXPECT_FALSE(match({{"myconv1.weight", filled({5, 3, 5, 5}, 1)}}));
}

TEST(MatchCheckpoint, RefusesNumbersThatAreNone) {
    Arrays arrays = largenet_arrays("");
    for (auto& [key, parameter] : arrays)
        if (key == "fc1.bias") parameter = filled({32}, std::numeric_limits<float>::quiet_NaN());
    EXPECT_EQ(match(arrays).error().message,
              "c: 32 of the 32 values of \"fc1.bias\" are NaN or infinite, expected finite numbers");
}

TEST(MatchCheckpoint, KnowsABatchNormsStatisticsAndPassesItsCounterOver) {
    const Architecture a{"N", {}, Normalize::none, {{"bn", BatchNorm2dSpec{3, 1e-5F, true}}}};
    const auto checkpoint = match({{"m.bn.weight", filled({3}, 1)},
                                   {"m.bn.bias", filled({3}, 2)},
                                   {"m.bn.running_mean", filled({3}, 3)},
                                   {"m.bn.running_var", filled({3}, 4)},
                                   {"m.bn.num_batches_tracked", filled({1}, 5)}},
                                  a);
    ASSERT_TRUE(checkpoint) << checkpoint.error().message;
    EXPECT_EQ(checkpoint->report.summary(), "c: 4 of 4 arrays loaded");
    EXPECT_EQ(checkpoint->parameters.at("bn.running_var").data()[2], 4.0F);
}

TEST(MatchCheckpoint, LoadsTheSameFromEachFormat) {
    const auto expected = TensorFile::open(CONVLENS_TEST_DATA "/golden/checkpoints/largenet_expected.npz").value();
    const auto file = TensorFile::open(CONVLENS_TEST_DATA "/golden/checkpoints/largenet.safetensors").value();
    const auto a = match_checkpoint(expected, "a", largenet().layers, "LargeNet"),
               b = match_checkpoint(file, "b", largenet().layers, "LargeNet");
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->parameters.size(), 8U);
    for (const auto& [key, parameter] : a->parameters)
        EXPECT_TRUE(std::ranges::equal(b->parameters.at(key).data(), parameter.data())) << key;
}

TEST(SaveWeights, WritesWhatPyTorchNamesAndReadsBackTheSameBits) {
    const fs::path folder = fs::temp_directory_path() / fmt::format("convlens_save_{}", ::getpid());
    fs::create_directories(folder);
    Architecture a = largenet();
    a.layers.push_back({"bn", BatchNorm2dSpec{1, 1e-5F, true}});
    a.layers.push_back({"local", LocallyConnected2dSpec{1, 2, {1, 1}, {1, 1}, {1, 1}, true}});
    Network network;
    for (const LayerSpec& spec : a.layers)
        network.layers.push_back(with_parameters(spec, initial_parameters(spec, 3)).value());
    for (const char* name : {"w.safetensors", "w.npz"}) {
        const auto saved = save_weights(folder / name, network, "my title");
        ASSERT_TRUE(saved) << saved.error().message;
        const auto file = TensorFile::open(folder / name);
        ASSERT_TRUE(file) << file.error().message;
        const auto checkpoint = match_checkpoint(*file, name, a.layers, a.name);
        ASSERT_TRUE(checkpoint) << checkpoint.error().message;
        EXPECT_EQ(checkpoint->report.count(State::matched), 14U);
        EXPECT_EQ(checkpoint->report.rows.size(), 14U);
        for (const auto& [key, parameter] : parameters_of(network))
            EXPECT_TRUE(std::ranges::equal(checkpoint->parameters.at(key).data(), parameter.data())) << key;
    }
    EXPECT_EQ(TensorFile::open(folder / "w.safetensors")->metadata().at("title"), "my title");
    EXPECT_EQ(save_weights(folder / "w.txt", network, "").error().message.substr(folder.string().size() + 1),
              "w.txt: weights are written as .safetensors or .npz");
    EXPECT_FALSE(save_weights(folder / "w.npz", Network{{Layer{"r", ReLU{}}}}, ""));
    fs::remove_all(folder);
}

/// Names and shapes: state_dict() of torchvision's ConvNeXt (models/convnext.py) with 4 channels.
TEST(SaveWeights, WritesAConvNeXtAsTorchvisionDoes) {
    const fs::path folder = fs::temp_directory_path() / fmt::format("convlens_convnext_{}", ::getpid());
    fs::create_directories(folder);
    const std::vector<LayerSpec> layers{{"features.1.0.block.0", Conv2dSpec{4, 4, {7, 7}, {.groups = 4}, true}},
                                        {"features.1.0.block.2", LayerNorm2dSpec{4}},
                                        {"features.1.0.block.3", Conv2dSpec{4, 16, {1, 1}, {}, true}},
                                        {"features.1.0.block.5", Conv2dSpec{16, 4, {1, 1}, {}, true}},
                                        {"features.1.0.layer_scale", Conv2dSpec{4, 4, {1, 1}, {.groups = 4}, false}},
                                        {"own.block.3", Conv2dSpec{4, 4, {1, 1}, {}, false}},
                                        {"own.layer_scale", Conv2dSpec{4, 4, {1, 1}, {.groups = 4}, false}},
                                        {"classifier.2", LinearSpec{4, 10, true}}};
    Network network;
    for (const LayerSpec& spec : layers)
        network.layers.push_back(with_parameters(spec, initial_parameters(spec, 3)).value());
    const std::map<std::string, std::vector<std::int64_t>> expected{{"features.1.0.layer_scale", {4, 1, 1}},
                                                                    {"features.1.0.block.0.weight", {4, 1, 7, 7}},
                                                                    {"features.1.0.block.0.bias", {4}},
                                                                    {"features.1.0.block.2.weight", {4}},
                                                                    {"features.1.0.block.2.bias", {4}},
                                                                    {"features.1.0.block.3.weight", {16, 4}},
                                                                    {"features.1.0.block.3.bias", {16}},
                                                                    {"features.1.0.block.5.weight", {4, 16}},
                                                                    {"features.1.0.block.5.bias", {4}},
                                                                    {"own.block.3.weight", {4, 4, 1, 1}},
                                                                    {"own.layer_scale.weight", {4, 1, 1, 1}},
                                                                    {"classifier.2.weight", {10, 4}},
                                                                    {"classifier.2.bias", {10}}};
    for (const char* name : {"w.safetensors", "w.npz"}) {
        const auto saved = save_weights(folder / name, network, "");
        ASSERT_TRUE(saved) << saved.error().message;
        const auto file = TensorFile::open(folder / name);
        ASSERT_TRUE(file) << file.error().message;
        std::map<std::string, std::vector<std::int64_t>> found;
        for (const ArrayInfo& array : file->arrays()) found.emplace(array.key, array.shape);
        EXPECT_EQ(found, expected);
        const auto checkpoint = match_checkpoint(*file, name, layers, "ConvNeXt");
        ASSERT_TRUE(checkpoint) << checkpoint.error().message;
        EXPECT_EQ(checkpoint->report.count(State::matched), expected.size());
        EXPECT_EQ(checkpoint->report.rows.size(), expected.size());
        for (const auto& [key, parameter] : parameters_of(network))
            EXPECT_TRUE(std::ranges::equal(checkpoint->parameters.at(key).data(), parameter.data())) << key;
    }
    fs::remove_all(folder);
}

TEST(EncodeSafetensors, AlignsTheValuesAndEscapesNames) {
    const std::vector<float> values{1, -2, 3};
    const auto bytes =
        encode_safetensors({{"a\"\xc3\xa4", ArrayView{{3}, values}}, {"none", ArrayView{{0, 2}, {}}}}, {{"k", "v\n"}});
    const auto header = static_cast<std::size_t>(bytes[0]) + static_cast<std::size_t>(bytes[1]) * 256;
    EXPECT_EQ(header % 8, 0U);
    EXPECT_EQ(bytes.size(), 8 + header + 12);
    const auto file = TensorFile::parse(Bytes::copy_of(bytes), "s");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->load("a\"\xc3\xa4")->values, values);
    EXPECT_EQ(file->load("none")->shape, (std::vector<std::int64_t>{0, 2}));
    EXPECT_EQ(file->metadata().at("k"), "v\n");
    EXPECT_TRUE(TensorFile::parse(Bytes::copy_of(encode_safetensors({}, {})), "s"));
}

}  // namespace
}  // namespace convlens
