/// engine/io/live_frames.h: exceptions become problems, and the stream is opened again.
#include "engine/io/live_frames.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>

namespace convlens {
namespace {

/// Counts the calls of LiveFrames' `wake`, and waits for them.
struct LiveWakes {
    std::mutex mutex;
    std::condition_variable changed;
    int count = 0;

    void operator()() {
        const std::scoped_lock lock(mutex);
        ++count;
        changed.notify_all();
    }
    void wait_for(int wanted) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return count >= wanted; });
    }
};

TEST(LiveFrames, AnExceptionIsAProblemAndTheStreamIsOpenedAgain) {
    LiveWakes wakes;
    std::atomic<int> opened = 0, may_open = 1;  // what is said stays until the stream is opened again
    const LiveFrames live(
        [&]() -> Expected<TakeFrame> {
            while (opened >= may_open) std::this_thread::yield();
            const int time = ++opened;
            if (time == 1) throw std::bad_alloc();
            return TakeFrame([time, sent = 0](CameraFrame& frame, std::chrono::milliseconds) mutable -> Expected<Sent> {
                if (sent == 3 && time == 2) throw std::runtime_error("the cable is\x1b on fire");
                if (sent == 3) return Sent::same;
                frame.number = static_cast<std::uint64_t>(++sent);
                return Sent::frame;
            });
        },
        [&] { wakes(); });
    wakes.wait_for(1);
    EXPECT_EQ(live.problem(), "there is not enough memory");
    EXPECT_EQ(live.newest(), nullptr);
    may_open = 2;
    wakes.wait_for(5);  // three frames, and the next exception
    EXPECT_TRUE(live.problem().starts_with("the cable is")) << live.problem();
    EXPECT_EQ(live.problem().find('\x1b'), std::string::npos);
    EXPECT_EQ(live.newest()->number, 3U);
    may_open = 3;
    wakes.wait_for(8);
    EXPECT_EQ(live.problem(), "");
    EXPECT_EQ(live.newest()->number, 6U) << "numbers go on after an exception";
}

}  // namespace
}  // namespace convlens
