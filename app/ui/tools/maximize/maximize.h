/// The tool "Optimal inputs": searches, for each channel on screen, the picture that it is strongest for, and cuts out
/// the places of the images where it is strongest.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/ui/background.h"
#include "app/ui/tool.h"
#include "app/ui/tools/maximize/found_patches.h"
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

/// The pictures after some steps.
struct MaximizeMoment {
    int steps = 0;                      ///< Steps done.
    std::shared_ptr<const Image> grid;  ///< The pictures, maximize_columns per row.
    std::vector<float> values;          ///< What was maximized, in the last step; one value per picture.
    std::vector<double> likeness;       ///< For a first layer: cosine similarities of pictures and kernels; else empty.
};

/// The state of a search, as a value that any thread may keep.
struct MaximizeProgress {
    std::vector<MaximizeMoment> moments;  ///< The time line; the newest is last. Empty before the search is prepared.
    Size2 picture;                        ///< Size of a picture in pixels of the network's input.
    std::string error;                    ///< Why nothing can be searched; empty if it can.

    int steps() const { return moments.empty() ? 0 : moments.back().steps; }
};

/// A search as the Job of a StepThread. The first step prepares it, which may take a while.
class MaximizeJob {
  public:
    MaximizeJob(MaximizeTask task, int limit) : task_(std::move(task)), limit_(limit) {}
    /// Does a step. Returns false if the number of steps has reached the limit, or if nothing can be searched.
    bool step();
    /// Sets the number of steps after which the search pauses.
    void set_limit(int steps) { limit_ = steps; }
    MaximizeProgress view() const { return view_; }

  private:
    /// Adds the pictures as they are to the time line. It keeps every n-th moment, where n doubles when it is full.
    bool record();

    MaximizeTask task_;
    int limit_;
    std::optional<Maximizer> search_;
    MaximizeProgress view_;
    int every_ = 1;
};

/// What the tool asks the worker for.
struct MaximizeWanted {
    std::optional<int> item{};    ///< Batch item whose colors are wanted; nullopt: none.
    bool patches = false;         ///< Whether the strongest patches of `channels` are wanted.
    std::vector<int> channels{};  ///< Ascending.
    std::optional<int> selected{};
    friend bool operator==(const MaximizeWanted&, const MaximizeWanted&) = default;
};

/// The worker's answer.
struct MaximizeInput {
    /// The network's input of the batch item, without normalization: 0..1; may be null.
    std::shared_ptr<const Tensor> colors;
    FoundPatches patches;  ///< Of the batch.
};

/// Where the strongest patches are looked for. Each but `image` is a series of pictures.
enum class PatchSource {
    image,    ///< The images on screen.
    video,    ///< All frames of the video whose frame is on screen.
    fashion,  ///< Fashion-MNIST, as installed by Debian's package.
    folder,   ///< A folder of the user.
};

/// A patch that was clicked, whose picture is being opened.
struct PatchToPin {
    decltype(Input::source) source;  ///< Set when the picture is open.
    PixelPosition position;
};

inline constexpr int max_maximized = 64;    ///< Number of channels that are searched at most.
inline constexpr int steps_at_a_time = 64;  ///< Number of steps before a search pauses.

inline constexpr int maximize_jitter = 8;           ///< MaximizeOptions::jitter if it is switched on.
inline constexpr float maximize_scale = 0.05F;      ///< MaximizeOptions::scale if it is switched on.
inline constexpr float maximize_rotation = 5;       ///< MaximizeOptions::rotation if it is switched on, in degrees.
inline constexpr float maximize_decay = 0.05F;      ///< MaximizeOptions::weight_decay if it is switched on.
inline constexpr float maximize_variation = 0.02F;  ///< MaximizeOptions::total_variation if it is switched on.

/// State of the tool.
struct MaximizeView {
    /// What the user has chosen, without the channels: for a first layer, whose optimal inputs are its kernels, and for
    /// others.
    MaximizeOptions of_first = plain(), of_others;
    bool from_image = false;  ///< Whether searches start from the image instead of gray.
    bool patches = false;     ///< Whether the strongest patches of the images are shown instead of the search.
    PatchSource source = PatchSource::image;
    std::string folder;    ///< Of PatchSource::folder.
    bool stopped = false;  ///< Whether the search in the series is stopped.
    Background<PatchesTask, PatchesJob> series;
    std::optional<PatchToPin> to_pin;
    bool first_layer = false;      ///< Whether the first layer is shown.
    int limit = steps_at_a_time;   ///< Number of steps after which the search pauses.
    bool restored = false;         ///< Whether `limit` comes from a scene or a session: the next search has it, too.
    std::optional<int> looked_at;  ///< The step that is shown; nullopt: the newest.
    std::optional<int> enlarged;   ///< The channel whose picture is shown alone; nullopt: all are shown.
    MaximizeTask task;             ///< What is searched.
    std::shared_ptr<StepThread<MaximizeJob>> thread;
    bool interrupted = false;  ///< Whether the search was paused because another tool was chosen.
    long version = -1;         ///< StepThread::version() of `progress`.
    MaximizeProgress progress;
    std::weak_ptr<const Image> summed;  ///< For tests: the grid of `sum`, a weighted sum of its colors.
    std::uint64_t sum = 0;
    std::vector<std::function<bool()>> leaving;  ///< Threads that are ending; each returns true when it has ended.

    MaximizeOptions& options() { return first_layer ? of_first : of_others; }
    /// Returns the position in `task` of the channel that is enlarged; nullopt if there is none.
    std::optional<int> enlarged_position() const;
    /// Returns the moment that is shown: the kept one at or before `looked_at`. Null before there is one.
    const MaximizeMoment* moment() const;

    /// Returns the options that find the kernels: the picture's own pixels and colors, and a penalty in proportion to
    /// which they grow.
    static MaximizeOptions plain() {
        MaximizeOptions o;
        o.spectrum = o.correlated_colors = false;
        o.weight_decay = maximize_decay;
        return o;
    }
};

/// Lets the search go on until it has done `steps` steps.
void search_to(MaximizeView& view, int steps);

/// The tool's entry in the table of tools.
extern const Tool maximize_tool;

/// Draws the tool in the central panel.
void maximize_panel(Frame& frame);

/// Draws the strongest patches.
void patches_panel(Frame& frame);

/// Looks for the strongest patches in the pictures of a folder.
void look_in_folder(Frame& frame, const std::string& folder);

/// Draws `count` pictures of an image, `columns` per row with gaps of 2 pixels, as large as they fit below `height`
/// pixels, as the item `id`; frames picture `marked`, and the one below the mouse. Returns that one, if any. Draws only
/// picture `alone` if that is set.
std::optional<int> picture_area(Frame& frame, const char* id, const std::shared_ptr<const Image>& grid, int count,
                                int columns, float height, std::optional<int> marked,
                                std::optional<int> alone = std::nullopt);

}  // namespace convlens
