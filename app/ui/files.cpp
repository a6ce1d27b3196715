/// Three workers that open and write files.
#include "app/ui/files.h"

#include <exception>
#include <new>

#include "app/ui/frame.h"
#include "app/ui/wake.h"

namespace convlens {
namespace {

/// Runs `job` and turns exceptions into errors.
Expected<Done> guarded(const LoadJob& job) {
    try {
        return job();
    } catch (const std::bad_alloc&) {
        return fail("not enough memory to open or save the file");
    } catch (const std::exception& error) {
        return fail("the file cannot be opened or written: {}", error.what());
    }
}

auto run_jobs() {
    return [](const LoadJob& job, const Cancel&) { return std::optional(guarded(job)); };
}

/// Applies the result of a job, or shows its error.
void take(Frame& f, const Expected<Done>& done) {
    if (done)
        (*done)(f);
    else
        f.requests.error = done.error().message;
}

}  // namespace

Files::Files() : pictures_(run_jobs, wake_window), others_(run_jobs, wake_window), writes_(run_jobs, wake_window) {}

void Files::poll(Frame& f) {
    if (const auto opened = pictures_.poll()) take(f, *opened);
    if (const auto opened = others_.poll()) take(f, *opened);
    const auto written = writes_.poll();
    if (!written) return;
    writing_ = false;
    if (!*written)
        error_ = written->error().message;
    else if (!f.status.error.empty() && f.status.error == std::exchange(error_, {}))
        f.requests.clear_error = true;
    take(f, *written);
}

void Files::submit(const Requests& requests) {
    if (!requests.images.empty()) pictures_.submit(std::make_shared<const LoadJob>(input_job(requests.images)));
    if (requests.load) others_.submit(requests.load);
    waiting_.insert(waiting_.end(), requests.write.begin(), requests.write.end());
    if (writing_ || waiting_.empty()) return;
    writes_.submit(waiting_.front());
    waiting_.pop_front();
    writing_ = true;
}

}  // namespace convlens
