/// Computes the parts that run whole networks, on a thread of their own.
#include "app/ui/tools/filters/study.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/wake.h"
#include "engine/document/document.h"
#include "engine/filter/line_filter.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

using Answer = std::optional<Expected<FilterStudyShown>>;

Answer compute_shift(const FilterStudyTask& task, const Cancel& cancel) {
    auto curves = shift_curves(task.network, *task.input, task.options.shift, task.channel, cancel);
    if (!curves) return std::nullopt;
    if (!*curves) return tl::unexpected(curves->error());
    auto shown = std::make_shared<ShiftShown>();
    const Tensor& maps = (*curves)->maps;
    const float largest = largest_magnitude(maps.plane(0, 0));
    for (int i = 0; i < maps.shape().n; ++i) {
        Tensor map({1, 1, maps.shape().h, maps.shape().w});
        std::ranges::copy(maps.plane(i, 0), map.data());
        shown->maps.push_back(std::make_shared<const Image>(signed_map(map, largest)));
    }
    shown->curves = std::move(**curves);
    return FilterStudyShown{task, std::move(shown)};
}

constexpr Words<4> sources{"the image", "zone plate", "Siemens star", "checkerboard"};
constexpr std::array<std::string_view, 3> patterns{"zone", "star", "checker"};

std::shared_ptr<const Image> in_gray(const Tensor& map, int item, float lo, float hi) {
    const Range range{lo, hi > lo ? hi : lo + 1};
    return std::make_shared<const Image>(input_picture(map, item, 1024, &range.lo, &range.hi));
}

Answer compute_aliasing(const FilterStudyTask& task, const Cancel& cancel) {
    const FilterStudyOptions& o = task.options;
    const Tensor pattern =
        o.source == 0 ? Tensor()
                      : make_pattern(*pattern_from(patterns[static_cast<std::size_t>(o.source - 1)]), {256, 256}, 1);
    auto result = aliasing(o.source == 0 ? *task.input : pattern, o.aliasing, cancel);
    if (!result) return std::nullopt;
    if (!*result) return tl::unexpected(result->error());
    const AliasingResult& r = **result;
    FilterStudyShown shown{task};
    shown.columns = reductions + 1;
    const auto [lo, hi] = std::ranges::minmax(r.input.values());
    shown.pictures.push_back({"the whole image", "What is reduced, in gray", {}});
    for (const double by : r.shifts)
        shown.pictures[0].images.push_back(in_gray(shifted(r.input, by, false), 0, lo, hi));
    shown.table.push_back({"", "what folds in", "mean correlation", "smallest"});
    const float largest = largest_magnitude(r.methods[0].wrong.values());
    for (int m = 0; m < reductions; ++m) {
        const ReducedMap& made = r.methods[static_cast<std::size_t>(m)];
        const std::string name(reduction_names()[static_cast<std::size_t>(m)]);
        FilterStudyPicture picture{
            name, "The reduced image; rings and waves that the image does not have are aliases", {}};
        for (int k = 0; k < made.moved.shape().n; ++k) picture.images.push_back(in_gray(made.moved, k, lo, hi));
        shown.pictures.push_back(std::move(picture));
        shown.differences.push_back(
            {name,
             "The reduced image minus the one without aliases: blue is negative, gray zero, red positive",
             {std::make_shared<const Image>(signed_map(made.wrong, largest))}});
        double least = NAN;
        for (const double v : made.consistency) least = std::fmin(least, v);
        shown.table.push_back({name, fmt::format("{:.0f} %", 100 * made.error),
                               fmt::format("{:.3f}", ShiftCurves::mean(made.consistency)),
                               fmt::format("{:.3f}", least)});
    }
    shown.differences.insert(shown.differences.begin(), shown.pictures[0]);
    shown.chart = aliasing_chart(r);
    return shown;
}

Answer compute_algorithms(const FilterStudyTask& task, const Cancel& cancel) {
    const FilterStudyOptions& o = task.options;
    FilterStudyShown shown{task};
    shown.measured_problem = o.measured;
    if (o.measure == Measure::curve) {
        auto chart = break_even(o.measured, 31, cancel);
        if (!chart) return std::nullopt;
        if (!*chart) return tl::unexpected(chart->error());
        shown.chart = std::move(**chart);
    }
    if (o.measure == Measure::times) {
        auto measured = measure_algorithms(o.measured, cancel);
        if (!measured) return std::nullopt;
        if (!*measured) return tl::unexpected(measured->error());
        shown.measured = std::move(**measured);
    }
    return shown;
}

/// The function of each part, from FiltersPart::shift on.
constexpr Answer (*parts[])(const FilterStudyTask&, const Cancel&) = {compute_shift, compute_aliasing, compute_borders,
                                                                      compute_precision, compute_algorithms};

}  // namespace

std::span<const std::string_view> study_sources() { return sources; }

void submit(Frame&, FilterStudy& study, FilterStudyTask task) {
    if (study.submitted && *study.submitted == task) return;
    if (!study.submitted || study.submitted->part != task.part) study.shown.reset(), study.error.clear();
    if (!study.worker)
        study.worker.emplace(
            [] {
                return [](const FilterStudyTask& wanted, const Cancel& cancel) {
                    return parts[static_cast<int>(wanted.part) - static_cast<int>(FiltersPart::shift)](wanted, cancel);
                };
            },
            wake_window);
    study.submitted = std::make_shared<const FilterStudyTask>(std::move(task));
    study.worker->submit(study.submitted);
}

void poll(Frame& f, FilterStudy& study) {
    auto made = study.worker ? study.worker->poll() : std::nullopt;
    if (!made) return;
    f.requests.redraw = true;
    study.error = *made ? "" : made->error().message;
    if (!*made) return;
    // A measurement keeps the results of the other one.
    if (study.shown && study.shown->task.part == FiltersPart::algorithms &&
        (*made)->task.part == FiltersPart::algorithms) {
        if ((*made)->chart.curves.empty()) (*made)->chart = std::move(study.shown->chart);
        if ((*made)->measured.empty())
            (*made)->measured = std::move(study.shown->measured),
            (*made)->measured_problem = study.shown->measured_problem;
    }
    study.shown = std::move(**made);
}

void report_study(Frame& f, const FilterStudy& study) {
    f.map.state("filters.study.error", study.error.empty() ? "-" : study.error);
    if (!study.shown) return f.map.state("filters.study", "-");
    const FilterStudyShown& shown = *study.shown;
    const bool busy = study.worker && study.worker->busy();
    std::string numbers;
    if (shown.shift) {
        const ShiftedLayer& last = shown.shift->curves.layers.back();
        numbers = fmt::format("{} {:.4f} {:.4f} {:g}", shown.shift->curves.layers.size(),
                              ShiftCurves::mean(last.consistency), ShiftCurves::mean(last.invariance), study.shift);
    } else {
        numbers = fmt::format("{} {} {}", shown.pictures.size(), shown.chart.curves.size(), shown.measured.size());
        for (std::size_t i = 1; i < shown.table.size(); ++i)
            numbers += fmt::format(" {}", shown.table[i].back().substr(0, shown.table[i].back().find(' ')));
    }
    f.map.state("filters.study",
                fmt::format("{} {} {}", static_cast<int>(shown.task.part), busy ? "busy" : "ready", numbers));
    f.map.state("filters.step",
                fmt::format("{} {} {}", study.algorithm, study.step, study.playing ? "playing" : "paused"));
}

}  // namespace convlens
