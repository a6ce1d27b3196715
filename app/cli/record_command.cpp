/// `convlens record`: writes moving pictures.
#include "app/cli/record_command.h"

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>

#include "app/cli/checks.h"
#include "app/cli/help.h"
#include "app/cli/words.h"
#include "app/fonts.h"
#include "app/signals.h"
#include "engine/core/host.h"
#include "engine/export/recording.h"

namespace convlens {
namespace {

std::string names_of_sweeps() {
    std::string names;
    for (const SweepNumber& n : sweep_numbers()) names += (names.empty() ? "" : ", ") + std::string(n.name);
    return names;
}

RecordOrder order_of(const RecordCommand& command, const Document& document) {
    RecordOrder order;
    order.what = command.window ? Recorded::window : command.sweeps.empty() ? Recorded::frames : Recorded::sweep;
    for (const std::string& text : command.sweeps) order.sweeps.push_back(sweep_from(text).value());
    order.channel = command.channel;
    const auto* input = std::get_if<PictureInput>(&document.input.source);
    if (input && input->pictures.front().origin.is_file())
        order.first = split_frame(input->pictures.front().origin.path()).frame;
    order.frames = command.frames;
    order.rate = command.rate;
    order.back = command.back;
    if (!command.size.empty())
        order.size = *cell_from(command.size);
    else if (!command.window && document.display.cell == Size2{})
        order.size = {720, 1280};
    order.caption = !command.no_caption;
    order.pixels = command.pixels;
    order.annotations = command.annotations;
    order.annotations.paper = command.paper == "dark" ? Paper::dark : Paper::white;
    return order;
}

void show_progress(const Recording& recording) {
    if (!stderr_is_terminal()) return;
    fmt::print(stderr, "\rframe {} of {}", recording.done(), recording.frames());
    std::fflush(stderr);
}

}  // namespace

void RecordCommand::add_to(CLI::App& app) {
    OptionGroup movement(app, "Movement");
    movement
        .add("--sweep", sweeps, "NAME=FROM:TO",
             fmt::format("Move a number from one value to another; repeat the option for several at once. NAME is {}",
                         names_of_sweeps()))
        ->check(explains(sweep_from));
    movement
        .flag("--window", window,
              "Slide the window over the input, with all terms of each value (default, without --sweep: the frames of "
              "the input, which is a video, an animation or numbered pictures)")
        ->excludes("--sweep");
    movement.add("--channel", channel, "N", "Channel of --window")->check(CLI::Range(0, 65535))->capture_default_str();
    movement
        .add("--frames", frames, "N",
             "Number of frames (default: one per whole number, otherwise 60, about 150 for --window, and all of a "
             "video)")
        ->check(CLI::Range(1, max_recorded_frames));
    movement
        .add("--rate", rate, "N",
             "Frames per second (default: 2 for whole numbers, that of a video, otherwise 20; at most 50 in a GIF)")
        ->check(CLI::Range(0.1, 240.0));
    movement.flag("--back", back, "Add the way back, so that the recording can be repeated without a jump");

    OptionGroup output(app, "Output");
    output
        .add("--out", out, "FILE.gif|FILE.mp4|FILE.webm|FILE.y4m|FILE_%03d.png",
             "Write the recording here; .mp4 and .webm need the program ffmpeg")
        ->required()
        ->check(check_movie);
    output
        .add("--size", size, "WxH",
             "Size of the pictures in pixels, which the cells fill in as many columns as make them largest (default: "
             "1280x720; as needed for --cell or --window)")
        ->check(expects(cell_from, "WxH, as in 1280x720"));
    output.add("--pixels", pixels, "N", "Width in pixels of a term of --window")
        ->check(CLI::Range(8, 512))
        ->capture_default_str();
    output.flag("--no-caption", no_caption, "Do not draw the value that moves above the grid");

    OptionGroup group(app, "Annotations of the grid");
    group.flag("--labels", annotations.labels, "Draw the channel number in every cell");
    group.flag("--colorbar", annotations.colorbar, "Draw the colorbar below the grid");
    group.flag("--show-kernels", annotations.kernels, "Draw the kernel of each channel in its cell");
    group.add("--title", annotations.title, "TEXT", "Draw a title above the grid (default: none)");
    group.add("--paper", paper, "white|dark", "Background behind the cells")
        ->check(only({"white", "dark"}))
        ->capture_default_str();
}

Expected<std::string> record(const Document& document, const RecordCommand& command, const BackendOptions& options) {
    auto backend = make_backend(options);
    if (!backend) return tl::unexpected(backend.error());
    // After Ctrl+C, what was written is removed.
    std::atomic<bool> quit = false, newer = false;
    std::atomic<float> progress = 0;
    const Cancel cancel(quit, newer, {}, progress);
    const QuitSignals signals([&] { quit = true; });
    Recording recording(document, order_of(command, document), command.out, export_typeface());
    for (bool more = true; more;) {
        const auto stepped = backend->guarded([&] { return recording.step(*backend, cancel); });
        if (!stepped && quit) return fail("interrupted: {} was not written", command.out);
        if (!stepped) return tl::unexpected(stepped.error());
        more = *stepped;
        show_progress(recording);
    }
    if (stderr_is_terminal()) fmt::print(stderr, "\n");
    return fmt::format("{}: {} frames of {}x{} pixels, {:.4g} per second, {:.4g} s{}", command.out, recording.frames(),
                       recording.size().w, recording.size().h, recording.rate(), recording.frames() / recording.rate(),
                       recording.lossless() ? "" : ", some colors approximate");
}

}  // namespace convlens
