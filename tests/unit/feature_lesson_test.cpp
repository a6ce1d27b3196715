/// Lesson 4: features, models on them, neighbors.
#include "engine/train/feature_lesson.h"

#include <gtest/gtest.h>

#include "engine/core/parallel.h"

namespace convlens {
namespace {

FeatureLesson bars_lesson(int hidden) {
    const DataSplit data{std::make_shared<const DataSet>(make_bars_and_crosses(40, 1)),
                         std::make_shared<const DataSet>(make_bars_and_crosses(20, 2))};
    Network network;
    const auto layers = largenet().layers;
    for (std::size_t i = 0; i < 6; ++i)
        network.layers.push_back(with_parameters(layers[i], initial_parameters(layers[i], 1)).value());
    network.layers.push_back({"drop", Dropout{}});
    FeatureOptions options;
    options.hidden = hidden;
    options.training.epochs = 3;
    return FeatureLesson::make(network, Normalize::half, data, options).value();
}

TEST(FeatureLesson, ComputesFeaturesThenTrainsBothModels) {
    for (const int hidden : {0, 8}) {
        FeatureLesson lesson = bars_lesson(hidden);
        EXPECT_EQ(lesson.view().pictures_done, 0);
        EXPECT_FALSE(lesson.neighbors(Tensor({1, 3, 40, 40}, 0.5F), 3));
        Arena(1).execute([&] { lesson.step(); });
        EXPECT_EQ(lesson.view().pictures_done, 16);
        while (lesson.step()) {
        }
        const FeatureView view = lesson.view();
        EXPECT_TRUE(view.finished);
        EXPECT_EQ(view.pictures_done, 60);
        EXPECT_EQ(view.features.dimensions, 250);
        EXPECT_EQ(view.pixels.dimensions, 3072);
        EXPECT_EQ(view.features.title, "pool2");
        ASSERT_EQ(view.features.points->size(), 60U);
        ASSERT_EQ(view.pixels.training.epochs.size(), 3U);
        EXPECT_GT(view.pixels.training.epochs.back().training_accuracy, 0.6F);
        EXPECT_LT(view.features.training.epochs.back().training_loss,
                  view.features.training.epochs.front().training_loss);
    }
}

TEST(FeatureLesson, APictureIsItsOwnNearestNeighbor) {
    FeatureLesson lesson = bars_lesson(0);
    for (int i = 0; i < 6; ++i) lesson.step();
    const Image image = picture_of(*lesson.pictures().training, 7);
    Tensor picture({1, 3, 32, 32});
    for (int c = 0; c < 3; ++c)
        for (std::size_t i = 0; i < 1024; ++i) picture.plane(0, c)[i] = static_cast<float>(image.rgba[i * 4]) / 255.0F;
    const auto near = lesson.neighbors(picture, 4);
    ASSERT_TRUE(near) << near.error().message;
    ASSERT_EQ(near->by_features.size(), 4U);
    EXPECT_EQ(near->by_features.front(), 7);
    EXPECT_EQ(near->by_pixels.front(), 7);
    const FeatureView view = lesson.view();
    for (const std::size_t axis : {0U, 1U}) {
        EXPECT_NEAR(near->at_features[axis], (*view.features.points)[7][axis], 1e-3);
        EXPECT_NEAR(near->at_pixels[axis], (*view.pixels.points)[7][axis], 1e-3);
    }
}

TEST(FeatureLesson, KeepsItsFeaturesWhenItsModelsBeginAnewOrGoBack) {
    FeatureLesson lesson = bars_lesson(0);
    const auto picture = std::make_shared<const Tensor>(Shape{1, 3, 40, 40}, 0.5F);
    lesson.add(picture, 5);  // waits for the features
    while (lesson.step()) {
    }
    const FeatureView before = lesson.view();
    ASSERT_TRUE(before.neighbors);
    EXPECT_EQ(before.neighbors->by_features.size(), 5U);
    EXPECT_FALSE(before.message.empty());
    lesson.go_back(2);
    EXPECT_EQ(lesson.view().features.training.step, 2);
    EXPECT_EQ(lesson.view().pixels.training.step, 2);
    EXPECT_TRUE(lesson.step());
    FeatureOptions options;
    options.hidden = 4;
    options.training.epochs = 1;
    lesson.reset(options);
    EXPECT_EQ(lesson.view().features.training.step, 0);
    while (lesson.step()) {
    }
    const FeatureView after = lesson.view();
    EXPECT_EQ(after.features.points, before.features.points);
    ASSERT_EQ(after.features.training.epochs.size(), 1U);
    Trainer model = *after.features.model;
    const std::vector<int> held_out{0, 1, 2};
    const auto predictions =
        model.predict(*after.features.training.parameters, *model.task().data.validation, held_out);
    ASSERT_EQ(predictions.size(), 3U);
    EXPECT_EQ(predictions[1].label, 1);
}

TEST(FeatureLesson, RefusesALayerThatDoesNotFit) {
    const DataSplit data{std::make_shared<const DataSet>(make_bars_and_crosses(40, 1)),
                         std::make_shared<const DataSet>(make_bars_and_crosses(20, 2))};
    const LayerSpec far{"far", Conv2dSpec{3, 4, {33, 33}, {}, true}};
    const Network network{{with_parameters(far, initial_parameters(far, 1)).value()}};
    const auto lesson = FeatureLesson::make(network, Normalize::none, data, {});
    ASSERT_FALSE(lesson);
    EXPECT_NE(lesson.error().message.find("far"), std::string::npos);
}

}  // namespace
}  // namespace convlens
