/// engine/core/cancel.h
#include "engine/core/cancel.h"

#include <gtest/gtest.h>

namespace convlens {
namespace {

using namespace std::chrono_literals;

TEST(Cancel, NeverAsksToStopByDefault) {
    const Cancel cancel;
    cancel.report(0.5F);
    EXPECT_FALSE(cancel.requested());
}

TEST(Cancel, AsksToStopAtOnceWhenTheProgramQuits) {
    std::atomic<bool> quit = false, newer = false;
    std::atomic<float> progress = 0;
    const Cancel cancel(quit, newer, Cancel::Clock::now() + 1h, progress);
    EXPECT_FALSE(cancel.requested());
    quit = true;
    EXPECT_TRUE(cancel.requested());
}

TEST(Cancel, LetsAJobGoOnThroughItsGraceWhenANewerOneWaits) {
    std::atomic<bool> quit = false, newer = true;
    std::atomic<float> progress = 0;
    EXPECT_FALSE(Cancel(quit, newer, Cancel::Clock::now() + 1h, progress).requested());
    EXPECT_TRUE(Cancel(quit, newer, Cancel::Clock::now() - 1ms, progress).requested());
    newer = false;
    EXPECT_FALSE(Cancel(quit, newer, Cancel::Clock::now() - 1ms, progress).requested());
}

TEST(Cancel, PassesProgressOn) {
    std::atomic<bool> quit = false, newer = false;
    std::atomic<float> progress = 0;
    const Cancel cancel(quit, newer, Cancel::Clock::now(), progress);
    const Cancel copy = cancel;
    copy.report(0.25F);
    EXPECT_EQ(progress, 0.25F);
}

}  // namespace
}  // namespace convlens
