/// What a scene keeps of the tool "Filters": the part and its choices, but no paint.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/tools/filters/filters.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, 11> parts{"frequency", "separability", "algebra",   "paint",
                                                 "spectra",   "design",       "shift",     "aliasing",
                                                 "borders",   "precision",    "algorithms"};
constexpr std::array<std::string_view, 3> views{"magnitude", "decibels", "phase"};
constexpr std::array<std::string_view, 2> splits{"per_channel", "joint"};
constexpr std::array<std::string_view, 2> compared{"shifted", "unshifted"};
constexpr std::array<std::string_view, 2> directions{"right", "down"};
constexpr std::array<std::string_view, 2> positions{"inside", "all"};
constexpr std::array<std::string_view, 2> shown{"reduced", "wrong"};
constexpr std::array<std::string_view, 3> rounded{"all", "weights", "activations"};
constexpr std::array<std::string_view, 2> plots{"layers", "channels"};
constexpr std::array<std::string_view, 4> sources{"image", "zone", "star", "checker"};
constexpr std::array<std::string_view, 5> algorithms{"direct", "im2col", "fft", "winograd2", "winograd4"};

/// A choice as a whole number: the index of a name, or a number from `lowest` to `highest`.
struct Field {
    std::string_view name;
    std::span<const std::string_view> names;  ///< Empty for numbers.
    int lowest, highest;
    int (*get)(const FiltersView&);
    void (*set)(FiltersView&, int);
};

int rounded_index(const PrecisionOptions& o) { return o.weights && o.activations ? 0 : o.weights ? 1 : 2; }

