/// The panel of a single convolution: its kernels and hyperparameters.
#include <imgui.h>

#include <array>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/panels/panels.h"
#include "app/ui/widgets/property.h"

namespace convlens {
namespace {

/// Draws the choice of the kernels.
void kernels(Frame& f) {
    section("KERNELS");
    if (button(
            f, "bank.edges", "Edges",
            "Loads 64 hand-crafted filters: blurs, Sobel and other gradients, lines, spots and Gabor filters (Ctrl+1)"))
        choose_kernels(f.draft, EdgeKernels{});
    same_line_if_fits(button_width("Random"));
    if (button(f, "bank.random", "Random",
               "Generates seven random 5x5 kernels with nn.Conv2d's default initialization (Ctrl+2)"))
        choose_kernels(f.draft, RandomKernels{});
    same_line_if_fits(button_width("AlexNet"));
    if (button(f, "bank.alexnet", "AlexNet",
               "Loads the 64 kernels of AlexNet's first layer, trained by Convlens on Tiny ImageNet (Ctrl+3)"))
        load(f, Opens::network, weights_job("alexnet", std::nullopt));
    ImGui::TextWrapped("%s", kernels_title(f.draft.kernels).c_str());
    if (auto* random = std::get_if<RandomKernels>(&f.draft.kernels.bank)) {
        number_row(f, "channels", random->out_channels, 1, 64, 7,
                   "Number of kernels, one per output channel (out_channels)");
        pair_row(f, "kernel_size", random->kernel_size, 1, 15, 5, "Height and width of a kernel");
        label("seed", "Random seed: the same seed gives the same kernels");
        ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x * 0.5F);
        ImGui::InputScalar("##seed", ImGuiDataType_U32, &random->seed);
        f.map.mark("seed");
        ImGui::SameLine();
        if (button(f, "again", "New", "Generates new random kernels with the next seed (Ctrl+R)")) ++random->seed;
    }
    const bool gray = std::holds_alternative<EdgeKernels>(f.draft.kernels.bank);
    if (gray) {
        constexpr Words<2> rules{"luminance", "channel sum"};
        int rule = static_cast<int>(f.draft.kernels.gray);
        if (choice_row(
                f, "gray kernels", rules, rule,
                "How single-channel kernels are applied to a color image: to its luminance, or to each color channel, "
                "with the results added"))
            f.draft.kernels.gray = static_cast<GrayKernels>(rule);
    } else {
        check_row(f, "bias", f.draft.kernels.bias, "Adds each kernel's bias to every value of its channel");
    }
}

/// Draws the hyperparameters of the convolution.
void hyper_parameters(Frame& f) {
    ConvParams& c = f.draft.conv;
    section("CONVOLUTION");
    pair_row(f, "stride", c.stride, 1, 8, 1,
             "Number of pixels that the kernel moves from one output value to the next");
    ImGui::BeginDisabled(c.same);
    pair_row(f, "padding", c.padding, 0, 16, 0,
             "Number of rows added above and below the image, and of columns added on its left and on its right");
    ImGui::EndDisabled();
    check_row(f, "same", c.same, "Chooses the padding so that the output has the size of the input; requires stride 1");
    int mode = static_cast<int>(c.padding_mode);
    if (choice_row(
            f, "padding_mode", padding_mode_names(), mode,
            "Values of the added rows and columns: zeros, or values of the image (reflect, replicate, circular)"))
        c.padding_mode = static_cast<PaddingMode>(mode);
    pair_row(f, "dilation", c.dilation, 1, 8, 1, "Spacing between neighboring kernel elements in pixels");
    number_row(f, "groups", c.groups, 1, 8, 1,
               "Number of groups of input and output channels that are convolved separately");
    check_row(f, "flip", c.flip,
              "Rotates every kernel by 180 degrees for true convolution; off is cross-correlation, as in PyTorch");
}

}  // namespace

void layer_panel(Frame& f) {
    if (!std::holds_alternative<ConvChain>(f.draft.network)) return;
    kernels(f);
    hyper_parameters(f);
}

}  // namespace convlens
