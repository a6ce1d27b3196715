/// The program's entry: the window, or one of the commands.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <utility>

#include "app/assets.h"
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/train_command.h"
#include "app/ui/window.h"
#include "engine/io/file.h"

namespace convlens {
namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

int complain(const Error& error) {
    fmt::print(stderr, "convlens: {}\n", error.message);
    return exit_failure;
}

struct Commands {
    CLI::App app{"Convlens shows what a convolution does: an image in, every output channel on screen.", "convlens"};
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
    CLI::App* bench_command = nullptr;
    CLI::App* train_command = nullptr;
    TrainOptions train;
    int selftest_cases = 200;

    Commands() {
        app.set_version_flag("--version", "convlens " CONVLENS_VERSION);
        app.add_option("FILE", opened, "Image to open; several make a batch. Or a session (.json, .zip)");
        app.add_flag("--fullscreen", window.fullscreen, "Open on the whole screen")->group("Window");
        app.add_option("--ui-scale", window.ui_scale,
                       "Size of text and controls, 1 to 3 (default: what the screen asks for)")
            ->check(CLI::Range(1.0, 3.0))
            ->group("Window");
        app.add_option("--size", window.size, "Size of the window as WxH (default: most of the screen)")
            ->check([](const std::string& text) {
                return text.find('x') != std::string::npos && size_from(text, 1)
                           ? std::string()
                           : "'" + text + "': expected WxH, as in 1280x720";
            })
            ->group("Window");
        app.add_flag("--light", window.light, "The light theme")->group("Window");
        app.add_option("--scenes", window.scenes, "Open this lecture (.json)")->group("Window");
        app.add_option("--ui-map", window.ui_map,
                       "Write where every control is to this file after each frame, for tests")
            ->group("Window");
        add_common(app);

        render_command = app.add_subcommand("render", "Render the grid without a window");
        render_command->add_option("FILE", opened, "Image to open; several make a batch. Or a session (.json, .zip)");
        render.add_to(*render_command);
        add_common(*render_command);

        network_command =
            app.add_subcommand("network", "Print the layers: shapes, parameters, costs, receptive fields");
        network_command->add_option("FILE", opened, "Image to open; several make a batch. Or a session (.json, .zip)");
        network_command->add_flag("--json", network.json, "As JSON");
        network_command->add_option("--save-layers", network.save_layers, "Write the layers as a network file (.json)");
        network_command->add_option("--save-weights", network.save_weights,
                                    "Write all weights as .safetensors or .npz");
        document.add_to(*network_command);

        code_command =
            app.add_subcommand("code", "Write a Python script that makes the same grid, with its weights beside it");
        code_command->add_option("FILE", opened, "Image to open; several make a batch. Or a session (.json, .zip)");
        code_command
            ->add_option("--out", code_file,
                         "The script (.py), its weights beside it as .npz (default: the script to standard output, its "
                         "weights to convlens-weights.npz in this folder)")
            ->check([](const std::string& path) {
                return path.ends_with(".py") ? std::string() : "'" + path + "': expected a name that ends in .py";
            });
        code_command->add_flag("--numpy", code_numpy, "With NumPy alone (default: PyTorch)");
        document.add_to(*code_command);
        display.add_to(*code_command);

        info_command = app.add_subcommand("info", "Say what is in a file");
        info_command->add_option("FILE", info_files, "Images, .npy, .npz, .safetensors, .pth")->required();
        info_command->add_flag("--json", info_json, "As JSON");

        selftest_command =
            app.add_subcommand("selftest", "Check every backend on this machine against sums in double precision");
        selftest_command->add_option("--cases", selftest_cases, "How many random layers")
            ->check(CLI::Range(1, 100000))
            ->capture_default_str();
        backend.add_to(*selftest_command);

        bench_command = app.add_subcommand(
            "bench", "Measure every backend: on the document that the options describe, or on a standard list");
        bench_command->add_option("FILE", opened, "Image to open; several make a batch. Or a session (.json, .zip)");
        add_common(*bench_command);

        train_command = app.add_subcommand("train", "Train without a window");
        train.add_to(*train_command);
    }

    void add_common(CLI::App& command) {
        document.add_to(command);
        display.add_to(command);
        backend.add_to(command);
    }

    /// Whether any option that describes a document was given to `command`.
    bool describes_document(const CLI::App& command) const {
        for (const CLI::Option* option : command.get_options())
            if (option->get_group() == "Document" && option->count() > 0) return true;
        return !opened.empty();
    }

