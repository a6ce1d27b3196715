/// app/ui/values.h: values and states of tools.
#include "app/ui/values.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace convlens {
namespace {

struct Incomparable {
    int number = 0;
};

TEST(Value, GivesBackWhatItHoldsByItsType) {
    const Value value(std::string("seven"));
    ASSERT_TRUE(value);
    ASSERT_NE(value.as<std::string>(), nullptr);
    EXPECT_EQ(*value.as<std::string>(), "seven");
    EXPECT_EQ(value.as<int>(), nullptr);
    EXPECT_EQ(Value().as<int>(), nullptr);
    EXPECT_FALSE(Value());
}

TEST(Value, EqualsAnotherOfTheSameTypeThatIsEqual) {
    EXPECT_EQ(Value(7), Value(7));
    EXPECT_NE(Value(7), Value(8));
    EXPECT_NE(Value(7), Value(7L));
    EXPECT_NE(Value(7), Value());
    EXPECT_EQ(Value(), Value());
}

TEST(Value, WithoutEqualityEqualsItsCopiesOnly) {
    const Value one(Incomparable{1});
    const Value copy = one;
    EXPECT_EQ(one, copy);
    EXPECT_NE(one, Value(Incomparable{1}));
}

TEST(States, KeepOneValueOfEachType) {
    States states;
    EXPECT_EQ(states.of<int>(), 0);
    states.of<int>() = 5;
    states.of<std::string>() = "five";
    EXPECT_EQ(states.of<int>(), 5);
    EXPECT_EQ(states.of<std::string>(), "five");
}

TEST(States, HoldWhatCannotBeCopied) {
    States states;
    states.of<std::unique_ptr<int>>() = std::make_unique<int>(3);
    EXPECT_EQ(*states.of<std::unique_ptr<int>>(), 3);
}

}  // namespace
}  // namespace convlens
