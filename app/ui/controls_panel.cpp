/// Source, kernels, hyper-parameters, look: what the user changes.
#include <imgui.h>

#include <array>
#include <cstdio>

#include "app/ui/panels.h"

namespace convlens {
namespace {

void tip(const char* text) {
    if (!ImGui::IsItemHovered()) return;
    ImGui::BeginTooltip();
    ImGui::PushTextWrapPos(ImGui::GetFontSize() * 22);
    ImGui::TextUnformatted(text);
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
}

/// A pair "along y, along x": one slider while both are alike; right click sets it back to `standard`.
void pair_slider(Frame& f, const char* name, Size2& value, int lowest, int highest, int standard, const char* meaning) {
    int one = value.h;
    const bool square = value.h == value.w;
    int two[2] = {value.h, value.w};
    if (square ? ImGui::SliderInt(name, &one, lowest, highest) : ImGui::SliderInt2(name, two, lowest, highest))
        value = square ? Size2{one, one} : Size2{two[0], two[1]};
    if (ImGui::IsItemHovered() && ImGui::IsMouseClicked(1)) value = {standard, standard};
    tip(meaning);
    f.map.mark(name);
}

template <class Value>
void combo(Frame& f, const char* name, std::span<const std::string_view> names, Value& value, const char* meaning) {
    if (ImGui::BeginCombo(name, std::string(names[static_cast<std::size_t>(value)]).c_str())) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (ImGui::Selectable(std::string(names[i]).c_str(), i == static_cast<std::size_t>(value))) value = static_cast<Value>(i);
            f.map.mark(fmt::format("{}.{}", name, names[i]));
        }
        ImGui::EndCombo();
    } else {
        tip(meaning);
        f.map.mark(name);
    }
}

void source(Frame& f) {
    ImGui::TextDisabled("SOURCE");
    ImGui::TextWrapped("%s", input_title(f.draft.input).c_str());
    if (f.shown && f.shown->input) {
        const float width = ImGui::GetContentRegionAvail().x;
        const auto& image = *f.shown->input;
        const float scale = std::min(width / static_cast<float>(image.width), ImGui::GetFontSize() * 8 / static_cast<float>(image.height));
        ImGui::Image(reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(f.textures.input)),
                     {static_cast<float>(image.width) * scale, static_cast<float>(image.height) * scale});
    }
    static_assert(sizeof(ImTextureID) >= sizeof(unsigned));
    if (ImGui::BeginCombo("open", "samples, patterns")) {
        for (const std::string& name : sample_names(f.assets))
            if (ImGui::Selectable(name.c_str())) f.requests.images = {"sample:" + name};
        for (const auto name : pattern_names())
            if (ImGui::Selectable(fmt::format("pattern: {}", name).c_str())) f.requests.images = {fmt::format("pattern:{}:256x256", name)};
        ImGui::EndCombo();
    } else {
        tip("A picture that comes with Convlens, or a test pattern; drop your own pictures on the window");
        f.map.mark("open");
    }
    ImGui::Checkbox("grey", &f.draft.input.gray);
    tip("Use one channel, 0.299 R + 0.587 G + 0.114 B, instead of three");
    f.map.mark("grey");
}

void kernels(Frame& f) {
    ImGui::TextDisabled("KERNELS");
    if (ImGui::Button("Edges")) {
        choose_kernels(f.draft, EdgeKernels{});
    }
    tip("64 hand-made filters: blurs, Sobel and other gradients, lines, spots, Gabor");
    f.map.mark("bank.edges");
    ImGui::SameLine();
    if (ImGui::Button("Random")) {
        choose_kernels(f.draft, RandomKernels{});
    }
    tip("Seven 5x5 kernels drawn as nn.Conv2d initialises them");
    f.map.mark("bank.random");
    ImGui::SameLine();
    if (ImGui::Button("AlexNet")) f.requests.weights = "alexnet";
    tip("64 kernels of AlexNet's first layer, trained by Convlens on Tiny ImageNet");
    f.map.mark("bank.alexnet");
    ImGui::TextWrapped("%s", kernels_title(f.draft.kernels).c_str());
    if (auto* random = std::get_if<RandomKernels>(&f.draft.kernels.bank)) {
        ImGui::SliderInt("channels", &random->out_channels, 1, 64);
        tip("C_out: the number of kernels, and of output channels");
        pair_slider(f, "kernel_size", random->kernel_size, 1, 15, 5, "Height and width of a kernel");
        if (ImGui::Button("Again")) ++random->seed;
        tip("Draw new random kernels with the next seed");
        f.map.mark("again");
    }
    if (std::holds_alternative<EdgeKernels>(f.draft.kernels.bank)) {
        constexpr std::array<std::string_view, 2> rules{"luminance", "channel sum"};
        combo(f, "grey kernels", rules, f.draft.kernels.grey, "A grey kernel filters the luminance of a colour image, or each channel alike and the results are added");
    }
}

void hyper_parameters(Frame& f) {
    ConvParams& c = f.draft.conv;
    ImGui::TextDisabled("CONVOLUTION");
    pair_slider(f, "stride", c.stride, 1, 8, 1, "How many pixels the kernel moves from one output value to the next");
    if (!c.same) pair_slider(f, "padding", c.padding, 0, 16, 0, "Rows and columns added round the image before the kernel slides over it");
    ImGui::Checkbox("same", &c.same);
    tip("Padding chosen so that the output is as large as the input; needs stride 1");
    f.map.mark("same");
    pair_slider(f, "dilation", c.dilation, 1, 8, 1, "Distance between neighbouring taps of the kernel");
    combo(f, "padding_mode", padding_mode_names(), c.padding_mode, "What the added rows and columns hold");
    ImGui::SliderInt("groups", &c.groups, 1, 8);
    tip("Groups of input and output channels that don't see each other");
    ImGui::Checkbox("flip", &c.flip);
    tip("True convolution: every kernel turned by 180 degrees; without it, correlation, as deep learning has it");
    f.map.mark("flip");
}

void look(Frame& f) {
    Look& l = f.draft.look;
    ImGui::TextDisabled("LOOK");
    constexpr std::array<std::string_view, 4> modes{"per-channel", "shared", "symmetric", "fixed"};
    combo(f, "scale", modes, l.scale.mode, "Which values map to the ends of the colour map: each channel's own, all channels' alike, symmetric about zero, or fixed");
    if (l.scale.mode == ScaleMode::fixed) ImGui::DragFloatRange2("range", &l.scale.lo, &l.scale.hi, 0.01F);
    Colormap map = l.effective_colormap();
    const Colormap before = map;
    combo(f, "colormap", colormap_names(), map, "The colours from the lowest to the highest value");
    if (map != before) l.colormap = map;
    constexpr std::array<std::string_view, 4> orders{"index", "mean", "max", "energy"};
    combo(f, "sort", orders, l.sort, "The order of the cells; energy is the mean magnitude");
    if (f.shown && f.shown->output_shape.n > 1) {
        ImGui::SliderInt("item", &l.item, 0, f.shown->output_shape.n - 1);
        tip("Which item of the batch is shown; [ and ] step");
    }
}

}  // namespace

void controls_panel(Frame& f) {
    ImGui::PushItemWidth(ImGui::GetContentRegionAvail().x * 0.55F);
    source(f);
    ImGui::Separator();
    kernels(f);
    ImGui::Separator();
    hyper_parameters(f);
    ImGui::Separator();
    look(f);
    ImGui::PopItemWidth();
}

}  // namespace convlens
