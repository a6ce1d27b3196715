/// Progress reports of `convlens train`: the JSON log, the progress bar, one line per epoch.
#pragma once

#include <chrono>
#include <fstream>
#include <memory>
#include <string>

#include "engine/core/result.h"
#include "engine/train/trainer.h"

namespace convlens {

/// The JSON log: one line per step and per epoch. Does nothing without a file.
class Log {
  public:
    /// Opens `path` for writing. With an empty `path`, the log does nothing. Fails if the file cannot be written.
    static Expected<Log> open(const std::string& path);

    void step(const TrainingView& v);
    /// Writes the results of an epoch. `model` is the name of the model if several are trained, otherwise empty.
    void epoch(const EpochResult& e, const std::string& model = "");
    /// Closes the file. Fails if not all lines could be written.
    Expected<void> close();

  private:
    std::unique_ptr<std::ofstream> file_;
    std::string path_;
};

/// A progress bar on standard error that redraws its line; does nothing if standard error is not a terminal.
class ProgressBar {
  public:
    ProgressBar();
    void draw(const Trainer& trainer, double epoch, long step, float loss);
    void clear() const;

  private:
    bool shown_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now(), drawn_;
};

/// Prints loss and accuracy of an epoch to standard output.
void print_epoch(const EpochResult& e);

}  // namespace convlens
