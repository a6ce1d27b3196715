/// The network panel: the choice of the network and its weights, and the layers as cards with numbers, hyperparameters
/// and errors.
#include <fmt/ranges.h>
#include <imgui.h>

#include <algorithm>
#include <array>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/panels/layer_inputs.h"
#include "app/ui/panels/network_edit.h"
#include "app/ui/panels/panels.h"
#include "app/ui/tools/browser/browser.h"
#include "app/ui/tools/export/export_tool.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/shorten.h"
#include "app/ui/widgets/theme.h"
#include "engine/core/printable.h"
#include "engine/document/checkpoint_report.h"
#include "engine/nn/layer_fields.h"

namespace convlens {
namespace {

/// State of the layer cards.
struct Cards {
    std::string seen;  ///< Name of the layer whose card was scrolled into view last.
};

/// Draws a row for each hyperparameter of a layer: a visitor for visit_fields_with_tooltips().
struct FieldRows {
    Frame& f;
    bool changed = false;  ///< Whether the user has changed a value.

    void row(const char* name, int& value, int default_value, const char* tooltip_text) {
        changed |= number_row(f, name, value, std::min(default_value, 1), std::max(64, 2 * default_value),
                              default_value, tooltip_text);
    }
    void row(const char* name, Size2& value, Size2 default_value, const char* tooltip_text) {
        changed |= pair_row(f, name, value, 0, 16, default_value.h, tooltip_text);
    }
    void row(const char* name, bool& value, bool, const char* tooltip_text) {
        changed |= check_row(f, name, value, tooltip_text);
    }
    void row(const char* name, float& value, float default_value, const char* tooltip_text) {
        label(name, tooltip_text);
        changed |= ImGui::DragFloat(fmt::format("##{}", name).c_str(), &value, 0.005F, 0, 0, "%.4g");
        if (ImGui::IsItemHovered() && ImGui::IsMouseClicked(1)) value = default_value, changed = true;
        f.map.mark(name);
    }
    void row(const char* name, PaddingMode& value, PaddingMode, const char* tooltip_text) {
        int mode = static_cast<int>(value);
        if (choice_row(f, name, padding_mode_names(), mode, tooltip_text))
            value = static_cast<PaddingMode>(mode), changed = true;
    }
    void row(const char* name, UpsampleMode& value, UpsampleMode, const char* tooltip_text) {
        int mode = static_cast<int>(value);
        if (choice_row(f, name, upsample_mode_names(), mode, tooltip_text))
            value = static_cast<UpsampleMode>(mode), changed = true;
    }
    /// Draws nothing: divisor_override is rare and can only be set in a network file.
    void row(const char*, std::optional<int>&, std::optional<int>, const char*) {}

