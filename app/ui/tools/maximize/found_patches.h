/// The strongest patches of images: of the batch on screen, found by the worker, and of a series of pictures, found by
/// a job in the background.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/ui/background.h"
#include "app/ui/tool.h"
#include "engine/maximize/patches.h"
#include "engine/open/picture_series.h"

namespace convlens {

inline constexpr int maximize_columns = 8;   ///< Pictures per row of the grids of all channels.
inline constexpr int strongest_patches = 9;  ///< Patches of the selected channel.

/// Patches of images side by side, and where they are.
struct CutPatches {
    std::shared_ptr<const Image> grid;
    std::vector<StrongPlace> places;  ///< One per patch; StrongPlace::image is -1 if there is none, otherwise the batch
                                      ///< item or the number in the series.
    std::vector<SeriesPicture> pictures;  ///< One per patch; empty for the batch on screen.
};

/// The strongest patches of channels.
struct FoundPatches {
    CutPatches best;            ///< The strongest patch of each channel, maximize_columns per row.
    CutPatches of_selected;     ///< The strongest patches of the selected channel, 3 per row; may be empty.
    std::vector<int> channels;  ///< Of `best`.
    int selected = 0;           ///< Channel of `of_selected`.
    Size2 patch;                ///< Size of a patch in pixels of the network's input.
    std::string error;          ///< Why there are no patches; empty if there are.
};

/// Finds the strongest patches of `channels`, and of channel `selected`, in the batch of `output`. Their error is part
/// of the answer, unless they were canceled.
Expected<FoundPatches> patches_in(const Output& output, const std::vector<int>& channels, std::optional<int> selected,
                                  const Cancel& cancel);

/// The search in a series of pictures.
struct PatchesTask {
    Document document;          ///< The network and how it gets its input; without images.
    std::string path;           ///< Of the series, as for PictureSeries::open().
    std::vector<int> channels;  ///< Ascending.
    std::optional<int> selected;
    friend bool operator==(const PatchesTask&, const PatchesTask&) = default;
};

/// The state of the search, as a value that any thread may keep.
struct PatchesProgress {
    FoundPatches found;
    int done = 0, total = 0;  ///< Pictures that were read, and all; 0 before the series is open.
    int skipped = 0;          ///< Pictures that could not be read or computed.
    std::string complaint;    ///< Why the first of them was skipped.

    bool complete() const { return !found.error.empty() || (total > 0 && done >= total); }
};

/// Looks for the strongest patches in one picture after the other, on a CPU backend of its own: a Job of a StepThread.
class PatchesJob {
  public:
    /// `cpu` has the options of the backend.
    PatchesJob(PatchesTask task, CpuOptions cpu) : task_(std::move(task)), cpu_(std::move(cpu)) {}

    /// Opens the series, or looks into the next picture. Returns false if none is left.
    bool step();
    PatchesProgress view() const { return view_; }
    void stop_by(const Stop& stop) { stop_ = stop; }

    /// Makes `task` the task. The patches stay if only the selected channel is another one; the series stays open if it
    /// has the same path.
    void set(PatchesTask task);

  private:
    using Clock = std::chrono::steady_clock;

    Expected<void> look_into(int index);
    /// Draws the patches that were found so far.
    void draw();
    bool give_up(std::string why);

    PatchesTask task_;
    CpuOptions cpu_;
    Stop stop_;
    std::unique_ptr<Backend> backend_;  ///< Belongs to the thread of step().
    std::optional<PictureSeries> series_;
    std::optional<Output> last_;
    std::optional<StrongestPatches> strongest_;
    PatchesProgress view_;
    Clock::time_point drawn_;
};

}  // namespace convlens
