/// Draws what the parts that run whole networks share: selections, charts, pictures and tables.
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/fonts.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/widgets/axes.h"
#include "app/ui/widgets/choice.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/filter/downsampling.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"

namespace convlens {
namespace {

void pictures(Frame& f, const FilterStudy& study, const std::string& name, std::size_t step, float width,
              float height) {
    const FilterStudyShown& shown = *study.shown;
    const auto& drawn = study.difference && !shown.differences.empty() ? shown.differences : shown.pictures;
    const int count = static_cast<int>(drawn.size()), columns = std::min(shown.columns, count),
              rows = (count + columns - 1) / std::max(columns, 1);
    if (count == 0) return;
    const float gap = ImGui::GetStyle().ItemSpacing.x, text = 2 * font(Type::small)->FontSize + gap;
    const float side = (width - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns);
    for (int i = 0; i < count; ++i) {
        const FilterStudyPicture& p = drawn[static_cast<std::size_t>(i)];
        const auto& image = p.images[std::min(step, p.images.size() - 1)];
        // The larger side of the picture, so that it is at most `side` wide and its row's height high.
        const float w = static_cast<float>(image->width), h = static_cast<float>(image->height),
                    most = std::max(height / static_cast<float>(rows) - text, ImGui::GetFontSize() * 3),
                    scale = std::min(side / w, most / h);
        if (i % columns > 0) ImGui::SameLine(static_cast<float>(i % columns) * (side + gap));
        captioned(f, fmt::format("filters.{}.{}", name, i).c_str(), p.title, image, scale * std::max(w, h),
                  p.tooltip_text);
    }
}

void table(const FilterStudyShown& shown) {
    if (shown.table.empty()) return;
    ImGui::PushFont(font(Type::small));
    if (ImGui::BeginTable("filters.table", static_cast<int>(shown.table.front().size()),
                          ImGuiTableFlags_SizingStretchSame | ImGuiTableFlags_RowBg)) {
        for (std::size_t i = 0; i < shown.table.size(); ++i) {
            ImGui::TableNextRow();
            for (std::size_t k = 0; k < shown.table[i].size(); ++k) {
                const bool is_layer = k == 0 && i > 0 && shown.task.part == FiltersPart::borders;
                const std::string cell = is_layer ? shown.table[i][k] : tr(shown.table[i][k]);
                ImGui::TableNextColumn();
                ImGui::PushTextWrapPos(0);
                if (i == 0)
                    ImGui::TextDisabled("%s", cell.c_str());
                else
                    ImGui::TextUnformatted(cell.c_str());
                ImGui::PopTextWrapPos();
            }
        }
        ImGui::EndTable();
    }
    ImGui::PopFont();
}

}  // namespace

void left_out(const FilterStudyTask& task, bool one) {
    const std::vector<Layer>& layers = task.network.layers;
    std::size_t end = leading_maps(task.network);
    for (std::size_t i = 0; one && i < end; ++i)
        if (is_padding_layer(layers[i].operation)) end = i;
    if (end >= layers.size()) return;
    const Layer& first = layers[end];
    const char* reason =
        tr(!first.inputs.empty() ? "it does not read the layer before it, and branches are not followed yet"
           : end < leading_maps(task.network) ? "a padding layer has another size where no stride is left"
                                              : "its values have no fixed places in the image");
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(
        tr_format("The layers from {} on are left out: {}.", printable(first.name, 40), reason).c_str());
    ImGui::PopTextWrapPos();
}

bool select(Frame& f, const char* id, std::span<const std::string_view> names, int& value, float ems,
            const char* text) {
    const float width = ImGui::GetFontSize() * ems;
    same_line_if_fits(width);
    ImGui::SetNextItemWidth(width);
    return choice(f, id, names, value, text);
}

void number(Frame& f, const char* id, const char* name, int& value, int lowest, int highest, int start,
            const char* text) {
    const float width = ImGui::GetFontSize() * 5;
    same_line_if_fits(ImGui::CalcTextSize(tr(name)).x + width + ImGui::GetStyle().ItemSpacing.x);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(tr(name));
    ImGui::SameLine(0, ImGui::GetStyle().ItemInnerSpacing.x);
    ImGui::SetNextItemWidth(width);
    number_field(f, id, value, lowest, highest, start, text);
}

unsigned ink(const Frame& f, int index, int count) {
    Rgba c = curve_color(index, count);
    if (!f.view.light) {  // dark colors are hard to see
        const auto palette = colors(Colormap::viridis);
        const float t = count > 1 ? static_cast<float>(index) / static_cast<float>(count - 1) : 1;
        if (count > 6) c = palette[static_cast<std::size_t>(color_index(0.3F + 0.7F * t))];
        if (count <= 6)
            for (std::size_t i = 0; i < 3; ++i) c[i] = static_cast<std::uint8_t>(c[i] + (255 - c[i]) / 4);
    }
    return IM_COL32(c[0], c[1], c[2], 255);
}

int draw_chart(Frame& f, const char* id, const Chart& chart, int highlighted, double mark, float width, float height) {
    const PlotArea area = axes(f, id, chart.x, chart.y, width, height);
    const bool hovered = ImGui::IsItemHovered();
    const int count = static_cast<int>(chart.curves.size());
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    int nearest = -1;
    float least = ImGui::GetFontSize();
    for (int pass = 0; pass < 2; ++pass)
        for (int i = 0; i < count; ++i) {
            const ChartCurve& c = chart.curves[static_cast<std::size_t>(i)];
            if ((i == highlighted) != (pass == 1)) continue;
            const unsigned color = ink(f, i, count), faint = (color & 0x00FFFFFFU) | 0x70000000U;
            curve(area, c.x, c.y, highlighted >= 0 && pass == 0 ? faint : color);
            for (std::size_t k = 0; hovered && k < c.x.size(); ++k) {
                if (!std::isfinite(c.y[k])) continue;
                const float distance = std::hypot(area.place_x(c.x[k]) - mouse.x, area.place_y(c.y[k]) - mouse.y);
                if (distance < least) least = distance, nearest = i;
            }
        }
    mark_x(area, mark, "");
    if (nearest >= 0) {
        const std::string& name = chart.curves[static_cast<std::size_t>(nearest)].name;
        const bool of_layer = std::string_view(id) == "filters.shift.chart";  // names of layers are not translated
        tooltip_as_shown(of_layer ? name.c_str() : tr(name.c_str()));
    }
    return nearest;
}

void legend(Frame& f, const Chart& chart) {
    const int count = static_cast<int>(chart.curves.size());
    ImGui::PushFont(font(Type::small));
    for (int i = 0; i < count; ++i) {
        const std::string text = tr(chart.curves[static_cast<std::size_t>(i)].name);
        if (i > 0) same_line_if_fits(ImGui::CalcTextSize(text.c_str()).x);
        ImGui::PushStyleColor(ImGuiCol_Text, ink(f, i, count));
        ImGui::TextUnformatted(text.c_str());
        ImGui::PopStyleColor();
    }
    ImGui::PopFont();
}

void save_chart_button(Frame& f, const char* id, const Chart& chart, const std::string& suffix) {
    if (!button(f, id, "Save plot", "Saves the plot as PNG and SVG and its numbers as CSV beside the input image"))
        return;
    enqueue(f, [chart, base = suggested_path(f.draft.input, suffix, "")]() -> Expected<Done> {
        constexpr Size2 size{720, 1200};
        const std::string svg = chart_svg(chart, size, export_typeface()), csv = chart_csv(chart);
        const auto bytes = [](const std::string& text) { return std::as_bytes(std::span(text)); };
        const auto picture = write_new_file(base + ".png", encode_png(chart_image(chart, size, export_typeface())));
        auto ok = picture;
        if (ok) ok = write_new_file(base + ".svg", bytes(svg));
        if (ok) ok = write_new_file(base + ".csv", bytes(csv));
        if (!ok) return fail("the plot was not saved: {}", ok.error().message);
        return [picture = *picture](Frame& frame) { report_saved(frame, picture); };
    });
}

void draw_study(Frame& f, FilterStudy& study, const std::string& name, const Chart& chart, std::size_t step,
                double mark) {
    const std::string id = "filters." + name;
    const FilterStudyShown& shown = *study.shown;
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float em = ImGui::GetFontSize();
    if (f.view.presenting && static_cast<int>(shown.pictures.size()) > shown.columns) {  // two rows of pictures
        ImGui::BeginChild((id + ".pictures").c_str(), {room.x * 0.64F, 0});
        pictures(f, study, name, step, room.x * 0.64F - em, room.y - em * 0.5F);
        ImGui::EndChild();
        ImGui::SameLine();
        ImGui::BeginChild((id + ".numbers").c_str(), {0, 0});
        table(shown);
        const ImVec2 rest = ImGui::GetContentRegionAvail();
        if (rest.y > em * 9) {
            draw_chart(f, (id + ".chart").c_str(), chart, -1, mark, rest.x, rest.y - em * 2.6F);
            legend(f, chart);
        }
        return ImGui::EndChild();
    }
    ImGui::BeginChild((id + ".pictures").c_str(), {0, room.y * 0.52F});
    pictures(f, study, name, step, room.x - em, room.y * 0.52F - em * 0.5F);
    fade_edges();
    ImGui::EndChild();
    const float half = room.x * 0.5F;
    ImGui::BeginChild((id + ".plot").c_str(), {half, 0});
    study.pointed = draw_chart(f, (id + ".chart").c_str(), chart, study.pointed, mark, half,
                               std::max(em * 9, ImGui::GetContentRegionAvail().y - em * 3.2F));
    legend(f, chart);
    fade_edges();
    ImGui::EndChild();
    ImGui::SameLine();
    ImGui::BeginChild((id + ".numbers").c_str(), {0, 0});
    if (!f.view.presenting) save_chart_button(f, (id + ".save").c_str(), chart, "-" + name);
    if (study.worker->busy()) {
        if (!f.view.presenting) ImGui::SameLine();
        ImGui::TextDisabled("%s", tr_format("computing {:.0f} %", 100 * study.worker->progress()).c_str());
    }
    table(shown);
    fade_edges();
    ImGui::EndChild();
}

}  // namespace convlens
