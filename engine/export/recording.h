/// Recordings: the grid, or the window of one value, as a moving picture. The window and `convlens record` write the
/// same bytes with the same backend.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/document/sweep.h"
#include "engine/export/export.h"
#include "engine/io/frames.h"
#include "engine/io/movie_file.h"
#include "engine/view/chart.h"

namespace convlens {

/// What moves in a recording.
enum class Recorded {
    sweep,    ///< Numbers of the document move, see Sweep.
    window,   ///< The window slides over the input from the first value of a channel to the last, with all terms.
    frames,   ///< The input is a video, an animation or numbered pictures, and its frames run through the grid.
    moments,  ///< The document has other weights in each frame, see RecordedMoments.
};

/// The moments of a training, from the first to the newest.
struct RecordedMoments {
    int count = 0;
    /// Returns the document with the weights of moment `index`, 0 to count - 1. Runs where Recording::step() does.
    std::function<Document(const Document& document, int index)> document;
    std::function<std::string(int index)> caption;  ///< "step 120, loss 0.04"; runs there, too.
    /// The loss after each step, which is drawn below the grid up to the moment; without values there is none.
    ChartCurve loss;
    std::function<long(int index)> step;  ///< Step of a moment; needed if there is a loss.
};

/// What is recorded, and how.
struct RecordOrder {
    Recorded what = Recorded::sweep;
    std::vector<Sweep> sweeps;  ///< Of Recorded::sweep: at least one; they move together.
    int channel = 0;            ///< Of Recorded::window.
    int first = 0;              ///< Of Recorded::frames: the first frame of the input, counted from 0.
    /// Number of frames; nullopt: one per whole value, otherwise 60; all frames of the input from `first` on; at most
    /// 60 of the moments.
    std::optional<int> frames;
    std::optional<double> rate;  ///< Frames per second; nullopt: 2 for whole values, those of the input, otherwise 20.
    bool back = false;           ///< Whether the way back follows, so that it can be repeated without a jump.
    Size2 size;                  ///< Height and width in pixels; {0, 0}: as large as the first picture.
    bool caption = true;         ///< Whether the values are drawn above the grid, after the title, and a loss below
                                 ///< it if there is room.
    int pixels = 32;             ///< Width of a term of Recorded::window, in pixels.
    Annotations annotations;     ///< A transparent background becomes white.
    friend bool operator==(const RecordOrder&, const RecordOrder&) = default;
};

/// Largest number of frames of a recording.
inline constexpr int max_recorded_frames = 100'000;

/// Draws and writes one frame after another. The file gets its name when it is complete; unless that has happened, the
/// destructor removes it.
class Recording {
  public:
    /// `typeface` must outlive the recording. Does nothing yet: the first step() prepares it and may fail.
    /// `moments` are those of Recorded::moments. `existing` is what happens to a file at `path`, see
    /// MovieFile::finish().
    Recording(Document document, RecordOrder order, std::filesystem::path path, const Typeface& typeface,
              RecordedMoments moments = {}, Existing existing = Existing::replaced);
    Recording(Recording&&) noexcept;
    Recording& operator=(Recording&&) noexcept;
    ~Recording();

    /// Draws and writes the next frame; after the last one, gives the file its name. Returns whether that is still to
    /// come. Fails if the document has no such number or value, and if a picture can't be computed, drawn or written.
    /// `backend` must be the same each time, on its thread.
    Expected<bool> step(Backend& backend, const Cancel& cancel);

    /// Returns the path of the file, which is final after the last step().
    const std::filesystem::path& path() const { return path_; }
    /// Returns the number of frames that are written, and of all frames; 0 before the first step.
    int done() const { return done_; }
    int frames() const { return static_cast<int>(moments_.size()); }
    /// Returns the height and width of the pictures; {0, 0} before the first step.
    Size2 size() const { return size_; }
    double rate() const { return rate_; }
    /// Returns false if colors were lost.
    bool lossless() const { return lossless_; }

  private:
    Expected<void> prepare(Backend& backend, const Cancel& cancel);
    Expected<void> choose_moments(const Cancel& cancel);
    Expected<void> choose_size(Backend& backend, const Cancel& cancel);
    Expected<Image> draw(double moment, Backend& backend, const Cancel& cancel);
    Expected<Image> draw_grid(double moment, Backend& backend, const Cancel& cancel);
    Image with_loss(const Image& grid, int index) const;
    Expected<Image> draw_window(int position, Backend& backend, const Cancel& cancel);
    std::string title_at(double moment) const;

    Document document_;
    RecordOrder order_;
    std::filesystem::path path_;
    Existing existing_;
    const Typeface* typeface_;
    RecordedMoments made_;
    /// Of each frame: 0 to 1 for a sweep, the index of the value in its channel, the number of the frame or moment.
    std::vector<double> moments_;
    int step_ = 1;  ///< Of Recorded::window: rows and columns between positions.
    double rate_ = 0;
    Size2 size_, cell_;
    int done_ = 0;
    bool lossless_ = true;
    std::optional<Frames> input_;
    FramePath stream_;  ///< The frame that was read last.
    std::optional<Output> base_, last_;
    std::optional<MovieFile> file_;
};

}  // namespace convlens
