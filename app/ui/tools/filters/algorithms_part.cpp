/// Draws the algorithms of a convolution: a small example step by step, costs as formulas, and measured times.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// The input of the example, and a Sobel filter.
constexpr std::array<double, 36> example{1, 2, 0, 3, 1, 0, 0, 1, 4, 2, 0, 1, 2, 5, 3, 1, 2, 0,
                                         1, 0, 2, 4, 3, 1, 3, 1, 0, 2, 5, 2, 0, 2, 1, 1, 0, 3};
constexpr std::array<double, 9> sobel{-1, 0, 1, -2, 0, 2, -1, 0, 1};

std::string cell_text(double v) {
    if (std::isnan(v)) return "";
    return std::abs(v - std::round(v)) < 5e-3 ? fmt::format("{:.0f}", std::round(v) + 0.0) : fmt::format("{:.2g}", v);
}

/// Draws a matrix with cells of this size, its name below.
void matrix(const StepMatrix& m, float cell) {
    ImGui::BeginGroup();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({cell * static_cast<float>(m.columns), cell * static_cast<float>(m.rows)});
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    double most = 0;
    for (const double v : m.values)
        if (std::isfinite(v)) most = std::max(most, std::abs(v));
    ImFont* small = font(Type::small);
    for (int i = 0; i < m.rows; ++i)
        for (int j = 0; j < m.columns; ++j) {
            const auto k = static_cast<std::size_t>(i * m.columns + j);
            const double v = m.values[k];
            const ImVec2 from{at.x + cell * static_cast<float>(j), at.y + cell * static_cast<float>(i)},
                to{from.x + cell - 1, from.y + cell - 1};
            const float share = most > 0 && std::isfinite(v) ? static_cast<float>(std::abs(v) / most) : 0;
            draw.AddRectFilled(from, to, ImGui::GetColorU32(ImGuiCol_FrameBg));
            draw.AddRectFilled(from, to,
                               v < 0 ? ImGui::GetColorU32({0.25F, 0.45F, 0.9F, 0.55F * share})
                                     : ImGui::GetColorU32({0.9F, 0.35F, 0.25F, 0.55F * share}));
            const std::string text = cell_text(v);
            const float size = std::min(small->FontSize, cell * 0.55F);
            const ImVec2 room = small->CalcTextSizeA(size, 1000, 0, text.c_str());
            if (size >= 6)
                draw.AddText(small, size, {(from.x + to.x - room.x) / 2, (from.y + to.y - room.y) / 2},
                             ImGui::GetColorU32(ImGuiCol_Text), text.c_str());
            if (m.lit[k]) draw.AddRect(from, to, accent(), 0, 0, hairline() * 1.5F);
        }
    ImGui::PushFont(small);
    ImGui::TextDisabled("%s", tr(m.name).c_str());
    ImGui::PopFont();
    ImGui::EndGroup();
}

/// Draws the matrices of a step, with cells of at most `largest` font sizes, beside each other or, where their cells
/// would be too small to read, in several rows.
void matrices(const ConvStep& step, float largest) {
    const float em = ImGui::GetFontSize(), gap = em * 1.2F;
    const ImVec2 room = ImGui::GetContentRegionAvail(), start = ImGui::GetCursorPos();
    int columns = 0, rows = 0, widest = 1;
    for (const StepMatrix& m : step.matrices)
        columns += m.columns, rows = std::max(rows, m.rows), widest = std::max(widest, m.columns);
    const float beside = (room.x - gap * static_cast<float>(step.matrices.size())) / static_cast<float>(columns),
                below = (room.y - em * 1.5F) / static_cast<float>(rows),
                readable = std::min(em * 1.25F, room.x / static_cast<float>(widest)),
                cell = std::max(std::min({em * largest, beside, below}), readable);
    float x = 0, y = 0, height = 0;
    for (const StepMatrix& m : step.matrices) {
        const float width =
            std::max(cell * static_cast<float>(m.columns),
                     font(Type::small)->CalcTextSizeA(font(Type::small)->FontSize, 10000, 0, tr(m.name).c_str()).x);
        if (x > 0 && x + width > room.x) x = 0, y += height + em * 0.4F, height = 0;
        ImGui::SetCursorPos({start.x + x, start.y + y});
        matrix(m, cell);
        x += width + gap;
        height = std::max(height, cell * static_cast<float>(m.rows) + em * 1.5F);
    }
}

