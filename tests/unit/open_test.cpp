/// engine/open/open.h
#include "engine/open/open.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>

#include "engine/io/tensor_file.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

const Assets open_assets = CONVLENS_SOURCE_ASSETS;

class Open : public ::testing::Test {
  protected:
    Open()
        : folder(fs::path(::testing::TempDir()) /
                 fmt::format("convlens_{}_{}", ::testing::UnitTest::GetInstance()->current_test_info()->name(),
                             ::getpid())) {
        fs::create_directories(folder);
    }
    ~Open() override { fs::remove_all(folder); }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;

    /// A .npy file, version 1.0, little-endian float32, written by hand.
    std::string npy(const std::string& name, const std::string& shape, const std::vector<float>& values) {
        std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
        while ((10 + header.size() + 1) % 64 != 0) header += ' ';
        header += '\n';
        const std::string path = (folder / name).string();
        std::ofstream file(path, std::ios::binary);
        file << "\x93NUMPY" << '\x01' << '\0' << static_cast<char>(header.size() % 256)
             << static_cast<char>(header.size() / 256) << header;
        file.write(reinterpret_cast<const char*>(values.data()),
                   static_cast<std::streamsize>(values.size() * sizeof(float)));
        return path;
    }

    std::string npz(const std::string& name, const std::vector<std::pair<std::string, ArrayView>>& tensors) {
        const std::string path = (folder / name).string();
        const auto bytes = encode_npz(tensors).value();
        std::ofstream file(path, std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return path;
    }

    LoadedKernels kernels(const std::string& spec) {
        auto opened = open_kernels(spec, open_assets);
        if (!opened) throw std::runtime_error(opened.error().message);
        return std::get<LoadedKernels>(opened->bank);
    }

    /// Expects `result` to have failed with `part` in its sentence.
    template <class T>
    static void expect_failure(const Expected<T>& result, const std::string& part) {
        ASSERT_FALSE(result) << part;
        EXPECT_NE(result.error().message.find(part), std::string::npos) << result.error().message << "\nhas no\n"
                                                                        << part;
        EXPECT_EQ(result.error().message.find('\n'), std::string::npos);
    }

    fs::path folder;
};

TEST(SizeFrom, ReadsOneNumberOrHeightByWidth) {
    EXPECT_EQ(size_from("7", 1), (Size2{7, 7}));
    EXPECT_EQ(size_from("7x5", 1), (Size2{7, 5}));
    EXPECT_EQ(size_from("0x3", 0), (Size2{0, 3}));
    EXPECT_EQ(size_from("-2x3", -5), (Size2{-2, 3}));
    for (const char* bad : {"", "x", "7x", "x7", "7x5x3", "a", "7 x 5", "0", "7x0", "-1", "1.5", "99999999999"})
        EXPECT_FALSE(size_from(bad, 1)) << bad;
}

TEST(SampleNames, AreTheImagesThatComeWithTheProgram) {
    const auto names = sample_names(open_assets);
    EXPECT_FALSE(names.empty());
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    for (const auto& name : names) {
        const auto input = open_input({"sample:" + name}, 1, open_assets);
        ASSERT_TRUE(input) << input.error().message;
        EXPECT_GT(std::get<PictureInput>(*input).pictures.at(0).picture->color.size(), 1000U);
    }
    EXPECT_TRUE(sample_names("/no/such/folder").empty());
}

TEST_F(Open, ReadsPatternsWithAndWithoutASize) {
    EXPECT_EQ(std::get<PatternInput>(open_input({"pattern:zone"}, 1, open_assets).value()),
              (PatternInput{Pattern::zone, {128, 128}, 1}));
    EXPECT_EQ(std::get<PatternInput>(open_input({"pattern:step:30x20"}, 1, open_assets).value()),
              (PatternInput{Pattern::step, {20, 30}, 1}));
    EXPECT_EQ(std::get<PatternInput>(open_input({"pattern:noise:8x8"}, 5, open_assets).value()),
              (PatternInput{Pattern::noise, {8, 8}, 5}));
}

TEST_F(Open, RefusesPatternsThatAreNotThere) {
    expect_failure(open_input({"pattern:stripes"}, 1, open_assets),
                   "pattern:stripes: no such pattern, there are impulse, step, zone");
    for (const char* bad : {"pattern:zone:", "pattern:zone:0x5", "pattern:zone:5", "pattern:zone:5x",
                            "pattern:zone:axb", "pattern:zone:5x5x5", "pattern:zone:-5x5", "pattern:zone:5x5:1"})
        expect_failure(open_input({bad}, 1, open_assets), fmt::format("{}: expected pattern:NAME:WxH", bad));
    expect_failure(open_input({"pattern:zone"}, 2, open_assets), "a batch needs the noise pattern");
    expect_failure(open_input({"pattern:zone", "sample:cat"}, 1, open_assets), "can't be part of a batch");
}

TEST_F(Open, ReadsSeveralPicturesAsABatchAndRemembersTheirSpecs) {
    const auto name = sample_names(open_assets).at(0);
    const auto input = open_input({"sample:" + name, "sample:" + name}, 1, open_assets);
    ASSERT_TRUE(input) << input.error().message;
    ASSERT_EQ(std::get<PictureInput>(*input).pictures.size(), 2U);
    EXPECT_EQ(std::get<PictureInput>(*input).pictures[1].origin.text(), "sample:" + name);
    expect_failure(open_input({"sample:" + name}, 4, open_assets), "batch is 4, but 1 image is named");
}

TEST_F(Open, NamesThePictureThatIsNotThere) {
    expect_failure(open_input({"sample:nobody"}, 1, open_assets), "sample:nobody: no such sample, there are ");
    expect_failure(open_input({"sample:nobody"}, 1, "/no/such/folder"), "the assets folder is missing");
    expect_failure(open_input({"/no/such/picture.png"}, 1, open_assets), "picture.png: cannot be read from /no/such");
    expect_failure(open_input({"sample:../weights/x"}, 1, open_assets), "no such sample");
}

TEST_F(Open, ReadsTensorsOfTwoToFourAxes) {
    const std::vector<float> values{1, 2, 3, 4, 5, 6};
    EXPECT_EQ(open_tensor(npy("a.npy", "(2, 3)", values)).value().tensor->shape(), (Shape{1, 1, 2, 3}));
    EXPECT_EQ(open_tensor(npy("b.npy", "(3, 1, 2)", values)).value().tensor->shape(), (Shape{1, 3, 1, 2}));
    const TensorInput four = open_tensor(npy("c.npy", "(3, 2, 1, 1)", values)).value();
    EXPECT_EQ(four.tensor->shape(), (Shape{3, 2, 1, 1}));
    EXPECT_EQ(four.tensor->at(2, 1, 0, 0), 6.0F);
}

TEST_F(Open, RefusesTensorsOfOtherAxesOrWithoutAllTheirValues) {
    expect_failure(open_tensor(npy("a.npy", "(6,)", {1, 2, 3, 4, 5, 6})), "a.npy: the array is 6, expected (H, W)");
    expect_failure(open_tensor(npy("b.npy", "(1, 1, 1, 1, 2)", {1, 2})), "1x1x1x1x2");
    expect_failure(open_tensor(npy("c.npy", "()", {1})), "c.npy: the array is scalar");
    expect_failure(open_tensor(npy("d.npy", "(0, 3)", {})), "expected at least one value along every axis");
    expect_failure(open_tensor(npy("e.npy", "(2, 3)", {1, 2})), "e.npy");
    expect_failure(open_tensor(folder / "none.npy"), "none.npy");
}

TEST_F(Open, RefusesNaNAndInfinityAndCountsThem) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    expect_failure(open_tensor(npy("a.npy", "(2, 2)", {1, nan, -infinity, 4})),
                   "a.npy: 2 of the 4 values are NaN or infinite, expected finite numbers");
    expect_failure(open_kernels(npy("b.npy", "(2, 2)", {1, nan, 3, 4}), open_assets),
                   "b.npy: 1 of the 4 weights are NaN or infinite, expected finite numbers");
    expect_failure(open_bias(npy("c.npy", "(2,)", {infinity, 1})), "1 of the 2 bias values are NaN or infinite");
}

