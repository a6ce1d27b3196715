/// The options of the commands about channels and classes: maximize, attribute, patches, analyze, classify.
#include "app/cli/checks.h"
#include "app/cli/commands.h"
#include "app/cli/help.h"
#include "app/cli/words.h"
#include "engine/core/numbers.h"
#include "engine/filter/band_filter.h"
#include "engine/filter/downsampling.h"
#include "engine/filter/filter_bank.h"
#include "engine/nn/kernel_bank.h"

namespace convlens {
namespace {

/// Returns a function that accepts one of `names`.
auto member_of(std::span<const std::string_view> names) {
    return [names](const std::string& text) { return std::ranges::find(names, text) != names.end(); };
}

}  // namespace

void MaximizeCommand::add_to(CLI::App& app) {
    OptionGroup output(app, "Output");
    output.add("--out", out, "FILE.png", "Write the pictures as one PNG")->check(ends_in({".png"}));
    output.add("--data", data, "FILE.npy", "Write the pictures as an array (N, C, H, W) of values 0..1")
        ->check(ends_in({".npy"}));
    output.add("--code", code, "FILE.py", "Write a PyTorch script that does the same, and its weights beside it")
        ->check(ends_in({".py"}));
    output.add("--columns", columns, "N", "Number of pictures per row")
        ->check(CLI::Range(1, 4096))
        ->capture_default_str();

    OptionGroup search_group(app, "Search");
    search_group.add("--channels", channels, "LIST", "Channels of the layer, as in 0-63 or 3,7,12 (default: all)")
        ->check(explains(channels_from));
    search_group
        .add("--objective", objective, "unit|channel",
             "unit: one value far from the borders; the picture is its receptive field. channel: the mean "
             "of "
             "the feature map")
        ->check(only({"unit", "channel"}))
        ->capture_default_str();
    search_group
        .add("--picture-size", size, "WxH",
             "Size of the pictures for --objective channel, and for layers that see the whole image (default: 128x128)")
        ->check(expects(picture_size_from, "WxH, as in 128x128"));
    search_group.add("--steps", steps, "N", "Number of steps of gradient ascent")
        ->check(CLI::Range(0, 100000))
        ->capture_default_str();
    search_group.add("--lr", search.learning_rate, "RATE", "Learning rate of Adam")->capture_default_str();
    search_group.flag("--pixels", pixels, "Change the pixels (default: the Fourier spectrum of the picture)");
    search_group
        .add("--low-pass", search.low_pass, "F",
             "Suppress frequencies of the spectrum above F cycles per pixel; 0: none")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    search_group.flag("--plain-colors", plain_colors,
                      "Change red, green and blue (default: directions in which photographs differ)");
    search_group
        .add("--jitter", jitter, "N",
             "Shift the picture by up to N/2 pixels in each step (default: 8 for --objective channel, else 0)")
        ->check(CLI::Range(0, 256));
    search_group
        .add("--random-scale", search.scale, "S", "Scale the picture by a random factor from 1-S to 1+S in each step")
        ->check(CLI::Range(0.0, 0.5))
        ->capture_default_str();
    search_group
        .add("--random-rotation", search.rotation, "DEGREES",
             "Rotate the picture by a random angle up to DEGREES in each step")
        ->check(CLI::Range(0.0, 180.0))
        ->capture_default_str();
    search_group.add("--weight-decay", search.weight_decay, "W", "L2 penalty of the parameters")->capture_default_str();
    search_group
        .add("--total-variation", search.total_variation, "W",
             "Penalty of differences between neighboring pixels (total variation)")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    search_group.flag("--from-image", from_image, "Start from the middle of the image (default: from gray)");
    search_group.add("--seed", search.seed, "N", "Seed of the first pictures and of the motions")
        ->capture_default_str();
}

void AttributeCommand::add_to(CLI::App& app) {
    OptionGroup output(app, "Output");
    output.add("--out", out, "FILE.png", "Write each map above its twin with random weights as one PNG")
        ->check(ends_in({".png"}));
    output.add("--data", data, "FILE.npy", "Write the maps and then their twins as an array (2, methods, H, W)")
        ->check(ends_in({".npy"}));
    output.add("--code", code, "FILE.py", "Write a PyTorch script that computes the maps, and its weights beside it")
        ->check(ends_in({".py"}));
    output.flag("--json", json, "Print JSON");

    OptionGroup group(app, "Attribution");
    group.add("--channel", channel, "N", "Channel or class of the layer that is explained (default: the largest mean)")
        ->check(CLI::NonNegativeNumber);
    std::vector<std::string> names{"all"};
    for (const MethodText& text : methods()) names.emplace_back(text.name);
    group
        .add("--method", method, "NAME",
             "all, gradient, gradient_input, integrated_gradients, guided_backprop, deconvolution, grad_cam or "
             "occlusion")
        ->check(only(names))
        ->capture_default_str();
    group.add("--random-from", random_from, "LAYER",
              "First layer with random weights for the twins (default: the last layer with weights)");
    group.add("--seed", seed, "N", "Seed of the random weights")->capture_default_str();
    group.add("--cam-layer", cam_layer, "LAYER",
              "Layer whose maps Grad-CAM weights (default: the last convolution before the explained layer)");
    group.add("--steps", options.steps, "N", "Points between the black image and the image, for integrated_gradients")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    group.add("--patch", patch, "HxW", "Size of the patch for occlusion (default: 16)")
        ->check(expects(positive_pair, "N or HxW, each at least 1"));
    group.add("--patch-stride", patch_stride, "HxW", "Pixels by which the patch moves (default: 8)")
        ->check(expects(positive_pair, "N or HxW, each at least 1"));
    group.add("--labels", labels, "FILE.txt", "Names of the classes, one per line, the first line for class 0");
    group.flag("--field", field, "Compute the effective receptive field, too");

    OptionGroup fooling(app, "Fooling");
    fooling
        .add("--fool", fool, "EPSILON",
             "Change the image by at most EPSILON gray levels (of 255) per color so that the class changes")
        ->check(CLI::Range(0.0, 255.0));
    fooling.add("--fool-steps", fool_steps, "N", "1: one step (FGSM); more: projected gradient descent (PGD)")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    fooling.add("--fool-class", fool_class, "N", "The class to be answered (default: any other)")
        ->check(CLI::NonNegativeNumber);
    fooling.add("--fool-out", fool_out, "FILE.png", "Write original, difference x 20 and changed image")
        ->check(ends_in({".png"}))
        ->needs("--fool");
}

void PatchesCommand::add_to(CLI::App& app) {
    OptionGroup output(app, "Output");
    output.add("--out", out, "FILE.png", "Write the patches as one PNG, a row for each channel")
        ->check(ends_in({".png"}));
    output.add("--channels", channels, "LIST", "Channels of the layer, as in 0-63 or 3,7,12 (default: all)")
        ->check(explains(channels_from));
    output.add("--count", count, "N", "Number of patches for each channel")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    output.add("--per-image", per_image, "N", "Maximum number of patches of a channel from one image")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
}

void FiltersCommand::add_to(CLI::App& app) {
    OptionGroup output(app, "Output");
    output
        .add("--out", out, "FILE.png",
             "Write the responses as one PNG, with frequency 0 in the middle of each; or the pictures of another part")
        ->check(ends_in({".png"}));
    output
        .add("--data", data, "FILE.npy",
             "Write the magnitudes as an array (N, 1, SAMPLES, SAMPLES); frequency 0 is at SAMPLES/2, as after "
             "fftshift; or the maps or the kernel of another part")
        ->check(ends_in({".npy"}));
    output.add("--plot", plot, "FILE.png|FILE.svg", "Write the curves of a part other than frequency")
        ->check(ends_in({".png", ".svg"}));
    output.add("--table", table, "FILE.csv|FILE.json", "Write the numbers; parts other than frequency only as .csv")
        ->check(ends_in({".csv", ".json"}));
    output.add("--columns", columns, "N", "Number of responses per row")
        ->check(CLI::Range(1, 4096))
        ->capture_default_str();
    output.add("--colormap", colormap, alternatives(colormap_names()), "Colormap of the responses")
        ->check(expects(colormap_from, one_of(colormap_names())))
        ->capture_default_str();

    OptionGroup parts(app, "Parts");
    parts
        .add("--part", part, fmt::format("{}", fmt::join(filter_part_names(), "|")),
             "What is analyzed: the kernels (frequency), spectra before and after a kernel, a kernel for a band of "
             "frequencies (design), two kernels in a row (algebra), a kernel that answers as a mask says (paint), "
             "shifts "
             "of the image, aliasing by strides, borders, numbers of fewer bits, or algorithms of a convolution")
        ->check(only(filter_part_names()))
        ->capture_default_str();
    parts.add("--channel", channel, "N", "Channel of the layer for pictures and --data")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    parts.add("--reach", reach, "N", "shift: largest shift in pixels")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    parts.add("--steps-per-pixel", steps, "N", "shift: steps of the shift in a pixel")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
    parts.flag("--vertical", vertical, "shift: shift down (default: to the right)");
    parts.flag("--all-values", all_values,
               "shift: compare values near the borders, too (default: those whose receptive field is in the image)");
    parts.flag("--invariance", invariance,
               "shift: plot the similarity with the output as it was (default: with the shifted output)");
    parts
        .add("--strides", strides, alternatives(strides_names()),
             "shift: strides of convolutions. blurred: BlurPool after the activation. one: dilated instead")
        ->check(expects(member_of(strides_names()), one_of(strides_names())))
        ->capture_default_str();
    parts.add("--pooling", pooling, alternatives(pools_names()), "shift: pooling. blurred: with stride 1 and BlurPool")
        ->check(expects(member_of(pools_names()), one_of(pools_names())))
        ->capture_default_str();
    parts.add("--taps", taps, "N", "shift, aliasing: taps of BlurPool, odd")
        ->check(expects(
            [](const std::string& text) {
                const auto n = parse_number<int>(text);
                return n && *n >= 3 && *n <= 15 && *n % 2 == 1;
            },
            "an odd number from 3 to 15"))
        ->capture_default_str();
    parts.add("--alias-stride", stride, "N", "aliasing: the stride")->check(CLI::Range(1, 64))->capture_default_str();
    parts.add("--rounded", rounded, "all|weights|activations", "precision: what has fewer bits")
        ->check(only({"all", "weights", "activations"}))
        ->capture_default_str();
    parts
        .add("--problem", problem, "C,K,k,H",
             "algorithms: channels, kernels, kernel size, rows = columns of the output")
        ->check(expects(conv_sizes_from, "C,K,k,H: four numbers, as in 3,16,3,128"))
        ->capture_default_str();
    parts
        .add("--largest-kernel", largest_kernel, "N",
             "algorithms: measure kernels of 1x1, 3x3, ... NxN and plot the times")
        ->check(CLI::Range(1, 255));

    OptionGroup kernel(app, "Parts about one kernel");
    const auto odd_up_to = [](int most) {
        return expects(
            [most](const std::string& text) {
                const auto n = parse_number<int>(text);
                return n && *n >= 1 && *n <= most && *n % 2 == 1;
            },
            fmt::format("an odd number from 1 to {}", most));
    };
    kernel.add("--band", band, "LOWEST,HIGHEST", "design: frequencies that pass, in cycles per pixel")
        ->check(expects(band_from, "two numbers from 0 to 0.75, as in 0.1,0.25"))
        ->capture_default_str();
    kernel.add("--orientation", orientation, "DEGREES", "design: direction in which the waves change; 0: to the right")
        ->check(CLI::Range(0.0, 180.0))
        ->capture_default_str();
    kernel
        .add("--spread", spread, "DEGREES",
             "design: angle between the sides of a wedge of the band; 180: all directions")
        ->check(CLI::Range(1.0, 180.0))
        ->capture_default_str();
    kernel.add("--outside", outside, "WEIGHT", "design: how much a squared error outside of the band counts")
        ->check(CLI::Range(0.001, 1000.0))
        ->capture_default_str();
    kernel.add("--side", kernel_size, "N", "design, paint: rows and columns of the kernel, odd")
        ->check(odd_up_to(max_band_kernel))
        ->capture_default_str();
    std::vector<std::string> names;
    for (const NamedKernel& named : edge_kernels()) names.push_back(named.name);
    kernel.add("--second", second, "NAME", "algebra: the second kernel, one of the hand-crafted filters")
        ->check(expects([names](const std::string& text) { return std::ranges::find(names, text) != names.end(); },
                        "the name of a hand-crafted filter, such as Sobel x or Laplacian 4"))
        ->capture_default_str();
    kernel.add("--mask", mask, "FILE", "paint: a picture as large as the input; white pixels are yes, black ones no");
    kernel.add("--test-mask", test_mask, "FILE", "paint: the same for pixels to test the kernel with");
    kernel.add("--regularization", regularization, "R", "paint: how much large weights count against the kernel")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();

    OptionGroup filters_group(app, "Filters");
    filters_group.add("--channels", channels, "LIST", "Kernels, as in 0-63 or 3,7,12 (default: all)")
        ->check(explains(channels_from));
    filters_group
        .add("--response", response, alternatives(response_of_names()),
             "all: the root of the sum over input channels of |H|^2. gray: the response to a gray image")
        ->check(only({"all", "gray"}))
        ->capture_default_str();
    filters_group
        .add("--sort", sort, alternatives(filter_order_names()), "Order: by number, or by the peak of the response")
        ->check(only({"index", "orientation", "frequency"}))
        ->capture_default_str();
    filters_group.add("--samples", samples, "N", "Number of frequencies per axis, even")
        ->check(expects(
            [](const std::string& text) {
                const auto n = parse_number<int>(text);
                return n && *n >= 8 && *n <= 1024 && *n % 2 == 0;
            },
            "an even number from 8 to 1024"))
        ->capture_default_str();
    filters_group.flag("--decibels", decibels, "Draw 20 log10(|H| / peak) from -60 to 0 (default: |H| / peak)");
}

void ClassifyCommand::add_to(CLI::App& app) {
    OptionGroup output(app, "Output");
    output.add("--out", out, "FILE.csv|FILE.json", "Write the table to this file (default: print it as CSV)")
        ->check(ends_in({".csv", ".json"}));
    output.flag("--json", json, "Print JSON instead of CSV");
    output.add("--top", top, "N", "Number of classes for each image")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    output.add("--labels", labels, "FILE.txt", "Names of the classes, one per line, the first line for class 0");
}

}  // namespace convlens
