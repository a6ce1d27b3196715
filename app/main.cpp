/// The entry point: opens the window or runs one of the commands.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "app/assets.h"
#include "app/cli/commands.h"
#include "app/cli/handout_command.h"
#include "app/cli/help.h"
#include "app/cli/options.h"
#include "app/cli/train_command.h"
#include "app/cli/words.h"
#include "app/console.h"
#include "app/ui/window.h"
#include "engine/core/confine.h"
#include "engine/core/host.h"
#include "engine/core/memory_limit.h"
#include "engine/io/file.h"
#include "engine/io/onnx.h"
#include "engine/io/picture_child.h"

namespace convlens {
namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
constexpr const char* out_of_memory = "convlens: there is not enough memory\n";

int report_error(const Error& error) {
    fmt::print(stderr, "convlens: {}\n", error.message);
    return exit_failure;
}

/// The command line parser, its commands, and the values of all options.
struct Commands {
    CLI::App app{
        "Convlens visualizes 2D convolutions and convolutional networks: all output channels of an image at once. "
        "Without a command it opens a window.",
        "convlens"};
    DocumentOptions document;
    DisplayArguments display;
    BackendOptions backend;
    RenderOptions render;
    NetworkOptions network;
    WindowOptions window;
    std::vector<std::string> opened;
    std::vector<std::string> info_files;
    bool info_json = false;
    CLI::App* render_command = nullptr;
    CLI::App* network_command = nullptr;
    CLI::App* code_command = nullptr;
    std::string code_file;
    bool code_numpy = false;
    CLI::App* info_command = nullptr;
    CLI::App* selftest_command = nullptr;
    CLI::App* verify_command = nullptr;
    CLI::App* bench_command = nullptr;
    CLI::App* train_command = nullptr;
    TrainOptions train;
    int selftest_cases = 200;
    int verify_values = 10000;
    std::uint32_t verify_seed = 1;
    CLI::App* maximize_command = nullptr;
    MaximizeCommand maximize;
    CLI::App* attribute_command = nullptr;
    AttributeCommand attribute;
    CLI::App* patches_command = nullptr;
    PatchesCommand patches;
    CLI::App* classify_command = nullptr;
    ClassifyCommand classify;
    CLI::App* filters_command = nullptr;
    FiltersCommand filters;

    CLI::App* quiz_command = nullptr;
    QuizCommand quiz;
    std::string memory;

