/// The parts of the tool "Filters" that run whole networks: their task, their result, and the thread that computes it
/// while the grid stays live.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/ui/worker.h"
#include "engine/core/image.h"
#include "engine/filter/algorithms.h"
#include "engine/filter/aliasing.h"
#include "engine/filter/borders.h"
#include "engine/filter/precision.h"
#include "engine/filter/shift.h"
#include "engine/nn/network.h"
#include "engine/view/chart.h"

namespace convlens {

struct Frame;

/// The parts of the tool.
enum class FiltersPart {
    frequency,
    separability,
    algebra,
    paint,
    spectra,
    design,
    shift,
    aliasing,
    borders,
    precision,
    algorithms
};

using SharedPicture = std::shared_ptr<const Image>;

/// Returns true for the parts that this file is about.
constexpr bool is_study(FiltersPart part) { return part >= FiltersPart::shift; }

/// What is measured on demand.
enum class Measure { nothing, times, curve };

/// What the user has chosen in these parts.
struct FilterStudyOptions {
    ShiftOptions shift{.reach = 8};
    AliasingOptions aliasing;
    int source = 1;  ///< What is reduced: 0 the input, otherwise one of study_sources().
    PrecisionOptions precision;
    ConvSizes problem{};                 ///< What the costs of algorithms are shown for.
    Measure measure = Measure::nothing;  ///< Of the algorithms.
    ConvSizes measured{};                ///< What is, or was, measured.
    int measurement = 0;                 ///< Number of the measurement: another one measures again.
    friend bool operator==(const FilterStudyOptions&, const FilterStudyOptions&) = default;
};

/// What is to be computed.
struct FilterStudyTask {
    FiltersPart part = FiltersPart::shift;
    Network network;                      ///< The layers up to the shown one.
    std::shared_ptr<const Tensor> input;  ///< One item.
    int channel = 0;                      ///< The selected one of the last layer.
    FilterStudyOptions options;
    std::string_view language{};  ///< Of the texts of the result; another one makes them again.
    friend bool operator==(const FilterStudyTask&, const FilterStudyTask&) = default;
};

/// Layers under shifts, and channel `channel` of the last one for each of them.
struct ShiftShown {
    ShiftCurves curves;
    std::vector<std::shared_ptr<const Image>> maps;
};

/// A picture with its title, or one for each shift of the image.
struct FilterStudyPicture {
    std::string title;
    const char* tooltip_text = "";
    std::vector<std::shared_ptr<const Image>> images;
};

/// The result.
struct FilterStudyShown {
    FilterStudyTask task;
    std::shared_ptr<const ShiftShown> shift{};  ///< In that part; the other parts fill the members below.
    std::vector<FilterStudyPicture> pictures{}, differences{};
    int columns = 4;                                ///< Pictures per row.
    Chart chart{}, second_chart{};                  ///< The second one is about channels.
    std::vector<std::vector<std::string>> table{};  ///< The first row has the titles.
    std::vector<MeasuredAlgorithm> measured{};      ///< For `measured_problem`.
    ConvSizes measured_problem{};
};

/// Names of what may be reduced: the input and test patterns.
std::span<const std::string_view> study_sources();

/// The thread and its newest result.
struct FilterStudy {
    FilterStudyOptions options;
    bool invariance = false;      ///< Whether outputs are compared with the output as it is instead of the shifted one.
    double shift = 0;             ///< The shift on screen, in pixels.
    double shift_before = 0;      ///< The same when the current drag began.
    bool by_channel = false;      ///< Whether the plot is about the channels of the last layer.
    int algorithm = 0, step = 0;  ///< Of the small example.
    bool playing = false;
    double stepped = 0;       ///< When the last step was shown, in seconds of ImGui::GetTime().
    bool difference = false;  ///< Whether pictures show the difference to the ideal.
    int pointed = -1;         ///< The curve under the mouse in the last frame.

    std::shared_ptr<const FilterStudyTask> submitted;
    std::optional<Worker<FilterStudyTask, Expected<FilterStudyShown>>> worker;
    std::optional<FilterStudyShown> shown;
    std::string error;  ///< Why the last task has no result.
};

/// Sends the task to the thread if it is another one than the last.
void submit(Frame& frame, FilterStudy& study, FilterStudyTask task);
/// Takes the thread's answer.
void poll(Frame& frame, FilterStudy& study);

/// Writes what tests check.
void report_study(Frame& frame, const FilterStudy& study);

/// Draws a chart with its axes, one curve highlighted (-1: none) and a line at x = `mark`, and returns the curve that
/// is nearest to the mouse, or -1.
int draw_chart(Frame& frame, const char* id, const Chart& chart, int highlighted, double mark, float width,
               float height);
/// Returns the color of a curve in the window.
unsigned ink(const Frame& frame, int index, int count);

/// Draws the names of the curves in their colors.
void legend(Frame& frame, const Chart& chart);

/// Draws a button that saves a chart as PNG, SVG and CSV beside the input image.
void save_chart_button(Frame& frame, const char* id, const Chart& chart, const std::string& suffix);

/// Draw the parts. `study.shown` is their newest result, which may be older than what is chosen.
void shift_part(Frame& frame, FilterStudy& study);
void aliasing_part(Frame& frame, FilterStudy& study);
void border_part(Frame& frame, FilterStudy& study);
void precision_part(Frame& frame, FilterStudy& study);
void algorithms_part(Frame& frame, FilterStudy& study);

/// Compute parts; nullopt if canceled.
std::optional<Expected<FilterStudyShown>> compute_borders(const FilterStudyTask& task, const Cancel& cancel);
std::optional<Expected<FilterStudyShown>> compute_precision(const FilterStudyTask& task, const Cancel& cancel);

/// Draws a sentence that says which layers a part leaves out and why, if it does. `one`: no layer has a stride.
void left_out(const FilterStudyTask& task, bool one);

/// Draws a selection of `ems` font sizes, on the same line if it fits. Returns true if the user has selected a name.
bool select(Frame& frame, const char* id, std::span<const std::string_view> names, int& value, float ems,
            const char* text);
/// Draws a name and a number field on the same line if they fit.
void number(Frame& frame, const char* id, const char* name, int& value, int lowest, int highest, int start,
            const char* text);

/// Draws the pictures, chart and table of study.shown, with the images of step `step`, and the state of the thread.
void draw_study(Frame& frame, FilterStudy& study, const std::string& name, const Chart& chart, std::size_t step,
                double mark);

}  // namespace convlens
