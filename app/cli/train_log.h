/// What `convlens train` tells while it runs: the JSON log, the progress bar, a line an epoch.
#pragma once

#include <chrono>
#include <fstream>
#include <memory>
#include <string>

#include "engine/core/result.h"
#include "engine/train/trainer.h"

namespace convlens {

/// One line a step or an epoch; nothing when no file was asked for.
class Log {
  public:
    static Expected<Log> open(const std::string& path);

    void step(const TrainingView& v);
    /// `model` where there are several.
    void epoch(const EpochResult& e, const std::string& model = "");
    Expected<void> close();

  private:
    std::unique_ptr<std::ofstream> file_;
    std::string path_;
};

/// The line that is drawn over again on a terminal; silent elsewhere.
class ProgressBar {
  public:
    ProgressBar();
    void draw(const Trainer& trainer, double epoch, long step, float loss);
    void clear() const;

  private:
    bool shown_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now(), drawn_;
};

void print_epoch(const EpochResult& e);

}  // namespace convlens
