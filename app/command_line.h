/// The command line: the parser, its commands, and the values of all options.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "app/cli/commands.h"
#include "app/cli/handout_command.h"
#include "app/cli/options.h"
#include "app/cli/record_command.h"
#include "app/cli/train_command.h"
#include "app/ui/window.h"

namespace convlens {

/// Parses the arguments of the program into its members: app.parse() sets them.
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
    CLI::App* record_command = nullptr;
    RecordCommand record;
    CLI::App* quiz_command = nullptr;
    QuizCommand quiz;
    std::string memory;

    /// Declares all commands and options, with their help.
    Commands();
    Commands(const Commands&) = delete;  // the parser points to the members
    Commands& operator=(const Commands&) = delete;

    /// Returns the images that the options and arguments name. Replaces them by a small test pattern, so that make()
    /// does not load them.
    std::vector<std::string> take_images();

    /// Returns the document that the options and arguments describe. Sets `view` like make_document(). Fails if they
    /// contradict each other or name files that can't be opened.
    Expected<Document> make(std::optional<SceneView>* view = nullptr);

  private:
    void add_memory(CLI::App& command);
    void add_files(CLI::App& command);
    void add_window(CLI::App& command);
    void add_common(CLI::App& command);
};

}  // namespace convlens
