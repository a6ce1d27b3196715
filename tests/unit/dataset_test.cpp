/// Data sets: what is read, what is rejected and with which message, how blocks are built.
#include "engine/train/dataset.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/cpu/lane_loops.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

using Raw = std::vector<std::byte>;

void append_big(Raw& to, std::uint32_t v) {
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::byte>(v >> shift & 255U));
}

Raw idx_images(std::uint32_t count, std::uint32_t rows, std::uint32_t columns, std::size_t bytes) {
    Raw raw;
    for (const std::uint32_t v : {0x803U, count, rows, columns}) append_big(raw, v);
    for (std::size_t i = 0; i < bytes; ++i) raw.push_back(static_cast<std::byte>(i % 251));
    return raw;
}

Raw idx_labels(std::uint32_t count, const std::vector<int>& labels) {
    Raw raw;
    append_big(raw, 0x801), append_big(raw, count);
    for (const int l : labels) raw.push_back(static_cast<std::byte>(l));
    return raw;
}

Raw cifar(const std::vector<int>& labels) {
    Raw raw;
    for (const int l : labels) {
        raw.push_back(static_cast<std::byte>(l));
        raw.insert(raw.end(), 3072, static_cast<std::byte>(l * 20));
    }
    return raw;
}

class DataFolder : public testing::Test {
  protected:
    DataFolder() : folder_(fs::temp_directory_path() / fmt::format("convlens_data_{}", ::getpid())) {
        fs::create_directories(folder_);
    }
    ~DataFolder() override { fs::remove_all(folder_); }

    void write(const std::string& name, const Raw& raw) const {
        fs::create_directories((folder_ / name).parent_path());
        ASSERT_TRUE(write_file(folder_ / name, raw));
    }
    void write_packed(const std::string& name, const Raw& raw) const {
        const gzFile file = gzopen((folder_ / name).string().c_str(), "wb");
        gzwrite(file, raw.data(), static_cast<unsigned>(raw.size()));
        gzclose(file);
    }
    fs::path folder_;
};

TEST(Idx, PicturesGetABorder) {
    const auto data = parse_idx(idx_images(2, 28, 28, 2 * 784), "i", idx_labels(2, {3, 9}), "l");
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ(data->labels, (std::vector<int>{3, 9}));
    EXPECT_EQ(data->item, (Shape{1, 1, 32, 32}));
    const auto& pixels = std::get<CountedVector<std::uint8_t>>(data->values);
    EXPECT_EQ(pixels[0], 0);
    EXPECT_EQ(pixels[2 * 32 + 3], 1);                 // row 0, column 1
    EXPECT_EQ(pixels[1024 + 2 * 32 + 2], 784 % 251);  // the second picture
}

TEST(Idx, HostileFilesAreRefusedInASentence) {
    const auto expect = [](const Raw& images, const Raw& labels, const std::string& part) {
        const auto data = parse_idx(images, "images", labels, "labels");
        ASSERT_FALSE(data);
        EXPECT_NE(data.error().message.find(part), std::string::npos) << data.error().message;
    };
    const Raw good = idx_images(1, 28, 28, 784);
    expect(idx_images(1, 28, 28, 783), idx_labels(1, {0}), "images: 1 pictures of 28x28 need 784 bytes");
    expect(idx_images(0xFFFFFFFFU, 28, 28, 784), idx_labels(1, {0}), "images:");
    expect(idx_images(1, 0xFFFFFFFFU, 0xFFFFFFFFU, 784), idx_labels(1, {0}), "expected 1 to 32 pixels per side");
    expect({}, {}, "images: not an IDX file");
    expect(good, {}, "labels: not an IDX file");
    expect(good, idx_labels(2, {0, 1}), "labels: expected 1 labels");
    expect(good, idx_labels(1, {10}), "labels: label 10 of picture 0");
}

