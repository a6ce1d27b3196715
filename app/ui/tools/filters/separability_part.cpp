/// Draws kernels as sums of products of a column and a row.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/widgets/axes.h"
#include "app/ui/widgets/plot.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/document/custom_kernels.h"

namespace convlens {
namespace {

void controls(Frame& f, FiltersRequest& chosen, int full_rank) {
    const float em = ImGui::GetFontSize();
    constexpr Words<2> splits{"each channel by itself", "rows shared by channels"};
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(tr("rank"));
    ImGui::SameLine();
    ImGui::SetNextItemWidth(em * 8);
    number_field(f, "filters.rank", chosen.rank, 1, std::max(full_rank, 1), 1,
                 "Number of products of a column and a row that are added");
    same_line_if_fits(em * 13);
    ImGui::SetNextItemWidth(em * 13);
    int split = static_cast<int>(chosen.split);
    if (choice(
            f, "filters.split", splits, split,
            "each channel by itself: one singular value decomposition of KH x KW per input channel, each with its own "
            "columns and rows. rows shared by channels: one of the matrix with the channels below each other, so that "
            "a row is applied once to the sum of all channels"))
        chosen.split = static_cast<ChannelSplit>(split);
}

/// Replaces all kernels of the document by their approximations.
void apply(Frame& f, const FiltersRequest& chosen) {
    auto own = custom_kernels(f.draft, f.shown->network, f.shown->shown_layer);
    if (!own) return;
    const Shape s = own->weight->shape();
    Tensor made(s);
    for (int o = 0; o < s.n; ++o) {
        const SeparableKernel separable(*own->weight, o, chosen.split);
        const Tensor kernel = separable.approximation(std::min(chosen.rank, separable.full_rank()));
        std::ranges::copy(kernel.values(), made.plane(o, 0).data());
    }
    own->weight = std::make_shared<const Tensor>(std::move(made));
    put_kernels(f.draft, f.shown->network, std::move(*own));
    f.requests.step = true;
}

void marked(Frame& f, const FiltersShown& s) {
    const SeparableShown& m = *s.separable;
    const float em = ImGui::GetFontSize(), room = ImGui::GetContentRegionAvail().x;
    const auto rank = static_cast<std::size_t>(m.rank);
    const double error = m.errors[rank - 1];
    const auto cost = m.multiply_adds[rank - 1];
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(
        tr_format("Kernel {}: {} of {} products, error {:.1f} % of the norm{}, {} multiply-adds per value instead of "
                  "{}{}.",
                  s.request.marked, m.rank, m.values.size(), 100 * error,
                  error > 1e-7 ? fmt::format(" ({:.0f} dB)", 20 * std::log10(error)) : "", cost, m.direct,
                  tr(cost < m.direct
                         ? tr_format(" ({:.1f} times fewer)", static_cast<double>(m.direct) / static_cast<double>(cost))
                         : ": no gain"))
            .c_str());
    ImGui::PopTextWrapPos();
    const float side = std::min(em * 9, (room - 2 * ImGui::GetStyle().ItemSpacing.x) / 3);
    captioned(f, "filters.original", "kernel", s.kernel, side, "The kernel as it is: gray is zero");
    ImGui::SameLine();
    captioned(f, "filters.approximation", "approximation", m.approximation, side, "The sum of the products");
    ImGui::SameLine();
    captioned(f, "filters.difference", "difference", m.difference, side,
              "Kernel minus approximation, with colors of its own range");
    const double most = m.values.empty() || !(m.values.front() > 0) ? 1 : m.values.front() * 1.05;
    const auto count = static_cast<double>(m.values.size());
    const PlotArea values =
        axes(f, "filters.values", {0.5, count + 0.5, "number of the product"}, {0, most, "singular value"}, room,
             f.view.presenting ? std::max(ImGui::GetContentRegionAvail().y - em * 0.5F, em * 5) : em * 9);
    tooltip(
        "Singular values: how much each product contributes; the error of a rank is the root of the sum of the squares "
        "of those after it");
    bars(values, m.values, m.rank, first_ink);
    if (f.view.presenting) return;
    std::vector<double> x, cost_curve, direct;
    for (std::size_t i = 0; i < m.multiply_adds.size(); ++i) {
        x.push_back(static_cast<double>(i + 1));
        cost_curve.push_back(static_cast<double>(m.multiply_adds[i]));
        direct.push_back(static_cast<double>(m.direct));
    }
    const double top = std::max(cost_curve.back(), direct.back()) * 1.1;
    const PlotArea costs =
        axes(f, "filters.costs", {0.5, count + 0.5, "rank"}, {0, top, "multiply-adds per value"}, room, em * 9);
    tooltip(
        "Multiply-adds per output value: blue for columns and rows, orange for the kernel itself. It pays below the "
        "crossing");
    bars(costs, cost_curve, m.rank, first_ink);
    const std::array<double, 2> ends{costs.x.lo, costs.x.hi}, level{direct.back(), direct.back()};
    curve(costs, ends, level, second_ink);
}

}  // namespace

void separability_part(Frame& f, const FiltersShown& s) {
    FiltersRequest& chosen = f.states.of<FiltersView>().choice;
    const Shape& shape = f.shown->weight->shape();
    if (!s.separable)
        return ImGui::TextWrapped(
            "%s", tr_format("Kernels of {}x{} are too large to decompose in the window, expected at most "
                            "{}x{}.",
                            shape.h, shape.w, max_separated_side, max_separated_side)
                      .c_str());
    if (!f.view.presenting) {
        controls(f, chosen, static_cast<int>(s.separable->values.size()));
        same_line_if_fits(button_width("Use these kernels"));
        if (button(f, "filters.apply", "Use these kernels",
                   "Replaces all kernels of the layer by their approximations, so that the grid of feature maps shows "
                   "what is "
                   "lost; undo restores them"))
            apply(f, chosen);
    }
    const ImVec2 room = ImGui::GetContentRegionAvail();
    filters_grid(f, s, room.x * 0.5F, [&](int position) {
        const auto i = static_cast<std::size_t>(position);
        const double error = s.bank[i]->rank1_error[static_cast<std::size_t>(s.request.split)];
        const int rank = s.separable->rank;
        const std::string text = rank == 1
                                     ? tr_format("kernel {}, approximated by {} product", s.request.kernels[i], rank)
                                     : tr_format("kernel {}, approximated by {} products", s.request.kernels[i], rank);
        return std::isnan(error) ? text : text + tr_format("; one product leaves {:.1f} % of the norm", 100 * error);
    });
    ImGui::SameLine();
    ImGui::BeginChild("filters.marked", {0, room.y});
    marked(f, s);
    fade_edges();
    ImGui::EndChild();
}

}  // namespace convlens
