/// Two workers that open and write files.
#include "app/ui/files.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "app/ui/wake.h"
#include "engine/core/printable.h"

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

/// Returns true if the result of a request for `later` replaces that of an earlier request for `earlier`.
bool replaces(Opens later, Opens earlier) {
    switch (later) {
        case Opens::file: return false;
        case Opens::document: return true;
        case Opens::network: return earlier == Opens::network || earlier == Opens::weights;
        case Opens::weights:
        case Opens::images: return earlier == later;
    }
    return false;
}

/// Applies the result of a job, or shows its error.
void take(Frame& f, const Expected<Done>& done) {
    if (done)
        (*done)(f);
    else
        f.requests.error = done.error().message;
}

}  // namespace

Files::Files() : opens_(run_jobs, wake_window), writes_(run_jobs, wake_window) {}

void Files::poll(Frame& f) {
    if (const auto opened = opens_.poll()) {
        if (opening_ == Opens::file)
            f.states.of<FileNotOpened>().sentence = *opened ? std::string() : opened->error().message;
        opening_.reset();
        const bool dropped = std::exchange(dropped_, false);
        if (!dropped && !*opened)
            while (!to_open_.empty() && to_open_.front().together) to_open_.pop_front();
        if (!dropped) {
            const std::size_t before = f.requests.open.size();
            take(f, *opened);
            for (std::size_t i = before; i < f.requests.open.size(); ++i) f.requests.open[i].next = true;
        }
    }
    const auto written = writes_.poll();
    if (!written) return;
    if (const Saves what = *std::exchange(writing_, {}); what != Saves::nothing) {
        const std::string before =
            std::exchange(errors_[static_cast<std::size_t>(what)], *written ? "" : written->error().message);
        if (*written && !before.empty() && f.status.error == printable(before)) f.requests.clear_error = true;
    }
    take(f, *written);
}

void Files::add(OpenRequest request) {
    if (request.next) return to_open_.push_front(std::move(request));
    const auto replaced = [what = request.what](Opens earlier) { return replaces(what, earlier); };
    if (opening_ && replaced(*opening_)) dropped_ = true;
    bool gone = false;  // whether the request before was dropped
    for (auto waiting = to_open_.begin(); waiting != to_open_.end();) {
        if (std::exchange(gone, replaced(waiting->what))) waiting->together = false;
        waiting = gone ? to_open_.erase(waiting) : std::next(waiting);
    }
    to_open_.push_back(std::move(request));
}

void Files::submit(Requests& requests, const Document& now) {
    for (OpenRequest& request : requests.open) add(std::move(request));
    if (!opening_ && !to_open_.empty()) {
        opening_ = to_open_.front().what;
        opens_.submit(std::make_shared<const LoadJob>(to_open_.front().job(now)));
        to_open_.pop_front();
    }
    to_write_.insert(to_write_.end(), requests.write.begin(), requests.write.end());
    if (writing_ || to_write_.empty()) return;
    writes_.submit(to_write_.front().job);
    writing_ = to_write_.front().what;
    to_write_.pop_front();
}

const std::string& Files::failure() const {
    const auto failed = std::ranges::find_if(errors_, [](const std::string& error) { return !error.empty(); });
    return failed == errors_.end() ? errors_.front() : *failed;
}

}  // namespace convlens