TEST_F(Open, ReadsTheEdgeKernelsAndHowTheyMeetColor) {
    for (const auto& [spec, gray] : {std::pair{"edges", GrayKernels::luminance},
                                     {"edges:luminance", GrayKernels::luminance},
                                     {"edges:sum", GrayKernels::channel_sum}}) {
        const OpenedKernels opened = open_kernels(spec, open_assets).value();
        EXPECT_TRUE(std::holds_alternative<EdgeKernels>(opened.bank));
        EXPECT_EQ(opened.gray, gray);
    }
    EXPECT_FALSE(open_kernels("edges:other", open_assets));
}

TEST_F(Open, ReadsRandomKernels) {
    const auto random = [](const char* spec) {
        return std::get<RandomKernels>(open_kernels(spec, open_assets).value().bank);
    };
    EXPECT_EQ(random("random:7x5"), (RandomKernels{7, {5, 5}, 1}));
    EXPECT_EQ(random("random:7x5:42"), (RandomKernels{7, {5, 5}, 42}));
    EXPECT_EQ(random("random:64x3x11:4294967295"), (RandomKernels{64, {3, 11}, 4294967295U}));
    for (const char* bad :
         {"random:", "random:7", "random:7x", "random:0x5", "random:7x0", "random:-7x5", "random:7x5x3x1",
          "random:7x5:", "random:7x5:x", "random:7x5:-1", "random:7x5:4294967296", "random:7x5:1:2"})
        expect_failure(open_kernels(bad, open_assets),
                       fmt::format("weights '{}' are not of the form random:OUTxK[:SEED]", bad));
}

