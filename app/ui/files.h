/// Opens and writes files on background threads.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "app/ui/load.h"
#include "app/ui/worker.h"

namespace convlens {

struct Requests;

/// Uses three threads: one opens images, one opens everything else, one writes. Files are written one after the other;
/// no write is skipped, whatever is being opened. Used on the main thread.
class Files {
  public:
    Files();

    /// Applies to `frame` the results of all jobs that have ended since the last call.
    void poll(Frame& frame);

    /// Takes `images`, `load` and `write` of the requests.
    void submit(const Requests& requests);

    bool opening() const { return pictures_.busy() || others_.busy(); }
    bool writing() const { return writing_ || !waiting_.empty(); }

  private:
    using JobWorker = Worker<LoadJob, Expected<Done>>;

    JobWorker pictures_, others_, writes_;
    std::deque<std::shared_ptr<const LoadJob>> waiting_;  ///< Jobs for writes_.
    bool writing_ = false;
    std::string error_;  ///< Error of the last file that could not be written.
};

}  // namespace convlens
