/// The matrices that simulate color vision (app/ui/color_vision.h).
#include "app/ui/color_vision.h"

#include <gtest/gtest.h>

#include <cmath>

namespace convlens {
namespace {

TEST(ColorMatrix, KeepsGray) {
    for (int kind = 0; kind < 4; ++kind) {
        const auto& m = color_matrix(static_cast<ColorVision>(kind));
        for (std::size_t row = 0; row < 3; ++row)
            EXPECT_NEAR(m[3 * row] + m[3 * row + 1] + m[3 * row + 2], 1, 2e-6F) << kind << " " << row;
    }
}

TEST(ColorMatrix, BringsRedAndGreenTogetherWithoutConesForThem) {
    const auto difference = [](ColorVision vision) {  // of pure red and pure green, in red minus green
        const auto& m = color_matrix(vision);
        return std::abs((m[0] - m[3]) - (m[1] - m[4]));
    };
    EXPECT_EQ(difference(ColorVision::usual), 2);
    EXPECT_LT(difference(ColorVision::protanopia), 0.3F);
    EXPECT_LT(difference(ColorVision::deuteranopia), 0.15F);
    EXPECT_GT(difference(ColorVision::tritanopia), 1.5F);
}

}  // namespace
}  // namespace convlens