TEST_F(Open, ReadsTheTrainedAlexNetLayer) {
    const LoadedKernels alexnet = kernels("alexnet");
    EXPECT_EQ(alexnet.weight->shape(), (Shape{64, 3, 11, 11}));
    ASSERT_NE(alexnet.bias, nullptr);
    EXPECT_EQ(alexnet.bias->size(), 64U);
    EXPECT_EQ(alexnet.trained_with, Normalize::imagenet);
    EXPECT_EQ(alexnet.origin, KnownKernels::alexnet);
    EXPECT_FALSE(alexnet.title.empty());
    expect_failure(open_kernels("alexnet", "/no/such/folder"), "alexnet_conv1.safetensors");
}

TEST_F(Open, ReadsKernelFilesOfTwoToFourAxes) {
    const std::vector<float> values{1, 2, 3, 4, 5, 6};
    EXPECT_EQ(kernels(npy("a.npy", "(2, 3)", values)).weight->shape(), (Shape{1, 1, 2, 3}));
    EXPECT_EQ(kernels(npy("b.npy", "(3, 1, 2)", values)).weight->shape(), (Shape{3, 1, 1, 2}));
    const LoadedKernels four = kernels(npy("c.npy", "(1, 3, 2, 1)", values));
    EXPECT_EQ(four.weight->shape(), (Shape{1, 3, 2, 1}));
    EXPECT_EQ(four.weight->at(0, 2, 1, 0), 6.0F);
    EXPECT_EQ(four.bias, nullptr);
    EXPECT_EQ(four.trained_with, Normalize::none);
    EXPECT_EQ(four.title, "c.npy");
    expect_failure(open_kernels(npy("d.npy", "(6,)", values), open_assets),
                   "the array is 6, expected kernels of (C_out, C_in, KH, KW)");
}

