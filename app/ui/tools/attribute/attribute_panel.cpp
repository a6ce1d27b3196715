/// Draws the maps beside their twins, and the images that fool a network.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "app/fonts.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/attribute/attribute.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/slider_format.h"
#include "app/ui/widgets/theme.h"
#include "engine/attribute/sheet.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/nn/parameters.h"

namespace convlens {
namespace {

using Picture = std::shared_ptr<const Image>;

/// Returns the size of an image that is drawn `width` pixels wide.
ImVec2 size_of(const Image& image, float width) {
    return {width, width * static_cast<float>(image.height) / static_cast<float>(image.width)};
}

/// Draws an image `width` pixels wide, or an empty place of the size of `like` if there is none.
void draw(Frame& f, const Picture& image, float width, const Image& like) {
    const ImVec2 size = size_of(like, width);
    if (image)
        ImGui::Image(texture_id(f.textures.of(image)), size);
    else
        ImGui::Dummy(size);
}

void small_text(const std::string& text, bool disabled = false) {
    ImGui::PushFont(font(Type::small));
    if (disabled) ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextWrapped("%s", tr(text).c_str());
    if (disabled) ImGui::PopStyleColor();
    ImGui::PopFont();
}

/// Draws two images side by side in the current cell of a table.
void pair_of(Frame& f, const Picture& left, const Picture& right, const Image& like) {
    const float gap = ImGui::GetStyle().ItemInnerSpacing.x, width = (ImGui::GetContentRegionAvail().x - gap) / 2;
    draw(f, left, width, like);
    ImGui::SameLine(0, gap);
    draw(f, right, width, like);
}

/// Returns the indices of the layers that have learned weights.
std::vector<int> layers_with_weights(const Network& network) {
    std::vector<int> found;
    for (std::size_t i = 0; i < network.layers.size(); ++i)
        if (parameter_count(spec_of(network.layers[i].operation)) > 0) found.push_back(static_cast<int>(i));
    return found;
}

/// Draws the slider that chooses the first layer with random weights.
void random_slider(Frame& f, AttributeView& v) {
    const StudyTask& task = v.study.task();
    const std::vector<int> layers = layers_with_weights(task.network);
    if (layers.empty()) return;
    auto at = static_cast<int>(std::ranges::lower_bound(layers, task.random_from) - layers.begin());
    at = std::min(at, static_cast<int>(layers.size()) - 1);
    const auto name = [&](int i) -> const std::string& {
        return task.network.layers[static_cast<std::size_t>(layers[static_cast<std::size_t>(i)])].name;
    };
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(tr("random from"));
    ImGui::SameLine();
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * (tight() ? 8.0F : 11.0F));
    const std::string format = slider_format(name(at));
    if (ImGui::SliderInt("##attribute.random", &at, 0, static_cast<int>(layers.size()) - 1, format.c_str(),
                         ImGuiSliderFlags_NoInput))
        v.random_from = name(std::clamp(at, 0, static_cast<int>(layers.size()) - 1));
    f.map.mark("attribute.random");
    tooltip(
        "The first layer with random weights: this one and all after it are drawn again for the pictures on the right. "
        "A "
        "method whose picture does not change does not show what the network has learned");
}

void save(Frame& f, const AttributeView& v) {
    if (!button(f, "attribute.save", "Save",
                "Saves all maps that are ready, each above its twin, as a PNG beside the input image"))
        return;
    const StudyTask& task = v.study.task();
    if (!v.study.view().edges_image) return;
    enqueue(f,
            [view = v.study.view(), input = task.input, normalize = task.normalize,
             from = task.network.layers[static_cast<std::size_t>(task.random_from)].name,
             path = suggested_path(f.draft.input, "-" + f.shown->layer + "-attribution", ".png")]() -> Expected<Done> {
                const Image sheet = study_sheet(view, *input, normalize, from, export_typeface());
                const auto saved = write_new_file(path, encode_png(sheet));
                if (!saved) return fail("the maps were not saved: {}", saved.error().message);
                return [free = *saved](Frame& frame) { report_saved(frame, free); };
            });
}

void study_controls(Frame& f, AttributeView& v) {
    random_slider(f, v);
    same_line_if_fits(button_width("Other weights"));
    if (button(f, "attribute.seed", "Other weights", "Draws other random weights, with the next seed")) ++v.seed;
    const StudyView& s = v.study.view();
    const bool finished = s.done >= s.work;
    same_line_if_fits(button_width("Continue"));
    ImGui::BeginDisabled(finished);
    if (button(f, "attribute.play", v.paused ? "Continue" : "Pause",
               "Stops the computation after the current map, or continues it"))
        v.paused = !v.paused;
    ImGui::EndDisabled();
    same_line_if_fits(button_width("Save"));
    save(f, v);
    const float field = ImGui::GetFontSize() * 5;
    same_line_if_fits(2 * field + ImGui::CalcTextSize(tr("patch")).x + ImGui::CalcTextSize(tr("stride")).x);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(tr("patch"));
    ImGui::SameLine();
    ImGui::SetNextItemWidth(field);
    number_field(f, "attribute.patch", v.patch, 1, 128, 16,
                 "Occlusion: side of the patch, in pixels of the network's input");
    ImGui::SameLine();
    ImGui::TextUnformatted(tr("stride"));
    ImGui::SameLine();
    ImGui::SetNextItemWidth(field);
    number_field(f, "attribute.stride", v.stride, 1, 128, 8,
                 "Occlusion: by how many pixels the patch moves. A smaller stride takes longer");
    if (finished) return;
    same_line_if_fits(ImGui::GetFontSize() * 6);
    ImGui::ProgressBar(static_cast<float>(s.done) / static_cast<float>(std::max(s.work, 1)),
                       {ImGui::GetFontSize() * 6, 0});
}

/// Says what the rank correlation means.
std::string verdict(const StudyRow& row) {
    if (!row.error.empty()) return row.error + ".";
    if (!row.complete) return tr("computing ...");
    const bool same = row.rank && *row.rank > 0.7;
    const std::string rank = in_words(row.rank), edges = in_words(row.edges);
    return same ? tr_format("rank correlation {}: hardly changes with random weights; with the edges {}", rank, edges)
                : tr_format("rank correlation {}; with the edges {}", rank, edges);
}

/// Draws the effective receptive field.
void field_cell(Frame& f, const AttributeView& v) {
    const StudyView& s = v.study.view();
    if (!s.field && s.field_error.empty()) return;
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(tr("Receptive field"));
    if (!s.field) return small_text(s.field_error + ".");
    const float width = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemInnerSpacing.x) / 2;
    draw(f, s.field_image, width, *s.field_image);
    tooltip("Luo et al. 2016, Understanding the Effective Receptive Field in Deep Convolutional Neural Networks");
    const Shape size = s.field->map.shape();
    small_text(tr_format("{}x{} pixels, of which {:.0f}x{:.0f} matter", size.w, size.h, s.field->side, s.field->side));
    small_text(tr_format("How much a value of the layer depends on each pixel of its receptive field: the mean of {} "
                         "gradients. Brighter pixels matter more.",
                         s.field->positions),
               true);
}