const Field fields[] = {
    {"part", parts, 0, 0, [](const FiltersView& v) { return static_cast<int>(v.choice.part); },
     [](FiltersView& v, int i) { v.choice.part = static_cast<FiltersPart>(i); }},
    {"view", views, 0, 0, [](const FiltersView& v) { return static_cast<int>(v.choice.view); },
     [](FiltersView& v, int i) { v.choice.view = static_cast<ResponseView>(i); }},
    {"response", response_of_names(), 0, 0, [](const FiltersView& v) { return static_cast<int>(v.choice.of); },
     [](FiltersView& v, int i) { v.choice.of = static_cast<ResponseOf>(i); }},
    {"input_channel",
     {},
     -1,
     4096,
     [](const FiltersView& v) { return v.choice.input; },
     [](FiltersView& v, int i) { v.choice.input = i; }},
    {"order", filter_order_names(), 0, 0, [](const FiltersView& v) { return static_cast<int>(v.choice.order); },
     [](FiltersView& v, int i) { v.choice.order = static_cast<FilterOrder>(i); }},
    {"rank",
     {},
     1,
     4096,
     [](const FiltersView& v) { return v.choice.rank; },
     [](FiltersView& v, int i) { v.choice.rank = i; }},
    {"split", splits, 0, 0, [](const FiltersView& v) { return static_cast<int>(v.choice.split); },
     [](FiltersView& v, int i) { v.choice.split = static_cast<ChannelSplit>(i); }},
    {"second",
     {},
     0,
     63,
     [](const FiltersView& v) { return v.choice.second; },
     [](FiltersView& v, int i) { v.choice.second = i; }},
    {"lowest",
     {},
     0,
     71,
     [](const FiltersView& v) { return v.choice.design.lowest; },
     [](FiltersView& v, int i) { v.choice.design.lowest = i; }},
    {"highest",
     {},
     0,
     71,
     [](const FiltersView& v) { return v.choice.design.highest; },
     [](FiltersView& v, int i) { v.choice.design.highest = i; }},
    {"orientation",
     {},
     0,
     179,
     [](const FiltersView& v) { return v.choice.design.orientation; },
     [](FiltersView& v, int i) { v.choice.design.orientation = i; }},
    {"spread",
     {},
     2,
     180,
     [](const FiltersView& v) { return v.choice.design.spread; },
     [](FiltersView& v, int i) { v.choice.design.spread = i; }},
    {"design_size",
     {},
     3,
     max_band_kernel,
     [](const FiltersView& v) { return v.choice.design.side; },
     [](FiltersView& v, int i) { v.choice.design.side = i | 1; }},
    {"outside",
     {},
     1,
     50,
     [](const FiltersView& v) { return v.choice.design.outside; },
     [](FiltersView& v, int i) { v.choice.design.outside = i; }},
    {"strides", strides_names(), 0, 0,
     [](const FiltersView& v) { return static_cast<int>(v.study.options.shift.down.strides); },
     [](FiltersView& v, int i) { v.study.options.shift.down.strides = static_cast<Strides>(i); }},
    {"pooling", pools_names(), 0, 0,
     [](const FiltersView& v) { return static_cast<int>(v.study.options.shift.down.pools); },
     [](FiltersView& v, int i) { v.study.options.shift.down.pools = static_cast<Pools>(i); }},
    {"taps",
     {},
     3,
     7,
     [](const FiltersView& v) { return v.study.options.shift.down.taps; },
     [](FiltersView& v, int i) { v.study.options.shift.down.taps = i | 1; }},
    {"direction", directions, 0, 0, [](const FiltersView& v) { return v.study.options.shift.vertical ? 1 : 0; },
     [](FiltersView& v, int i) { v.study.options.shift.vertical = i == 1; }},
    {"steps_per_pixel",
     {},
     1,
     4,
     [](const FiltersView& v) { return v.study.options.shift.steps_per_pixel; },
     [](FiltersView& v, int i) { v.study.options.shift.steps_per_pixel = i == 3 ? 4 : i; }},
    {"reach",
     {},
     1,
     64,
     [](const FiltersView& v) { return static_cast<int>(v.study.options.shift.reach); },
     [](FiltersView& v, int i) { v.study.options.shift.reach = i; }},
    {"values", positions, 0, 0, [](const FiltersView& v) { return v.study.options.shift.inside ? 0 : 1; },
     [](FiltersView& v, int i) { v.study.options.shift.inside = i == 0; }},
    {"compared", compared, 0, 0, [](const FiltersView& v) { return v.study.invariance ? 1 : 0; },
     [](FiltersView& v, int i) { v.study.invariance = i == 1; }},
    {"quarters",
     {},
     0,
     256,
     [](const FiltersView& v) { return static_cast<int>(std::lround(4 * v.study.shift)); },
     [](FiltersView& v, int i) { v.study.shift = i / 4.0; }},
    {"reduced", sources, 0, 0, [](const FiltersView& v) { return v.study.options.source; },
     [](FiltersView& v, int i) { v.study.options.source = i; }},
    {"stride",
     {},
     1,
     8,
     [](const FiltersView& v) { return v.study.options.aliasing.stride; },
     [](FiltersView& v, int i) { v.study.options.aliasing.stride = i; }},
    {"blur",
     {},
     3,
     15,
     [](const FiltersView& v) { return v.study.options.aliasing.taps; },
     [](FiltersView& v, int i) { v.study.options.aliasing.taps = i | 1; }},
    {"pictures", shown, 0, 0, [](const FiltersView& v) { return v.study.difference ? 1 : 0; },
     [](FiltersView& v, int i) { v.study.difference = i == 1; }},
    {"rounded", rounded, 0, 0, [](const FiltersView& v) { return rounded_index(v.study.options.precision); },
     [](FiltersView& v, int i) {
         v.study.options.precision = {i != 2, i != 1};
     }},
    {"plot", plots, 0, 0, [](const FiltersView& v) { return v.study.by_channel ? 1 : 0; },
     [](FiltersView& v, int i) { v.study.by_channel = i == 1; }},
    {"algorithm", algorithms, 0, 0, [](const FiltersView& v) { return v.study.algorithm; },
     [](FiltersView& v, int i) { v.study.algorithm = i; }},
    {"step",
     {},
     0,
     64,
     [](const FiltersView& v) { return v.study.step; },
     [](FiltersView& v, int i) { v.study.step = i; }},
};

}  // namespace

ScenePart filters_scene_part(States& states) {
    const auto& v = states.of<FiltersView>();
    static const FiltersView usual;
    ScenePart::Object part;
    for (const Field& field : fields) {
        const int value = field.get(v);
        if (value == field.get(usual)) continue;
        part[std::string(field.name)] = field.names.empty()
                                            ? ScenePart{static_cast<double>(value)}
                                            : ScenePart{std::string(field.names[static_cast<std::size_t>(value)])};
    }
    return part.empty() ? ScenePart() : ScenePart{std::move(part)};
}

void show_filters_part(States& states, const ScenePart& part) {
    auto& v = states.of<FiltersView>();
    static const FiltersView usual;
    v.study.playing = false;
    v.study.options.measure = Measure::nothing;
    for (const Field& field : fields) {
        const int standard = field.get(usual);
        const ScenePart& stored = part[field.name];
        if (field.names.empty()) {
            const double number = stored.number(standard);
            field.set(v, static_cast<int>(std::clamp<double>(number, field.lowest, field.highest)));
        } else {
            const auto found = std::ranges::find(field.names, stored.text());
            field.set(v, found == field.names.end() ? standard : static_cast<int>(found - field.names.begin()));
        }
    }
}

}  // namespace convlens
