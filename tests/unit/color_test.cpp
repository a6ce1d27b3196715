/// engine/core/color.h
#include "engine/core/color.h"

#include <gtest/gtest.h>

namespace convlens {
namespace {

TEST(Color, ReadsItsText) {
    EXPECT_EQ(rgba_from("ff8000"), (Rgba{255, 128, 0, 255}));
    EXPECT_EQ(rgba_from("0A0b0C7f"), (Rgba{10, 11, 12, 127}));
    for (const char* bad : {"", "fff", "fffff", "fffffff", "fffffffff", "gg0000", "#fffff", "00 000", "-1-1-1"})
        EXPECT_FALSE(rgba_from(bad)) << bad;
}

TEST(Color, PrintsAsItReads) {
    EXPECT_EQ(rgba_text({255, 128, 0, 255}), "ff8000");
    EXPECT_EQ(rgba_text({0, 1, 2, 254}), "000102fe");
}

TEST(Color, LuminanceOfGrayIsTheGray) {
    EXPECT_FLOAT_EQ(luminance(0.25F, 0.25F, 0.25F), 0.25F);
    EXPECT_FLOAT_EQ(luminance(0, 1, 0), 0.587F);
}

}  // namespace
}  // namespace convlens