void maps(Frame& f, const AttributeView& v) {
    const StudyView& s = v.study.view();
    const StudyTask& task = v.study.task();
    const float em = ImGui::GetFontSize(), room = ImGui::GetContentRegionAvail().x;
    const int columns = std::clamp(static_cast<int>(room / (em * 17)), 1, 4);
    if (!ImGui::BeginChild("attribute.maps")) return ImGui::EndChild();
    if (ImGui::BeginTable("attribute", columns, ImGuiTableFlags_SizingStretchSame)) {
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(tr("Input and edges"));
        pair_of(f, v.input, s.edges_image, *v.input);
        small_text("the control: Sobel's edges need no network");
        small_text(tr_format("Each pair: the network, and the same with random weights from {} on (seed {}). If both "
                             "look alike, the method does not show what the network has learned.",
                             task.network.layers[static_cast<std::size_t>(task.random_from)].name, task.seed),
                   true);
        ImGui::Dummy({0, em / 4});
        for (const StudyRow& row : s.rows) {
            const MethodText& text = text_of(row.method);
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(std::string(tr(text.title)).c_str());
            ImGui::BeginGroup();
            pair_of(f, row.map_image && row.twin_image ? row.map_image : nullptr, row.twin_image, *v.input);
            ImGui::EndGroup();
            tooltip(std::string(text.source).c_str());
            small_text(verdict(row));
            small_text(std::string(text.meaning), true);
            ImGui::Dummy({0, em / 4});
        }
        field_cell(f, v);
        ImGui::EndTable();
    }
    fade_edges();
    ImGui::EndChild();
}