    template <class T>
    void required(const char* name, T& value, const char* tooltip_text) {
        row(name, value, T(value), tooltip_text);
    }
    template <class T>
    void optional(const char* name, T& value, T default_value, const char* tooltip_text) {
        row(name, value, default_value, tooltip_text);
    }
    void padding(ConvParams& params, const char* tooltip_text) {
        changed |= check_row(f, "same", params.same,
                             "Chooses the padding so that the output has the size of the input; requires stride 1");
        if (!params.same) row("padding", params.padding, Size2{0, 0}, tooltip_text);
    }
};

/// Draws the choice of the network.
void choose(Frame& f) {
    constexpr Word tooltip_text =
        "Selects a single convolution, LargeNet (a small CNN for 3x32x32 images), AlexNet or another network of "
        "torchvision, or custom layers";
    const auto* layered = std::get_if<LayeredNetwork>(&f.draft.network);
    constexpr Words<4> usual{"single convolution", "LargeNet", "AlexNet", "custom layers"};
    std::vector<std::string_view> names(usual.begin(), usual.end() - 1);
    const auto shipped = shipped_networks();
    const int first = static_cast<int>(names.size()), own = first + static_cast<int>(shipped.size());
    names.insert(names.end(), shipped.begin(), shipped.end());
    names.push_back(usual.back());
    int now = !layered                                    ? 0
              : layered->origin == KnownNetwork::largenet ? 1
              : layered->origin == KnownNetwork::alexnet  ? 2
                                                          : own;
    if (now == own && layered->origin.is_file())
        for (int i = first; i < own; ++i)
            if (layered->origin.path() == shipped_network_file(names[static_cast<std::size_t>(i)], f.assets).string())
                now = i;
    const int before = now;
    label("network", tooltip_text);
    if (!choice(f, "network", names, now, tooltip_text) || now == before) return;
    if (now == 0) return choose_network(f.draft, ConvChain{});
    if (now == own) return make_own(f.draft, f.chain.plan.layers);
    constexpr std::string_view built_in[] = {"", "largenet", "alexnet"};
    load(f, Opens::network,
         network_job(std::string(now < first ? built_in[now] : names[static_cast<std::size_t>(now)])));
}

/// Draws the title of the network, and buttons for its weights.
void weights(Frame& f) {
    auto* layered = std::get_if<LayeredNetwork>(&f.draft.network);
    if (!layered) return;
    ImGui::TextWrapped("%s", network_title(f.draft).c_str());
    if (auto* random = std::get_if<RandomWeights>(&layered->weights)) {
        if (button(f, "weights.again", "New weights",
                   "Generates new random weights with the next seed and PyTorch's default initialization"))
            ++random->seed;
    } else if (button(f, "weights.random", "Random weights",
                      "Replaces the loaded weights with random weights with PyTorch's default initialization")) {
        layered->weights = RandomWeights{};
    }
    same_line_if_fits(button_width("Load ..."));
    if (button(f, "weights.open", "Load ...",
               "Loads weights for this network from a .safetensors, .npz, .onnx, .pth or .pt file; you can also drop "
               "the file "
               "on the window"))
        open_browser(f, BrowserTask::open);
    same_line_if_fits(button_width("Save"));
    if (button(f, "weights.save", "Save", "Saves all weights as .safetensors with PyTorch's state dict names"))
        save_weights(f);
    if (const std::string note = input_note(f.draft); !note.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
        ImGui::TextWrapped("%s", tr_format("input {}", note).c_str());
        ImGui::PopStyleColor();
    }
}

/// Returns CheckpointReport::summary() in the language of the window.
std::string summary_of(const CheckpointReport& r) {
    using State = CheckpointRow::State;
    const std::size_t left = r.count(State::left_over), missing = r.count(State::missing),
                      other = r.count(State::other_shape);
    std::string text = tr_format("{}: {} of {} arrays loaded", r.file, r.count(State::matched), r.rows.size() - left);
    if (missing > 0) text += tr_format(", {} missing", missing);
    if (other > 0) text += tr_format(", {} of another shape", other);
    if (left > 0) text += tr_format(", {} left over", left);
    if (!r.note.empty()) text += "; " + r.note;
    return printable(text);
}

/// Draws how one entry of the checkpoint matches, in a row of the table.
void report_row(const CheckpointRow& row) {
    const std::string key = printable(row.key, 200);  // all rows have the same height
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(key.c_str());
    tooltip(tr_format("{}: expected {}, found {}", key,
                      tr(row.wanted.empty() ? "nothing" : fmt::format("{}", fmt::join(row.wanted, "x"))),
                      tr(row.found.empty() ? "nothing" : fmt::format("{}", fmt::join(row.found, "x"))))
                .c_str());
    ImGui::TableNextColumn();
    ImGui::TextDisabled("%s", std::string(tr(to_string(row.state))).c_str());
}

/// Draws how the entries of the checkpoint match the parameters of the network.
void report(Frame& f) {
    const auto* layered = std::get_if<LayeredNetwork>(&f.draft.network);
    const auto* loaded = layered ? std::get_if<LoadedWeights>(&layered->weights) : nullptr;
    if (!loaded || !loaded->report) return;
    if (const std::string note = printable(loaded->report->note); !note.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
        ImGui::TextWrapped("%s", note.c_str());
        ImGui::PopStyleColor();
    }
    const bool open = ImGui::TreeNode(tr_label("checkpoint report").c_str());
    f.map.mark("report");
    const std::string summary = summary_of(*loaded->report);
    tooltip(summary.c_str());
    if (!open) return;
    ImGui::TextWrapped("%s", summary.c_str());
    if (ImGui::BeginTable("rows", 2, ImGuiTableFlags_ScrollY, {0, ImGui::GetFontSize() * 10})) {
        const std::vector<CheckpointRow>& rows = loaded->report->rows;
        int drawn = 0;
        ImGuiListClipper clipper;  // a checkpoint may have thousands of arrays
        clipper.Begin(static_cast<int>(rows.size()));
        while (clipper.Step())
            for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i, ++drawn)
                report_row(rows[static_cast<std::size_t>(i)]);
        ImGui::EndTable();
        f.map.state("report_rows", fmt::format("{} of {}", drawn, rows.size()));
    }
    ImGui::TreePop();
}

/// Draws buttons to move, remove and add layers.
void rearrange(Frame& f, std::size_t i) {
    const auto& layers = f.chain.plan.layers;
    ImGui::BeginDisabled(!can_move(layers, i, -1));
    if (button(f, "layer.up", "Up", "Moves this layer up by one")) move_layer(f.draft, layers, i, -1);
    ImGui::EndDisabled();
    ImGui::SameLine();
    ImGui::BeginDisabled(!can_move(layers, i, 1));
    if (button(f, "layer.down", "Down", "Moves this layer down by one")) move_layer(f.draft, layers, i, 1);
    ImGui::EndDisabled();
    ImGui::SameLine();
    ImGui::BeginDisabled(layers.size() < 2);
    if (button(f, "layer.remove", "Remove", "Removes this layer from the network")) remove_layer(f.draft, layers, i);
    ImGui::EndDisabled();
    ImGui::SameLine();
    if (button(f, "layer.add", "Add", "Adds a layer after this one")) ImGui::OpenPopup("add layer");
    if (!ImGui::BeginPopup("add layer")) return;
    for (const auto name : layer_types()) {
        if (ImGui::Selectable(std::string(name).c_str())) add_layer(f.draft, layers, i, name, f.chain.output_of(i));
        f.map.mark(fmt::format("add.{}", name));
    }
    ImGui::EndPopup();
}

/// Draws the hyperparameters of layer `i` and the buttons of rearrange().
void edit(Frame& f, std::size_t i) {
    if (!std::holds_alternative<LayeredNetwork>(f.draft.network)) return;
    LayerSpec spec = f.chain.plan.layers[i];
    ImGui::Indent(ImGui::GetFontSize() / 2);
    FieldRows rows{f};
    std::visit([&](auto& operation) { visit_fields_with_tooltips(operation, rows); }, spec.operation);
    if (rows.changed) replace_layer(f.draft, f.chain.plan.layers, i, spec);
    if (i > 0) layer_inputs(f, i);
    rearrange(f, i);
    ImGui::Unindent(ImGui::GetFontSize() / 2);
}

/// The line above the cards, with a mark for each layer. It stays at the top of the panel while the cards scroll
/// beneath it.
struct ChainLine {
    ImVec2 at;
    float width, height;
    float map;  ///< Distance from `at` down to the marks, in pixels.
    std::size_t layers;
    /// Cards [first_seen, last_seen) are visible; last_seen is 0 if none is.
    std::size_t first_seen = 0, last_seen = 0;

