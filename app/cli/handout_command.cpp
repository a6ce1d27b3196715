/// Makes handouts of lectures, and quiz sheets.
#include "app/cli/handout_command.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "app/assets.h"
#include "app/cli/help.h"
#include "app/fonts.h"
#include "app/ui/tools/grid/fit_display.h"
#include "app/ui/tools/lab/lab.h"
#include "engine/document/custom_kernels.h"
#include "engine/document/evaluate.h"
#include "engine/explain/live_values.h"
#include "engine/explain/quiz.h"
#include "engine/export/handout.h"
#include "engine/io/file.h"
#include "engine/session/lecture.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;
using SharedImage = std::shared_ptr<const Image>;

SharedImage shared(Image image) { return std::make_shared<const Image>(std::move(image)); }

/// Puts images beside each other, each enlarged by a whole number so that all have about the same height.
Image beside(const std::vector<SharedImage>& images) {
    int tallest = 1, width = 0;
    for (const auto& image : images) tallest = std::max(tallest, image->height);
    tallest = std::max(tallest, 448);
    const auto scale = [&](const Image& image) { return std::max(tallest / std::max(image.height, 1), 1); };
    const int gap = tallest / 20;
    for (const auto& image : images) width += image->width * scale(*image) + gap;
    Image all(std::max(width - gap, 1), tallest);
    int x = 0;
    for (const auto& image : images) {
        paste(all, *image, x, (tallest - image->height * scale(*image)) / 2, scale(*image));
        x += image->width * scale(*image) + gap;
    }
    return all;
}

/// Draws the grid as the window does in an area of this size.
Expected<Image> grid_picture(const Output& output, const SceneView& view, Size2 area) {
    DisplayOptions display = output.document.display;
    const auto stats = output.activations->stats(display.item);
    auto shown = shown_channels(display, stats);
    if (!shown) return tl::unexpected(shown.error());
    const auto at = std::find(shown->begin(), shown->end(), view.enlarged.value_or(-1));
    if (at != shown->end()) {
        const auto ranges = channel_ranges(display, stats, *shown);
        display = alone(display, *at, ranges[static_cast<std::size_t>(at - shown->begin())]);
        shown->assign({*view.enlarged});
    }
    const Shape s = output.activations->shape();
    GridView grid;
    grid.area = area;
    return output.activations->render_grid(fit_display(display, grid, {s.h, s.w}, static_cast<int>(shown->size())),
                                           Cancel(), {});
}

/// Draws what the scene shows: the lab, the input beside the output for the sliding window, otherwise the grid.
Expected<Image> scene_picture(const Output& output, const Scene& scene, const BackendOptions& options) {
    if (scene.view.tool == lab_tool.id) {
        States states;
        const auto part = scene.view.parts.find(lab_tool.id);
        lab_tool.show_part(states, part == scene.view.parts.end() ? ScenePart() : part->second);
        const LabView& v = states.of<Lab>().view;
        const auto made = make_lab_job(options.cpu)(LabRequest{v.setup, nullptr, v.shift}, Cancel());
        if (!made || !*made) return made ? tl::unexpected(made->error()) : tl::unexpected(Error{"canceled", true});
        std::vector<SharedImage> pictures{(*made)->picture};
        const SharedImage layers[] = {(*made)->full.picture, (*made)->local.picture, (*made)->conv.picture,
                                      (*made)->pooled.picture};
        for (std::size_t i = 0; i < std::size(layers); ++i)
            if ((v.stage >> i & 1U) != 0) pictures.push_back(layers[i]);
        return beside(pictures);
    }
    const bool half = scene.layout == SceneLayout::side_by_side || scene.view.tool == "slide";
    constexpr Size2 whole{1000, 1600}, part{1000, 1000};
    auto grid = grid_picture(output, scene.view, half ? part : whole);
    if (!grid || scene.view.tool != "slide") return grid;
    return beside({shared(input_thumbnail(output, 640)), shared(std::move(*grid))});
}

/// Returns the kernels of the shown convolution as they are in the document; null if there are none. Kernels with one
/// channel have one, although the network applies them to all color channels.
std::shared_ptr<const Tensor> kernels_of(const Output& output) {
    const Conv2d* convolution = shown_convolution(output);
    const auto own = custom_kernels(output.document, output.network, output.plan.layer);
    return own ? own->weight : convolution ? convolution->weight : nullptr;
}