void study_panel(Frame& f, AttributeView& v) {
    const StudyView& s = v.study.view();
    if (!s.error.empty()) return ImGui::TextWrapped("%s.", s.error.c_str());
    if (s.rows.empty() || !f.shown || !v.input || s.explained.empty())
        return ImGui::TextDisabled("%s", f.status.error.empty() ? tr("Preparing ...") : f.status.error.c_str());
    if (!f.view.presenting) study_controls(f, v);
    const auto names = f.shown->output_shape.plane() == 1
                           ? class_names(f, static_cast<std::size_t>(f.shown->output_shape.c))
                           : std::vector<std::string>();
    const std::string caption = tr_format(
        "What {} {} of {} depends on: {:.4g}; with random weights {:.4g}. {}", tr(names.empty() ? "channel" : "class"),
        named_class(names, v.study.task().channel), s.explained, s.output, s.random_output,
        tr(f.view.selected ? "" : "It has the largest mean; select another one in the grid."));
    if (tight())
        small_text(caption);
    else
        ImGui::TextWrapped("%s", caption.c_str());
    maps(f, v);
}

/// Draws the probabilities before and after as a table, the most probable classes first. `what` is its first title.
void answers(const Fooled& fooled, const std::vector<std::string>& names, const char* what) {
    std::vector<int> classes(fooled.before.size());
    std::iota(classes.begin(), classes.end(), 0);
    const auto weight = [&](int c) {
        return std::max(fooled.before[static_cast<std::size_t>(c)], fooled.after[static_cast<std::size_t>(c)]);
    };
    const auto shown = std::min<std::size_t>(classes.size(), 5);
    std::ranges::partial_sort(classes, classes.begin() + static_cast<std::ptrdiff_t>(shown), std::ranges::greater(),
                              weight);
    classes.resize(shown);
    const float column = std::min(ImGui::GetFontSize() * 6, ImGui::GetContentRegionAvail().x / 4);
    const float first = names.empty() ? column : 1.5F * column;
    if (!ImGui::BeginTable("answers", 3, ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg,
                           {first + 2.5F * column, 0}))
        return;
    ImGui::TableSetupColumn(tr(what), ImGuiTableColumnFlags_WidthFixed, first);
    for (const char* title : {tr("original"), tr("changed")})
        ImGui::TableSetupColumn(title, ImGuiTableColumnFlags_WidthFixed, column);
    ImGui::TableHeadersRow();
    const auto most = [](const std::vector<double>& p) {
        return static_cast<int>(std::ranges::max_element(p) - p.begin());
    };
    for (const int c : classes) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(named_class(names, c).c_str());
        for (const auto* p : {&fooled.before, &fooled.after}) {
            ImGui::TableNextColumn();
            const std::string text = fmt::format("{:.1f}%", 100 * (*p)[static_cast<std::size_t>(c)]);
            if (most(*p) == c)
                ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(accent()), "%s", text.c_str());
            else
                ImGui::TextUnformatted(text.c_str());
        }
    }
    ImGui::EndTable();
}

