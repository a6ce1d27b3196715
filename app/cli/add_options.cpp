/// Names, help texts and checks of the options. CLI11 is slow to compile: only this file,
/// add_channel_options.cpp, help.cpp and main.cpp use it.
#include <algorithm>
#include <cctype>
#include <functional>

#include "app/cli/checks.h"
#include "app/cli/commands.h"
#include "app/cli/help.h"
#include "app/cli/options.h"
#include "app/cli/train_command.h"
#include "app/cli/words.h"
#include "engine/core/numbers.h"
#include "engine/cpu/simd.h"
#include "engine/export/recording.h"
#include "engine/filter/filter_bank.h"
#include "engine/io/frames.h"

namespace convlens {
namespace {

// The groups of the options that describe a document.
constexpr const char* input_group = "Input";
constexpr const char* network_group = "Network";
constexpr const char* convolution_group = "Kernels and convolution (for --network conv)";

/// Checks the value of --data. Returns an error message, or an empty text if the value is valid.
std::string check_data(const std::string& text) {
    if (text == "bars" || text == "fashion-mnist" || text.starts_with("fashion-mnist:") ||
        text.starts_with("cifar10:") || text.starts_with("folder:"))
        return {};
    return fmt::format("'{}' is not bars, fashion-mnist, fashion-mnist:FOLDER, cifar10:FOLDER or folder:FOLDER", text);
}

/// Returns the instruction sets that this machine supports, as the help prints the values of an option.
std::string simd_alternatives() {
    std::string names;
    for (const Simd& simd : available_simd()) names += (names.empty() ? "" : "|") + std::string(simd.name);
    std::ranges::transform(names, names.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return names;
}

}  // namespace

void DocumentOptions::add_to(CLI::App& app) {
    OptionGroup input(app, input_group);
    input.add("--session", session, "FILE",
              "Start from a saved session (.json or .zip), which the other options change");
    input
        .add("--image", images, "FILE|sample:NAME|pattern:NAME[:WxH]",
             fmt::format(
                 "Image or video file, sample image, or test pattern ({}); repeat the option for a batch of images "
                 "(default: sample:cat)",
                 fmt::join(pattern_names(), ", ")))
        ->allow_extra_args(false);
    input
        .add("--tensor", tensor, "FILE.npy",
             "Use this (H, W), (C, H, W) or (N, C, H, W) array as the input, without any preprocessing, instead of an "
             "image")
        ->excludes("--image");
    input.add("--batch", batch, "N", "Number of images that pattern:noise draws (default: 1)")
        ->check(CLI::Range(1, 65536));
    input
        .add("--frame", frame, "N",
             "Use frame N of a video or an animation, counted from 0: GIF, WebP, .y4m, pictures named like "
             "frame_%04d.png, and what ffmpeg reads (default: 0)")
        ->check(CLI::Range(0, 1000000));
    input
        .add("--minus", minus, "N|before",
             "Subtract frame N, or the frame before: gray where nothing moves, as the input of motion filters")
        ->check(expects(minus_from, "the number of a frame, or before"));
    input
        .add("--background", background, "RRGGBB", "Color behind transparent pixels, in hexadecimal (default: ffffff)")
        ->check(expects(color_from, "RRGGBB, as in ffffff"));
    input
        .add("--crop", crop, "WxH+X+Y",
             "Crop the image to WxH pixels with the upper left corner at column X and row Y (default: the whole image)")
        ->check(expects(rect_from, "WxH+X+Y, as in 100x80+10+20"));
    input
        .add("--resize", resize, "WxH",
             "Resize the image to WxH pixels (default: the network's input size if it has one, else the image's size)")
        ->check(expects(picture_size_from, "WxH, as in 224x224"));
    input
        .add("--shift", shift, "DX,DY",
             "Shift the image right by DX and down by DY pixels; uncovered edges are filled with black (default: 0,0)")
        ->check(expects(shift_from, "DX,DY, as in 3,-2"));
    input.flag("--gray", gray,
               "Convert the image to gray, 0.299 R + 0.587 G + 0.114 B: one channel, or three equal channels if the "
               "kernels expect three");
    input
        .add("--normalize", normalize, alternatives(normalize_names()),
             "Normalize pixels in [0,1] per channel: imagenet is (x - mean) / std, half is (x - 0.5) / 0.5 (default: "
             "what the kernels were trained with)")
        ->check(expects(normalize_from, one_of(normalize_names())));

    OptionGroup net(app, network_group);
    net.add("--network", network, "conv|largenet|alexnet|FILE.json|FILE.onnx",
            "A single convolution (conv), LargeNet, AlexNet, or the layers in a network file or an ONNX file (default: "
            "the session's network, else conv)");
    net.add(
        "--layer", layer, "NAME|INDEX",
        "Layer whose output is shown, by name or index (default: the last layer, or the last one before a layer whose "
        "weights are missing)");
    net.add(
        "--weights", weights, "edges|edges:sum|random:OUTxK[:SEED]|alexnet|convlens|torchvision|FILE[:KEY]",
        "For conv: edges (64 edge filters, applied to the image's luminance), edges:sum (applied to each channel and "
        "summed), random:OUTxK (OUT random kernels of size K or KHxKW), alexnet (AlexNet's first layer, the default), "
        "or a .npy, .npz, .safetensors, .onnx or .pth file. For other networks: random[:SEED] (the default, except for "
        "alexnet and ONNX files, which have weights) or a checkpoint file. For alexnet also: torchvision "
        "(torchvision's file, the default if this machine "
        "has it) or convlens (the weights that come with Convlens, of the convolutions only; otherwise the default)");

    net.flag("--fold-batch-norm", fold_batch_norm,
             "Fold each BatchNorm2d into the convolution, ConvTranspose2d or Linear layer directly before it");

    OptionGroup conv(app, convolution_group);
    conv.add("--bias", bias, "none|FILE[:KEY]",
             "Leave out the bias, or read it from a file (default: the bias in the weight file if there is one)");
    conv.add("--stride", stride, "S|SHxSW", "Stride of the kernels (default: 1; 4 for alexnet)")
        ->check(expects(positive_pair, "S or SHxSW of at least 1"));
    conv.add("--padding", padding, "same|P|PHxPW",
             "Rows and columns added at each edge of the input (default: half of the kernel size; 2 for alexnet)")
        ->check(expects([](const std::string& t) { return t == "same" || padding_pair(t); }, "P, PHxPW or same"));
    conv.add("--dilation", dilation, "D|DHxDW", "Dilation of the kernels (default: 1)")
        ->check(expects(positive_pair, "D or DHxDW of at least 1"));
    conv.add("--groups", groups, "N", "Number of groups of channels, as in torch.nn.Conv2d (default: 1)")
        ->check(CLI::Range(1, 1 << 20));
    conv.add("--padding-mode", padding_mode, alternatives(padding_mode_names()),
             "Values beyond the edges of the input (default: zeros; replicate for edges)")
        ->check(expects(padding_mode_from, one_of(padding_mode_names())));
    conv.flag("--flip", flip,
              "Compute a true convolution, with the kernels rotated by 180 degrees (default: cross-correlation)");
    conv.flag("--relu", relu, "Apply ReLU to the output of the convolution");
    conv.add("--max-pool", max_pool, "K|KHxKW",
             "Apply MaxPool2d with this kernel size and stride after the convolution and ReLU (default: no pooling)")
        ->check(expects(positive_pair, "K or KHxKW of at least 1"));
}

bool DocumentOptions::given(const CLI::App& app) {
    return !app.get_options([](const CLI::Option* option) {
                   const std::string& group = option->get_group();
                   return option->count() > 0 &&
                          (group == input_group || group == network_group || group == convolution_group);
               })
                .empty();
}

void DisplayArguments::add_to(CLI::App& app) {
    OptionGroup display(app, "Display");
    display
        .add("--scale", scale, "per-channel|shared|symmetric|per-channel-symmetric|fixed:LO:HI",
             "Values at the two ends of the colormap. per-channel (the default): minimum and maximum of each channel. "
             "shared: minimum and maximum of all shown channels. symmetric: -m and m, where m is the largest magnitude "
             "of all shown channels. per-channel-symmetric: the same for each channel. fixed: LO and HI")
        ->check(explains(scale_from));
    display
        .add("--colormap", colormap, alternatives(colormap_names()),
             "Colormap of the cells (default: viridis; coolwarm on a symmetric scale)")
        ->check(expects(colormap_from, one_of(colormap_names())));
    display.add("--cell", cell, "WxH", "Size of a cell in pixels (default: one pixel per value)")
        ->check(expects(cell_from, fmt::format("WxH, as in 120x90, at most {}", max_picture_side)));
    display.add("--channels", channels, "LIST", "Channels to show, as in 0-63 or 3,7,12 (default: all)")
        ->check(explains(channels_from));
    display
        .add("--sort", sort, "index|mean|max|energy",
             "Order of the cells: by channel index, or with the largest mean, maximum or mean magnitude (energy) first "
             "(default: index)")
        ->check(explains(sort_from));
    display.add("--columns", columns, "N", "Number of columns of the grid (default: 8)")->check(CLI::Range(1, 4096));
    display.add("--gap", gap, "N", "Number of pixels between the cells and around the grid (default: 2)")
        ->check(CLI::Range(0, 1024));
    display.flag("--hide-dead", hide_dead,
                 "Hide channels whose values are all equal, unless that would hide all channels");
    display.flag(
        "--mark-beyond", mark_beyond,
        "Draw values below the scale in light blue and values above it in pink (default: in the colormap's end "
        "colors)");
    display.add("--item", item, "INDEX", "Index of the batch item to show (default: 0)")->check(CLI::Range(0, 65535));
}

void BackendOptions::add_to(CLI::App& app) {
    OptionGroup group(app, "Backend");
    group
        .add("--backend", backend, "auto|cpu|gl",
             "cpu: the CPU; gl: OpenGL with any driver, software drivers included; auto: OpenGL on a graphics card, or "
             "the CPU")
        ->check(only({"auto", "cpu", "gl"}))
        ->capture_default_str();
    group.add("--threads", cpu.threads, "N", "Number of threads of the CPU backend; 0: one per core")
        ->check(CLI::Range(0, 4096))
        ->capture_default_str();
    group
        .add("--isa", cpu.isa, simd_alternatives(),
             "Instruction set of the CPU backend, one of those that this machine supports (default: the best one)")
        ->check(explains(find_simd));
    group
        .add("--shader-dir", gl.shader_dir, "FOLDER",
             "Read the OpenGL shaders from this folder (default: the shaders built into the program)")
        ->check(CLI::ExistingDirectory);
}

void RenderOptions::add_to(CLI::App& app) {
    OptionGroup output(app, "Output");
    output.add("--out", out, "FILE.png|FILE.pdf|FILE.html", "Write the grid as PNG; with --scenes, a handout")
        ->check(ends_in({".png", ".pdf", ".html"}));
    output
        .add("--out-folder", out_folder, "FOLDER",
             "Write one grid per image to this folder, as NAME-grid.png, instead of a grid of the batch")
        ->excludes("--out")
        ->check(CLI::ExistingDirectory);
    output
        .add("--scenes", scenes, "FILE.json|FILE.zip",
             "Write the grid of every scene of this lecture to the folder of --out-folder, as NN-title.png, or a "
             "handout with pictures, texts and questions to --out, as .pdf or .html")
        ->check(ends_in({".json", ".zip"}));
    output
        .add("--scene-width", scene_width, "N",
             "Approximate width in pixels of the grids of scenes that do not set the size of a cell")
        ->check(CLI::Range(64, 16000))
        ->capture_default_str();
    output.add("--data", data, "FILE.npy|FILE.npz", "Write the activations of the shown layer")
        ->check(ends_in({".npy", ".npz"}));
    output
        .add("--kernels", kernels, "FILE.png|FILE.npy|FILE.safetensors",
             "Write the kernels of the convolution as an image or as arrays")
        ->check(ends_in({".png", ".npy", ".safetensors"}));
    output
        .add("--microscope", microscope, "FILE.png",
             "Write an image of the terms that the value at --position is computed from")
        ->check(ends_in({".png"}));
    // --spot is an undocumented alias.
    output
        .add("--position,--spot", position_words, "CHANNEL,Y,X",
             "Position of the value that --microscope explains (default: 0,0,0)")
        ->check([](const std::string& text) {
            return position_from(text) ? std::string() : fmt::format("'{}' is not CHANNEL,Y,X, as in 12,40,60", text);
        })
        ->each([this](const std::string& text) { position = position_from(text).value_or(PixelPosition{}); });
    output
        .add("--pixels", pixels, "N",
             "Width in pixels of a term in --microscope, and approximate width of a kernel in --kernels FILE.png "
             "(default: 64)")
        ->check(CLI::Range(8, 512));
    output.flag("--stats", stats, "Print shape, backend, times and statistics per channel as JSON");
    output.add("--stats-file", stats_file, "FILE.csv|FILE.json", "Write the statistics per channel to a file")
        ->check(ends_in({".csv", ".json"}));
    output
        .add("--save-session", session, "FILE.json|FILE.zip",
             "Save the input, network and display options as a session; a .zip also contains the images and weights")
        ->check(ends_in({".json", ".zip"}));

    OptionGroup group(app, "Annotations of the grid");
    group.flag("--labels", annotations.labels, "Draw the channel number in every cell");
    group.flag("--colorbar,--legend", annotations.colorbar, "Draw the colorbar below the grid");
    group.flag("--show-kernels", annotations.kernels, "Draw the kernel of each channel in its cell");
    group.add("--title", annotations.title, "TEXT", "Draw a title above the grid (default: none)");
    group.add("--paper", paper, "white|dark|transparent", "Background behind the cells")
        ->check(only({"white", "dark", "transparent"}))
        ->capture_default_str();
}

void TrainOptions::add_to(CLI::App& app) {
    OptionGroup arguments(app, "Arguments");
    arguments
        .add("LESSON", lesson, "largenet|filter|filters|features",
             "largenet: a network that classifies images. filter: one kernel that learns to do what a given kernel "
             "does. "
             "filters: 64 kernels from images, without labels. features: a small classifier on the features of a "
             "trained network, and the same classifier on pixels")
        ->check(CLI::IsMember({"largenet", "filter", "filters", "features"}))
        ->capture_default_str();

    OptionGroup examples(app, "Training data");
    examples
        .add("--data", data, "bars|fashion-mnist[:FOLDER]|cifar10:FOLDER|folder:FOLDER",
             "For largenet and features: generated bars and crosses, Fashion-MNIST (without FOLDER: Debian's package), "
             "CIFAR-10's .bin files, or a folder with one subfolder of images per class")
        ->check(check_data)
        ->capture_default_str();
    examples
        .add("--classes", classes, "NAME,...",
             "For cifar10: the classes to learn, in the order of their labels, as in cat,dog (default: all ten)")
        ->delimiter(',');
    examples.add("--image", images, "FILE|sample:NAME|pattern:NAME[:WxH]",
                 "For filter: the image. For filters: an image; repeat the option for several. For largenet: the image "
                 "of --record (default: sample:cat)");
    examples.flag("--no-shuffle", no_shuffle,
                  "For largenet: keep the examples in their order (default: shuffle them every epoch)");

    OptionGroup model(app, "Model");
    model
        .add("--kernel", kernel, "NAME|FILE",
             "For filter: the kernel to learn: the name of one of the 64 edge filters, or a file of kernels")
        ->capture_default_str();
    model
        .add("--kernel-index", kernel_index, "INDEX", "For filter: index of the kernel in the file of --kernel, from 0")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();
    model.add("--kernel-size", kernel_size, "N", "For filters: number of rows and columns of a kernel, odd, 3 to 15")
        ->check(CLI::Range(3, 15))
        ->capture_default_str();
    model.add("--network", network, "largenet|alexnet|FILE.json", "For features: the trained network, as for render")
        ->capture_default_str();
    model.add("--layer", layer, "NAME|INDEX",
              "For features: layer whose output is used (default: the last one before the first Linear layer, or the "
              "last one for which there are weights)");
    model
        .add("--hidden", hidden, "N",
             "For features: number of units of the classifier's hidden layer; 0: no hidden layer, that is, logistic "
             "regression")
        ->check(CLI::Range(0, 65536))
        ->capture_default_str();
    model.add(
        "--weights", weights, "FILE",
        "For largenet and filter: weights to continue from (.safetensors, .npz, .pth; default: random weights). For "
        "features: the weights of the network, as for render");
    model.add("--seed", seed, "N", "Seed of the initial weights, the order of the examples and generated data")
        ->capture_default_str();

    OptionGroup optimization(app, "Optimization");
    optimization.add("--optimizer", optimizer, "sgd|adam", "Optimizer (default: sgd; adam for filter and features)")
        ->check(CLI::IsMember({"sgd", "adam"}));
    optimization
        .add("--lr", learning_rate, "RATE",
             "Learning rate (default: 0.01; 0.001 for features, and for largenet with --optimizer adam)")
        ->check(CLI::PositiveNumber);
    optimization.add("--momentum", momentum, "FACTOR", "Momentum of sgd (default: 0.9; 0 for filter and features)")
        ->check(CLI::Range(0.0, 1.0));
    optimization
        .add("--weight-decay", weight_decay, "FACTOR",
             "Weight decay: the gradient gets the weights times this factor (default: 0; 0.0001 for features)")
        ->check(CLI::NonNegativeNumber);
    optimization.add("--batch-size", batch_size, "N", "Examples per step (default: 64; 32 for filter and features)")
        ->check(CLI::Range(1, 65536));
    optimization.add("--threads", threads, "N", "Number of threads; 0: one per core")
        ->check(CLI::Range(0, 4096))
        ->capture_default_str();

    OptionGroup end(app, "Stop conditions");
    end.add("--epochs", epochs, "N", "Stop after N epochs (default: 10 for largenet, 20 for features)")
        ->check(CLI::Range(0, 1000000));
    end.add("--steps", steps, "N", "Stop after N steps instead of after epochs (default: 20000 for filter)")
        ->check(CLI::Range(0L, 1000000000L));
    end.add("--patience", patience, "N", "Stop when the validation loss has not improved for N epochs; 0: never")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();

    OptionGroup output(app, "Output");
    output.add("--out", out, "FILE.safetensors|FILE.npz", "Write the learned weights or kernels; not for features")
        ->check(ends_in({".safetensors", ".npz"}));
    output.add("--json-log", json_log, "FILE",
               "Write one line of JSON per step and per epoch; for features, per epoch only; not for filters");
    output
        .add(
            "--record", record, "FILE.gif|FILE.mp4|FILE.webm|FILE.y4m|FILE_%03d.png",
            "Write a recording of the grid for the image of --image, from the initial to the learned weights, with the "
            "loss; not for features; .mp4 and .webm need the program ffmpeg")
        ->check(check_movie);
    output.add("--record-frames", record_frames, "N", "Number of frames of the recording, if there were as many steps")
        ->check(CLI::Range(1, static_cast<int>(TimeLine::max_moments)))
        ->capture_default_str();
}

}  // namespace convlens
