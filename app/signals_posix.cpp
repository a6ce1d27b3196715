/// The handler of the three signals, and the thread that it wakes.
#include "app/signals.h"

#include <semaphore.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <utility>

#include "engine/core/threads.h"

namespace convlens {
namespace {

using Clock = std::chrono::steady_clock;

// State of the handler. The handler may run in any thread and calls only async-signal-safe functions.
sem_t news;  ///< Wakes the thread when a signal arrives or the object is destroyed.
std::atomic<unsigned> patience_seconds = 0;
std::atomic<std::chrono::seconds> same_wish;  ///< Signals within this time count as one request.
static_assert(std::atomic<std::chrono::seconds>::is_always_lock_free);
std::atomic<bool> told = false;
std::atomic<Clock::time_point> told_at = Clock::time_point::max();
static_assert(std::atomic<Clock::time_point>::is_always_lock_free);

void on_signal(int signal) {
    const int saved = errno;
    if (!told.exchange(true)) {
        told_at = Clock::now();
        ::alarm(patience_seconds);
        ::sem_post(&news);
    } else if (told_at.load() <= Clock::now() - same_wish.load()) {
        ::signal(signal, SIG_DFL);
        ::raise(signal);  // delivered when this handler has returned
    }
    errno = saved;
}

}  // namespace

QuitSignals::QuitSignals(std::function<void()> wake, std::chrono::seconds patience, std::chrono::seconds one_wish)
    : wake_(std::move(wake)) {
    if (!has_threads) return;
    ::sem_init(&news, 0, 0);
    patience_seconds = static_cast<unsigned>(patience.count());
    same_wish = one_wish;
    told = false;
    told_at = Clock::time_point::max();
    thread_ = std::thread([this] {
        while (::sem_wait(&news) != 0 && errno == EINTR) {
        }
        requested_ = told.load();
        if (requested_) wake_();
    });
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < signals_.size(); ++i) {
        ::sigaction(signals_[i], nullptr, &before_[i]);
        if (before_[i].sa_handler != SIG_IGN) ::sigaction(signals_[i], &action, nullptr);
    }
}

QuitSignals::~QuitSignals() {
    if (!has_threads) return;
    for (std::size_t i = 0; i < signals_.size(); ++i) ::sigaction(signals_[i], &before_[i], nullptr);
    ::alarm(0);
    ::sem_post(&news);  // wakes the thread if no signal has arrived
    thread_.join();
}

}  // namespace convlens
