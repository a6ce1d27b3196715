/// Draws the kernel editor: the values of one kernel, to type, drag, paint and transform.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/kernel_editor/kernel_editor.h"
#include "app/ui/tools/microscope/terms.h"
#include "app/ui/widgets/cells.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/core/sentence.h"
#include "engine/document/custom_kernels.h"
#include "engine/nn/kernel_edit.h"

namespace convlens {
namespace {

/// A kernel: its weights for each input channel.
using Planes = std::vector<KernelPlane>;

/// State of the editor.
struct EditorView {
    bool all_channels = false;  ///< Whether changes apply to all input channels.
    bool paint = false;         ///< Whether the mouse paints `brush`; otherwise it drags values up and down.
    float brush = 1;            ///< Value to paint.
    std::size_t cell = 0;       ///< Index of the value that is dragged or typed, row by row.
    int first_plane = 0;        ///< The first input channel on screen if there are many.
    std::shared_ptr<const Tensor> resized_from,
        resized_to;  ///< All kernels before and after changes of kernel_size. While the kernels still are `resized_to`,
                     ///< the next change starts from `resized_from`, so that no values are lost.
    int formula = 0;                                ///< 0 none, 1 Gaussian, 2 its derivative, 3 Gabor.
    float sigma = 1.5F, angle = 0, wavelength = 4;  ///< In pixels, degrees (counterclockwise) and pixels.
};

/// Returns the largest magnitude of all values.
double largest_of(const Planes& planes) {
    double largest = 0;
    for (const KernelPlane& p : planes)
        for (const float v : p.values) largest = std::max(largest, std::abs(static_cast<double>(v)));
    return largest;
}

/// Returns the change of a value per pixel of dragging.
float step_of(const Planes& planes) {
    const auto largest = static_cast<float>(largest_of(planes));
    return largest > 0 ? largest / 50 : 0.02F;
}

/// Sets value `index` of one input channel, or of all if changes apply to all of them. Ignores non-finite values.
void set(const EditorView& view, Planes& planes, std::size_t plane, std::size_t index, float value) {
    if (!std::isfinite(value)) return;
    for (std::size_t p = 0; p < planes.size(); ++p)
        if (p == plane || view.all_channels) planes[p].values[index] = value;
}

/// Draws a popup with a text field for a value, while it is open. Returns true if the value changed.
bool type_value(Frame& f, Planes& planes, std::size_t plane) {
    EditorView& view = f.states.of<EditorView>();
    if (!ImGui::BeginPopup("type a value")) return false;
    bool changed = false;
    float value = planes[plane].values[view.cell];
    if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 7);
    if (ImGui::InputFloat("##value", &value, 0, 0, "%.6g",
                          ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll)) {
        set(view, planes, plane, view.cell, value);
        changed = true;
        ImGui::CloseCurrentPopup();
    }
    f.map.mark("editor.value");
    tooltip("Type the value and press Enter");
    ImGui::EndPopup();
    return changed;
}

/// Draws the values of one input channel as cells of `cell` pixels, and edits them by the mouse. Returns true if a
/// value changed.
bool plane_cells(Frame& f, Planes& planes, std::size_t plane, float cell) {
    EditorView& view = f.states.of<EditorView>();
    KernelPlane& p = planes[plane];
    const double largest = largest_of(planes);
    const std::vector<double> numbers(p.values.begin(), p.values.end());
    const int digits = fitting_digits(numbers, cell, true);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::InvisibleButton("cells", {cell * static_cast<float>(p.size.w), cell * static_cast<float>(p.size.h)});
    f.map.mark(fmt::format("editor.{}", plane));
    const ImGuiIO& io = ImGui::GetIO();
    const int x = static_cast<int>(std::floor((io.MousePos.x - at.x) / cell)),
              y = static_cast<int>(std::floor((io.MousePos.y - at.y) / cell));
    const bool inside = x >= 0 && y >= 0 && x < p.size.w && y < p.size.h, hovered = ImGui::IsItemHovered() && inside;
    const auto under = static_cast<std::size_t>(std::max(0, y * p.size.w + x));
    bool changed = false;
    if (ImGui::IsItemHovered()) take_wheel();
    if (ImGui::IsItemActivated() && inside) view.cell = under;
    view.cell = std::min(view.cell, p.values.size() - 1);
    if (hovered && ImGui::IsMouseDoubleClicked(0)) {
        view.cell = under;
        ImGui::OpenPopup("type a value");
    } else if (ImGui::IsItemActive() && view.paint && inside) {
        const auto differs = [&](const KernelPlane& other) { return other.values[under] != view.brush; };
        if (differs(p) || (view.all_channels && std::ranges::any_of(planes, differs)))
            set(view, planes, plane, under, view.brush), changed = true;
    } else if (ImGui::IsItemActive() && !view.paint && io.MouseDelta.y != 0) {
        set(view, planes, plane, view.cell, p.values[view.cell] - io.MouseDelta.y * step_of(planes)), changed = true;
    }
    if (hovered && io.MouseWheel != 0)
        set(view, planes, plane, under, p.values[under] + io.MouseWheel * step_of(planes) / 4), changed = true;
    changed |= type_value(f, planes, plane);

    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const float line = std::max(1.5F, cell / 14);
    for (std::size_t i = 0; i < p.values.size(); ++i) {
        const ImVec2 a{at.x + static_cast<float>(i % static_cast<std::size_t>(p.size.w)) * cell,
                       at.y + static_cast<float>(i / static_cast<std::size_t>(p.size.w)) * cell};
        const unsigned background_color = signed_color(static_cast<double>(p.values[i]), largest);
        draw.AddRectFilled(a, {a.x + cell - 1, a.y + cell - 1}, background_color);
        if (digits >= 0)
            number_in(a.x, a.y, cell - 1, short_number(static_cast<double>(p.values[i]), digits, true),
                      background_color);
        if ((hovered && i == under) || (ImGui::IsItemActive() && i == view.cell))
            draw.AddRect(a, {a.x + cell - 1, a.y + cell - 1}, accent(), 0, 0, line);
    }
    if (hovered && !ImGui::IsItemActive())
        tooltip(
            tr_format(
                "row {}, column {}: {:.6g}\nDrag up or down, double-click to type, or use the wheel for small steps", y,
                x, p.values[under])
                .c_str());
    return changed;
}

/// Transforms the whole kernel and returns true, or reports an error and returns false.
bool change_all(Frame& f, Planes& planes, KernelChange change) {
    auto made = changed(planes, change);
    if (!made) return f.requests.error = made.error().message, false;
    planes = std::move(*made);
    return true;
}

/// Draws the buttons that transform the kernel. Returns true if it changed.
bool transforms(Frame& f, Planes& planes) {
    struct Button {
        const char* id;
        const char* title;
        const char* tooltip_text;
        KernelChange change;
        bool square;
    };
    constexpr Button buttons[] = {
        {"edit.rotate", "Rotate", "Rotates the kernel by 90 degrees counterclockwise", KernelChange::rotate, true},
        {"edit.mirror_x", "Mirror x", "Swaps left and right", KernelChange::mirror_x, false},
        {"edit.mirror_y", "Mirror y", "Swaps top and bottom", KernelChange::mirror_y, false},
        {"edit.transpose", "Transpose", "Swaps rows and columns", KernelChange::transpose, true},
        {"edit.negate", "Negate", "Multiplies every value by -1", KernelChange::negate, false},
        {"edit.sum1", "Sum 1",
         "Scales all values of this kernel to sum to 1, so that flat gray regions keep their value",
         KernelChange::sum_one, false},
        {"edit.sum0", "Sum 0", "Subtracts the mean of each input channel, so that flat regions give 0",
         KernelChange::sum_zero, false},
        {"edit.norm", "Norm 1", "Scales this kernel to an L2 norm of 1", KernelChange::unit_norm, false},
    };
    bool any = false;
    const bool square = planes.front().size.h == planes.front().size.w;
    for (const Button& b : buttons) {
        if (&b != buttons) same_line_if_fits(button_width(b.title));
        ImGui::BeginDisabled(b.square && !square);
        if (button(f, b.id, b.title, b.tooltip_text)) any |= change_all(f, planes, b.change);
        ImGui::EndDisabled();
    }
    return any;
}

/// Draws a label and a slider. Returns true if the value changed.
bool slider(Frame& f, const char* name, float& value, float lowest, float highest, const char* tooltip_text) {
    label(name, tooltip_text);
    const bool changed = ImGui::SliderFloat(fmt::format("##{}", name).c_str(), &value, lowest, highest, "%.2f",
                                            ImGuiSliderFlags_AlwaysClamp);
    f.map.mark(name);
    tooltip(tooltip_text);
    return changed;
}

/// Draws the choice of a formula and its parameters. When one changes, fills all input channels with the formula and
/// returns true.
bool formulas(Frame& f, Planes& planes) {
    EditorView& view = f.states.of<EditorView>();
    constexpr Words<4> names{"formula", "Gaussian", "Gaussian derivative", "Gabor"};
    ImGui::SetNextItemWidth(-1);
    bool fill = choice(f, "edit.formula", names, view.formula,
                       "Fills the kernel from a formula: a blur, an edge at any angle, or stripes at any angle") &&
                view.formula > 0;
    if (view.formula == 0) return false;
    const auto size = static_cast<float>(std::max(planes.front().size.h, planes.front().size.w));
    fill |=
        slider(f, "sigma", view.sigma, 0.3F, std::max(size / 2, 1.0F), "Standard deviation of the Gaussian in pixels");
    if (view.formula > 1)
        fill |= slider(f, "angle", view.angle, -180, 180,
                       "Direction across the edge or the stripes, along which the kernel's values vary, in degrees "
                       "counterclockwise; 0 is to the right");
    if (view.formula > 2)
        fill |=
            slider(f, "wavelength", view.wavelength, 2, std::max(2 * size, 4.0F), "Distance between stripes in pixels");
    if (!fill) return false;
    const auto sigma = static_cast<double>(view.sigma), angle = static_cast<double>(view.angle);
    // Divided by the number of input channels, so that all of them together give the result of one on a gray image.
    for (KernelPlane& p : planes)
        p = view.formula == 1   ? gaussian_plane(p.size, sigma)
            : view.formula == 2 ? gaussian_derivative_plane(p.size, sigma, angle)
                                : gabor_plane(p.size, sigma, angle, static_cast<double>(view.wavelength));
    planes = scaled(planes, 1.0 / static_cast<double>(planes.size()));
    return true;
}

/// Replaces this kernel by the one in `text`, which is from the clipboard, and returns true, or reports an error and
/// returns false. If the sizes differ and `may_resize`, all kernels get the new size; otherwise another size is an
/// error.
bool paste(Frame& f, std::string_view text, CustomKernels& own, Planes& planes, bool may_resize) {
    auto read = planes_from_text(text);
    if (!read) return f.requests.error = sentence("the clipboard contains no kernel: {}", read.error().message), false;
    if (read->size() != 1 && read->size() != planes.size())
        return f.requests.error =
                   planes.size() == 1
                       ? sentence("the clipboard's kernel has {} input channels: expected 1", read->size())
                       : sentence("the clipboard's kernel has {} input channels: expected 1 or {}", read->size(),
                                  planes.size()),
               false;
    const Size2 size = read->front().size, has = planes.front().size;
    if (size != has && !may_resize)
        return f.requests.error = sentence("the clipboard's kernel is {}: expected {}, the layer's kernel_size",
                                           to_string(size), to_string(has)),
               false;
    if (size != has) own.weight = std::make_shared<const Tensor>(with_kernel_size(*own.weight, size));
    for (std::size_t i = 0; i < planes.size(); ++i) planes[i] = (*read)[read->size() == 1 ? 0 : i];
    return true;
}

/// Returns 0, 1, ..., count - 1 without `left_out`.
std::vector<int> all_but(int count, int left_out) {
    std::vector<int> keep;
    for (int i = 0; i < count; ++i)
        if (i != left_out) keep.push_back(i);
    return keep;
}

/// Returns the kernels with the indices in `keep`, and their biases.
CustomKernels kept(const CustomKernels& own, const std::vector<int>& keep) {
    CustomKernels next{own.layer, std::make_shared<const Tensor>(with_kernels(*own.weight, keep)), nullptr};
    if (!own.bias) return next;
    std::vector<float> bias;
    for (const int i : keep) bias.push_back((*own.bias)[static_cast<std::size_t>(i)]);
    next.bias = std::make_shared<const std::vector<float>>(std::move(bias));
    return next;
}

/// Draws the controls of the number and size of the kernels, which only a single convolution has: layers of a network
/// keep both. `index` is the selected kernel. Returns true if `own` changed.
bool bank(Frame& f, CustomKernels& own, int& index) {
    bool changed = false;
    const Shape s = own.weight->shape();
    if (button(f, "edit.add", "Add", "Appends a copy of this kernel to the set of kernels")) {
        std::vector<int> keep = all_but(s.n, -1);
        keep.push_back(index);
        own = kept(own, keep);
        index = s.n;
        changed = true;
    }
    same_line_if_fits(button_width("Remove"));
    ImGui::BeginDisabled(s.n < 2);
    if (button(f, "edit.remove", "Remove", "Removes this kernel from the set of kernels"))
        own = kept(own, all_but(s.n, index)), index = std::min(index, s.n - 2), changed = true;
    ImGui::EndDisabled();
    same_line_if_fits(button_width("Only this"));
    ImGui::BeginDisabled(s.n < 2);
    if (button(f, "edit.only", "Only this", "Removes all other kernels from the set"))
        own = kept(own, {index}), index = 0, changed = true;
    ImGui::EndDisabled();
    if (s.c == 1 && f.shown->input_shape.c > 1 && f.draft.conv.groups == 1) {
        same_line_if_fits(button_width("Split by channel"));
        if (button(f, "edit.colors", "Split by channel",
                   "Gives every input channel its own values without changing the result")) {
            own.weight = std::make_shared<const Tensor>(
                spread_over_channels(*own.weight, f.shown->input_shape.c, f.draft.kernels.gray));
            changed = true;
            f.states.of<EditorView>().all_channels = false;
        }
    }
    Size2 size{own.weight->shape().h, own.weight->shape().w};
    if (pair_row(f, "kernel size", size, 1, max_edited_kernel, 3,
                 "kernel_size of all kernels; a change crops or pads each kernel about its center")) {
        size = {std::clamp(size.h, 1, max_edited_kernel), std::clamp(size.w, 1, max_edited_kernel)};
        const Size2 before{own.weight->shape().h, own.weight->shape().w};
        Size2& padding = f.draft.conv.padding;
        if (padding == Size2{before.h / 2, before.w / 2}) padding = {size.h / 2, size.w / 2};
        // Shrinking and growing again, or typing "1" on the way to "15", loses no values.
        EditorView& view = f.states.of<EditorView>();
        if (own.weight != view.resized_to) view.resized_from = own.weight;
        own.weight = view.resized_to = std::make_shared<const Tensor>(with_kernel_size(*view.resized_from, size));
        changed = true;
    }
    return changed;
}

/// Draws the bias of kernel `index`. `own_bank`: the kernels are those of a single convolution, where changing a bias
/// also turns the biases on; for a layer of a network without biases, draws nothing. Returns true if the bias changed.
bool bias_row(Frame& f, CustomKernels& own, int index, bool own_bank) {
    if (!own_bank && !own.bias) return false;
    label("kernel bias", "Constant that is added to every value of this kernel's channel");
    float value = own.bias ? (*own.bias)[static_cast<std::size_t>(index)] : 0;
    const bool changed = ImGui::DragFloat("##bias", &value, 0.005F, 0, 0, "%.4f");
    f.map.mark("edit.bias");
    tooltip("Drag to change the bias, or double-click to type it");
    if (!changed || !std::isfinite(value)) return false;
    f.draft.kernels.bias |= own_bank;
    auto bias = own.bias ? *own.bias : std::vector<float>(static_cast<std::size_t>(own.weight->shape().n));
    bias[static_cast<std::size_t>(index)] = value;
    own.bias = std::make_shared<const std::vector<float>>(std::move(bias));
    return true;
}

std::string_view clipboard_text() {
    const char* text = ImGui::GetClipboardText();
    return text ? text : "";
}

/// Draws the values of kernel `index` and everything that edits them. Returns true if they or the size of the kernels
/// changed.
bool values(Frame& f, CustomKernels& own, int index, bool own_bank) {
    EditorView& view = f.states.of<EditorView>();
    Planes planes = kernel_planes(*own.weight, index);
    bool changed = false;
    changed |= transforms(f, planes);
    changed |= formulas(f, planes);
    if (button(f, "edit.copy", "Copy text", "Copies the kernel as a Python list to the clipboard"))
        f.requests.copy = to_text(planes);
    same_line_if_fits(button_width("Paste text"));
    if (button(f, "edit.paste", "Paste text",
               "Pastes a kernel from the clipboard: a Python list such as [[1, 0, -1], ...] or a MATLAB matrix such as "
               "[1 0 -1; ...]"))
        changed |= paste(f, clipboard_text(), own, planes, own_bank);
    constexpr Words<2> modes{"drag values", "paint"};
    int mode = view.paint ? 1 : 0;
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 7);
    if (choice(f, "edit.mode", modes, mode,
               "Selects what dragging does: increase (up) or decrease (down) one value, or paint cells with a fixed "
               "value"))
        view.paint = mode == 1;
    if (view.paint) {
        same_line_if_fits(ImGui::GetFontSize() * 6);
        ImGui::SetNextItemWidth(ImGui::GetFontSize() * 6);
        ImGui::DragFloat("##brush", &view.brush, 0.02F, 0, 0, "%.3f");
        f.map.mark("edit.brush");
        tooltip("Value to paint; drag, or double-click to type");
    }
    if (planes.size() > 1)
        check_row(f, "all channels", view.all_channels, "Applies each change of one input channel to all of them");
    const std::size_t depth = kernel_layer(f.shown->network, f.shown->shown_layer) == 0 ? 0 : 1;
    // Equal channels that are edited together are drawn once.
    const bool one =
        planes.size() > 1 && view.all_channels &&
        std::all_of(planes.begin(), planes.end(), [&](const KernelPlane& p) { return p == planes.front(); });
    if (one) ImGui::TextDisabled("%s", tr("the same for every input channel"));
    constexpr std::size_t most = 16;
    std::size_t first = 0;
    if (!one && planes.size() > most) {
        label("from channel", "First of the 16 input channels that are shown");
        const auto last = static_cast<int>(planes.size() - most);
        view.first_plane = std::clamp(view.first_plane, 0, last);
        number_field(f, "from channel", view.first_plane, 0, last, 0, "First of the 16 input channels that are shown");
        first = static_cast<std::size_t>(view.first_plane);
    }
    for (std::size_t p = first; p < std::min(planes.size(), first + (one ? 1 : most)); ++p) {
        ImGui::PushID(static_cast<int>(p));
        const auto count = static_cast<int>(planes.size());
        const int channel = static_cast<int>(p);
        if (count > 1 && !one)
            ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(channel_color(depth, count, channel)), "%s",
                               channel_name(depth, count, channel).c_str());
        const float room = ImGui::GetContentRegionAvail().x / static_cast<float>(planes[p].size.w);
        changed |= plane_cells(f, planes, p, std::floor(std::clamp(room, 6.0F, ImGui::GetFontSize() * 3)));
        ImGui::PopID();
    }
    if (changed) own.weight = std::make_shared<const Tensor>(with_kernel(*own.weight, index, planes));
    return changed;
}