void animation(Frame& f, FilterStudy& study) {
    const auto steps = algorithm_steps(static_cast<ConvAlgorithm>(study.algorithm), example, sobel);
    const int count = static_cast<int>(steps.size());
    if (study.playing && ImGui::GetTime() - study.stepped > 0.8) {
        study.step = study.step + 1 < count ? study.step + 1 : 0;
        study.stepped = ImGui::GetTime();
    }
    if (study.playing) f.requests.wake_after = std::min(f.requests.wake_after, 0.1);
    study.step = std::clamp(study.step, 0, count - 1);
    if (!f.view.presenting) {
        if (button(f, "filters.play", study.playing ? "Pause" : "Play", "Shows the steps one after the other"))
            study.playing = !study.playing, study.stepped = ImGui::GetTime();
        int shown = study.step + 1;
        number(f, "filters.step", tr_format("step (of {})", count).c_str(), shown, 1, count, 1,
               "The step that is shown");
        study.step = shown - 1;
    }
    const ConvStep& step = steps[static_cast<std::size_t>(study.step)];
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(tr(step.text).c_str());
    ImGui::PopTextWrapPos();
    matrices(step, f.view.presenting ? 2.6F : 1.9F);
}

std::string amount(double v) { return v >= 1e6 ? tr_format("{:.3g} million", v / 1e6) : fmt::format("{:.0f}", v); }

/// Draws costs and times of all algorithms for the chosen sizes.
void costs(const FilterStudy& study, const ConvSizes& p) {
    const auto& measured =
        study.shown && study.shown->measured_problem == p ? study.shown->measured : std::vector<MeasuredAlgorithm>();
    ImGui::PushFont(font(Type::small));
    if (ImGui::BeginTable("filters.costs.table", 5, ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_RowBg)) {
        constexpr Words<5> titles{"", "multiplications", "more memory (values)", "time here", "largest error"};
        for (const std::string_view title : titles) {
            ImGui::TableNextColumn();
            ImGui::TextDisabled("%s", std::string(tr(title)).c_str());
        }
        for (int a = 0; a <= conv_algorithms; ++a) {
            const bool engine = a == conv_algorithms,
                       possible = engine || can_compute(static_cast<ConvAlgorithm>(a), p);
            const ConvCost cost = engine || !possible ? ConvCost() : conv_cost(static_cast<ConvAlgorithm>(a), p);
            const auto cell = [](const std::string& text) {
                ImGui::TableNextColumn();
                ImGui::PushTextWrapPos(0);
                ImGui::TextUnformatted(tr(text).c_str());
                ImGui::PopTextWrapPos();
            };
            cell(engine ? "the engine's own choice" : std::string(conv_algorithm_names()[static_cast<std::size_t>(a)]));
            if (engine) {
                cell("-");
                cell("-");
            } else if (possible) {
                cell(fmt::format("{}\n= {}", cost.multiplications_formula, amount(cost.multiplications)));
                cell(fmt::format("{}\n= {}", cost.memory_formula, amount(cost.memory)));
            } else {
                cell("only for kernel_size 3");
                cell("-");
            }
            const bool known = static_cast<std::size_t>(a) < measured.size() && possible;
            cell(known ? fmt::format("{:.3g} ms", measured[static_cast<std::size_t>(a)].milliseconds) : "-");
            cell(known ? fmt::format("{:.1e}", measured[static_cast<std::size_t>(a)].error) : "-");
        }
        ImGui::EndTable();
    }
    ImGui::PopFont();
}