SharedImage second_picture(const Output& output, SecondView what) {
    const auto weight = what == SecondView::kernels ? kernels_of(output) : nullptr;
    if (!weight) return shared(input_thumbnail(output, 800));
    const Shape s = weight->shape();
    const int columns = static_cast<int>(std::ceil(std::sqrt(s.n))), rows = (s.n + columns - 1) / columns;
    constexpr int scale = 4, gap = 6;
    const int w = s.w * scale + gap, h = s.h * scale + gap;
    Image all(columns * w - gap, rows * h - gap);
    for (int i = 0; i < s.n; ++i) paste(all, kernel_picture(*weight, i), i % columns * w, i / columns * h, scale);
    return shared(std::move(all));
}

/// Makes the page of a scene from its documents and the output of the first one.
HandoutPage page_of(const Scene& scene, const std::vector<LiveFacts>& facts, const Output& output) {
    HandoutPage page;
    const auto filled = [&](const std::string& text, std::size_t step) { return with_live_values(text, &facts[step]); };
    page.texts = {filled(scene.title, 0), filled(scene.number, 0), filled(scene.text, 0)};
    page.layout = scene.layout;
    page.notes = filled(scene.notes, 0);
    for (std::size_t i = 0; i < scene.steps.size(); ++i) {
        const SceneStep& step = scene.steps[i];
        if (!step.text.empty()) page.notes += (page.notes.empty() ? "" : "\n") + filled(step.text, i + 1);
        if (!step.question) continue;
        const SceneQuestion& q = *step.question;
        HandoutQuestion made{filled(q.prompt, i + 1), {}, {}, filled(q.answer, i + 1), filled(q.why, i + 1)};
        for (const std::string& choice : q.choices) made.choices.push_back(filled(choice, i + 1));
        const auto right = [&](const auto& all, const auto& value) {
            return std::string(1,
                               choice_letter(static_cast<int>(std::find(all.begin(), all.end(), value) - all.begin())));
        };
        if (!q.choices.empty()) made.answer = right(q.choices, q.answer) + ": " + made.answer;
        if (const auto weight = kernels_of(output); !q.kernels.empty() && weight) {
            for (const int kernel : q.kernels)
                if (kernel < weight->shape().n) made.pictures.push_back(shared(kernel_picture(*weight, kernel)));
            made.prompt += fmt::format(" (channel {} in the grid)", step.view.enlarged.value_or(0));
            made.answer = right(q.kernels, step.view.enlarged.value_or(-1));
        }
        page.questions.push_back(std::move(made));
    }
    return page;
}

/// Loads the documents of a scene and evaluates the first one.
Expected<HandoutPage> make_page(const Scene& scene, const fs::path& folder, const BackendOptions& options,
                                EitherBackend& backend, std::optional<Output>& last) {
    std::vector<LiveFacts> facts;
    std::optional<Document> first, before;
    if (last) before = last->document;
    for (std::size_t i = 0; i <= scene.steps.size(); ++i) {
        auto document = load_parts(scene.document_after(i), folder, find_network_places(), before ? &*before : nullptr);
        if (!document) return tl::unexpected(document.error());
        auto known = live_facts(*document);
        if (!known) return tl::unexpected(known.error());
        facts.push_back(std::move(*known));
        if (!first) first = *document;
        before = std::move(*document);
    }
    return backend.guarded([&]() -> Expected<HandoutPage> {
        auto output = evaluate(*first, backend, Cancel(), last ? &*last : nullptr);
        if (!output) return tl::unexpected(output.error());
        last = std::move(*output);
        HandoutPage page = page_of(scene, facts, *last);
        auto picture = scene_picture(*last, scene, options);
        if (!picture) return tl::unexpected(picture.error());
        page.picture = shared(std::move(*picture));
        if (scene.layout == SceneLayout::side_by_side) page.second = second_picture(*last, scene.second);
        return page;
    });
}