    Commands() {
        app.formatter(help_formatter());
        app.option_defaults()->group(general_group);
        app.set_help_flag("-h,--help", "Print this help and exit")->group(general_group);
        app.set_version_flag("--version", "convlens " CONVLENS_VERSION, "Print the version and exit");
        app.footer("'convlens COMMAND --help' describes the options of a command.");
        add_files(app);
        add_window(app);
        add_common(app);

        render_command = app.add_subcommand("render", "Render the grid to files, without a window");
        render_command->footer(
            "Example:\n  convlens render sample:cat --weights edges --scale symmetric --labels --colorbar --out "
            "grid.png");
        add_files(*render_command);
        render.add_to(*render_command);
        add_common(*render_command);

        network_command = app.add_subcommand(
            "network", "Print the layers of a network: shapes, parameters, costs and receptive fields");
        network_command->footer("Example:\n  convlens network sample:cat --network alexnet --weights convlens");
        add_files(*network_command);
        OptionGroup layers(*network_command, "Output");
        layers.flag("--json", network.json, "Print JSON instead of a table");
        layers.add("--save-layers", network.save_layers, "FILE.json", "Write the layers as a network file");
        layers.add("--save-weights", network.save_weights, "FILE.safetensors|FILE.npz",
                   "Write the weights of all layers");
        layers.add("--save-onnx", network.save_onnx, "FILE.onnx", "Write layers and weights as an ONNX file");
        document.add_to(*network_command);

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

        filters_command =
            app.add_subcommand("analyze", "Describe kernels as filters: frequency response, Gabor fit, separability");
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
        info_command
            ->add_option("FILE", info_files, "Images, .npy, .npz, .safetensors, .onnx, .pth, .pt or session files")
            ->required();
        OptionGroup(*info_command, "Output").flag("--json", info_json, "Print JSON instead of text");

        train_command = app.add_subcommand("train", "Train a network or learn kernels, without a window");
        train_command->footer(
            "Example:\n  convlens train filter --image sample:cat --kernel \"Sobel x\" --steps 2000 --out kernel.npz");
        train.add_to(*train_command);

        selftest_command = app.add_subcommand(
            "selftest", "Check every backend on this machine against a reference in double precision");
        selftest_command->footer("Example:\n  convlens selftest --backend cpu --cases 40");
        OptionGroup(*selftest_command, "Test")
            .add("--cases", selftest_cases, "N", "Number of random layers")
            ->check(CLI::Range(1, 100000))
            ->capture_default_str();
        backend.add_to(*selftest_command);

        verify_command =
            app.add_subcommand("verify", "Check random values of all layers of the grid in double precision");
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

    void add_memory(CLI::App& command) {
        OptionGroup(command, general_group)
            .add("--memory", memory, "SIZE",
                 "Limit of the memory for images, weights and results, as in 2GB (default: the memory that is free)")
            ->check([](const std::string& text) {
                return memory_from(text) ? std::string()
                                         : fmt::format("'{}' is not a size of at least 64MB, as in 2GB", text);
            });
    }

    void add_files(CLI::App& command) {
        command.add_option("FILE", opened,
                           "Image, as for --image, several images for a batch, or a session (default: sample:cat)");
    }

    void add_window(CLI::App& command) {
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
        group.add("--scenes", window.scenes, "FILE.json", "Open this lecture");
        group.add("--ui-map", window.ui_map, "FILE",
                  "For tests: write the positions of all controls to this file after every frame");
    }

    void add_common(CLI::App& command) {
        document.add_to(command);
        display.add_to(command);
        backend.add_to(command);
    }

    /// Returns the images that the options and arguments name. Replaces them by a small test pattern, so that make()
    /// does not load them.
    std::vector<std::string> take_images() {
        std::vector<std::string> images = std::exchange(document.images, {"pattern:noise:8x8"});
        const auto is_session = [](const std::string& path) {
            return path.ends_with(".json") || path.ends_with(".zip") || is_onnx(path);
        };
        for (const std::string& path : opened)
            if (!is_session(path)) images.push_back(path);
        std::erase_if(opened, [&](const std::string& path) { return !is_session(path); });
        return images;
    }

    /// Returns the document that the options and arguments describe.
    Expected<Document> make() {
        if (!opened.empty() && !document.tensor.empty())
            return fail("{}: an image or session cannot be combined with --tensor: give only one of them",
                        opened.front());
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
        return make_document(document, display, find_network_places());
    }
};

int run_render(Commands& c) {
    if (!c.render.has_output()) {
        fmt::print(
            stderr,
            "convlens: render needs at least one of --out, --out-folder, --data, --kernels, --microscope, --stats, "
            "--stats-file and --save-session\nRun with --help for more information.\n");
        return exit_usage;
    }
    const auto note = [](const Error& error) { report_error(error); };
    const bool handout = c.render.out.ends_with(".pdf") || c.render.out.ends_with(".html");
    if (handout && c.render.scenes.empty()) {
        fmt::print(stderr, "convlens: {} is a handout, which needs --scenes; the grid is written as .png\n",
                   printable(c.render.out));
        return exit_usage;
    }
    if (!c.render.scenes.empty() && !handout && c.render.out_folder.empty()) {
        fmt::print(stderr, "convlens: --scenes needs --out-folder, or --out with a .pdf or .html file\n");
        return exit_usage;
    }
    if (!c.render.scenes.empty()) {
        const auto done = handout ? write_handout(c.render, c.backend, note) : render_scenes(c.render, c.backend, note);
        return done ? 0 : report_error(done.error());
    }
    const bool each = !c.render.out_folder.empty();
    const auto images = each ? c.take_images() : std::vector<std::string>();
    const auto document = c.make();
    if (!document) return report_error(document.error());
    const auto done =
        each ? render_each(images, *document, c.render, c.backend, note) : render(*document, c.render, c.backend, note);
    return done ? 0 : report_error(done.error());
}

int run_network(Commands& c) {
    const auto document = c.make();
    if (!document) return report_error(document.error());
    const auto text = describe_network(*document, c.network);
    if (!text) return report_error(text.error());
    fmt::print("{}\n", *text);
    return 0;
}

int run_code(Commands& c) {
    const auto document = c.make();
    if (!document) return report_error(document.error());
    const std::string file = c.code_file.empty() ? unused_path("convlens-weights.npz") : c.code_file;
    const auto text =
        save_code(*document, c.code_numpy ? ScriptLibrary::numpy : ScriptLibrary::pytorch, file, find_assets());
    if (!text) return report_error(text.error());
    if (c.code_file.empty()) fmt::print("{}", *text);
    return 0;
}

int run_info(const Commands& c) {
    int status = 0;
    for (const std::string& file : c.info_files) {
        const auto text = info(file, c.info_json);
        if (text) {
            fmt::print("{}\n", *text);
        } else {
            status = report_error(text.error());
        }
    }
    return status;
}

int run_selftest(const Commands& c) {
    const SelftestResult result = selftest(c.backend, c.selftest_cases);
    fmt::print("{}\n", result.text);
    return result.right ? 0 : exit_failure;
}

int run_verify(Commands& c) {
    const auto document = c.make();
    if (!document) return report_error(document.error());
    const auto checked = verify(*document, c.backend, c.verify_values, c.verify_seed);
    if (!checked) return report_error(checked.error());
    fmt::print("{}\n", to_string(*checked));
    return checked->right == checked->checked ? 0 : exit_failure;
}

/// Runs a command that makes a text of the document.
int run_on_document(Commands& c, const auto& run) {
    const auto document = c.make();
    if (!document) return report_error(document.error());
    const auto text = run(*document);
    if (!text) return report_error(text.error());
    fmt::print("{}\n", *text);
    return 0;
}

int run_quiz(const Commands& c) {
    const auto text = quiz(c.quiz, c.backend);
    if (!text) return report_error(text.error());
    fmt::print("{}", *text);
    return 0;
}

/// Runs a command that makes a text of several images, one after the other.
int run_on_images(Commands& c, const auto& run) {
    const auto images = c.take_images();
    if (images.empty()) c.document.images.clear();  // the input of the session, or the default
    const auto document = c.make();
    if (!document) return report_error(document.error());
    int status = 0;
    const auto text = run(images, *document, [&](const Error& error) { status = report_error(error); });
    if (!text) return report_error(text.error());
    fmt::print("{}", *text);
    return status;
}

int run_bench(Commands& c) {
    std::optional<Document> document;
    if (!c.opened.empty() || DocumentOptions::given(*c.bench_command)) {
        auto made = c.make();
        if (!made) return report_error(made.error());
        document = std::move(*made);
    }
    const auto done = bench(document, c.backend, [](const std::string& text) {
        fmt::print("{}", text);
        std::fflush(stdout);
    });
    return done ? 0 : report_error(done.error());
}

int open_window(Commands& c, Console& console) {
    console.leave();
    const auto document = c.make();
    const auto done = document ? run_window(*document, c.window, c.backend) : tl::unexpected(document.error());
    if (!done) console.report(done.error());
    return done ? 0 : exit_failure;
}

int run(std::vector<std::string> arguments, Console& console) {
    Commands c;
    try {
        std::ranges::reverse(arguments);  // CLI11 expects the last argument first
        c.app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        return c.app.exit(error) == 0 ? 0 : exit_usage;
    }
    if (!c.memory.empty()) set_memory_limit(*memory_from(c.memory));
    if (c.render_command->parsed()) return run_render(c);
    if (c.network_command->parsed()) return run_network(c);
    if (c.code_command->parsed()) return run_code(c);
    if (c.maximize_command->parsed())
        return run_on_document(c, [&](const Document& d) { return maximize(d, c.maximize, c.backend); });
    if (c.attribute_command->parsed())
        return run_on_document(c, [&](const Document& d) { return attribute(d, c.attribute, c.backend); });
    if (c.patches_command->parsed())
        return run_on_images(c, [&](const auto& images, const Document& d, const ReportError& report) {
            return patches(images, d, c.patches, c.backend, report);
        });
    if (c.classify_command->parsed())
        return run_on_images(c, [&](const auto& images, const Document& d, const ReportError& report) {
            return classify(images, d, c.classify, c.backend, report);
        });
    if (c.filters_command->parsed())
        return run_on_document(c, [&](const Document& d) { return filters(d, c.filters); });
    if (c.quiz_command->parsed()) return run_quiz(c);
    if (c.info_command->parsed()) return run_info(c);
    if (c.selftest_command->parsed()) return run_selftest(c);
    if (c.verify_command->parsed()) return run_verify(c);
    if (c.bench_command->parsed()) return run_bench(c);
    if (c.train_command->parsed()) {
        const auto done = train(c.train, find_network_places());
        return done ? 0 : report_error(done.error());
    }
    return open_window(c, console);
}

/// Runs the program. Fails if what it has printed could not be written.
int run_and_flush(std::vector<std::string> arguments, Console& console) {
    const int status = run(std::move(arguments), console);
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
    report_error({fmt::format("standard output: cannot be written: {}", std::generic_category().message(errno))});
    return exit_failure;
}

/// Ends the program when an exception can't be caught. A few functions of libraries, such as destructors of JSON
/// values, are declared noexcept although they allocate.
[[noreturn]] void end_uncaught() {
    try {
        if (const auto exception = std::current_exception()) std::rethrow_exception(exception);
    } catch (const std::bad_alloc&) {
        std::fputs(out_of_memory, stderr);
        std::_Exit(exit_failure);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "convlens: unexpected error: %s\n", error.what());
    } catch (...) {
    }
    std::abort();
}

}  // namespace
}  // namespace convlens

int main(int argc, char** argv) {
    std::set_terminate(convlens::end_uncaught);
    try {
        const std::vector<std::string> arguments = convlens::program_arguments(argc, argv);
        if (!arguments.empty() && arguments.front() == convlens::picture_child_word)
            return convlens::run_picture_child(std::span(arguments).subspan(1));
        if (!arguments.empty() && arguments.front() == convlens::run_confined_word)
            return convlens::become_confined(std::span(arguments).subspan(1));
        convlens::Console console;
        return convlens::run_and_flush(arguments, console);
    } catch (const std::bad_alloc&) {
        std::fputs(convlens::out_of_memory, stderr);  // not fmt::print(), which may allocate
        return convlens::exit_failure;
    } catch (const std::system_error& error) {  // thrown by std::thread
        std::fprintf(stderr, "convlens: the system can't start another thread: %s\n", error.what());
        return convlens::exit_failure;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "convlens: unexpected error: %s\n", error.what());
        return convlens::exit_failure;
    }
}
