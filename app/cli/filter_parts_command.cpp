/// `convlens analyze --part`: what the parts of the tool "Filters" compute about whole networks.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/cli/filter_parts.h"
#include "app/fonts.h"
#include "engine/core/numbers.h"
#include "engine/document/evaluate.h"
#include "engine/filter/aliasing.h"
#include "engine/filter/borders.h"
#include "engine/filter/precision.h"
#include "engine/filter/shift.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"
#include "engine/view/chart.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

using Result = FilterPartResult;
using Subject = FilterPartSubject;

template <class Enum>
Enum chosen(std::span<const std::string_view> names, const std::string& name) {
    return static_cast<Enum>(std::ranges::find(names, name) - names.begin());
}

std::string number(double value, const char* format = "{:.4f}") {
    return std::isfinite(value) ? fmt::format(fmt::runtime(format), value) : "-";
}

Downsampling downsampling(const FiltersCommand& command) {
    return {chosen<Strides>(strides_names(), command.strides), chosen<Pools>(pools_names(), command.pooling),
            command.taps};
}

Expected<Result> shift(const Subject& subject, const FiltersCommand& command) {
    const ShiftOptions options{static_cast<double>(command.reach), command.steps, command.vertical, !command.all_values,
                               downsampling(command)};
    auto made = *shift_curves(subject.network, subject.input, options, subject.channel, Cancel());
    if (!made) return tl::unexpected(made.error());
    Result result;
    result.chart = shift_chart(*made, options, command.invariance);
    result.csv = chart_csv(*result.chart);
    result.text = fmt::format("similarity for shifts of 0 to {} pixels\n{:<24} {:>12} {:>9} {:>9} {:>9}", command.reach,
                              "layer", "1 value is", "mean", "smallest", "invariance");
    for (const ShiftedLayer& layer : made->layers) {
        double least = NAN;
        for (const double v : layer.consistency) least = std::fmin(least, v);
        result.text += fmt::format("\n{:<24} {:>9} px {:>9} {:>9} {:>9}", printable(layer.name, 60), layer.jump,
                                   number(ShiftCurves::mean(layer.consistency)), number(least),
                                   number(ShiftCurves::mean(layer.invariance)));
    }
    result.data = std::move(made->maps);
    return result;
}

Image in_colors(const Tensor& map, float largest) { return signed_map(map, largest); }

Expected<Result> alias(const Subject& subject, const FiltersCommand& command) {
    auto made = *aliasing(subject.input, {command.stride, command.taps}, Cancel());
    if (!made) return tl::unexpected(made.error());
    Result result;
    result.chart = aliasing_chart(*made);
    result.csv = chart_csv(*result.chart);
    result.text = fmt::format("stride {}, BlurPool with {} taps\n{:<14} {:>13} {:>17} {:>9}", command.stride,
                              command.taps, "method", "what folds in", "mean correlation", "smallest");
    const auto [lo, hi] = std::ranges::minmax(made->input.values());
    const Range range{lo, hi > lo ? hi : lo + 1};
    const auto gray = [&](const Tensor& map) { return input_picture(map, 0, 4096, &range.lo, &range.hi); };
    std::vector<std::pair<std::string, Image>> pictures{{"the whole image", gray(made->input)}},
        wrong{{"", Image(1, 1)}};
    const Shape& s = made->methods[0].map.shape();
    result.data = Tensor({reductions, 1, s.h, s.w});
    for (int m = 0; m < reductions; ++m) {
        const ReducedMap& method = made->methods[static_cast<std::size_t>(m)];
        const std::string name(reduction_names()[static_cast<std::size_t>(m)]);
        double least = NAN;
        for (const double v : method.consistency) least = std::fmin(least, v);
        result.text += fmt::format("\n{:<14} {:>11} % {:>17} {:>9}", name, number(100 * method.error, "{:.1f}"),
                                   number(ShiftCurves::mean(method.consistency)), number(least));
        pictures.emplace_back(name, gray(method.map));
        wrong.emplace_back(fmt::format("wrong: {}", name),
                           in_colors(method.wrong, largest_magnitude(made->methods[0].wrong.values())));
        std::ranges::copy(method.map.values(), result.data.plane(m, 0).begin());
    }
    std::ranges::move(wrong, std::back_inserter(pictures));
    result.picture = picture_sheet(pictures, reductions + 1);
    return result;
}