TEST_F(DataFolder, FashionMnistIsReadPackedOrNot) {
    write("train-images-idx3-ubyte", idx_images(3, 28, 28, 3 * 784));
    write("train-labels-idx1-ubyte", idx_labels(3, {0, 1, 2}));
    write_packed("t10k-images-idx3-ubyte.gz", idx_images(1, 28, 28, 784));
    auto split = load_idx_folder(folder_);
    ASSERT_FALSE(split);
    EXPECT_NE(split.error().message.find("t10k-labels-idx1-ubyte"), std::string::npos);
    write_packed("t10k-labels-idx1-ubyte.gz", idx_labels(1, {7}));
    split = load_idx_folder(folder_);
    ASSERT_TRUE(split) << split.error().message;
    EXPECT_EQ(split->training->size(), 3);
    EXPECT_EQ(split->validation->labels, std::vector<int>{7});
    fs::resize_file(folder_ / "t10k-images-idx3-ubyte.gz", 12);
    split = load_idx_folder(folder_);
    ASSERT_FALSE(split);
    EXPECT_NE(split.error().message.find("truncated or corrupt"), std::string::npos);
}

TEST(Cifar10, ClassesAreChosenByNameInTheirOrder) {
    const auto data = parse_cifar10(cifar({3, 0, 5, 3}), "c", {"dog", "cat"});
    ASSERT_TRUE(data);
    EXPECT_EQ(data->labels, (std::vector<int>{1, 0, 1}));
    EXPECT_EQ(std::get<CountedVector<std::uint8_t>>(data->values)[3072], 100);
    EXPECT_EQ(parse_cifar10(cifar({3, 0, 5, 3}), "c", {})->size(), 4);
}

TEST(Cifar10, HostileFilesAreRefusedInASentence) {
    Raw cut = cifar({1, 2});
    cut.pop_back();
    EXPECT_EQ(parse_cifar10(cut, "c.bin", {}).error().message,
              "c.bin: it has 6145 bytes, but CIFAR-10's binary files have a multiple of 3073");
    EXPECT_FALSE(parse_cifar10({}, "c.bin", {}));
    EXPECT_EQ(parse_cifar10(cifar({1, 10}), "c.bin", {}).error().message, "c.bin: label 10 of picture 1 is not 0 to 9");
    EXPECT_FALSE(parse_cifar10(cifar({1}), "c.bin", {"cat", "dog"}));
}

TEST_F(DataFolder, Cifar10NeedsKnownClassesAndBothFiles) {
    write("data_batch_1.bin", cifar({3, 5}));
    EXPECT_FALSE(load_cifar10_folder(folder_, {"cat", "dog"}));
    write("test_batch.bin", cifar({5}));
    const auto split = load_cifar10_folder(folder_, {"cat", "dog"});
    ASSERT_TRUE(split) << split.error().message;
    EXPECT_EQ(split->training->size(), 2);
    EXPECT_EQ(split->validation->size(), 1);
    EXPECT_NE(load_cifar10_folder(folder_, {"cat", "unicorn"}).error().message.find("unicorn"), std::string::npos);
    EXPECT_FALSE(load_cifar10_folder(folder_, {"cat"}));
}

TEST_F(DataFolder, OfPicturesSkipsCountsAndNamesCorruptOnes) {
    for (int i = 0; i < 6; ++i) {
        write(fmt::format("red/{}.png", i), encode_png(Image(8, 8, {200, 0, 0, 255})));
        write(fmt::format("blue/{}.png", i), encode_png(Image(9, 5, {0, 0, 200, 255})));
    }
    write("red/broken.png", Raw(40, std::byte{1}));
    const auto split = load_picture_folder(folder_, {32, 32}, 1);
    ASSERT_TRUE(split) << split.error().message;
    EXPECT_EQ(split->training->size() + split->validation->size(), 12);
    EXPECT_EQ(split->training->classes, (std::vector<std::string>{"blue", "red"}));
    EXPECT_EQ(split->training->skipped, 1U);
    EXPECT_NE(split->training->complaints.at(0).find("broken.png"), std::string::npos);
    const Image picture = picture_of(*split->training, 0);
    EXPECT_EQ(picture.pixel(5, 5)[2], split->training->labels[0] == 0 ? 200 : 0);
}

