/// Draws the export panel: the kinds of export, their options, the file name and the buttons.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/export/export_tool.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// The kinds of export in a row of the panel.
struct KindRow {
    Word title, tooltip_text;
    std::array<Export, 3> kinds;
};
constexpr KindRow kind_rows[] = {
    {"Pictures", "Pictures for slides and papers", {Export::grid, Export::channel, Export::microscope}},
    {"Data", "Numbers for programs and spreadsheets", {Export::activations, Export::kernels, Export::statistics}}};

/// What each file format is for.
struct FormatText {
    std::string_view ending;
    Word tooltip_text;
};
constexpr FormatText format_texts[] = {
    {".png", "A picture"},
    {".npy", "An array for NumPy: numpy.load() returns it"},
    {".npz", "An array for NumPy under the name of the layer"},
    {".safetensors", "Arrays for PyTorch: safetensors.torch.load_file() returns them"},
    {".csv", "A table for spreadsheets"},
    {".json", "The table and the settings for programs"}};
constexpr Word papers[] = {"white", "dark", "transparent"};

/// Returns the chosen file extension of the chosen kind.
std::string_view format_of(const ExportView& v) {
    const auto formats = export_formats(v.what);
    return formats[std::min(v.format[static_cast<std::size_t>(v.what)], formats.size() - 1)];
}

/// Returns the size of a cell with the chosen width and the aspect ratio of the feature maps.
Size2 cell_size(const ExportView& v, const Shape& s) {
    return {std::clamp(static_cast<int>(std::lround(static_cast<double>(v.cell) * s.h / s.w)), 1, max_picture_side),
            v.cell};
}

/// Returns the export that the panel specifies.
ExportOrder order_of(const ExportView& v, const Shape& s) {
    ExportOrder order;
    order.what = v.what;
    order.format = format_of(v);
    order.cell = cell_size(v, s);
    order.channel = v.channel;
    order.position = v.position;
    order.pixels = v.pixels;
    order.annotations = v.annotations;
    return order;
}

void kinds_and_formats(Frame& f) {
    ExportView& v = f.states.of<ExportView>();
    for (const KindRow& row : kind_rows) {
        label(row.title, row.tooltip_text);
        ImGui::SetCursorPosX(ImGui::GetFontSize() * 6);  // closer than fields, so that all kinds fit
        for (const Export kind : row.kinds) {
            const ExportName& name = export_name(kind);
            if (kind != row.kinds.front()) same_line_if_fits(button_width(name.title));
            if (tab(f, fmt::format("export{}", name.suffix).c_str(), name.title, name.tooltip_text, v.what == kind))
                v.what = kind;
            if (ImGui::IsWindowAppearing() && v.what == kind) ImGui::SetItemDefaultFocus();
        }
    }
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextWrapped("%s.", tr(export_name(v.what).tooltip_text));
    ImGui::PopStyleColor();
    ImGui::Spacing();
    const auto formats = export_formats(v.what);
    if (formats.size() == 1) return;
    label("Format", "Type of the file");
    for (std::size_t i = 0; i < formats.size(); ++i) {
        if (i > 0) ImGui::SameLine();
        const std::string ending(formats[i]);
        const auto* const text = std::ranges::find(format_texts, formats[i], &FormatText::ending);
        if (tab(f, ("export" + ending).c_str(), ending.c_str(), text->tooltip_text, format_of(v) == ending))
            v.format[static_cast<std::size_t>(v.what)] = i;
    }
}

void number_of_view(Frame& f, const char* name, const char* id, int& value, int lowest, int highest, int default_value,
                    const char* tooltip_text) {
    label(name, tooltip_text);
    number_field(f, id, value, lowest, highest, std::clamp(default_value, lowest, highest), tooltip_text);
}

void flag(Frame& f, const char* name, const char* id, bool& value, const char* tooltip_text) {
    label(name, tooltip_text);
    ImGui::Checkbox(fmt::format("##{}", id).c_str(), &value);
    f.map.mark(id);
    tooltip(tooltip_text);
}

void paper(Frame& f) {
    ExportView& v = f.states.of<ExportView>();
    label("Background",
          "Background of the picture: white, dark for dark slides, or transparent so that the slide shows through");
    for (int i = 0; i < 3; ++i) {
        if (i > 0) ImGui::SameLine();
        if (tab(f, fmt::format("export.{}", papers[i]).c_str(), papers[i],
                "Sets the color behind and between the cells", static_cast<int>(v.annotations.paper) == i))
            v.annotations.paper = static_cast<Paper>(i);
    }
}