Expected<Result> borders(const Subject& subject, const FiltersCommand&) {
    auto made = *border_effects(subject.network, subject.input, subject.channel, Cancel());
    if (!made) return tl::unexpected(made.error());
    Result result;
    result.chart = border_chart(*made);
    result.csv = "layer,reached";
    result.text = fmt::format("{:<24} {:>9}", "layer", "reached");
    for (int m = 1; m < padding_modes; ++m) {
        const auto name = to_string(static_cast<PaddingMode>(m));
        result.csv += fmt::format(",{0} changed,{0} difference", name);
        result.text += fmt::format(" {:>10}", name);
    }
    for (const BorderedLayer& layer : made->layers) {
        result.csv += fmt::format("\n{},{:.9g}", csv_field(layer.name), layer.reached);
        result.text += fmt::format("\n{:<24} {:>7.1f} %", printable(layer.name, 60), 100 * layer.reached);
        for (std::size_t m = 1; m < padding_modes; ++m) {
            const auto field = [](double v) { return std::isfinite(v) ? fmt::format(",{:.9g}", v) : ","; };
            result.csv += field(layer.changed[m]) + field(layer.difference[m]);
            result.text += fmt::format(" {:>8} %", number(100 * layer.changed[m], "{:.1f}"));
        }
    }
    result.csv += "\n";
    const Tensor& zeros = made->maps[0];
    const float largest = largest_magnitude(zeros.values());
    std::vector<std::pair<std::string, Image>> pictures, second{{"receptive field beyond", in_colors(made->mask, 1)}};
    result.data = Tensor({padding_modes, 1, zeros.shape().h, zeros.shape().w}, NAN);
    for (int m = 0; m < padding_modes; ++m) {
        const auto i = static_cast<std::size_t>(m);
        const std::string name(to_string(static_cast<PaddingMode>(m)));
        if (!made->errors[i].empty()) {
            result.text += fmt::format("\n{}: {}", name, made->errors[i]);
            continue;
        }
        pictures.emplace_back(name, in_colors(made->maps[i], largest));
        std::ranges::copy(made->maps[i].values(), result.data.plane(m, 0).begin());
        Tensor difference = made->maps[i].clone();
        for (std::size_t k = 0; k < difference.size(); ++k) difference.data()[k] -= zeros.data()[k];
        if (m > 0) second.emplace_back(name + " minus zeros", in_colors(difference, largest));
    }
    const int columns = static_cast<int>(pictures.size());
    std::ranges::move(second, std::back_inserter(pictures));
    result.picture = picture_sheet(pictures, columns);
    return result;
}

