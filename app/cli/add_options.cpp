/// Names, help and checks of the options: all that CLI11, which is slow to compile, is told but for main().
#include <CLI/CLI.hpp>
#include <functional>

#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/train_command.h"
#include "app/cli/words.h"
#include "engine/cpu/simd.h"

namespace convlens {
namespace {

/// Makes a parser of optional values a check that explains what was expected.
template <class Parse>
std::function<std::string(const std::string&)> expects(Parse parse, std::string what) {
    return [=](const std::string& text) {
        return parse(text) ? std::string() : fmt::format("'{}' is not {}", text, what);
    };
}

/// The same for parsers that explain themselves.
template <class Parse>
std::function<std::string(const std::string&)> explains(Parse parse) {
    return [=](const std::string& text) {
        const auto value = parse(text);
        return value ? std::string() : value.error().message;
    };
}

std::string words(std::span<const std::string_view> names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::function<std::string(const std::string&)> only(std::vector<std::string> known, std::string later) {
    return [=](const std::string& text) {
        for (const auto& word : known)
            if (word == text) return std::string();
        return fmt::format("'{}' is not one of {}{}", text, fmt::join(known, ", "), later);
    };
}

/// A check that `path` ends in one of `endings`.
CLI::Validator ends_in(std::vector<std::string> endings) {
    return CLI::Validator(
        [endings](const std::string& path) {
            for (const auto& ending : endings)
                if (path.ends_with(ending)) return std::string();
            return fmt::format("'{}': expected a name that ends in {}", path, fmt::join(endings, ", "));
        },
        "");
}

std::string checked_data(const std::string& text) {
    if (text == "bars" || text == "fashion-mnist" || text.starts_with("fashion-mnist:") ||
        text.starts_with("cifar10:") || text.starts_with("folder:"))
        return {};
    return "'" + text + "': expected bars, fashion-mnist, fashion-mnist:FOLDER, cifar10:FOLDER or folder:FOLDER";
}

std::string checked_weights_name(const std::string& path) {
    return path.ends_with(".safetensors") || path.ends_with(".npz")
               ? std::string()
               : "'" + path + "': expected a name that ends in .safetensors or .npz";
}

}  // namespace

void DocumentOptions::add_to(CLI::App& app) {
    constexpr const char* group = "Document";
    const auto text = [&](const char* name, std::string& value, const std::string& help) {
        return app.add_option(name, value, help)->group(group);
    };
    text("--session", session, "A session saved by Convlens (.json or .zip); the options beside it change it");
    app.add_option("--image", images,
                   "Image file, sample:NAME or pattern:NAME[:WxH]; repeat for a batch (default sample:cat)")
        ->group(group)
        ->allow_extra_args(false);
    text("--tensor", tensor, "Input taken as it is: a .npy of (C,H,W) or (N,C,H,W)")->excludes("--image");
    app.add_option("--batch", batch, "Number of draws of pattern:noise (default 1)")
        ->check(CLI::Range(1, 65536))
        ->group(group);
    text("--resize", resize, "Resize the image to WxH")->check(expects(picture_size_from, "WxH, as in 224x224"));
    text("--crop", crop, "Cut WxH+X+Y out of the image")->check(expects(rect_from, "WxH+X+Y, as in 100x80+10+20"));
    text("--shift", shift, "Move the image by DX,DY pixels, black moves in")
        ->check(expects(shift_from, "DX,DY, as in 3,-2"));
    text("--background", background, "RRGGBB behind transparent pixels (default ffffff)")
        ->check(expects(color_from, "RRGGBB, as in ffffff"));
    text("--normalize", normalize,
         "none, imagenet or half on [0,1] pixels (default: what the kernels were trained with)")
        ->check(expects(normalize_from, "one of " + words(normalize_names())));
    app.add_flag("--gray", gray,
                 "0.299 R + 0.587 G + 0.114 B in one channel, or in three equal ones where the kernels take three")
        ->group(group);
    text("--network", network,
         "conv: one convolution, described by the options below (default); largenet; alexnet; or a .json file of "
         "layers");
    text("--layer", layer, "Whose output is shown: a name or an index (default: the last that has weights)");
    text("--weights", weights,
         "For conv: edges[:luminance|:sum], random:OUTxK[:SEED], alexnet (default), or FILE[:KEY] (.npy, .npz, "
         ".safetensors, .pth). For other "
         "networks: random[:SEED], or a FILE of all their weights; for alexnet also convlens or torchvision (default: "
         "torchvision's "
         "file if it is on this machine)");
    text("--bias", bias, "FILE[:KEY] or none (default: the weight file's bias if it has one)");
    text("--stride", stride, "S or SHxSW (default: what the kernels are meant for)")
        ->check(expects(positive_pair, "S or SHxSW of at least 1"));
    text("--padding", padding, "P, PHxPW or same (default: what the kernels are meant for)")
        ->check(expects([](const std::string& t) { return t == "same" || padding_pair(t); }, "P, PHxPW or same"));
    text("--dilation", dilation, "D or DHxDW (default 1)")->check(expects(positive_pair, "D or DHxDW of at least 1"));
    app.add_option("--groups", groups, "Groups of channels that don't see each other (default 1)")
        ->check(CLI::Range(1, 1 << 20))
        ->group(group);
    text("--padding-mode", padding_mode,
         words(padding_mode_names()) + " (default zeros; replicate for the edge filters)")
        ->check(expects(padding_mode_from, "one of " + words(padding_mode_names())));
    app.add_flag("--flip", flip, "True convolution: kernels turned by 180 degrees")->group(group);
    app.add_flag("--relu", relu, "A ReLU after the convolution")->group(group);
    text("--max-pool", max_pool, "A MaxPool2d of K or KHxKW after it")
        ->check(expects(positive_pair, "K or KHxKW of at least 1"));
}

void DisplayArguments::add_to(CLI::App& app) {
    constexpr const char* group = "Look";
    const auto text = [&](const char* name, std::string& value, const std::string& help) {
        return app.add_option(name, value, help)->group(group);
    };
    text("--scale", scale,
         "per-channel, shared, symmetric, per-channel-symmetric or fixed:LO:HI: what maps to the ends of the color "
         "map (default per-channel)")
        ->check(explains(scale_from));
    text("--colormap", colormap, words(colormap_names()) + " (default viridis; coolwarm on a symmetric scale)")
        ->check(expects(colormap_from, "one of " + words(colormap_names())));
    text("--cell", cell, "Size of a cell as WxH (default: one pixel a value)")
        ->check(expects(cell_from, fmt::format("WxH, as in 120x90, {} at most", max_picture_side)));
    text("--channels", channels, "Which channels, as in 0-63 or 3,7,12 (default all)")->check(explains(channels_from));
    text("--sort", sort, "index, mean, max or energy (default index)")->check(explains(sort_from));
    app.add_option("--columns", columns, "Cells in a row (default 8)")->check(CLI::Range(1, 4096))->group(group);
    app.add_option("--gap", gap, "Pixels between the cells (default 2)")->check(CLI::Range(0, 1024))->group(group);
    app.add_flag("--hide-dead", hide_dead, "Leave out channels that have one value everywhere")->group(group);
    app.add_flag("--mark-beyond", mark_beyond, "Draw values below the scale in light blue and those above it in pink")
        ->group(group);
    app.add_option("--item", item, "Which item of the batch (default 0)")->check(CLI::Range(0, 65535))->group(group);
}

void BackendOptions::add_to(CLI::App& app) {
    constexpr const char* group = "Backend";
    app.add_option("--backend", backend,
                   "auto: OpenGL if a graphics card computes it, else the CPU; cpu; gl: OpenGL whatever computes it")
        ->check(only({"auto", "cpu", "gl"}, ""))
        ->group(group)
        ->capture_default_str();
    app.add_option("--threads", cpu.threads, "Threads of the CPU backend, 0 for one a core")
        ->check(CLI::Range(0, 4096))
        ->group(group)
        ->capture_default_str();
    app.add_option("--isa", cpu.isa, "Instruction set of the CPU backend (default: the best there is)")
        ->check(explains(find_simd))
        ->group(group);
    app.add_option("--shader-dir", gl.shader_dir,
                   "Read OpenGL's shaders from this folder instead of the program itself")
        ->check(CLI::ExistingDirectory)
        ->group(group);
}

void RenderOptions::add_to(CLI::App& app) {
    app.add_option("--out", out, "Write the grid as PNG")->check(ends_in({".png"}));
    app.add_option("--out-folder", out_folder, "Write one grid for each image into this folder, as NAME-grid.png")
        ->excludes("--out")
        ->check(CLI::ExistingDirectory);
    app.add_option("--scenes", scenes, "Render every scene of this lecture (.json) into the folder of --out-folder")
        ->check(ends_in({".json"}))
        ->needs("--out-folder");
    app.add_option("--scene-width", scene_width, "About how wide the pictures of scenes are")
        ->check(CLI::Range(64, 16000))
        ->capture_default_str();
    app.add_option("--data", data, "Write the activations as .npy or .npz")->check(ends_in({".npy", ".npz"}));
    app.add_option("--kernels", kernels, "Write the kernels as .png, .npy or .safetensors")
        ->check(ends_in({".png", ".npy", ".safetensors"}));
    app.add_option("--microscope", microscope, "Write every term of the value at --spot as PNG")
        ->check(ends_in({".png"}));
    app.add_option("--spot", position_words, "The value that --microscope explains, as CHANNEL,Y,X (default: 0,0,0)")
        ->check([](const std::string& text) {
            return position_from(text) ? std::string() : "'" + text + "' is not CHANNEL,Y,X, as in 12,40,60";
        })
        ->each([this](const std::string& text) { position = position_from(text).value_or(PixelPosition{}); });
    app.add_option("--pixels", pixels,
                   "How large the microscope's terms, or the kernels of --kernels FILE.png, are (default: 64)")
        ->check(CLI::Range(8, 512));
    app.add_flag("--stats", stats, "Print shape, time and per-channel statistics as JSON");
    app.add_option("--stats-file", stats_file, "Write the statistics as .csv or .json")
        ->check(ends_in({".csv", ".json"}));
    app.add_option("--save-session", session,
                   "Write what the options describe as a session (.json), or with pictures and weights (.zip)")
        ->check(ends_in({".json", ".zip"}));
    constexpr const char* group = "Picture";
    app.add_flag("--labels", decoration.labels, "Channel numbers in the cells")->group(group);
    app.add_flag("--legend", decoration.legend, "The color bar with its numbers below the grid")->group(group);
    app.add_flag("--show-kernels", decoration.kernels, "Each channel's kernel in its cell")->group(group);
    app.add_option("--title", decoration.title, "A line above the grid")->group(group);
    app.add_option("--paper", paper, "white, dark or transparent: what lies behind the cells")
        ->check(only({"white", "dark", "transparent"}, ""))
        ->group(group)
        ->capture_default_str();
}

void TrainOptions::add_to(CLI::App& app) {
    app.add_option("LESSON", lesson,
                   "largenet: a network that tells classes of pictures apart; filter: one kernel that learns what a "
                   "hidden one does; "
                   "filters: 64 kernels out of one picture, without labels; features: a small model on what a trained "
                   "network makes of pictures")
        ->check(CLI::IsMember({"largenet", "filter", "filters", "features"}))
        ->capture_default_str();
    app.add_option("--data", data,
                   "largenet, features: bars (made by seed), fashion-mnist[:FOLDER], cifar10:FOLDER, or folder:FOLDER "
                   "with one sub-folder of pictures a class")
        ->check(checked_data)
        ->capture_default_str();
    app.add_option("--classes", classes, "Of cifar10, in the order of their labels, as in cat,dog (default: all ten)")
        ->delimiter(',');
    app.add_option(
        "--image", images,
        "filter, filters: the picture, as for render (default sample:cat); repeat it for filters from several");
    app.add_option("--kernel", kernel,
                   "filter: the hidden one, by its name among the 64 edge filters, or a file of kernels")
        ->capture_default_str();
    app.add_option("--kernel-index", kernel_index, "filter: which kernel of the file, from 0")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();
    app.add_option("--kernel-size", kernel_size, "filters: rows and columns of a kernel, odd")
        ->check(CLI::Range(3, 15))
        ->capture_default_str();
    app.add_option("--network", network, "features: whose, as for render")->capture_default_str();
    app.add_option(
        "--layer", layer,
        "features: of which layer (default: the last before the first Linear one, or that there are weights for)");
    app.add_option("--hidden", hidden, "features: width of the model's hidden layer; 0: none, logistic regression")
        ->check(CLI::Range(0, 65536))
        ->capture_default_str();
    app.add_option("--weights", weights,
                   "Go on from these weights (.safetensors, .npz, .pth); features: the network's, as for render");
    app.add_option("--optimizer", optimizer, "sgd or adam (default: sgd; adam for filter)")
        ->check(CLI::IsMember({"sgd", "adam"}));
    app.add_option("--lr", learning_rate, "Learning rate (default: 0.01; 0.001 with --optimizer adam)")
        ->check(CLI::PositiveNumber);
    app.add_option("--momentum", momentum, "Of sgd (default: 0.9)")->check(CLI::Range(0.0, 1.0));
    app.add_option("--weight-decay", weight_decay, "Added to the gradient, times the weight")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--batch-size", batch_size, "Examples a step (default: 64; 32 for filter)")
        ->check(CLI::Range(1, 65536));
    app.add_option("--epochs", epochs, "Stop after so many (default: 10 for largenet)")->check(CLI::Range(0, 1000000));
    app.add_option("--steps", steps, "Stop after so many steps instead of epochs (default: 20000 for filter)")
        ->check(CLI::Range(0L, 1000000000L));
    app.add_option("--patience", patience,
                   "Stop when the validation loss has not improved for so many epochs; 0: never")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();
    app.add_option("--seed", seed, "Of the weights, the order of the examples and made data")->capture_default_str();
    app.add_flag("--no-shuffle", no_shuffle, "Take the examples in their order");
    app.add_option("--threads", threads, "0: one a core")->check(CLI::Range(0, 4096))->capture_default_str();
    app.add_option("--out", out, "Write the weights here (.safetensors or .npz)")->check(checked_weights_name);
    app.add_option("--json-log", json_log, "Write a line of JSON a step and an epoch");
}

}  // namespace convlens
