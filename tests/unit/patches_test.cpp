/// The parts of images for which channels are strongest.
#include "engine/maximize/patches.h"

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

/// Sums 3x3 values, at every second position, with a padding of 1.
Network box_filter() {
    Conv2d conv;
    conv.params.stride = {2, 2};
    conv.params.padding = {1, 1};
    conv.weight = std::make_shared<const Tensor>(Tensor({1, 1, 3, 3}, 1.0F));
    return {{Layer{"conv1", conv}}};
}

/// A black image with bright spots.
std::shared_ptr<const Tensor> image_with(const std::vector<std::array<int, 2>>& spots, float value) {
    Tensor image({1, 1, 20, 30}, 0.0F);
    for (const auto& [y, x] : spots) image.at(0, 0, y, x) = value;
    return std::make_shared<const Tensor>(std::move(image));
}

class PatchesTest : public testing::Test {
  protected:
    Expected<void> add(StrongestPatches& patches, int number, const std::shared_ptr<const Tensor>& image) {
        const auto activations = backend_->forward(network_, image, 0, Cancel()).value();
        return patches.add(number, network_, *image, 0, *activations, 0, Normalize::none);
    }

    Network network_ = box_filter();
    std::unique_ptr<Backend> backend_ = make_cpu_backend({}).value();
};

TEST_F(PatchesTest, AreWhereTheValuesAreLargestAndShowTheReceptiveField) {
    StrongestPatches patches({0}, 3, 2);
    ASSERT_TRUE(add(patches, 7, image_with({{10, 12}, {4, 20}}, 0.5F)));
    ASSERT_TRUE(add(patches, 8, image_with({{0, 0}}, 1.0F)));
    const auto& places = patches.places(0);
    ASSERT_EQ(places.size(), 3U);
    EXPECT_EQ(places[0], (StrongPlace{8, 0, 0, 1.0F, {-1, -1, 3, 3}}));
    EXPECT_EQ(places[1], (StrongPlace{7, 2, 10, 0.5F, {19, 3, 3, 3}}));
    EXPECT_EQ(places[2], (StrongPlace{7, 5, 6, 0.5F, {11, 9, 3, 3}}));
    const Tensor pictures = patches.patches();
    ASSERT_EQ(pictures.shape(), (Shape{3, 1, 3, 3}));
    const std::vector<float> corner{0.5F, 0.5F, 0.5F, 0.5F, 1, 0, 0.5F, 0, 0}, middle{0, 0, 0, 0, 0.5F, 0, 0, 0, 0};
    EXPECT_TRUE(std::ranges::equal(pictures.plane(0, 0), corner)) << "beyond the borders it is gray";
    EXPECT_TRUE(std::ranges::equal(pictures.plane(1, 0), middle));
}

TEST_F(PatchesTest, AreRightBehindALayerThatEnlargesMaps) {
    network_.layers.push_back({"up", Upsample{{2, 2}, UpsampleMode::nearest, false}});
    const auto image = image_with({{10, 12}, {4, 20}}, 0.5F);
    const auto activations = backend_->forward(network_, image, 1, Cancel()).value();
    StrongestPatches patches({0}, 2, 2);
    ASSERT_TRUE(patches.add(0, network_, *image, 1, *activations, 0, Normalize::none));
    // Four values have the same receptive field; the second place is the other spot.
    ASSERT_EQ(patches.places(0).size(), 2U);
    EXPECT_EQ(patches.places(0)[0], (StrongPlace{0, 4, 20, 0.5F, {19, 3, 3, 3}}));
    EXPECT_EQ(patches.places(0)[1], (StrongPlace{0, 10, 12, 0.5F, {11, 9, 3, 3}}));
    const Tensor pictures = patches.patches();
    ASSERT_EQ(pictures.shape(), (Shape{2, 1, 3, 3}));
    EXPECT_EQ(pictures.at(0, 0, 1, 1), 0.5F);
    EXPECT_EQ(pictures.at(1, 0, 1, 1), 0.5F);
}

TEST_F(PatchesTest, AreNotOfTheSameObjectAndNotAllOfOneImage) {
    StrongestPatches patches({0}, 9, 2);
    // Neighbors 2 pixels apart share a column: they are the same object.
    ASSERT_TRUE(add(patches, 0, image_with({{10, 11}, {4, 20}, {16, 5}}, 1.0F)));
    const auto& places = patches.places(0);
    ASSERT_EQ(places.size(), 2U) << "two of one image";
    for (const auto& p : places)
        for (const auto& q : places)
            EXPECT_TRUE(p == q || std::abs(p.box.x - q.box.x) >= 3 || std::abs(p.box.y - q.box.y) >= 3);
    EXPECT_EQ(patches.patches().shape(), (Shape{9, 1, 3, 3})) << "the others are gray";
}

TEST_F(PatchesTest, AreRightForEveryPaddingAndForLayersAfterOthers) {
    for (const PaddingMode mode : {PaddingMode::zeros, PaddingMode::reflect, PaddingMode::circular})
        for (const int padding : {0, 2, 4}) {
            auto& conv = std::get<Conv2d>(network_.layers[0].operation);
            conv.params.padding = {padding, padding};
            conv.params.padding_mode = mode;
            network_.layers.resize(1);
            MaxPool2d pool;
            pool.kernel_size = pool.stride = {2, 2};
            network_.layers.push_back({"pool1", pool});
            const auto image = image_with({{10, 15}}, 1.0F);
            const auto activations = backend_->forward(network_, image, 1, Cancel()).value();
            StrongestPatches patches({0}, 1, 1);
            ASSERT_TRUE(patches.add(0, network_, *image, 1, *activations, 0, Normalize::none));
            const StrongPlace place = patches.places(0).at(0);
            // 2x2 windows of 3x3 values, 2 apart, see 5x5 values; neighbors are 4 apart.
            EXPECT_EQ(place.box, (Rect{place.x * 4 - padding, place.y * 4 - padding, 5, 5}));
            EXPECT_EQ(std::ranges::count(patches.patches().values(), 1.0F), 1) << "the spot is in the patch";
        }
}

TEST_F(PatchesTest, OfAFlattenedLayerAreThoseOfItsChannels) {
    network_.layers.push_back({"flatten", Flatten{}});
    const auto image = image_with({{0, 0}, {18, 28}}, 1.0F);
    const auto activations = backend_->forward(network_, image, 1, Cancel()).value();
    StrongestPatches patches({0, 149}, 1, 1);  // of 10x15 positions
    ASSERT_TRUE(patches.add(0, network_, *image, 1, *activations, 0, Normalize::none));
    EXPECT_EQ(patches.places(0).at(0).box, (Rect{0, 0, 2, 2}));
    EXPECT_EQ(patches.places(1).at(0).box, (Rect{27, 17, 3, 3}));
}

TEST_F(PatchesTest, NameAChannelThatDoesNotExist) {
    StrongestPatches patches({1}, 9, 2);
    const auto added = add(patches, 0, image_with({}, 1.0F));
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().message, "channel 1 does not exist: the output has channels 0 to 0");
}

}  // namespace
}  // namespace convlens::test
