/// Computes borders and precision of networks for the window.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/study.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

std::shared_ptr<const Image> in_colors(const Tensor& map, float largest) {
    return std::make_shared<const Image>(signed_map(map, largest));
}

Tensor minus(const Tensor& a, const Tensor& b) {
    Tensor made = a.clone();
    for (std::size_t i = 0; i < made.size(); ++i) made.data()[i] -= b.data()[i];
    return made;
}

std::string percent(double part) { return std::isfinite(part) ? fmt::format("{:.1f} %", 100 * part) : "-"; }

std::string decibels(double snr) {
    if (std::isnan(snr)) return "-";
    return std::isinf(snr) ? tr("exact") : fmt::format("{:.1f} dB", snr);
}

}  // namespace

std::optional<Expected<FilterStudyShown>> compute_borders(const FilterStudyTask& task, const Cancel& cancel) {
    auto result = border_effects(task.network, *task.input, task.channel, cancel);
    if (!result) return std::nullopt;
    if (!*result) return tl::unexpected(result->error());
    const BorderResult& r = **result;
    FilterStudyShown shown{task};
    const Tensor& zeros = r.maps[0];
    const float largest = largest_magnitude(zeros.values());
    std::vector<FilterStudyPicture> second{
        {"receptive field beyond the image (red)",
         "Where the receptive field of the layer extends beyond the image: padding takes part "
         "in these values",
         {in_colors(r.mask, 1)}}};
    for (int m = 0; m < padding_modes; ++m) {
        const auto mode = static_cast<std::size_t>(m);
        const std::string name(to_string(static_cast<PaddingMode>(m)));
        if (!r.errors[mode].empty()) continue;
        shown.pictures.push_back(
            {name,
             "The selected channel of the last layer with this padding: blue is negative, gray zero, red positive",
             {in_colors(r.maps[mode], largest)}});
        if (m > 0)
            second.push_back({tr_format("{} minus zeros", name),
                              "The difference to padding with zeros, in the same colors",
                              {in_colors(minus(r.maps[mode], zeros), largest)}});
    }
    shown.columns = static_cast<int>(shown.pictures.size());
    std::ranges::move(second, std::back_inserter(shown.pictures));
    shown.table.push_back({"layer", "reached", "reflect", "replicate", "circular"});
    for (const BorderedLayer& layer : r.layers) {
        std::vector<std::string> row{printable(layer.name, 40), percent(layer.reached)};
        for (std::size_t m = 1; m < padding_modes; ++m) row.push_back(percent(layer.changed[m]));
        shown.table.push_back(std::move(row));
    }
    shown.chart = border_chart(r);
    return shown;
}

std::optional<Expected<FilterStudyShown>> compute_precision(const FilterStudyTask& task, const Cancel& cancel) {
    auto result = precision(task.network, *task.input, task.channel, task.options.precision, cancel);
    if (!result) return std::nullopt;
    if (!*result) return tl::unexpected(result->error());
    const auto& formats = (*result)->formats;
    FilterStudyShown shown{task};
    shown.columns = number_formats;
    const float largest = largest_magnitude(formats[0].map.values());
    std::vector<FilterStudyPicture> second;
    const bool classes = !formats[0].classes.empty();
    shown.table.push_back({"", "SNR of the last layer", "worst channel"});
    if (classes) shown.table.front().emplace_back("answer (class, probability)");
    for (int k = 0; k < number_formats; ++k) {
        const RoundedNetwork& made = formats[static_cast<std::size_t>(k)];
        const std::string name(number_format_names()[static_cast<std::size_t>(k)]);
        shown.pictures.push_back({name,
                                  "The selected channel of the last layer: blue is negative, gray zero, red positive",
                                  {in_colors(made.map, largest)}});
        const Tensor error = minus(made.map, formats[0].map);
        const float most = largest_magnitude(error.values());
        second.push_back({most > 0 ? tr_format("error, {:.0f} times", largest / most) : "no error",
                          "The difference to float32, so much enlarged that its largest value has the full color",
                          {in_colors(error, most)}});
        const RoundedLayer& last = made.layers.back();
        std::vector<std::string> row{name, decibels(last.snr),
                                     std::isfinite(last.worst_snr)
                                         ? tr_format("{} (channel {})", decibels(last.worst_snr), last.worst_channel)
                                         : "-"};
        if (classes) {
            const auto best = std::ranges::max_element(made.classes) - made.classes.begin();
            row.push_back(fmt::format("{}, {:.2f} %", best, 100 * made.classes[static_cast<std::size_t>(best)]));
        }
        shown.table.push_back(std::move(row));
    }
    std::ranges::move(second, std::back_inserter(shown.pictures));
    shown.chart = precision_chart(**result, false);
    shown.second_chart = precision_chart(**result, true);
    return shown;
}

}  // namespace convlens