/// Makes the page with the task to match maps of AlexNet's first layer with its kernels.
Expected<HandoutPage> match_page(std::uint32_t seed, EitherBackend& backend) {
    constexpr int count = 8, cell = 150, line = 40;
    auto document = make_document({}, {}, find_network_places());
    if (!document) return tl::unexpected(document.error());
    const auto output = evaluate(*document, backend, Cancel());
    if (!output) return tl::unexpected(output.error());
    const Conv2d* convolution = shown_convolution(*output);
    const QuizMatch match = quiz_match(convolution->weight->shape().n, count, seed);
    DisplayOptions display = document->display;
    const Shape s = output->activations->shape();
    display.channels = match.maps;
    display.columns = count;
    display.gap = cell / 10;
    display.cell = {cell * s.h / s.w, cell};
    const auto maps = output->activations->render_grid(display, Cancel(), {});
    if (!maps) return tl::unexpected(maps.error());
    Image all(maps->width, maps->height + 2 * line + cell, {255, 255, 255, 255});
    paste(all, *maps, 0, 2 * line + cell);
    std::string key;
    for (int i = 0; i < count; ++i) {
        const int x = display.gap + i * (cell + display.gap);
        const Image kernel = kernel_picture(*convolution->weight, match.kernels[static_cast<std::size_t>(i)]);
        export_typeface().draw(all, x, 0, fmt::format("{}", i + 1), line - 4, {20, 22, 26, 255});
        paste(all, kernel, x, line, cell / std::max(kernel.width, kernel.height));
        export_typeface().draw(all, x, line + cell, std::string(1, choice_letter(i)), line - 4, {20, 22, 26, 255});
        key += fmt::format("{}{} {}", i > 0 ? ", " : "", choice_letter(i), match.answer(i) + 1);
    }
    HandoutPage page;
    page.texts.title = "Which kernel made which map?";
    page.picture = shared(std::move(all));
    page.questions.push_back({"Which of the kernels 1 to 8 made each of the maps A to H?", {}, {}, key, ""});
    return page;
}

/// Writes the handout in the format that the ending of `path` names.
Expected<void> write(const Handout& handout, const std::string& path) {
    if (path.ends_with(".pdf")) {
        if (export_typeface().built_in()) return fail("{}: the typeface fonts/Inter-Regular.otf is missing", path);
        return write_file(path, handout_pdf(handout, export_typeface()));
    }
    const auto text = path.ends_with(".html") ? handout_html(handout) : Expected<std::string>(handout_text(handout));
    if (!text) return tl::unexpected(text.error());
    return write_file(path, std::as_bytes(std::span(*text)));
}

}  // namespace

Expected<void> write_handout(const RenderOptions& options, const BackendOptions& backend_options,
                             const ReportError& report_error) {
    auto backend = make_backend(backend_options);
    if (!backend) return tl::unexpected(backend.error());
    const auto lecture = open_lecture(options.scenes);
    if (!lecture) return tl::unexpected(lecture.error());
    const fs::path folder = folder_of_lecture(options.scenes);
    Handout handout{lecture->title, {}};
    std::optional<Output> last;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < lecture->scenes.size(); ++i) {
        auto page = make_page(lecture->scenes[i], folder, backend_options, *backend, last);
        if (page) {
            handout.pages.push_back(std::move(*page));
        } else {
            ++failed;
            report_error({fmt::format("scene {}: {}", i + 1, page.error().message)});
        }
    }
    if (failed > 0) return fail("{} of {} scenes failed", failed, lecture->scenes.size());
    return write(handout, options.out);
}

void QuizCommand::add_to(CLI::App& app) {
    OptionGroup output(app, "Output");
    output.add("--out", out, "FILE.pdf|FILE.html|FILE.txt", "Write the sheet here (default: print it as text)")
        ->check([](const std::string& path) {
            const bool known = path.ends_with(".pdf") || path.ends_with(".html") || path.ends_with(".txt");
            return known ? std::string()
                         : fmt::format("'{}' is not a file name that ends in .pdf or .html or .txt", path);
        });
    output.add("--count", count, "N", "Number of questions")->check(CLI::Range(1, max_quiz))->capture_default_str();
    output.add("--seed", seed, "N", "Seed of the questions")->capture_default_str();
}

Expected<std::string> quiz(const QuizCommand& command, const BackendOptions& options) {
    Handout sheet{"Questions about convolutional networks", {}};
    HandoutPage page;
    for (const QuizQuestion& q : make_quiz(command.count, command.seed))
        page.questions.push_back(
            {q.prompt,
             q.choices,
             {},
             fmt::format("{}: {}", choice_letter(q.answer), q.choices[static_cast<std::size_t>(q.answer)]),
             q.why});
    sheet.pages.push_back(std::move(page));
    if (command.out.empty()) return handout_text(sheet);
    if (!command.out.ends_with(".txt")) {
        auto backend = make_backend(options);
        if (!backend) return tl::unexpected(backend.error());
        auto match = match_page(command.seed, *backend);
        if (!match) return tl::unexpected(match.error());
        sheet.pages.insert(sheet.pages.begin(), std::move(*match));
    }
    if (auto ok = write(sheet, command.out); !ok) return tl::unexpected(ok.error());
    return std::string();
}

}  // namespace convlens
