/// Declares the commands and options.
#include "app/command_line.h"

#include <algorithm>
#include <utility>

#include "app/assets.h"
#include "app/cli/help.h"
#include "app/cli/words.h"
#include "app/ui/language.h"
#include "engine/core/memory_limit.h"
#include "engine/io/onnx.h"

namespace convlens {

Commands::Commands() {
    app.formatter(help_formatter());
    app.option_defaults()->group(general_group);
    app.set_help_flag("-h,--help", "Print this help and exit")->group(general_group);
    app.set_version_flag("--version", "convlens " CONVLENS_VERSION, "Print the version and exit");
    app.failure_message([](const CLI::App* /*app*/, const CLI::Error& error) {
        return printable(error.what()) + "\nRun with --help for more information.\n";
    });
    app.footer("'convlens COMMAND --help' describes the options of a command.");
    add_files(app);
    app.get_option("FILE")->description(
        "Image, as for --image, several images for a batch, a session, or a lecture (default: sample:cat)");
    add_window(app);
    add_common(app);

    render_command = app.add_subcommand("render", "Render the grid to files, without a window");
    render_command->footer(
        "Example:\n  convlens render sample:cat --weights edges --scale symmetric --labels --colorbar --out "
        "grid.png");
    add_files(*render_command);
    render.add_to(*render_command);
    add_common(*render_command);

    record_command =
        app.add_subcommand("record", "Write a moving picture: a number that moves, the sliding window, or a video");
    record_command->footer(
        "Example:\n  convlens record sample:cat --weights edges --sweep dilation=1:8 --back --out dilation.gif");
    add_files(*record_command);
    record.add_to(*record_command);
    add_common(*record_command);

    network_command =
        app.add_subcommand("network", "Print the layers of a network: shapes, parameters, costs and receptive fields");
    network_command->footer("Example:\n  convlens network sample:cat --network alexnet --weights convlens");
    add_files(*network_command);
    OptionGroup layers(*network_command, "Output");
    auto* json = layers.flag("--json", network.json, "Print JSON instead of a table");
    layers.flag("--csv", network.csv, "Print the table as CSV")->excludes(json);
    layers.flag("--measure", network.measure,
                "Run the network; add each layer's time and number of dead channels, and quantiles of its values with "
                "--csv or --json");
    layers.add("--save-layers", network.save_layers, "FILE.json", "Write the layers as a network file");
    layers.add("--save-weights", network.save_weights, "FILE.safetensors|FILE.npz", "Write the weights of all layers");
    layers.add("--save-onnx", network.save_onnx, "FILE.onnx", "Write layers and weights as an ONNX file");
    document.add_to(*network_command);
    backend.add_to(*network_command);

    code_command = app.add_subcommand("code", "Write a Python script that computes and draws the same grid");
    code_command->footer("Example:\n  convlens code sample:cat --weights edges --numpy --out grid.py");
    add_files(*code_command);
    OptionGroup script(*code_command, "Output");
    script
        .add("--out", code_file, "FILE.py",
             "Write the script here, and its weights next to it as .npz (default: print the script, and write the "
             "weights to convlens-weights.npz)")
        ->check([](const std::string& path) {
            return path.ends_with(".py") ? std::string()
                                         : fmt::format("'{}' is not a file name that ends in .py", path);
        });
    script.flag("--numpy", code_numpy, "Write a script that uses only NumPy (default: PyTorch)");
    document.add_to(*code_command);
    display.add_to(*code_command);

    maximize_command = app.add_subcommand(
        "maximize", "Search the picture that makes a channel as large as possible (activation maximization)");
    maximize_command->footer(
        "Example:\n  convlens maximize --network alexnet --layer features.3 --channels 0-15 --out wishes.png");
    add_files(*maximize_command);
    maximize.add_to(*maximize_command);
    document.add_to(*maximize_command);
    backend.add_to(*maximize_command);

    attribute_command =
        app.add_subcommand("attribute", "Show which pixels an output depends on, and whether the method can tell");
    attribute_command->footer(
        "Example:\n  convlens attribute sample:cat --resize 96x96 --network alexnet --layer features.6 --out "
        "maps.png");
    add_files(*attribute_command);
    attribute.add_to(*attribute_command);
    document.add_to(*attribute_command);
    backend.add_to(*attribute_command);

    patches_command = app.add_subcommand("patches", "Find the parts of images for which each channel is strongest");
    patches_command->footer(
        "Example:\n  convlens patches sample:cat --network alexnet --layer features.3 --channels 0-15 --out "
        "patches.png");
    add_files(*patches_command);
    patches.add_to(*patches_command);
    document.add_to(*patches_command);
    backend.add_to(*patches_command);

    filters_command = app.add_subcommand(
        "analyze", "Describe kernels as filters, and what shifts, strides, borders, fewer bits and algorithms do");
    filters_command->footer(
        "Example:\n  convlens analyze --weights alexnet --sort orientation --out filters.png --table filters.csv");
    add_files(*filters_command);
    filters.add_to(*filters_command);
    document.add_to(*filters_command);

    quiz_command = app.add_subcommand("quiz", "Print a sheet of random questions about layers, with an answer key");
    quiz_command->footer("Example:\n  convlens quiz --count 10 --seed 3 --out quiz.pdf");
    quiz.add_to(*quiz_command);
    backend.add_to(*quiz_command);

    classify_command = app.add_subcommand("classify", "Print the most likely classes of each image");
    classify_command->footer("Example:\n  convlens classify sample:cat sample:brick --network largenet --top 2");
    add_files(*classify_command);
    classify.add_to(*classify_command);
    document.add_to(*classify_command);
    backend.add_to(*classify_command);

    info_command = app.add_subcommand("info", "Describe the contents of image, array, weight and session files");
    info_command->footer(
        "Example:\n  convlens render sample:cat --data activations.npz && convlens info activations.npz");
    info_command->add_option("FILE", info_files, "Images, .npy, .npz, .safetensors, .onnx, .pth, .pt or session files")
        ->required();
    OptionGroup(*info_command, "Output").flag("--json", info_json, "Print JSON instead of text");

    train_command = app.add_subcommand("train", "Train a network or learn kernels, without a window");
    train_command->footer(
        "Example:\n  convlens train filter --image sample:cat --kernel \"Sobel x\" --steps 2000 --out kernel.npz");
    train.add_to(*train_command);

    selftest_command =
        app.add_subcommand("selftest", "Check every backend on this machine against a reference in double precision");
    selftest_command->footer("Example:\n  convlens selftest --backend cpu --cases 40");
    OptionGroup(*selftest_command, "Test")
        .add("--cases", selftest_cases, "N", "Number of random layers")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    backend.add_to(*selftest_command);

    verify_command = app.add_subcommand("verify", "Check random values of all layers of the grid in double precision");
    verify_command->footer("Example:\n  convlens verify sample:cat --network alexnet --weights convlens");
    add_files(*verify_command);
    OptionGroup values(*verify_command, "Test");
    values.add("--values", verify_values, "N", "Number of values")
        ->check(CLI::Range(1, 100'000'000))
        ->capture_default_str();
    values.add("--seed", verify_seed, "N", "Seed of the positions of the values")->capture_default_str();
    document.add_to(*verify_command);
    backend.add_to(*verify_command);

    bench_command = app.add_subcommand("bench",
                                       "Measure the speed of every backend on the document that the options "
                                       "describe, or on a standard list of layers if there are no options");
    bench_command->footer("Example:\n  convlens bench sample:cat --weights edges --backend cpu");
    add_files(*bench_command);
    add_common(*bench_command);

    add_memory(app);
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) add_memory(*command);
}

