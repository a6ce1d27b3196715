/// Opens and writes files on background threads.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "app/ui/load.h"
#include "app/ui/worker.h"

namespace convlens {

struct Requests;

/// Runs the jobs that open and write files, on three threads: one opens images, one opens everything else, one writes.
/// A request to open replaces a request that is still waiting. Files are written one after the other, and no write is
/// skipped. Used on the main thread.
class Files {
  public:
    Files();

    /// Applies to `frame` the results of all jobs that have ended since the last call.
    void poll(Frame& frame);

    /// Starts the jobs in requests.images, requests.load and requests.write.
    void submit(const Requests& requests);

    /// Returns true while a file is being opened, or waits to be.
    bool opening() const { return pictures_.busy() || others_.busy(); }
    /// Returns true while a file is being written, or waits to be.
    bool writing() const { return writing_ || !waiting_.empty(); }

  private:
    using JobWorker = Worker<LoadJob, Expected<Done>>;

    JobWorker pictures_, others_, writes_;
    std::deque<std::shared_ptr<const LoadJob>> waiting_;  ///< Jobs that writes_ has not received yet.
    bool writing_ = false;
    std::string error_;  ///< Error of the last file that could not be written.
};

}  // namespace convlens