/// Returns the default width of a cell in pixels: the largest multiple of the feature map's width up to 240, so that a
/// channel number fits into the corner; wider maps get one pixel per value.
int standard_cell(const Shape& s) { return s.w * std::max(1, 240 / s.w); }

/// Draws the options of Export::grid and Export::channel.
void picture_rows(Frame& f) {
    ExportView& v = f.states.of<ExportView>();
    const Shape& s = f.shown->output_shape;
    const bool grid = v.what == Export::grid;
    if (!grid) number_of_view(f, "Channel", "export.channel", v.channel, 0, s.c - 1, 0, "Channel to export");
    number_of_view(f, "Cell width", "export.cell", v.cell, 1, max_picture_side, standard_cell(s),
                   "Width of each cell in pixels; the height follows from the feature map's aspect ratio");
    flag(f, "Channel numbers", "export.labels", v.annotations.labels,
         "Draws the channel number in the upper left corner of each cell");
    flag(f, "Kernel in each cell", "export.thumbnails", v.annotations.kernels,
         "Draws each channel's kernel in the lower right corner of its cell; only for convolutions and later layers "
         "that keep channels separate, such as ReLU and pooling");
    flag(f, "Colorbar", "export.colorbar", v.annotations.colorbar,
         "Draws a colorbar with the value range below the cells");
    label("Title", "Title above the grid; empty for none");
    ImGui::InputTextWithHint("##export.title", tr("none"), &v.annotations.title);
    f.map.mark("export.title");
    tooltip("Title above the grid; empty for none");
    paper(f);
    const int count = grid ? static_cast<int>(f.draft.display.channels.empty() ? f.shown->stats.size()
                                                                               : f.draft.display.channels.size())
                           : 1;
    DisplayOptions display = f.draft.display;
    display.cell = cell_size(v, s);
    if (!grid) display.gap = 0;
    const GridLayout layout = grid_layout(display, {s.h, s.w}, count);
    const bool fits = std::max(layout.width(), layout.height()) <= max_picture_side;
    ImGui::TextDisabled(
        "%s",
        tr_format(
            "size of the picture: {} x {} pixels{}", grouped(static_cast<std::uint64_t>(layout.width())),
            grouped(static_cast<std::uint64_t>(layout.height())),
            fits ? "" : tr_format(", more than {} per side: choose a smaller cell width", grouped(max_picture_side)))
            .c_str());
}

void microscope_rows(Frame& f) {
    ExportView& v = f.states.of<ExportView>();
    const Shape& s = f.shown->output_shape;
    number_of_view(f, "Channel", "export.channel", v.position.channel, 0, s.c - 1, 0, "Channel of the value");
    number_of_view(f, "y", "export.y", v.position.y, 0, s.h - 1, s.h / 2, "Row of the value");
    number_of_view(f, "x", "export.x", v.position.x, 0, s.w - 1, s.w / 2, "Column of the value");
    number_of_view(f, "Cell width", "export.pixels", v.pixels, 8, 512, 64,
                   "Width in pixels of the cell of each term; the text scales with it");
    paper(f);
}

/// Draws the options of the selected kind. Returns false if there is nothing to export.
bool rows(Frame& f) {
    ExportView& v = f.states.of<ExportView>();
    switch (v.what) {
        case Export::grid:
        case Export::channel: picture_rows(f); return true;
        case Export::microscope: microscope_rows(f); return true;
        case Export::kernels:
            if (!f.shown->weight) {
                ImGui::TextWrapped(
                    "%s", tr_format("Layer {} has no kernels that produce one channel each: choose a convolution, or a "
                                    "later layer that keeps its channels separate, such as ReLU or pooling.",
                                    f.shown->layer)
                              .c_str());
                return false;
            }
            if (format_of(v) == ".png")
                number_of_view(f, "Kernel width", "export.pixels", v.pixels, 8, 512, 64,
                               "Approximate width of each kernel in pixels");
            return true;
        case Export::activations:
        case Export::statistics: break;
    }
    const Shape& s = f.shown->output_shape;
    ImGui::TextDisabled("%s", fmt::format("{}: {} x {} x {} x {}", f.shown->layer, s.n, s.c, s.h, s.w).c_str());
    return true;
}

/// Returns the message about the last export: "writing ...", its error, or the file that was saved.
const std::string& news(const Frame& f) {
    static std::string writing;
    writing = tr("writing ...");
    return f.status.writing ? writing : f.status.error.empty() ? f.status.note : f.status.error;
}