    float mark_width() const { return width / static_cast<float>(layers); }
    /// Records that a card is visible, if the middle between its upper and lower edge is.
    void see(std::size_t card, float top, float bottom) {
        const float high = at.y + height, low = ImGui::GetWindowPos().y + ImGui::GetWindowHeight();
        if ((top + bottom) / 2 < high || (top + bottom) / 2 > low) return;
        if (last_seen == 0) first_seen = card;
        last_seen = card + 1;
    }
};

/// Reserves the space of the line and handles the mouse over it. `cards` is the total height of the cards in pixels.
/// Must be called before the cards are drawn, because Dear ImGui gives the mouse to the first item under it.
ChainLine begin_chain_line(Frame& f, float cards) {
    const float em = ImGui::GetFontSize(), small = font(Type::small)->FontSize;
    const ImVec2 flow = ImGui::GetCursorScreenPos();
    ChainLine line{flow, ImGui::GetContentRegionAvail().x, small * 1.4F + em * 0.7F, small * 1.4F,
                   f.chain.plan.layers.size()};
    line.at.y = std::clamp(ImGui::GetWindowPos().y, flow.y, flow.y + cards);
    if (line.at.y > flow.y) pin_top(line.at.y + line.height);
    ImGui::SetCursorScreenPos(line.at);
    const bool clicked = ImGui::InvisibleButton("chain", {line.width, line.height});
    f.map.mark("chain");
    const ImVec2 mouse{ImGui::GetIO().MousePos.x - line.at.x, ImGui::GetIO().MousePos.y - line.at.y};
    const auto under =
        static_cast<std::size_t>(std::clamp(mouse.x / line.mark_width(), 0.0F, static_cast<float>(line.layers - 1)));
    const LayerSpec& spec = f.chain.plan.layers[under];
    if (mouse.y < line.map) {
        tooltip("Click to scroll to the card of the current layer");
        if (clicked) f.states.of<Cards>().seen.clear();
    } else {
        tooltip(tr_format("{} ({}): click to show its output", spec.name, type_name(spec.operation)).c_str());
        if (clicked) f.draft.layer = spec.name;
    }
    ImGui::SetCursorScreenPos({flow.x, flow.y + line.height + ImGui::GetStyle().ItemSpacing.y});
    return line;
}

/// Draws the number of the current layer and a mark for each layer. Highlights the current layer and the layers whose
/// cards are visible.
void draw_chain_line(Frame& f, const ChainLine& line) {
    const Chain& chain = f.chain;
    const float em = ImGui::GetFontSize();
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    ImFont* small = font(Type::small);
    const float left = ImGui::GetWindowPos().x, bottom = line.at.y + line.height;
    draw.AddRectFilled({left, line.at.y}, {line.at.x + line.width + line.at.x - left, bottom},
                       ImGui::GetColorU32(ImGuiCol_WindowBg));
    const bool any = chain.error.empty();
    const std::string text =
        any ? tr_format("LAYER {} OF {}", chain.plan.layer + 1, line.layers) : tr_format("{} LAYERS", line.layers);
    draw.AddText(small, small->FontSize, {line.at.x, line.at.y + em * 0.1F}, ImGui::GetColorU32(ImGuiCol_TextDisabled),
                 text.c_str());
    const float gap = line.mark_width() > 4 ? hairline() : 0, top = line.at.y + line.map;
    for (std::size_t i = 0; i < line.layers; ++i) {
        const float x = line.at.x + line.mark_width() * static_cast<float>(i);
        const bool seen = i >= line.first_seen && i < line.last_seen;
        const ImU32 color = any && static_cast<int>(i) == chain.plan.layer
                                ? accent()
                                : ImGui::GetColorU32(ImGuiCol_Text, seen ? 0.45F : 0.15F);
        draw.AddRectFilled({x, top}, {x + line.mark_width() - gap, top + em * 0.35F}, color);
    }
}

/// Draws the card of layer `i`.
void card(Frame& f, std::size_t i, ChainLine& chain_line) {
    const LayerSpec& spec = f.chain.plan.layers[i];
    const LayerNumbers* numbers = i < f.chain.numbers.layers.size() ? &f.chain.numbers.layers[i] : nullptr;
    const bool shown = static_cast<int>(i) == f.chain.plan.layer && f.chain.error.empty();
    const bool missing = i >= f.chain.plan.runnable;
    const bool stops = !numbers && i == f.chain.numbers.layers.size() && !f.chain.numbers.stopped.empty();
    const float em = ImGui::GetFontSize(), width = ImGui::GetContentRegionAvail().x;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImFont* small = font(Type::small);
    const float height = em * 1.35F + small->FontSize * 1.3F;
    if (!shown && !stops && !ImGui::IsRectVisible({width, height}))
        return ImGui::Dummy({width, height});  // of hundreds
    if (ImGui::Selectable(fmt::format("##layer{}", i).c_str(), shown, 0, {width, height})) f.draft.layer = spec.name;
    f.map.mark(fmt::format("layer.{}", spec.name));
    if (numbers)
        tooltip(tr_format(
                    "{}, {}\noutput {}\n{} parameters, {} multiply-accumulates, {:.1f} MB\nreceptive field {}, jump {}",
                    spec.name, numbers->type, to_string(numbers->output), grouped(numbers->parameters),
                    grouped(numbers->multiply_accumulates), static_cast<double>(numbers->bytes) * 1e-6,
                    to_string(numbers->receptive_field), to_string(numbers->jump))
                    .c_str());
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImU32 foreground =
                    ImGui::GetColorU32(missing || (!numbers && !stops) ? ImGuiCol_TextDisabled : ImGuiCol_Text),
                dim = ImGui::GetColorU32(ImGuiCol_TextDisabled);
    const float left = at.x + em / 2;
    draw.PushClipRect(at, {at.x + width, at.y + height}, true);
    const std::string type(type_name(spec.operation));
    const float type_room = ImGui::CalcTextSize(type.c_str()).x + em;
    const std::string name = shortened(spec.name, ImGui::GetFont(), std::max(width - type_room, width / 2));
    draw.AddText({left, at.y + em * 0.1F}, foreground, fmt::format("{}  {}", name, type).c_str());
    const float line = at.y + em * 1.35F;
    if (numbers) draw.AddText(small, small->FontSize, {left, line}, dim, to_string(numbers->output).c_str());
    if (numbers && missing) draw.AddText(small, small->FontSize, {left + em * 8, line}, accent(), tr("no weights"));
    if (numbers && !missing && numbers->parameters > 0) {
        const auto width_of = [&](const std::string& s) {
            return small->CalcTextSizeA(small->FontSize, 10000, 0, s.c_str()).x;
        };
        std::string text = tr_format("{} parameters", grouped(numbers->parameters));
        if (width_of(text) + width_of(to_string(numbers->output)) + 2 * em > width) text = grouped(numbers->parameters);
        const float text_width = width_of(text);
        draw.AddText(small, small->FontSize, {at.x + width - text_width - em / 4, line}, dim, text.c_str());
    }
    if (!numbers && !stops) draw.AddText(small, small->FontSize, {left, line}, dim, tr("needs the layer above"));
    draw.PopClipRect();
    if (stops) {
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(accent()));
        ImGui::TextWrapped("%s.", f.chain.numbers.stopped.c_str());
        ImGui::PopStyleColor();
    }
    if (shown) edit(f, i);
    const float bottom = std::max(ImGui::GetCursorScreenPos().y - ImGui::GetStyle().ItemSpacing.y, at.y + height);
    chain_line.see(i, at.y, at.y + height);
    if (!shown) return;
    draw.AddRectFilled(at, {at.x + em / 5, bottom}, accent());
    if (f.states.of<Cards>().seen == spec.name) return;
    if (f.shown)
        f.states.of<Cards>().seen = spec.name;  // without a picture, the panel above does not have its final height yet
    scroll_into_view(at.y - chain_line.height, bottom);
}

