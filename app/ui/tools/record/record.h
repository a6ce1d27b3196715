/// Recording: writes moving pictures of the document while the window stays usable.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/backends.h"
#include "app/ui/tool.h"
#include "engine/export/recording.h"
#include "engine/train/step_thread.h"

namespace convlens {

/// How far a recording is, as a value that any thread may keep.
struct RecordProgress {
    int done = 0, frames = 0;
    Size2 size;             ///< Of the pictures, in pixels.
    bool finished = false;  ///< Whether the file is complete.
    bool lossless = true;
    std::string path;   ///< Of the complete file.
    std::string error;  ///< Why it failed; empty if it did not.
};

/// A recording as the Job of a StepThread, on a CPU backend of its own.
class RecordJob {
  public:
    RecordJob(Document document, RecordOrder order, const std::string& path, CpuOptions options,
              std::shared_ptr<const std::atomic<bool>> quit, RecordedMoments moments);
    /// Writes a frame. Returns false if there is none left, or after a failure.
    bool step();
    RecordProgress view() const { return progress_; }

  private:
    std::optional<Recording> recording_;
    std::string path_;
    CpuOptions options_;
    std::unique_ptr<Backend> backend_;
    std::shared_ptr<const std::atomic<bool>> quit_;  ///< Becomes true when the recording is canceled.
    RecordProgress progress_;
};

/// State of the tool.
struct RecordView {
    RecordOrder order;         ///< Without sweeps: `number`, `from` and `to` are the sweep.
    int number = 0;            ///< Index into sweep_numbers().
    double from = 1, to = 8;   ///< Of the sweep.
    int frames = 8, rate = 2;  ///< Of sweeps and of the window.
    int format = 0;            ///< Index into movie_formats().
    std::string path, suggested;
    bool prepared = false;  ///< Whether `order` has its first values.

    std::shared_ptr<StepThread<RecordJob>> thread;  ///< Null if nothing is being recorded.
    std::shared_ptr<std::atomic<bool>> quit;
    long version = -1;  ///< StepThread::version() of `progress`.
    RecordProgress progress;
    std::vector<std::function<bool()>> leaving;  ///< Threads that are ending; each returns true when it has ended.
};

/// The tool's entry in the table of tools, and its panel as an overlay.
extern const Tool record_tool;
extern const Overlay record_overlay;

/// Begins the recording that the panel describes.
void start_recording(Frame& frame);

/// Stops the recording; what was written is removed.
void cancel_recording(RecordView& view);

/// Draws the panel.
void record_panel(Frame& frame);

}  // namespace convlens