/// Draws the sizes and the buttons that measure.
void sizes(Frame& f, FilterStudy& study) {
    FilterStudyOptions& o = study.options;
    ConvSizes& p = o.problem;
    int side = p.height, kernel = p.kernel;
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(tr("C, K, k, H x W:"));
    tooltip("Channels, kernels, kernel_size, and rows and columns of the output");
    number(f, "filters.problem.channels", "C", p.channels, 1, 256, 3, "Input channels");
    number(f, "filters.problem.kernels", "K", p.kernels, 1, 256, 16, "Kernels");
    number(f, "filters.problem.kernel", "k", kernel, 1, 31, 3, "Rows and columns of the kernels; odd");
    number(f, "filters.problem.side", "H = W", side, 8, 512, 128, "Rows and columns of the output");
    p.kernel = kernel | 1;
    if (side != p.height) p.height = p.width = side;
    const bool busy = study.worker && study.worker->busy();
    same_line_if_fits(button_width("Measure") + button_width("Break-even curve"));
    if (busy) {
        if (button(f, "filters.cancel", "Cancel", "Stops the measurement")) o.measure = Measure::nothing;
        ImGui::SameLine();
        ImGui::TextDisabled("%s", tr_format("measuring {:.0f} %", 100 * study.worker->progress()).c_str());
    } else {
        if (button(f, "filters.measure", "Measure",
                   "Runs all algorithms for these sizes, and the engine, on this machine")) {
            o.measure = Measure::times, o.measured = p;
            ++o.measurement;
        }
        ImGui::SameLine();
        if (button(f, "filters.breakeven", "Break-even curve",
                   "Measures all algorithms for kernels of 1x1, 3x3, ... 31x31: some seconds")) {
            o.measure = Measure::curve, o.measured = p;
            ++o.measurement;
        }
    }
}

/// Draws the curve and its button.
void break_even_curve(Frame& f, FilterStudy& study, float height) {
    const float em = ImGui::GetFontSize();
    ImGui::BeginChild("filters.breakeven.curve", {0, height});
    study.pointed = draw_chart(f, "filters.breakeven.chart", study.shown->chart, study.pointed, NAN,
                               ImGui::GetContentRegionAvail().x, std::max(em * 9, height - em * 5));
    legend(f, study.shown->chart);
    save_chart_button(f, "filters.breakeven.save", study.shown->chart, "-break-even");
    fade_edges();
    ImGui::EndChild();
}

}  // namespace

void algorithms_part(Frame& f, FilterStudy& study) {
    const ConvSizes& p = study.options.problem;
    const float em = ImGui::GetFontSize();
    ImGui::BeginChild("filters.algorithms.all");
    if (f.view.presenting) {
        animation(f, study);
        return ImGui::EndChild();
    }
    ImGui::SetNextItemWidth(em * 11);
    if (choice(f, "filters.algorithm", conv_algorithm_names(), study.algorithm, "The algorithm of the small example"))
        study.step = 0;
    ImGui::BeginChild("filters.animation", {0, std::max(ImGui::GetContentRegionAvail().y * 0.42F, em * 16)});
    animation(f, study);
    fade_edges();
    ImGui::EndChild();
    sizes(f, study);
    if (!study.error.empty()) ImGui::TextWrapped("%s.", study.error.c_str());
    const ImVec2 room{ImGui::GetContentRegionAvail().x, std::max(ImGui::GetContentRegionAvail().y, em * 17)};
    const bool curve = study.shown && !study.shown->chart.curves.empty();
    ImGui::BeginChild("filters.costs.numbers", {curve ? room.x * 0.58F : 0, room.y});
    costs(study, p);
    fade_edges();
    ImGui::EndChild();
    if (curve) {
        ImGui::SameLine();
        break_even_curve(f, study, room.y);
    }
    fade_edges();
    ImGui::EndChild();
}

}  // namespace convlens
