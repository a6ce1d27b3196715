/// app/signals.h where there are no threads, and that nothing there starts one.
#include "app/signals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "app/ui/worker.h"
#include "engine/train/step_thread.h"

namespace convlens {
namespace {

TEST(QuitSignalsWithoutThreads, LeavesTheActionsOfSignalsAsTheyWere) {
    struct sigaction before {
    }, during{};
    ::sigaction(SIGTERM, nullptr, &before);
    const QuitSignals signals([] { ADD_FAILURE(); });
    ::sigaction(SIGTERM, nullptr, &during);
    EXPECT_EQ(before.sa_handler, during.sa_handler);
    EXPECT_FALSE(signals.requested());
}

/// Returns the number of this process's threads.
std::ptrdiff_t threads() {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
}

struct Job {
    bool step() { return true; }
    int view() const { return 0; }
};

TEST(WithoutThreads, NothingStartsAThread) {
    if (!std::filesystem::exists("/proc/self/task")) GTEST_SKIP() << "Linux lists a process's threads";
    const auto before = threads();
    const MoreThreadsThanCores four(4);
    Arena(4).execute([] { parallel_for(100, [](int) {}); });
    parallel_for(100, [](int) {});
    const QuitSignals signals([] {});
    const Worker<int, int> worker([] { return [](const int& in, const Cancel&) { return std::optional(in); }; }, [] {});
    const StepThread<Job> steps(Job(), 4, {});
    EXPECT_EQ(threads(), before);
}

}  // namespace
}  // namespace convlens