/// Returns the kernels of the layer on screen. Fails with the reason why they can't be edited.
Expected<CustomKernels> editable_kernels(const Frame& f) {
    const auto architecture = [](const Document& d) {
        const auto* layered = std::get_if<LayeredNetwork>(&d.network);
        return layered ? layered->architecture.get() : nullptr;
    };
    if (f.shown && architecture(f.shown->request.document) != architecture(f.draft))
        return fail("{}", tr("The grid still shows another network, whose kernels cannot be edited here."));
    if (f.shown && !same_random_kernels(f.draft, f.shown->request.edited))
        return fail("{}", tr("Drawing the random kernels ..."));
    std::optional<CustomKernels> own;
    if (f.shown) own = custom_kernels(f.draft, f.shown->network, f.shown->shown_layer);
    if (!own) return fail("{}", tr("There are no kernels to edit: show a convolution, or a layer directly after one."));
    const Shape s = own->weight->shape();
    if (s.h > max_edited_kernel || s.w > max_edited_kernel)
        return fail("These kernels are {}x{}: only kernels up to {}x{} can be edited.", s.h, s.w, max_edited_kernel,
                    max_edited_kernel);
    return std::move(*own);
}

/// Returns the index of the selected kernel, or of the one that explains the pinned value.
int selected_kernel(const Frame& f, const CustomKernels& own) {
    return std::clamp(f.view.selected.value_or(f.view.pin ? f.view.pin->channel : 0), 0, own.weight->shape().n - 1);
}

}  // namespace