    /// The images named, each for itself; none is left for make(), whose input is then a pattern.
    std::vector<std::string> take_images() {
        std::vector<std::string> images = std::exchange(document.images, {"pattern:noise:8x8"});
        const auto is_session = [](const std::string& path) {
            return path.ends_with(".json") || path.ends_with(".zip");
        };
        for (const std::string& path : opened)
            if (!is_session(path)) images.push_back(path);
        std::erase_if(opened, [&](const std::string& path) { return !is_session(path); });
        return images;
    }

    Expected<Document> make() {
        if (!opened.empty() && !document.tensor.empty())
            return fail("{}: --tensor is an input already, an image beside it has no place", opened.front());
        for (const std::string& path : opened) {
            if (!path.ends_with(".json") && !path.ends_with(".zip")) {
                document.images.push_back(path);
            } else if (document.session.empty()) {
                document.session = path;
            } else {
                return fail("{}: one session can be opened at a time, {} is another", path, document.session);
            }
        }
        return make_document(document, display, find_network_places());
    }
};

int run_render(Commands& c) {
    if (!c.render.asks()) {
        fmt::print(stderr,
                   "convlens: render needs --out FILE.png, --out-folder FOLDER, --data FILE.npy, --kernels FILE, "
                   "--microscope FILE.png or --stats\nRun with --help for more information.\n");
        return exit_usage;
    }
    const auto note = [](const Error& error) { complain(error); };
    if (!c.render.scenes.empty()) {
        const auto done = render_scenes(c.render, c.backend, note);
        return done ? 0 : complain(done.error());
    }
    const bool each = !c.render.out_folder.empty();
    const auto images = each ? c.take_images() : std::vector<std::string>();
    const auto document = c.make();
    if (!document) return complain(document.error());
    const auto done =
        each ? render_each(images, *document, c.render, c.backend, note) : render(*document, c.render, c.backend, note);
    return done ? 0 : complain(done.error());
}

int run_network(Commands& c) {
    const auto document = c.make();
    if (!document) return complain(document.error());
    const auto text = describe_network(*document, c.network);
    if (!text) return complain(text.error());
    fmt::print("{}\n", *text);
    return 0;
}

int run_code(Commands& c) {
    const auto document = c.make();
    if (!document) return complain(document.error());
    const std::string file = c.code_file.empty() ? unused_path("convlens-weights.npz") : c.code_file;
    const auto text = save_code(*document, c.code_numpy ? Dialect::numpy : Dialect::pytorch, file, find_assets());
    if (!text) return complain(text.error());
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
            status = complain(text.error());
        }
    }
    return status;
}

int run_selftest(const Commands& c) {
    const SelftestResult result = selftest(c.backend, c.selftest_cases);
    fmt::print("{}\n", result.text);
    return result.right ? 0 : exit_failure;
}

int run_bench(Commands& c) {
    std::optional<Document> document;
    if (c.describes_document(*c.bench_command)) {
        auto made = c.make();
        if (!made) return complain(made.error());
        document = std::move(*made);
    }
    const auto done = bench(document, c.backend, [](const std::string& text) {
        fmt::print("{}", text);
        std::fflush(stdout);
    });
    return done ? 0 : complain(done.error());
}

int run(int argc, char** argv) {
    Commands c;
    try {
        c.app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return c.app.exit(error) == 0 ? 0 : exit_usage;
    }
    if (c.render_command->parsed()) return run_render(c);
    if (c.network_command->parsed()) return run_network(c);
    if (c.code_command->parsed()) return run_code(c);
    if (c.info_command->parsed()) return run_info(c);
    if (c.selftest_command->parsed()) return run_selftest(c);
    if (c.bench_command->parsed()) return run_bench(c);
    if (c.train_command->parsed()) {
        const auto done = train(c.train, find_network_places());
        return done ? 0 : complain(done.error());
    }
    const auto document = c.make();
    if (!document) return complain(document.error());
    const auto done = run_window(*document, c.window, c.backend);
    return done ? 0 : complain(done.error());
}

}  // namespace
}  // namespace convlens

int main(int argc, char** argv) {
    try {
        return convlens::run(argc, argv);
    } catch (const std::bad_alloc&) {
        return convlens::complain({"there is not enough memory for this"});
    } catch (const std::exception& error) {
        return convlens::complain({fmt::format("something unexpected went wrong: {}", error.what())});
    }
}
