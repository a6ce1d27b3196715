/// Draws the algebra of convolutions: two kernels in a row, their composition, a ReLU between them, and numbers.
#include <imgui.h>

#include <algorithm>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/nn/kernel_bank.h"

namespace convlens {
namespace {

/// Draws a statement in words and its numbers below.
void statement(const std::string& words, const std::string& numbers) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(tr(words).c_str());
    ImGui::PushFont(font(Type::small));
    ImGui::TextDisabled("%s", numbers.c_str());
    ImGui::PopFont();
    ImGui::PopTextWrapPos();
    ImGui::Spacing();
}

void statements(const FiltersShown& s, const AlgebraShown& a) {
    const Shape& k = s.weight->shape();
    statement(
        "Two convolutions in a row are one, with the composed kernel.",
        tr_format(
            "largest difference {:.1e} of the largest value (rounding); {} + {} = {} multiply-adds per value in a "
            "row, {} with the composed kernel of {}x{}",
            a.composition, static_cast<long long>(k.c) * k.h * k.w,
            a.macs_in_a_row - static_cast<long long>(k.c) * k.h * k.w, a.macs_in_a_row, a.macs_at_once, a.size.h,
            a.size.w));
    statement("A ReLU between them breaks this: no single kernel does the same.",
              tr_format("largest difference {:.2f} of the largest value", a.relu));
    statement(
        "The adjoint A' moves a kernel A to the other side of a scalar product, as the transposed convolution does in "
        "backpropagation.",
        tr_format("<A x, y> = {:.7g}, <x, A' y> = {:.7g} for this input x and noise y", a.forward, a.backward));
    statement("Convolution is correlation with the kernel rotated by 180 degrees; only symmetric kernels do not care.",
              tr_format("largest difference for this kernel {:.2f} of the largest value", a.rotation));
    if (a.depthwise && s.weight->shape().n > 1)
        statement(
            "A depthwise and then a pointwise (1x1) convolution cost less than a full one, but can do less.",
            tr_format("closest pair for all {} kernels of the layer: error {:.0f} % of their norm, {:.0f} instead of "
                      "{:.0f} multiply-adds per position",
                      k.n, 100 * a.depthwise->error, a.depthwise->macs, a.depthwise->full_macs));
    if (a.sums.size() > 1) {
        std::string sums;
        for (const double sum : a.sums) sums += fmt::format("{}{:.3g}", sums.empty() ? "" : ", ", sum);
        statement("A 1x1 convolution is a matrix for the colors of each pixel. In even areas, every kernel is one.",
                  tr_format("row of this kernel, the sums of its weights for each input channel: {}", sums));
    }
    statement("Dilation is the same as zeros between the rows and columns of the kernel.",
              tr_format("largest difference for dilation 2: {:.1e} of the largest value", a.dilation));
}

}  // namespace

void algebra_part(Frame& f, const FiltersShown& s) {
    FiltersRequest& chosen = f.states.of<FiltersView>().choice;
    if (!s.algebra) return;
    const AlgebraShown& a = *s.algebra;
    const float em = ImGui::GetFontSize();
    if (!f.view.presenting) {
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(tr_format("Kernel {}, then", s.request.marked).c_str());
        ImGui::SameLine();
        std::vector<std::string_view> names;
        for (const NamedKernel& kernel : edge_kernels()) names.push_back(kernel.name);
        ImGui::SetNextItemWidth(em * 10);
        choice(
            f, "filters.second", names, chosen.second,
            "The second kernel, which is applied to the output of the selected one. Select another first kernel in the "
            "grid of "
            "the other parts");
        if (!a.on_image) {
            same_line_if_fits(ImGui::CalcTextSize(tr("on noise")).x);
            ImGui::AlignTextToFramePadding();
            ImGui::TextDisabled("%s", tr("on noise"));
            tooltip("The input of a deeper layer is replaced by noise");
        }
    }
    if (!a.error.empty()) return ImGui::TextWrapped("%s.", a.error.c_str());
    ImGui::BeginChild("filters.algebra.scroll");
    const ImVec2 area = ImGui::GetContentRegionAvail();
    const float room = area.x, gap = ImGui::GetStyle().ItemSpacing.x, columns = (room - 3 * gap) / 4,
                kernel = std::min(f.view.presenting ? em * 4.5F : em * 7, (room - 2 * gap) / 3);
    // In a scene, nothing scrolls.
    const float map = std::min(columns, f.view.presenting ? std::max(area.y - kernel - em * 5, em) : em * 11);
    captioned(f, "filters.algebra.first", tr_format("kernel {}", s.request.marked), s.kernel, kernel,
              "The selected kernel: gray is zero");
    ImGui::SameLine();
    captioned(f, "filters.algebra.second", "second kernel", a.second, kernel, "The kernel that is applied after it");
    ImGui::SameLine();
    captioned(f, "filters.algebra.composed", "composed kernel", a.composed, kernel,
              "The full convolution of both: the one kernel that does what both do in a row");
    captioned(f, "filters.algebra.row", "both in a row", a.in_a_row, map,
              "Output of the second kernel on the output of the first: blue is negative, gray zero, red positive");
    ImGui::SameLine();
    captioned(f, "filters.algebra.once", "composed kernel", a.at_once, map, "Output of the composed kernel: the same");
    ImGui::SameLine();
    captioned(f, "filters.algebra.relu", "with a ReLU between", a.rectified, map,
              "Output of the second kernel on the output of the first after a ReLU, in the same colors");
    ImGui::SameLine();
    captioned(f, "filters.algebra.difference", "what the ReLU changes", a.difference, map,
              "Both in a row minus the output with the ReLU, in the same colors");
    if (f.view.presenting)
        ImGui::TextWrapped(
            "%s", tr_format("Largest difference: {:.0e} of the largest value between both in a row and the composed "
                            "kernel, {:.2f} with the ReLU.",
                            a.composition, a.relu)
                      .c_str());
    else
        statements(s, a);
    fade_edges();
    ImGui::EndChild();
}

}  // namespace convlens
