/// Kernels and hyper-parameters: what the user changes of the layer.
#include <imgui.h>

#include <array>

#include "app/ui/frame.h"
#include "app/ui/panels/panels.h"
#include "app/ui/widgets/property.h"

namespace convlens {
namespace {

void kernels(Frame& f) {
    section("KERNELS");
    if (button(f, "bank.edges", "Edges",
               "64 hand-made filters: blurs, Sobel and other gradients, lines, spots, Gabor (Ctrl+1)"))
        choose_kernels(f.draft, EdgeKernels{});
    same_line_if_fits(button_width("Random"));
    if (button(f, "bank.random", "Random", "Seven 5x5 kernels drawn as nn.Conv2d initializes them (Ctrl+2)"))
        choose_kernels(f.draft, RandomKernels{});
    same_line_if_fits(button_width("AlexNet"));
    if (button(f, "bank.alexnet", "AlexNet",
               "64 kernels of AlexNet's first layer, trained by Convlens on Tiny ImageNet (Ctrl+3)"))
        load(f, weights_job("alexnet", std::nullopt));
    ImGui::TextWrapped("%s", kernels_title(f.draft.kernels).c_str());
    if (auto* random = std::get_if<RandomKernels>(&f.draft.kernels.bank)) {
        number_row(f, "channels", random->out_channels, 1, 64, 7,
                   "C_out: the number of kernels, and so of output channels");
        pair_row(f, "kernel_size", random->kernel_size, 1, 15, 5, "Height and width of a kernel");
        label("seed", "The number that the random kernels are drawn from: the same seed, the same kernels");
        ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x * 0.5F);
        ImGui::InputScalar("##seed", ImGuiDataType_U32, &random->seed);
        f.map.mark("seed");
        ImGui::SameLine();
        if (button(f, "again", "Again", "Draw new random kernels with the next seed (Ctrl+R)")) ++random->seed;
    }
    const bool gray = std::holds_alternative<EdgeKernels>(f.draft.kernels.bank);
    if (gray) {
        constexpr std::array<std::string_view, 2> rules{"luminance", "channel sum"};
        int rule = static_cast<int>(f.draft.kernels.gray);
        if (choice_row(f, "gray kernels", rules, rule,
                       "A gray kernel filters the luminance of a color image, or each channel alike and the results "
                       "are added"))
            f.draft.kernels.gray = static_cast<GrayKernels>(rule);
    } else {
        check_row(f, "bias", f.draft.kernels.bias, "Add each kernel's own constant to all of its channel");
    }
}

void hyper_parameters(Frame& f) {
    ConvParams& c = f.draft.conv;
    section("CONVOLUTION");
    pair_row(f, "stride", c.stride, 1, 8, 1, "How many pixels the kernel moves from one output value to the next");
    ImGui::BeginDisabled(c.same);
    pair_row(f, "padding", c.padding, 0, 16, 0,
             "Rows and columns added round the image before the kernel slides over it");
    ImGui::EndDisabled();
    check_row(f, "same", c.same, "Padding chosen so that the output is as large as the input; needs stride 1");
    int mode = static_cast<int>(c.padding_mode);
    if (choice_row(f, "padding_mode", padding_mode_names(), mode, "What the added rows and columns hold"))
        c.padding_mode = static_cast<PaddingMode>(mode);
    pair_row(f, "dilation", c.dilation, 1, 8, 1, "Distance between neighboring taps of the kernel");
    number_row(f, "groups", c.groups, 1, 8, 1, "Groups of input and output channels that don't see each other");
    check_row(f, "flip", c.flip,
              "True convolution: every kernel turned by 180 degrees; without it, correlation, as deep learning has it");
}

}  // namespace

void layer_panel(Frame& f) {
    if (!std::holds_alternative<ConvChain>(f.draft.network)) return;
    kernels(f);
    hyper_parameters(f);
}

}  // namespace convlens