void fooling_panel(Frame& f, AttributeView& v) {
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(tr("epsilon"));
    ImGui::SameLine();
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 8);
    number_field(f, "attribute.epsilon", v.epsilon, 0, 64, 4,
                 "Largest change of a color, in gray levels: 255 from black to white");
    same_line_if_fits(ImGui::GetFontSize() * 8);
    ImGui::Checkbox(tr_label("ten steps").c_str(), &v.several);
    f.map.mark("attribute.several");
    tooltip(
        "On: ten small steps, each followed by the nearest image within epsilon (projected gradient descent, Madry et "
        "al. 2017). Off: one step along the signs of the gradient (FGSM, Goodfellow et al. 2014)");
    const FoolingView& view = v.fool.view();
    if (!view.error.empty()) return ImGui::TextWrapped("%s.", view.error.c_str());
    if (!view.fooled)
        return ImGui::TextDisabled("%s", f.status.error.empty() ? tr("Preparing ...") : f.status.error.c_str());
    const Fooled& fooled = *view.fooled;
    const auto most = [](const std::vector<double>& p) { return std::ranges::max_element(p) - p.begin(); };
    const bool changed = most(fooled.before) != most(fooled.after);
    const std::string caption =
        changed ? tr_format(
                      "No color changes by more than {} of 255 gray levels, and the answer of {} changes. The "
                      "change follows the gradient of the loss.",
                      v.epsilon, f.shown->layer)
                : tr_format(
                      "No color changes by more than {} of 255 gray levels, and the answer of {} stays the same. "
                      "The change follows the gradient of the loss.",
                      v.epsilon, f.shown->layer);
    if (!tight()) ImGui::TextWrapped("%s", caption.c_str());
    if (!ImGui::BeginChild("attribute.fooled")) return ImGui::EndChild();
    const std::array<std::pair<const char*, Picture>, 3> pictures{
        {{tr("original"), view.original}, {tr("difference x 20"), view.difference}, {tr("changed"), view.changed}}};
    const float gap = ImGui::GetStyle().ItemSpacing.x, room = ImGui::GetContentRegionAvail().x,
                line = ImGui::GetTextLineHeightWithSpacing();
    const float ratio = static_cast<float>(view.original->width) / static_cast<float>(view.original->height);
    const float high = ImGui::GetContentRegionAvail().y - 9 * line;  // the table below
    const float width = std::min((room - 2 * gap) / 3, std::max(ImGui::GetFontSize() * 5, high * ratio));
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        if (i > 0) ImGui::SameLine();
        ImGui::BeginGroup();
        const bool fits = ImGui::CalcTextSize(pictures[i].first).x <= width;
        ImGui::TextUnformatted(fits || i != 1 ? pictures[i].first : "x 20");
        draw(f, pictures[i].second, width, *view.original);
        ImGui::EndGroup();
        if (tight()) tooltip(caption.c_str());
    }
    // Without a class of its own at each position, the channels stand for classes.
    answers(fooled, class_names(f, fooled.before.size()), f.shown->output_shape.plane() == 1 ? "class" : "channel");
    fade_edges();
    ImGui::EndChild();
}

}  // namespace

void attribute_panel(Frame& f) {
    auto& v = f.states.of<AttributeView>();
    if (f.view.presenting) return v.fooling ? fooling_panel(f, v) : study_panel(f, v);
    if (tab(f, "attribute.maps", "Maps", "Shows which pixels the output depends on", !v.fooling)) v.fooling = false;
    ImGui::SameLine();
    if (tab(f, "attribute.fool", "Fooling", "Changes the image a little so that the answer of the network changes",
            v.fooling))
        v.fooling = true;
    if (!tight()) ImGui::SameLine(0, ImGui::GetFontSize());
    if (v.fooling)
        fooling_panel(f, v);
    else
        study_panel(f, v);
}

}  // namespace convlens
