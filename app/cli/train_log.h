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
    /// Opens `path` for writing; empty: no file. Fails if it cannot be written.
    static Expected<Log> open(const std::string& path);

    void step(const TrainingView& v);
    /// `model` is its name if there are several, else empty.
    void epoch(const EpochResult& e, const std::string& model = "");
    /// Fails if not all lines could be written.
    Expected<void> close();

  private:
    std::unique_ptr<std::ofstream> file_;
    std::string path_;
};

/// A progress bar on standard error that redraws its line; does nothing if that is not a terminal.
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
