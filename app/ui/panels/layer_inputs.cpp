/// Draws the lists of layers that a layer can read.
#include "app/ui/panels/layer_inputs.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <optional>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/panels/network_edit.h"
#include "app/ui/widgets/fuzzy.h"
#include "app/ui/widgets/property.h"
#include "engine/nn/graph.h"

namespace convlens {
namespace {

/// State of the open list.
struct InputChoice {
    std::string filter;
};

constexpr Word input_name = "network input";

std::string name_of(const Frame& f, int layer) {
    return layer < 0 ? tr(input_name) : f.chain.plan.layers[static_cast<std::size_t>(layer)].name;
}

/// Draws the opened list for an input of layer `index` that reads `now`; returns what the user has selected. Only the
/// rows in sight are drawn.
std::optional<int> earlier_layers(Frame& f, std::size_t index, int now) {
    auto& choice = f.states.of<InputChoice>();
    if (ImGui::IsWindowAppearing()) {
        choice.filter.clear();
        ImGui::SetKeyboardFocusHere();
    }
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 14);
    ImGui::InputTextWithHint("##filter", tr("filter by name"), &choice.filter);
    f.map.mark("input.filter");
    std::vector<int> matching;
    for (int i = static_cast<int>(index) - 1; i >= network_input; --i)
        if (choice.filter.empty() || fuzzy_match(choice.filter, name_of(f, i))) matching.push_back(i);
    if (matching.empty()) ImGui::TextDisabled("%s", tr("no layer before this one has such a name"));
    std::optional<int> selected;
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(matching.size()));
    while (clipper.Step())
        for (int row = clipper.DisplayStart; row < clipper.DisplayEnd; ++row) {
            const int layer = matching[static_cast<std::size_t>(row)];
            const std::string shape = layer < 0 ? (f.shown ? to_string(f.shown->input_shape) : "")
                                      : static_cast<std::size_t>(layer) < f.chain.numbers.layers.size()
                                          ? to_string(f.chain.numbers.layers[static_cast<std::size_t>(layer)].output)
                                          : tr("does not run");
            if (ImGui::Selectable(fmt::format("{}  {}##{}", name_of(f, layer), shape, layer).c_str(), layer == now))
                selected = layer;
            f.map.mark(fmt::format("input.from.{}", layer < 0 ? input_name : name_of(f, layer)));
        }
    return selected;
}

}  // namespace

void layer_inputs(Frame& f, std::size_t index) {
    const auto& layers = f.chain.plan.layers;
    std::vector<int> inputs = inputs_of(layers, static_cast<int>(index));
    const bool joins = is_join(layers[index].operation);
    bool changed = false;
    std::optional<std::size_t> removed;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
        ImGui::PushID(static_cast<int>(k));
        label(inputs.size() > 1 ? tr_format("input {}", k + 1).c_str() : "input", "The layer whose output it reads");
        const bool removable = joins && inputs.size() > 1;
        const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
        ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - (removable ? button_width("x") + gap : 0));
        const bool open = ImGui::BeginCombo("##input", name_of(f, inputs[k]).c_str(), ImGuiComboFlags_HeightLarge);
        f.map.mark(fmt::format("input.{}", k));
        if (!open)
            tooltip(tr_format("Reads {}. Select an earlier layer or the network's input; if the shapes do not fit, "
                              "the card says so",
                              name_of(f, inputs[k]))
                        .c_str());
        if (open) {
            if (const auto from = earlier_layers(f, index, inputs[k])) inputs[k] = *from, changed = true;
            ImGui::EndCombo();
        }
        if (removable) {
            ImGui::SameLine(0, gap);
            if (button(f, fmt::format("input.remove.{}", k).c_str(), "x", "Removes this input")) removed = k;
        }
        ImGui::PopID();
    }
    if (removed) inputs.erase(inputs.begin() + static_cast<std::ptrdiff_t>(*removed)), changed = true;
    if (joins && inputs.size() < max_layer_inputs &&
        button(f, "input.add", "Add input", "Adds an input: the layer before this one, to be changed"))
        inputs.push_back(static_cast<int>(index) - 1), changed = true;
    if (changed) read_layers(f.draft, layers, index, std::move(inputs));
}

}  // namespace convlens