/// Draws the line and the cards of all layers.
void cards(Frame& f) {
    float& height = *ImGui::GetStateStorage()->GetFloatRef(ImGui::GetID("cards"), 0);
    ChainLine line = begin_chain_line(f, height);
    const float top = ImGui::GetCursorScreenPos().y;
    for (std::size_t i = 0; i < line.layers; ++i) card(f, i, line);
    height = ImGui::GetCursorScreenPos().y - top;
    draw_chain_line(f, line);
}

/// Draws the choice of ReLU and pooling after the single convolution.
void followers(Frame& f, ConvChain& chain) {
    check_row(f, "relu", chain.relu, "Sets negative values to zero after the convolution");
    bool pool = chain.pool.has_value();
    if (check_row(f, "max pool", pool, "Keeps the largest value of each window after the convolution"))
        chain.pool = pool ? std::optional(MaxPool2d{}) : std::nullopt;
    if (chain.pool &&
        pair_row(f, "pool size", chain.pool->kernel_size, 1, 8, 2, "kernel_size and stride of the max pooling layer"))
        chain.pool->stride = chain.pool->kernel_size;
}

}  // namespace

void network_panel(Frame& f) {
    section("NETWORK");
    choose(f);
    weights(f);
    report(f);
    if (auto* chain = std::get_if<ConvChain>(&f.draft.network)) followers(f, *chain);
    const auto& layers = f.chain.plan.layers;
    if (layers.size() < (std::holds_alternative<ConvChain>(f.draft.network) ? 2 : 1)) return;
    cards(f);
    const NetworkNumbers& numbers = f.chain.numbers;
    ImGui::TextDisabled("%s", tr_format("{} parameters, {} MACs", grouped(numbers.parameters()),
                                        grouped(numbers.multiply_accumulates()))
                                  .c_str());
    tooltip("Total number of parameters (weights and biases), and of multiply-accumulates (MACs) per forward pass");
}

}  // namespace convlens
