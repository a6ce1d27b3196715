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
#include "app/cli/words.h"
#include "app/command_line.h"
#include "app/console.h"
#include "engine/core/confine.h"
#include "engine/core/host.h"
#include "engine/core/memory_limit.h"
#include "engine/io/file.h"
#include "engine/io/picture_child.h"
#include "engine/session/session.h"

namespace convlens {
namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
constexpr const char* out_of_memory = "convlens: there is not enough memory\n";

int report_error(const Error& error) {
    fmt::print(stderr, "convlens: {}\n", printable(error.message));
    return exit_failure;
}

/// Prints text that contains names and contents of files.
void print_lines(std::string_view text) { fmt::print("{}", printable_lines(text)); }

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
    const auto text = describe_network(*document, c.network, c.backend);
    if (!text) return report_error(text.error());
    print_lines(*text);
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
            print_lines(*text + "\n");
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
    print_lines(to_string(*checked) + "\n");
    return checked->right == checked->checked ? 0 : exit_failure;
}

/// Runs a command that makes a text of the document.
int run_on_document(Commands& c, const auto& run) {
    const auto document = c.make();
    if (!document) return report_error(document.error());
    const auto text = run(*document);
    if (!text) return report_error(text.error());
    print_lines(*text + "\n");
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
    print_lines(*text);
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
        print_lines(text);
        std::fflush(stdout);
    });
    return done ? 0 : report_error(done.error());
}

/// Takes the first lecture out of the files to open, if no other one is to be opened.
void take_lecture(Commands& c) {
    const auto is_lecture = [](const std::string& path) {
        return (path.ends_with(".json") || path.ends_with(".zip")) && session_file_kind(path).value_or("") == "lecture";
    };
    const auto found = c.window.scenes.empty() ? std::ranges::find_if(c.opened, is_lecture) : c.opened.end();
    if (found == c.opened.end()) return;
    c.window.scenes = std::move(*found);
    c.opened.erase(found);
}

int open_window(Commands& c, Console& console) {
    console.leave();
    take_lecture(c);
    const auto document = c.make(&c.window.view);
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
    if (c.record_command->parsed())
        return run_on_document(c, [&](const Document& d) { return record(d, c.record, c.backend); });
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
        std::fprintf(stderr, "convlens: unexpected error: %s\n", printable(error.what()).c_str());
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
        if (!arguments.empty() && arguments.front() == convlens::run_encoder_word)
            return convlens::become_confined(std::span(arguments).subspan(1), convlens::max_encoded_bytes);
        convlens::Console console;
        return convlens::run_and_flush(arguments, console);
    } catch (const std::bad_alloc&) {
        std::fputs(convlens::out_of_memory, stderr);  // not fmt::print(), which may allocate
        return convlens::exit_failure;
    } catch (const std::system_error& error) {  // thrown by std::thread
        std::fprintf(stderr, "convlens: the system can't start another thread: %s\n",
                     convlens::printable(error.what()).c_str());
        return convlens::exit_failure;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "convlens: unexpected error: %s\n", convlens::printable(error.what()).c_str());
        return convlens::exit_failure;
    }
}
