/// engine/core/memory_limit.h: tensors within the limit, and what is refused beyond it.
#include "engine/core/memory_limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <thread>

#include "engine/core/memory_exempt.h"
#include "engine/core/tensor.h"
#include "engine/cpu/simd.h"
#include "engine/io/camera_frame.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"
#include "engine/train/dataset.h"
#include "engine/train/lane_net.h"

namespace convlens {
namespace {

/// Sets the limit and restores it at the end.
class Limit {
  public:
    explicit Limit(std::size_t bytes) { set_memory_limit(bytes); }
    ~Limit() { set_memory_limit(before_); }
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

  private:
    std::size_t before_ = memory_limit();
};

constexpr std::size_t megabyte = 1'000'000;

TEST(MemoryLimit, CountsTheBytesOfAllTensors) {
    const std::size_t before = counted_bytes();
    {
        Tensor a({1, 1, 10, 10});
        EXPECT_EQ(counted_bytes(), before + 400);
        Tensor b = std::move(a);
        EXPECT_EQ(counted_bytes(), before + 400);
        b.reshape({1, 1, 20, 10});
        EXPECT_EQ(counted_bytes(), before + 800);
        b = Tensor({1, 1, 1, 1});
        EXPECT_EQ(counted_bytes(), before + 4);
    }
    EXPECT_EQ(counted_bytes(), before);
}

TEST(MemoryLimit, CountsTheBytesOfImagesAndRefusesOneThatWouldExceedIt) {
    const std::size_t before = counted_bytes();
    {
        Image image(100, 50);
        const Image copy = image;
        EXPECT_EQ(counted_bytes(), before + 40'000);
        image.reset(1, 1, {});
        EXPECT_EQ(counted_bytes(), before + 20'004);
        const Limit limit(before + megabyte);
        EXPECT_THROW(image.reset(500, 500, {}), std::bad_alloc);
        EXPECT_EQ(image.width, 1);
    }
    EXPECT_EQ(counted_bytes(), before);
}

TEST(MemoryLimit, CountsAlphaAndFramesOfCameras) {
    const auto png = encode_png(Image(10, 10, {1, 2, 3, 128}));
    const std::size_t before = counted_bytes();
    {
        const auto picture = decode_picture(png, "p.png");
        ASSERT_TRUE(picture) << picture.error().message;
        EXPECT_EQ(counted_bytes(), before + 100 * 4 * sizeof(float));
        CameraFrame frame;
        frame.bytes.resize(1000);
        EXPECT_EQ(counted_bytes(), before + 100 * 4 * sizeof(float) + 1000);
        const Limit limit(before + megabyte);
        EXPECT_THROW(frame.bytes.resize(megabyte), std::bad_alloc);
        EXPECT_EQ(frame.bytes.size(), 1000U);
    }
    EXPECT_EQ(counted_bytes(), before);
}

TEST(MemoryLimit, CountsDataSets) {
    const std::size_t before = counted_bytes();
    {
        const DataSet data = make_bars_and_crosses(100, 1);
        EXPECT_GE(counted_bytes(), before + 100 * data.item.count());
        const Limit limit(before + megabyte);
        EXPECT_THROW(make_bars_and_crosses(1000, 1), std::bad_alloc);
    }
    EXPECT_EQ(counted_bytes(), before);
}

TEST(MemoryLimit, CountsTheWeightsAndGradientsOfATraining) {
    const std::size_t before = counted_bytes();
    LinearSpec linear;
    linear.in_features = 1000;
    linear.out_features = 100;
    auto net = LaneNet::make({LayerSpec{"linear", linear}}, {1, 1000, 1, 1}).value();
    const std::vector<float> parameters(net.parameter_count());
    std::vector<float> gradient(net.parameter_count());
    net.forward_backward(available_simd().front(), parameters,
                         {1,
                          [](int, float* input) { std::fill_n(input, 1000 * lane_images, 1.0F); },
                          [](int, const float*, float* g) { std::fill_n(g, 100 * lane_images, 1.0F); },
                          {}},
                         gradient);
    EXPECT_GE(counted_bytes(), before + 3 * 100'000 * sizeof(float)) << "packed for both directions, and one block";
}

TEST(MemoryLimit, DoesNotStopAThreadThatIsExempt) {
    const Limit limit(counted_bytes() + megabyte);
    std::thread([] {
        exempt_this_thread_from_memory_limit();
        const std::size_t before = counted_bytes();
        const Image image(1000, 1000);
        EXPECT_EQ(counted_bytes(), before + 4'000'000);
    }).join();
    EXPECT_THROW(Image(1000, 1000), std::bad_alloc);
}

TEST(MemoryLimit, RefusesATensorThatWouldExceedItAndTakesOneAfterwards) {
    const Limit limit(counted_bytes() + 100 * megabyte);
    const std::size_t before = counted_bytes();
    EXPECT_THROW(Tensor({1, 1, 5001, 5000}), std::bad_alloc);
    EXPECT_EQ(counted_bytes(), before);
    const Tensor fits({1, 1, 5000, 5000});
    EXPECT_THROW(Tensor({1, 1, 1, 1}), std::bad_alloc);
}

TEST(MemoryLimit, RefusesAPictureBeforeItIsDecodedWithTheFigure) {
    const auto png = encode_png(Image(2500, 2000, {1, 2, 3, 255}));
    EXPECT_TRUE(decode_picture(png, "p"));
    const Limit limit(200 * megabyte);
    const auto refused = decode_picture(png, "p.png");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "p.png: the PNG is 2500 x 2000 pixels and needs 120 MB, more than half of the memory limit (200 MB); "
              "--memory sets it");
}

TEST(MemoryLimit, RefusesAnArrayBeforeItIsReadWithTheFigure) {
    const std::vector<float> values(20 * megabyte, 1.0F);
    const auto file = *TensorFile::parse(Bytes::copy_of(encode_npy({{20, 1'000'000}, values})), "a.npy");
    const Limit limit(100 * megabyte);
    const auto refused = file.load(file.arrays().front().key);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("needs 80 MB, more than half of the memory limit (100 MB)"),
              std::string::npos)
        << refused.error().message;
}

TEST(MemoryLimit, WritesSizesInWords) {
    EXPECT_EQ(bytes_in_words(1'500'000'000), "1.5 GB");
    EXPECT_EQ(bytes_in_words(20 * megabyte), "20 MB");
    EXPECT_EQ(bytes_in_words(400), "0 kB");
}

}  // namespace
}  // namespace convlens