TEST_F(Open, TakesTheArrayNamedAndTheBiasBesideIt) {
    const Tensor first({2, 1, 3, 3}, 1.0F), second({4, 1, 3, 3}, 2.0F);
    const std::string path = npz("net.npz", {{"conv1.weight", first}, {"conv2.weight", second}});
    EXPECT_EQ(kernels(path + ":conv1.weight").weight->shape().n, 2);
    EXPECT_EQ(kernels(path + ":conv2.weight").weight->shape().n, 4);
    EXPECT_EQ(kernels(path + ":conv2.weight").title, "net.npz: conv2.weight");
    expect_failure(open_kernels(path, open_assets),
                   "2 arrays that could be kernels, name one as FILE:KEY: conv1.weight 2x1x3x3");
    expect_failure(open_kernels(path + ":conv3.weight", open_assets), "conv3.weight");
    expect_failure(open_kernels((folder / "none.npz").string() + ":x", open_assets), "none.npz");
    const LoadedKernels golden = kernels(std::string(CONVLENS_TEST_DATA) + "/golden/conv2d.npz:001/weight");
    ASSERT_NE(golden.bias, nullptr) << "001/bias lies beside 001/weight";
    EXPECT_EQ(static_cast<int>(golden.bias->size()), golden.weight->shape().n);
}

TEST_F(Open, TakesTheArrayCalledWeightWhenSeveralCouldBeKernels) {
    const Tensor other({2, 1, 3, 3}, 1.0F), weight({4, 1, 3, 3}, 2.0F);
    EXPECT_EQ(kernels(npz("net.npz", {{"other", other}, {"weight", weight}})).weight->shape().n, 4);
}

TEST_F(Open, TakesKernelsAndTheirBiasFromAPyTorchCheckpoint) {
    const std::string checkpoints = CONVLENS_TEST_DATA "/golden/checkpoints/";
    const LoadedKernels expected = kernels(checkpoints + "largenet_expected.npz:conv2.weight");
    for (const char* name : {"largenet_zip.pth", "largenet_legacy.pth", "largenet_training_checkpoint.pth"}) {
        SCOPED_TRACE(name);
        const LoadedKernels loaded = kernels(checkpoints + name + ":conv2.weight");
        EXPECT_EQ(loaded.weight->shape(), (Shape{10, 5, 5, 5}));
        EXPECT_TRUE(std::ranges::equal(loaded.weight->values(), expected.weight->values()));
        ASSERT_NE(loaded.bias, nullptr);
        EXPECT_EQ(*loaded.bias, *expected.bias);
        EXPECT_EQ(loaded.title, std::string(name) + ": conv2.weight");
        expect_failure(open_kernels(checkpoints + name, open_assets), "2 arrays that could be kernels");
        EXPECT_EQ(open_bias(checkpoints + name + ":conv1.bias").value()->size(), 5U);
    }
    EXPECT_NE(kernels(checkpoints + "largenet_training_checkpoint.pth:module.conv1.weight").bias, nullptr);
    EXPECT_EQ(kernels(checkpoints + "views.pth:transposed").weight->shape(), (Shape{5, 3, 5, 5}));
}

TEST_F(Open, ReadsABiasOfOneAxis) {
    EXPECT_EQ(*open_bias(npy("a.npy", "(3,)", {1, 2, 3})).value(), (std::vector<float>{1, 2, 3}));
    expect_failure(open_bias(npy("b.npy", "(1, 3)", {1, 2, 3})), "the bias is 1x3, expected one axis");
    const std::string golden = std::string(CONVLENS_TEST_DATA) + "/golden/conv2d.npz";
    EXPECT_TRUE(open_bias(golden + ":001/bias"));
    expect_failure(open_bias(golden), "name the bias as FILE:KEY");
    expect_failure(open_bias((folder / "none.npy").string()), "none.npy");
}

}  // namespace
}  // namespace convlens