Expected<Result> fewer_bits(const Subject& subject, const FiltersCommand& command) {
    const PrecisionOptions options{command.rounded != "activations", command.rounded != "weights"};
    auto made = *precision(subject.network, subject.input, subject.channel, options, Cancel());
    if (!made) return tl::unexpected(made.error());
    Result result;
    result.chart = precision_chart(*made, false);
    result.text = fmt::format("{:<17} {:>10} {:>23}", "format", "SNR", "worst channel");
    result.csv = "layer";
    const auto& formats = made->formats;
    for (int k = 1; k < number_formats; ++k)
        result.csv +=
            fmt::format(",{0} SNR dB,{0} worst channel dB", number_format_names()[static_cast<std::size_t>(k)]);
    for (std::size_t i = 0; i < formats[0].layers.size(); ++i) {
        result.csv += fmt::format("\n{}", csv_field(formats[0].layers[i].name));
        for (int k = 1; k < number_formats; ++k) {
            const RoundedLayer& layer = formats[static_cast<std::size_t>(k)].layers[i];
            for (const double v : {layer.snr, layer.worst_snr})
                result.csv += std::isfinite(v) ? fmt::format(",{:.9g}", v) : ",";
        }
    }
    result.csv += "\n";
    const Shape& s = formats[0].map.shape();
    result.data = Tensor({number_formats, 1, s.h, s.w});
    std::vector<std::pair<std::string, Image>> pictures, errors;
    for (int k = 0; k < number_formats; ++k) {
        const RoundedNetwork& network = formats[static_cast<std::size_t>(k)];
        const std::string name(number_format_names()[static_cast<std::size_t>(k)]);
        const RoundedLayer& last = network.layers.back();
        result.text += fmt::format("\n{:<17} {:>7} dB {:>7} dB, channel {:>4}", name, number(last.snr, "{:.1f}"),
                                   number(last.worst_snr, "{:.1f}"), last.worst_channel);
        if (!network.classes.empty()) {
            const auto best = std::ranges::max_element(network.classes) - network.classes.begin();
            result.text +=
                fmt::format("  class {} ({:.2f} %)", best, 100 * network.classes[static_cast<std::size_t>(best)]);
        }
        pictures.emplace_back(name, in_colors(network.map, largest_magnitude(formats[0].map.values())));
        Tensor error = network.map.clone();
        for (std::size_t i = 0; i < error.size(); ++i) error.data()[i] -= formats[0].map.data()[i];
        errors.emplace_back("its error, enlarged", in_colors(error, largest_magnitude(error.values())));
        std::ranges::copy(network.map.values(), result.data.plane(k, 0).begin());
    }
    std::ranges::move(errors, std::back_inserter(pictures));
    result.picture = picture_sheet(pictures, number_formats);
    return result;
}

Expected<Result> algorithms(const Subject&, const FiltersCommand& command) {
    const ConvSizes problem = conv_sizes_from(command.problem).value();
    auto made = *measure_algorithms(problem, Cancel());
    if (!made) return tl::unexpected(made.error());
    Result result;
    result.text = fmt::format("{:<20} {:>16} {:>14} {:>11} {:>14}", "algorithm", "multiplications", "more values",
                              "time", "largest error");
    result.csv = "algorithm,multiplications,more values,time (ms),largest error";
    for (const MeasuredAlgorithm& a : *made) {
        if (!a.possible) continue;
        const bool engine = a.cost.multiplications == 0;
        result.text += fmt::format("\n{:<20} {:>16} {:>14} {:>8.3g} ms {:>14.2e}", a.name,
                                   engine ? "-" : fmt::format("{:.4g}", a.cost.multiplications),
                                   engine ? "-" : fmt::format("{:.4g}", a.cost.memory), a.milliseconds, a.error);
        result.csv += engine ? fmt::format("\n{},,,{:.9g},{:.9g}", csv_field(a.name), a.milliseconds, a.error)
                             : fmt::format("\n{},{:.9g},{:.9g},{:.9g},{:.9g}", csv_field(a.name),
                                           a.cost.multiplications, a.cost.memory, a.milliseconds, a.error);
    }
    result.csv += "\n";
    if (command.largest_kernel == 0) return result;
    auto chart = *break_even(problem, command.largest_kernel, Cancel());
    if (!chart) return tl::unexpected(chart.error());
    result.csv = chart_csv(*chart);
    result.chart = std::move(*chart);
    return result;
}

struct Part {
    std::string_view name;
    Expected<Result> (*compute)(const Subject&, const FiltersCommand&);
};
constexpr Part parts[] = {{"spectra", spectra_of_kernel},
                          {"design", designed_kernel},
                          {"algebra", algebra_of_kernel},
                          {"paint", painted_kernel},
                          {"shift", shift},
                          {"aliasing", alias},
                          {"borders", borders},
                          {"precision", fewer_bits},
                          {"algorithms", algorithms}};

Expected<Subject> subject_of(const Document& document, const FiltersCommand& command) {
    const auto input = input_tensor(document, Cancel());
    if (!input) return tl::unexpected(input.error());
    const Shape s = (*input)->shape();
    const auto plan = plan_network(document, s.c);
    if (!plan) return tl::unexpected(plan.error());
    auto network = build_network(document, s.c);
    if (!network) return tl::unexpected(network.error());
    network->layers.resize(static_cast<std::size_t>(plan->layer) + 1);
    const int item = document.display.item;
    if (item < 0 || item >= s.n) return fail("item {} does not exist: the batch has items 0 to {}", item, s.n - 1);
    Tensor one({1, s.c, s.h, s.w});
    std::copy_n((*input)->plane(item, 0).data(), one.size(), one.data());
    return Subject{std::move(*network), std::move(one), command.channel};
}

