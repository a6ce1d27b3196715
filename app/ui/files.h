/// The threads that open and write files.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "app/ui/load.h"
#include "app/ui/worker.h"

namespace convlens {

struct Requests;

/// Opens images on one thread and everything else on another, and writes on a third: files are written one after the
/// other and no write is skipped, whatever is being opened. Used on the main thread.
class Files {
  public:
    Files();

    /// Runs in `frame` the results of files that were opened or written since the last call.
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
