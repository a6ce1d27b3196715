/// `convlens analyze`: the kernels of a layer as filters.
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/cli/commands.h"
#include "engine/document/custom_kernels.h"
#include "engine/document/evaluate.h"
#include "engine/filter/filter_bank.h"
#include "engine/filter/separable.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"
#include "engine/view/grid.h"
#include "engine/view/text.h"

namespace convlens {
namespace {

using Json = nlohmann::ordered_json;

constexpr int least_response_side = 96;  ///< Of a response in the picture, in pixels.

/// A column of the table. Numbers that do not exist are NaN: empty in .csv, null in .json.
struct Column {
    const char* name;
    double (*number)(const KernelFilter&, ResponseOf);
};

double gabor_number(const KernelFilter& f, double Gabor::*member) { return f.gabor ? (*f.gabor).*member : NAN; }

constexpr Column filter_columns[] = {
    {"dc", [](const KernelFilter& f, ResponseOf of) { return static_cast<double>(f.numbers(of).dc); }},
    {"gray_dc", [](const KernelFilter& f, ResponseOf) { return static_cast<double>(f.gray_dc); }},
    {"peak", [](const KernelFilter& f, ResponseOf of) { return static_cast<double>(f.numbers(of).peak); }},
    {"frequency", [](const KernelFilter& f, ResponseOf of) { return static_cast<double>(f.numbers(of).frequency); }},
    {"orientation",
     [](const KernelFilter& f, ResponseOf of) { return static_cast<double>(f.numbers(of).orientation); }},
    {"selectivity",
     [](const KernelFilter& f, ResponseOf of) { return static_cast<double>(f.numbers(of).selectivity); }},
    {"bandwidth", [](const KernelFilter& f, ResponseOf of) { return static_cast<double>(f.numbers(of).bandwidth); }},
    {"spread", [](const KernelFilter& f, ResponseOf of) { return static_cast<double>(f.numbers(of).spread); }},
    {"cutoff", [](const KernelFilter& f, ResponseOf of) { return static_cast<double>(f.numbers(of).cutoff); }},
    {"plane_share", [](const KernelFilter& f, ResponseOf) { return f.plane_share; }},
    {"gabor_wavelength", [](const KernelFilter& f, ResponseOf) { return gabor_number(f, &Gabor::wavelength); }},
    {"gabor_orientation", [](const KernelFilter& f, ResponseOf) { return gabor_number(f, &Gabor::orientation); }},
    {"gabor_phase", [](const KernelFilter& f, ResponseOf) { return gabor_number(f, &Gabor::phase); }},
    {"gabor_sigma_u", [](const KernelFilter& f, ResponseOf) { return gabor_number(f, &Gabor::sigma_u); }},
    {"gabor_sigma_v", [](const KernelFilter& f, ResponseOf) { return gabor_number(f, &Gabor::sigma_v); }},
    {"gabor_residual", [](const KernelFilter& f, ResponseOf) { return gabor_number(f, &Gabor::residual); }},
    {"rank1_error", [](const KernelFilter& f, ResponseOf) { return f.rank1_error[0]; }},
    {"rank1_error_joint", [](const KernelFilter& f, ResponseOf) { return f.rank1_error[1]; }},
};

/// The kernels in the order of the table.
struct DescribedFilters {
    std::string layer;
    FilterBank bank;
    std::vector<int> kernels;  ///< Number of each entry of `bank`.
    ResponseOf of;
    Shape shape;  ///< Of the weights.
};

std::string csv(const DescribedFilters& d) {
    std::string text = "kernel,kind";
    for (const Column& c : filter_columns) text += fmt::format(",{}", c.name);
    for (std::size_t i = 0; i < d.bank.size(); ++i) {
        text += fmt::format("\n{},{}", d.kernels[i], to_string(d.bank[i]->numbers(d.of).kind));
        for (const Column& c : filter_columns) {
            const double number = c.number(*d.bank[i], d.of);
            text += std::isnan(number) ? "," : fmt::format(",{:.7g}", number);
        }
    }
    return text + "\n";
}

std::string json(const DescribedFilters& d) {
    Json rows = Json::array();
    for (std::size_t i = 0; i < d.bank.size(); ++i) {
        Json row{{"kernel", d.kernels[i]}, {"kind", to_string(d.bank[i]->numbers(d.of).kind)}};
        for (const Column& c : filter_columns) {
            const double number = c.number(*d.bank[i], d.of);
            row[c.name] = std::isnan(number) ? Json() : Json(number);
        }
        rows.push_back(row);
    }
    const Json all{{"layer", d.layer},
                   {"shape", {d.shape.n, d.shape.c, d.shape.h, d.shape.w}},
                   {"response", response_of_names()[static_cast<std::size_t>(d.of)]},
                   {"kernels", rows}};
    return all.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string table(const DescribedFilters& d) {
    std::string text = fmt::format(
        "{}: {} kernels of {}x{}x{}\nkernel  kind       peak gain  frequency  orientation  bandwidth   gain at 0  "
        "Gabor "
        "residual  rank-1 error",
        d.layer, d.bank.size(), d.shape.c, d.shape.h, d.shape.w);
    const auto number = [](double v, const char* unit) {
        return std::isnan(v) ? std::string("-") : fmt::format("{:.3g}{}", v, unit);
    };
    for (std::size_t i = 0; i < d.bank.size(); ++i) {
        const KernelFilter& f = *d.bank[i];
        const FilterNumbers& n = f.numbers(d.of);
        text += fmt::format("\n{:>6}  {:<9} {:>10.4g} {:>10.3f} {:>12} {:>10} {:>11.4g} {:>15} {:>13.3f}", d.kernels[i],
                            to_string(n.kind), n.peak, n.frequency, number(static_cast<double>(n.orientation), " deg"),
                            number(static_cast<double>(n.bandwidth), " oct"), n.dc,
                            number(gabor_number(f, &Gabor::residual), ""), f.rank1_error[0]);
    }
    return text;
}

/// Returns the magnitudes of all kernels, (N, 1, samples, samples), with frequency zero at samples / 2.
Tensor centered(const DescribedFilters& d, int samples) {
    Tensor all({static_cast<int>(d.bank.size()), 1, samples, samples});
    for (int n = 0; n < all.shape().n; ++n)
        for (int y = 0; y < samples; ++y)
            for (int x = 0; x < samples; ++x)
                all.at(n, 0, y, x) =
                    d.bank[static_cast<std::size_t>(n)]->magnitudes(d.of).sample(y - samples / 2, x - samples / 2);
    return all;
}

Expected<Image> picture(const DescribedFilters& d, const FiltersCommand& command) {
    const int count = static_cast<int>(d.bank.size()),
              zoom = (least_response_side + command.samples - 1) / command.samples;
    GridLayout layout{count, std::min(command.columns, std::max(count, 1)), 0, {}, 2};
    layout.rows = (count + layout.columns - 1) / layout.columns;
    layout.cell = {command.samples * zoom, command.samples * zoom};
    if (layout.width() > max_picture_side || layout.height() > max_picture_side)
        return fail(
            "an image of {}x{} responses of {} pixels is too large, expected at most {} pixels per side: choose "
            "fewer channels or samples",
            layout.columns, layout.rows, layout.cell.w, max_picture_side);
    Image image(layout.width(), layout.height(), {255, 255, 255, 255});
    for (int i = 0; i < count; ++i) {
        const KernelFilter& f = *d.bank[static_cast<std::size_t>(i)];
        const Rect at = layout.cell_rect(i);
        paste(image,
              response_picture(f.magnitudes(d.of), f.numbers(d.of).peak, command.decibels,
                               *colormap_from(command.colormap)),
              at.x, at.y, zoom);
    }
    return image;
}

Expected<void> write_files(const DescribedFilters& d, const FiltersCommand& command) {
    std::optional<Image> image;
    if (!command.out.empty()) {
        auto made = picture(d, command);
        if (!made) return tl::unexpected(made.error());
        image = std::move(*made);
    }
    if (!command.table.empty()) {
        const std::string text = command.table.ends_with(".json") ? json(d) : csv(d);
        if (auto ok = write_file(command.table, std::as_bytes(std::span(text))); !ok) return ok;
    }
    if (!command.data.empty())
        if (auto ok = write_file(command.data, encode_npy(centered(d, command.samples))); !ok) return ok;
    return image ? write_file(command.out, encode_png(*image)) : Expected<void>();
}

}  // namespace

Expected<std::string> filters(const Document& document, const FiltersCommand& command) {
    if (command.part != "frequency") return filter_part(document, command);
    if (!command.plot.empty()) return fail("{}: part frequency has no plot: choose --out", command.plot);
    const auto input = input_tensor(document, Cancel());
    if (!input) return tl::unexpected(input.error());
    const auto plan = plan_network(document, (*input)->shape().c);
    if (!plan) return tl::unexpected(plan.error());
    const auto network = build_network(document, (*input)->shape().c);
    if (!network) return tl::unexpected(network.error());
    const int layer = kernel_layer(*network, plan->layer);
    if (layer < 0)
        return fail("{}: the layer has no kernels, expected a convolution",
                    plan->layers[static_cast<std::size_t>(plan->layer)].name);
    const Layer& conv = network->layers[static_cast<std::size_t>(layer)];
    const auto weight = applied_kernels(std::get<Conv2d>(conv.operation));

    DescribedFilters d{
        conv.name, {}, {}, command.response == "all" ? ResponseOf::all : ResponseOf::gray, weight->shape()};
    std::vector<int> kernels(static_cast<std::size_t>(d.shape.n));
    std::iota(kernels.begin(), kernels.end(), 0);
    if (!command.channels.empty()) kernels = channels_from(command.channels).value();
    for (const int kernel : kernels)
        if (kernel >= d.shape.n)
            return fail("channel {} does not exist: {} has channels 0 to {}", kernel, d.layer, d.shape.n - 1);
    const std::size_t bytes = kernels.size() * 2 * sizeof(float) * static_cast<std::size_t>(command.samples) *
                              static_cast<std::size_t>(command.samples);
    if (bytes > memory_limit() / 2)
        return fail(
            "the responses of {} kernels need {}, expected at most half of the memory: {}; choose fewer channels "
            "or samples",
            kernels.size(), bytes_in_words(bytes), memory_in_words());
    const FilterBank bank = FilterBankCache().filters(weight, kernels, command.samples, Cancel()).value();
    const auto names = filter_order_names();
    const auto order = static_cast<FilterOrder>(std::ranges::find(names, command.sort) - names.begin());
    for (const int i : ordered(bank, order, d.of)) {
        d.bank.push_back(bank[static_cast<std::size_t>(i)]);
        d.kernels.push_back(kernels[static_cast<std::size_t>(i)]);
    }
    if (auto ok = write_files(d, command); !ok) return tl::unexpected(ok.error());
    return table(d);
}

}  // namespace convlens
