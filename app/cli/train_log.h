/// Progress reports of `convlens train`: the JSON log, the progress bar, one line per epoch.
#pragma once

#include <chrono>
#include <fstream>
#include <memory>
#include <string>

#include "engine/core/result.h"
#include "engine/train/trainer.h"

namespace convlens {

/// The JSON log: a file with one line per step and per epoch. Does nothing if it was opened without a file.
class Log {
  public:
    /// Opens the file at `path` for writing and replaces its contents. With an empty `path`, the log does nothing.
    /// Fails if the file cannot be written.
    static Expected<Log> open(const std::string& path);

    /// Writes the number of the last step and its loss.
    void step(const TrainingView& v);
    /// Writes the results of an epoch. `model` names the model if several are trained; otherwise it is empty.
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
    /// Redraws the bar with step, epoch, loss, speed and remaining time, at most every 100 ms.
    void draw(const Trainer& trainer, double epoch, long step, float loss);
    /// Erases the line of the bar.
    void clear() const;

  private:
    bool shown_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now(), drawn_;
};

/// Prints the losses and accuracies of an epoch to standard output.
void print_epoch(const EpochResult& e);

}  // namespace convlens