void Commands::add_memory(CLI::App& command) {
    OptionGroup(command, general_group)
        .add("--memory", memory, "SIZE",
             "Limit of the memory for images, weights and results, as in 2GB (default: the memory that is free)")
        ->check([](const std::string& text) {
            return memory_from(text) ? std::string()
                                     : fmt::format("'{}' is not a size of at least 64MB, as in 2GB", text);
        });
}

void Commands::add_files(CLI::App& command) {
    command.add_option("FILE", opened,
                       "Image, as for --image, several images for a batch, or a session (default: sample:cat)");
}

void Commands::add_window(CLI::App& command) {
    OptionGroup group(command, "Window");
    group.flag("--fullscreen", window.fullscreen, "Start in full screen");
    group.add("--size", window.size, "WxH", "Window size (default: most of the screen)")
        ->check([](const std::string& text) {
            return text.find('x') != std::string::npos && size_from(text, 1)
                       ? std::string()
                       : fmt::format("'{}' is not WxH, as in 1280x720", text);
        });
    group
        .add("--ui-scale", window.ui_scale, "FACTOR",
             "Scale of text and controls, 1 to 3 (default: the scale of the display)")
        ->check(CLI::Range(1.0, 3.0));
    group.flag("--light", window.light, "Use the light theme (default: the dark theme)");
    group.add("--language", window.language, "CODE", "Language of the window: en, de or es (default: the system's)")
        ->check([](const std::string& code) {
            const bool known = std::ranges::any_of(languages, [&](const Language& l) { return code == l.code; });
            return known || code == pseudo_language
                       ? std::string()
                       : fmt::format("'{}' is not a language of the window: expected en, de or es", code);
        });
    group.add("--scenes", window.scenes, "FILE.json|FILE.zip", "Open this lecture");
    group.add("--ui-map", window.ui_map, "FILE",
              "For tests: write the positions of all controls to this file after every frame");
}

void Commands::add_common(CLI::App& command) {
    document.add_to(command);
    display.add_to(command);
    backend.add_to(command);
}

std::vector<std::string> Commands::take_images() {
    std::vector<std::string> images = std::exchange(document.images, {"pattern:noise:8x8"});
    const auto is_session = [](const std::string& path) {
        return path.ends_with(".json") || path.ends_with(".zip") || is_onnx(path);
    };
    for (const std::string& path : opened)
        if (!is_session(path)) images.push_back(path);
    std::erase_if(opened, [&](const std::string& path) { return !is_session(path); });
    return images;
}

Expected<Document> Commands::make(std::optional<SceneView>* view) {
    if (!opened.empty() && !document.tensor.empty())
        return fail("{}: an image or session cannot be combined with --tensor: give only one of them", opened.front());
    for (const std::string& path : opened) {
        if (is_onnx(path)) {
            if (!document.network.empty())
                return fail("{}: only one network can be opened, and {} is already given", path, document.network);
            document.network = path;
        } else if (!path.ends_with(".json") && !path.ends_with(".zip")) {
            document.images.push_back(path);
        } else if (document.session.empty()) {
            document.session = path;
        } else {
            return fail("{}: only one session can be opened, and {} is already given", path, document.session);
        }
    }
    return make_document(document, display, find_network_places(), view);
}

}  // namespace convlens