Expected<void> write(const Result& result, const FiltersCommand& command) {
    constexpr Size2 size{720, 1200};
    const auto text = [](const std::string& path, const std::string& content) {
        return write_file(path, std::as_bytes(std::span(content)));
    };
    if (!command.out.empty() && !result.picture)
        return fail("{}: part {} has no pictures: choose --plot or --data", command.out, command.part);
    if (command.table.ends_with(".json"))
        return fail("{}: part {} writes its numbers as .csv", command.table, command.part);
    if (!command.plot.empty()) {
        if (!result.chart) return fail("{}: part {} has no plot: choose --out or --data", command.plot, command.part);
        auto ok = command.plot.ends_with(".svg")
                      ? text(command.plot, chart_svg(*result.chart, size, export_typeface()))
                      : write_file(command.plot, encode_png(chart_image(*result.chart, size, export_typeface())));
        if (!ok) return ok;
    }
    if (!command.table.empty())
        if (auto ok = text(command.table, result.csv); !ok) return ok;
    if (!command.data.empty() && result.data.size() == 0)
        return fail("{}: part {} has no arrays: choose --table", command.data, command.part);
    if (!command.data.empty())
        if (auto ok = write_file(command.data, encode_npy(result.data)); !ok) return ok;
    return command.out.empty() ? Expected<void>() : write_file(command.out, encode_png(*result.picture));
}

}  // namespace

Image picture_sheet(const std::vector<std::pair<std::string, Image>>& pictures, int columns) {
    constexpr int side = 256, text = 18, gap = 8;
    const int count = static_cast<int>(pictures.size()), rows = (count + columns - 1) / columns;
    Image all(columns * (side + gap) + gap, rows * (side + text + 2 * gap) + gap, {255, 255, 255, 255});
    for (int i = 0; i < count; ++i) {
        const auto& [title, picture] = pictures[static_cast<std::size_t>(i)];
        const int x = gap + i % columns * (side + gap), y = gap + i / columns * (side + text + 2 * gap);
        const int most = std::max({picture.width, picture.height, 1}), zoom = std::max(1, side / most),
                  step = (most + side - 1) / side;
        Image small((picture.width + step - 1) / step, (picture.height + step - 1) / step);
        for (int v = 0; v < small.height; ++v)
            for (int u = 0; u < small.width; ++u) std::copy_n(picture.pixel(u * step, v * step), 4, small.pixel(u, v));
        paste(all, small, x, y, zoom);
        export_typeface().draw(all, x, y + side + gap / 2, title, text, {28, 30, 34, 255});
    }
    return all;
}

Expected<std::string> filter_part(const Document& document, const FiltersCommand& command) {
    auto subject = subject_of(document, command);
    if (!subject) return tl::unexpected(subject.error());
    const auto* part = std::ranges::find(parts, command.part, &Part::name);
    auto result = part->compute(*subject, command);
    if (!result) return tl::unexpected(result.error());
    if (auto ok = write(*result, command); !ok) return tl::unexpected(ok.error());
    return std::move(result->text);
}

std::optional<ConvSizes> conv_sizes_from(std::string_view text) {
    std::array<int, 4> numbers{};
    for (int& number : numbers) {
        const auto parsed = parse_number<int>(cut(text, ','));
        if (!parsed || *parsed < 1 || *parsed > 4096) return std::nullopt;
        number = *parsed;
    }
    if (!text.empty()) return std::nullopt;
    return ConvSizes{numbers[0], numbers[1], numbers[2], numbers[3], numbers[3]};
}

std::vector<std::string> filter_part_names() {
    std::vector<std::string> names{"frequency"};
    for (const Part& part : parts) names.emplace_back(part.name);
    return names;
}

}  // namespace convlens
