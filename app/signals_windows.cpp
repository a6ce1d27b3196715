/// The handler of a console's events, and the thread that it wakes.
#include <windows.h>
// after windows.h
#include <condition_variable>
#include <mutex>
#include <utility>

#include "app/signals.h"

namespace convlens {
namespace {

using Clock = std::chrono::steady_clock;

// State of the handler, which Windows calls on threads of its own.
std::mutex mutex;
std::condition_variable news;  ///< Wakes the thread when an event arrives or the object is destroyed.
bool told = false, ended = false;
Clock::time_point told_at;
std::chrono::seconds same_wish;  ///< Events within this time count as one request.

BOOL WINAPI on_event(DWORD event) {
    {
        const std::scoped_lock lock(mutex);
        if (told && (event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT))
            return told_at <= Clock::now() - same_wish ? FALSE : TRUE;  // FALSE: Windows ends the program
        told = true;
        told_at = Clock::now();
    }
    news.notify_all();
    if (event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT) return TRUE;
    ::Sleep(INFINITE);  // the console closes: Windows ends the program when this returns
    return TRUE;
}

}  // namespace

QuitSignals::QuitSignals(std::function<void()> wake, std::chrono::seconds patience, std::chrono::seconds one_wish)
    : wake_(std::move(wake)) {
    same_wish = one_wish;
    told = ended = false;
    thread_ = std::thread([this, patience] {
        std::unique_lock lock(mutex);
        news.wait(lock, [] { return told || ended; });
        if (ended) return;
        requested_ = true;
        lock.unlock();
        wake_();
        lock.lock();
        if (!news.wait_for(lock, patience, [] { return ended; })) ::TerminateProcess(::GetCurrentProcess(), 1);
    });
    ::SetConsoleCtrlHandler(&on_event, TRUE);
}

QuitSignals::~QuitSignals() {
    ::SetConsoleCtrlHandler(&on_event, FALSE);
    {
        const std::scoped_lock lock(mutex);
        ended = true;
    }
    news.notify_all();
    thread_.join();
}

}  // namespace convlens
