/// Where lesson 4 cuts a network.
#include "engine/document/feature_network.h"

#include <gtest/gtest.h>

#include "engine/open/open_network.h"

namespace convlens {
namespace {

LayeredNetwork alexnet_with(const std::string& weights) {
    return open_network("alexnet", weights, {CONVLENS_SOURCE_ASSETS, {}}).value();
}

TEST(FeatureNetwork, EndsBeforeTheFirstLinearLayer) {
    const auto features = feature_network(alexnet_with("convlens"), "");
    ASSERT_TRUE(features) << features.error().message;
    EXPECT_EQ(features->network.layers.back().name, "features.12");
    EXPECT_EQ(features->note, "");
    EXPECT_EQ(features->input_size, (Size2{224, 224}));
}

TEST(FeatureNetwork, TakesTheDeepestLayerThereIsAndSaysSo) {
    const auto features =
        feature_network(alexnet_with(CONVLENS_SOURCE_ASSETS "/weights/alexnet_conv1.safetensors"), "");
    ASSERT_TRUE(features) << features.error().message;
    EXPECT_EQ(features->network.layers.back().name, "features.2");
    EXPECT_NE(features->note.find("features.2"), std::string::npos);
}

TEST(FeatureNetwork, TakesTheLayerThatIsAskedFor) {
    const auto features = feature_network(alexnet_with("convlens"), "features.5");
    ASSERT_TRUE(features) << features.error().message;
    EXPECT_EQ(features->network.layers.size(), 6U);
    const auto missing = feature_network(alexnet_with("convlens"), "features.99");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("features.99"), std::string::npos);
}

}  // namespace
}  // namespace convlens