/// Draws the file name, the buttons, and the message about the last export. `possible`: there is something to export.
void finish(Frame& f, bool possible) {
    ExportView& v = f.states.of<ExportView>();
    const std::string suggestion = suggested_path(f.draft.input, export_name(v.what).suffix, format_of(v));
    if (v.path == v.suggested) v.path = v.suggested = suggestion;
    ImGui::Separator();
    label("File", "Output file; if the name is taken, a number is added and no file is overwritten");
    ImGui::InputText("##export.path", &v.path);
    f.map.mark("export.path");
    tooltip("Output file; if the name is taken, a number is added and no file is overwritten");
    const bool named = v.path.ends_with(format_of(v));
    const bool picture = format_of(v) == ".png";
    ImGui::BeginDisabled(!possible || !named);
    if (button(f, "export.save", "Export (Ctrl+E)", "Writes the file and keeps the panel open")) export_now(f, false);
    ImGui::EndDisabled();
    if (picture) {
        ImGui::SameLine();
        ImGui::BeginDisabled(!possible);
        if (button(f, "export.copy", "Copy (Ctrl+Shift+C)",
                   "Copies the picture to the clipboard (on Linux, needs xclip or wl-copy)"))
            export_now(f, true);
        ImGui::EndDisabled();
    }
    ImGui::SameLine();
    if (button(f, "export.close", "Close (Esc)", "Closes the panel")) f.view.overlay = nullptr;
    if (!named) {
        ImGui::SameLine();
        ImGui::TextDisabled("%s", tr_format("The file name must end in {}", format_of(v)).c_str());
    }
    if (f.status.busy)
        ImGui::ProgressBar(f.status.progress, {ImGui::GetFontSize() * 12, ImGui::GetFrameHeight() * 0.8F});
    else if (!news(f).empty())
        ImGui::TextWrapped("%s", news(f).c_str());
}

}  // namespace

void open_export(Frame& f) {
    ExportView& v = f.states.of<ExportView>();
    f.view.overlay = &export_overlay;
    v.path = v.suggested;
    const Shape& s = f.shown->output_shape;
    v.position = f.view.pin ? *f.view.pin
                            : f.view.hover.value_or(
                                  PixelPosition{f.view.selected.value_or(f.shown->channels.front()), s.h / 2, s.w / 2});
    v.channel = f.view.selected.value_or(v.position.channel);
    if (f.view.tool == &microscope_tool) v.what = Export::microscope;
}

void export_now(Frame& f, bool clipboard) {
    ExportView& v = f.states.of<ExportView>();
    if (f.view.overlay != &export_overlay || !f.shown)  // export immediately, without options
        return export_request(
            f, {{}, clipboard ? "" : suggested_path(f.draft.input, export_name(Export::grid).suffix, ".png")});
    const std::string_view format = format_of(v);
    if (clipboard ? format != ".png" : !v.path.ends_with(format)) return;
    export_request(f, {order_of(v, f.shown->output_shape), clipboard ? "" : v.path});
}

void export_panel(Frame& f) {
    ExportView& v = f.states.of<ExportView>();
    if (!f.shown) return;
    const float em = ImGui::GetFontSize();
    const Shape& s = f.shown->output_shape;
    if (v.cell == 0 || v.cell_of != Size2{s.h, s.w}) v.cell = standard_cell(s), v.cell_of = {s.h, s.w};
    v.channel = std::clamp(v.channel, 0, s.c - 1);
    v.position = {std::clamp(v.position.channel, 0, s.c - 1), std::clamp(v.position.y, 0, s.h - 1),
                  std::clamp(v.position.x, 0, s.w - 1)};
    if (begin_overlay("export", em * 44, em * 32)) {
        ImGui::PushFont(font(Type::title));
        ImGui::TextUnformatted(tr("Export"));
        ImGui::PopFont();
        // The buttons stay visible when the rows must scroll.
        const std::string& words = news(f);
        const float note_height =
            f.status.busy   ? ImGui::GetFrameHeight()
            : words.empty() ? 0
                            : ImGui::CalcTextSize(words.c_str(), nullptr, false, ImGui::GetContentRegionAvail().x).y;
        const float buttons =
            2 * ImGui::GetFrameHeightWithSpacing() + note_height + 3 * ImGui::GetStyle().ItemSpacing.y;
        ImGui::BeginChild("rows", {0, -buttons}, false, ImGuiWindowFlags_NavFlattened);
        kinds_and_formats(f);
        const bool possible = rows(f);
        ImGui::EndChild();
        finish(f, possible);
        close_when_left(f);
    }
    end_overlay();
}

}  // namespace convlens
