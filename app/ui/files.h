/// The threads that open and write files.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "app/ui/load.h"
#include "app/ui/worker.h"

namespace convlens {

struct Requests;

/// Opens pictures on one thread, everything else on another, and writes on a third: whatever is opened, files are
/// written one after the other and none is passed over. For the main thread.
class Files {
  public:
    Files();

    /// Does in `frame` what is to be done with what was opened or written since the last time.
    void poll(Frame& frame);

    /// Takes images, load and write.
    void submit(const Requests& requests);

    bool opening() const { return pictures_.busy() || others_.busy(); }
    bool writing() const { return writing_ || !waiting_.empty(); }

  private:
    using JobWorker = Worker<LoadJob, Expected<Done>>;

    JobWorker pictures_, others_, writes_;
    std::deque<std::shared_ptr<const LoadJob>> waiting_;  ///< For writes_.
    bool writing_ = false;
    std::string error_;  ///< Of the last file that could not be written.
};

}  // namespace convlens
