/// Opens and writes files on background threads.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "app/ui/frame.h"
#include "app/ui/load.h"
#include "app/ui/worker.h"

namespace convlens {

/// State: why the last session, lecture or network file could not be opened; empty if it was opened.
struct FileNotOpened {
    std::string sentence;
};

/// Runs the jobs that open files on one thread, and the jobs that write files on another. Each thread runs them in the
/// order of the requests. No write is skipped; Opens says which requests to open are dropped. Used on the main thread.
class Files {
  public:
    Files();

    /// Applies to `frame` the results of all jobs that have ended since the last call.
    void poll(Frame& frame);

    /// Takes requests.open and requests.write, and starts the next jobs. `now` is the document that
    /// the user edits; OpenRequest::job receives it.
    void submit(Requests& requests, const Document& now);

    /// Returns true while a file is being opened, or waits to be.
    bool opening() const { return opening_.has_value() || !to_open_.empty(); }
    /// Returns true while a file is being written, or waits to be.
    bool writing() const { return writing_.has_value() || !to_write_.empty(); }
    /// Returns why the last session, lecture or other file could not be saved; empty if each of them was.
    const std::string& failure() const;

  private:
    using JobWorker = Worker<LoadJob, Expected<Done>>;

    void add(OpenRequest request);

    JobWorker opens_, writes_;
    std::deque<OpenRequest> to_open_;    ///< Requests that opens_ has not received yet.
    std::deque<WriteRequest> to_write_;  ///< Jobs that writes_ has not received yet.
    std::optional<Opens> opening_;       ///< What opens_ is opening.
    bool dropped_ = false;               ///< Whether a later request replaces what opens_ is opening.
    std::optional<Saves> writing_;       ///< What writes_ is saving.
    std::array<std::string, 4> errors_;  ///< By Saves: why the last one could not be saved, or empty.
};

}  // namespace convlens
