/// engine/core/numbers.h
#include "engine/core/numbers.h"

#include <gtest/gtest.h>

#include <limits>

#include <cstdint>

namespace convlens {
namespace {

TEST(ParseNumber, TakesANumberAndNothingElse) {
    EXPECT_EQ(parse_number<int>("42"), 42);
    EXPECT_EQ(parse_number<int>("-7"), -7);
    EXPECT_EQ(parse_number<float>("2.5"), 2.5F);
    EXPECT_EQ(parse_number<float>("-1e3"), -1000.0F);
    for (const char* bad : {"", " 1", "1 ", "1x", "x", "1.5", "--1", "+1", "0x10"})
        EXPECT_FALSE(parse_number<int>(bad)) << bad;
    for (const char* bad : {"", "1.5.2", "1,5", "e5"}) EXPECT_FALSE(parse_number<float>(bad)) << bad;
}

TEST(ParseNumber, RefusesWhatDoesNotFit) {
    EXPECT_EQ(parse_number<int>("2147483647"), 2147483647);
    EXPECT_FALSE(parse_number<int>("2147483648"));
    EXPECT_EQ(parse_number<std::uint32_t>("4294967295"), 4294967295U);
    EXPECT_FALSE(parse_number<std::uint32_t>("-1"));
    EXPECT_FALSE(parse_number<float>("1e99"));
    EXPECT_FALSE(parse_number<float>("-1e99"));
    EXPECT_FALSE(parse_number<double>("1e999"));
    EXPECT_EQ(parse_number<float>("1e-99"), 0.0F);
    EXPECT_EQ(parse_number<double>("1e-999"), 0.0);
    EXPECT_EQ(parse_number<float>("inf"), std::numeric_limits<float>::infinity());
}

TEST(Cut, SplitsAtTheFirstSeparator) {
    std::string_view text = "a:b:c";
    EXPECT_EQ(cut(text, ':'), "a");
    EXPECT_EQ(text, "b:c");
    EXPECT_EQ(cut(text, 'x'), "b:c");
    EXPECT_EQ(text, "");
    EXPECT_EQ(cut(text, ':'), "");
}

TEST(Grouped, HasACommaBetweenThousands) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(61100840), "61,100,840");
    EXPECT_EQ(grouped(18446744073709551615U), "18,446,744,073,709,551,615");
}

}  // namespace
}  // namespace convlens