TEST_F(DataFolder, OfPicturesNeedsTwoClasses) {
    EXPECT_FALSE(load_picture_folder(folder_ / "nowhere", {32, 32}, 1));
    EXPECT_FALSE(load_picture_folder(folder_, {32, 32}, 1));
    for (int i = 0; i < 3; ++i) write(fmt::format("red/{}.png", i), encode_png(Image(8, 8, {200, 0, 0, 255})));
    write("single/0.png", encode_png(Image(8, 8, {0, 0, 0, 255})));
    const auto split = load_picture_folder(folder_, {32, 32}, 1);
    ASSERT_FALSE(split);
    EXPECT_NE(split.error().message.find("at least two sub-folders"), std::string::npos);
}

TEST_F(DataFolder, IsReadByTheNamesInIt) {
    for (const char* name : {"red", "blue"})
        for (int i = 0; i < 5; ++i) write(fmt::format("{}/{}.png", name, i), encode_png(Image(8, 8, {200, 0, 0, 255})));
    EXPECT_EQ(data_layout(folder_), DataLayout::pictures);
    EXPECT_EQ(load_data_folder(folder_, {}, {32, 32}, 1)->training->size(), 8);
    write("data_batch_1.bin", cifar({3, 5}));
    write("test_batch.bin", cifar({5}));
    EXPECT_EQ(data_layout(folder_), DataLayout::cifar10);
    EXPECT_EQ(load_data_folder(folder_, {"cat", "dog"}, {32, 32}, 1)->training->size(), 2);
    write("train-images-idx3-ubyte", {});
    EXPECT_EQ(data_layout(folder_), DataLayout::idx);
    EXPECT_FALSE(load_data_folder(folder_, {}, {32, 32}, 1));
    EXPECT_EQ(data_layout(folder_ / "nowhere"), DataLayout::pictures);
}

TEST(DataSet, IsResizedToFewerLargerPicturesInColor) {
    const DataSplit bars{std::make_shared<const DataSet>(make_bars_and_crosses(20, 1)),
                         std::make_shared<const DataSet>(make_bars_and_crosses(8, 2))};
    const auto large = resized(bars, {64, 64}, 9);
    ASSERT_TRUE(large);
    EXPECT_EQ(large->training->size(), 9);
    EXPECT_EQ(large->validation->size(), 3);
    EXPECT_EQ(large->training->item, (Shape{1, 3, 64, 64}));
    EXPECT_EQ(large->training->labels[3], bars.training->labels[3]);
    const Tensor small = example_tensor(*bars.training, 3), big = example_tensor(*large->training, 3);
    double before = 0, after = 0;
    for (const float v : small.values()) before += static_cast<double>(v);
    for (const float v : big.values()) after += static_cast<double>(v);
    EXPECT_NEAR(after / 4, before, 0.01 * before);
    EXPECT_EQ(resized(bars, {32, 32}, 0)->training->size(), 20);
}

TEST(DataSet, ExamplesLieSideBySideInABlock) {
    const DataSet data = make_bars_and_crosses(20, 1);
    const int indices[] = {7, 3, 19};
    std::vector<float> block(3 * 1024 * lane_images, -9.0F);
    put_examples(data, indices, 3, 3, Normalize::half, block.data());
    const auto& pixels = std::get<CountedVector<std::uint8_t>>(data.values);
    for (const std::size_t i : {0U, 500U, 1023U})
        for (std::size_t l = 0; l < 3; ++l)
            for (std::size_t c = 0; c < 3; ++c)
                EXPECT_EQ(
                    block[(c * 1024 + i) * lane_images + l],
                    (static_cast<float>(pixels[static_cast<std::size_t>(indices[l]) * 1024 + i]) / 255.0F - 0.5F) /
                        0.5F);
    EXPECT_EQ(block[3], 0.0F);
}

TEST(DataSet, BarsAndCrossesComeFromTheirSeed) {
    EXPECT_EQ(make_bars_and_crosses(10, 4).values, make_bars_and_crosses(10, 4).values);
    EXPECT_NE(make_bars_and_crosses(10, 4).values, make_bars_and_crosses(10, 5).values);
}

}  // namespace
}  // namespace convlens
