/// The tool "Optimal inputs": searches, for each channel on screen, the picture that it is strongest for.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/ui/tool.h"
#include "engine/maximize/maximizer.h"
#include "engine/train/step_thread.h"

namespace convlens {

/// What is searched: the search starts again when it changes.
struct MaximizeTask {
    Network network;  ///< The layers up to the shown one.
    int input_channels = 3;
    Normalize normalize = Normalize::none;
    MaximizeOptions options;
    friend bool operator==(const MaximizeTask&, const MaximizeTask&) = default;
};

/// The state of a search, as a value that any thread may keep.
struct MaximizeProgress {
    int steps = 0;                      ///< Steps done.
    std::shared_ptr<const Image> grid;  ///< The pictures, maximize_columns per row; null before the first step.
    Size2 picture;                      ///< Size of a picture in pixels of the network's input.
    std::vector<float> values;          ///< What was maximized, in the last step; one value per picture.
    std::string error;                  ///< Why nothing can be searched; empty if it can.
};

/// A search as the Job of a StepThread. The first step prepares it, which may take a while.
class MaximizeJob {
  public:
    MaximizeJob(MaximizeTask task, int limit) : task_(std::move(task)), limit_(limit) {}
    /// Does a step. Returns false if the number of steps has reached the limit, or if nothing can be searched.
    bool step();
    /// Allows `steps` more steps from now on.
    void extend(int steps) { limit_ = (search_ ? search_->steps() : 0) + steps; }
    MaximizeProgress view() const;

  private:
    MaximizeTask task_;
    int limit_;
    std::optional<Maximizer> search_;
    std::string error_;
};

inline constexpr int maximize_columns = 8;  ///< Pictures per row of MaximizeProgress::grid.
inline constexpr int max_maximized = 64;    ///< Number of channels that are searched at most.
inline constexpr int steps_at_a_time = 64;  ///< Number of steps before a search pauses.

inline constexpr int maximize_jitter = 8;       ///< MaximizeOptions::jitter if it is switched on.
inline constexpr float maximize_decay = 0.05F;  ///< MaximizeOptions::weight_decay if it is switched on.

/// State of the tool.
struct MaximizeView {
    /// What the user has chosen, without the channels: for a first layer, whose optimal inputs are its kernels, and for
    /// others.
    MaximizeOptions of_first = plain(), of_others;
    bool first_layer = false;  ///< Whether the first layer is shown.
    MaximizeTask task;         ///< What is searched.
    std::shared_ptr<StepThread<MaximizeJob>> thread;
    bool interrupted = false;  ///< Whether the search was paused because another tool was chosen.
    long version = -1;         ///< StepThread::version() of `progress`.
    MaximizeProgress progress;
    std::vector<std::function<bool()>> leaving;  ///< Threads that are ending; each returns true when it has ended.

    MaximizeOptions& options() { return first_layer ? of_first : of_others; }

    /// Returns the options that find the kernels: the picture's own pixels and colors, and a penalty in proportion to
    /// which they grow.
    static MaximizeOptions plain() {
        MaximizeOptions o;
        o.spectrum = o.correlated_colors = false;
        o.weight_decay = maximize_decay;
        return o;
    }
};

/// The tool's entry in the table of tools.
extern const Tool maximize_tool;

/// Draws the tool in the central panel.
void maximize_panel(Frame& frame);

}  // namespace convlens