void paste_kernel(Frame& f, std::string_view text) {
    auto own = editable_kernels(f);
    if (!own) {
        f.requests.error = own.error().message;
        return;
    }
    const int index = selected_kernel(f, *own);
    Planes planes = kernel_planes(*own->weight, index);
    if (!paste(f, text, *own, planes, std::holds_alternative<ConvChain>(f.draft.network))) return;
    own->weight = std::make_shared<const Tensor>(with_kernel(*own->weight, index, planes));
    put_kernels(f.draft, f.shown->network, std::move(*own));
    f.view.selected = index;
    f.requests.step = true;
}

void kernel_editor_panel(Frame& f) {
    auto own = editable_kernels(f);
    if (!own) {
        ImGui::TextWrapped("%s", own.error().message.c_str());
        return;
    }
    const bool own_bank = std::holds_alternative<ConvChain>(f.draft.network);
    int index = selected_kernel(f, *own);
    number_row(f, "kernel", index, 0, own->weight->shape().n - 1, 0,
               "Kernel to edit; clicking a cell of the grid also selects its kernel");
    index = std::clamp(index, 0, own->weight->shape().n - 1);
    bool changed = own_bank && bank(f, *own, index);
    if (own_bank && f.draft.conv.flip) {
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(accent()));
        ImGui::TextWrapped("%s", tr("flip is on: the layer applies these values rotated by 180 degrees."));
        ImGui::PopStyleColor();
    }
    changed |= values(f, *own, index, own_bank);
    changed |= bias_row(f, *own, index, own_bank);
    if (f.view.selected != index) f.view.selected = index;
    if (changed) put_kernels(f.draft, f.shown->network, std::move(*own));
}

}  // namespace convlens
