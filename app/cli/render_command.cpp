/// `convlens render`: writes grids, activations, kernels, statistics and sessions to files.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <set>

#include "app/assets.h"
#include "app/cli/commands.h"
#include "app/fonts.h"
#include "engine/core/host.h"
#include "engine/core/numbers.h"
#include "engine/document/evaluate.h"
#include "engine/io/file.h"
#include "engine/session/bundle.h"
#include "engine/session/lecture.h"
#include "engine/session/session.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr const char* papers[] = {"white", "dark", "transparent"};

/// Returns the annotations of the grid, with the background that --paper names.
Annotations decoration_of(const RenderOptions& options) {
    Annotations annotations = options.annotations;
    for (int i = 0; i < 3; ++i)
        if (options.paper == papers[i]) annotations.paper = static_cast<Paper>(i);
    return annotations;
}

/// Exports `what` of `output` to `path`, in the format of its extension.
Expected<void> write(const std::string& path, Export what, const Output& output, const RenderOptions& options,
                     Backend& backend) {
    ExportOrder order;
    order.what = what;
    order.format = fs::path(path).extension().string();
    order.annotations = decoration_of(options);
    order.position = options.position;
    if (options.pixels) order.pixels = *options.pixels;
    const auto encode = prepare_export(output, order, backend, export_typeface(), Cancel());
    if (!encode) return tl::unexpected(encode.error());
    const auto bytes = (*encode)();
    if (!bytes) return tl::unexpected(bytes.error());
    return write_file(path, *bytes);
}

/// Writes all files that the options name.
Expected<void> write_all(const Output& output, const RenderOptions& options, Backend& backend) {
    const std::pair<const std::string*, Export> files[] = {{&options.out, Export::grid},
                                                           {&options.data, Export::activations},
                                                           {&options.kernels, Export::kernels},
                                                           {&options.microscope, Export::microscope},
                                                           {&options.stats_file, Export::statistics}};
    for (const auto& [path, what] : files)
        if (!path->empty())
            if (auto ok = write(*path, what, output, options, backend); !ok) return ok;
    if (options.session.empty()) return {};
    return is_bundle(options.session) ? save_bundle(output.document, options.session, find_network_places())
                                      : save_session(output.document, options.session);
}

/// Returns the path for the grid of `image` in `folder`: NAME-grid.png, or with a number, NAME-grid-2.png, if `used`
/// contains that path. Adds the path to `used`.
std::string name_in(const std::string& folder, const std::string& image, std::set<std::string>& used) {
    Input input;
    input.source = PictureInput{{{PictureOrigin::parse(image), nullptr}}};
    std::string title = input_title(input);
#ifdef _WIN32
    std::replace(title.begin(), title.end(), ':', '-');  // file names can't contain colons on Windows
#endif
    const std::string base = (fs::path(folder) / fs::path(title).stem()).string();
    std::string name = base + "-grid.png";
    for (int i = 2; !used.insert(name).second; ++i) name = fmt::format("{}-grid-{}.png", base, i);
    return name;
}

/// Redraws the progress bar on standard error; does nothing if that is not a terminal.
void progress_bar(std::size_t done, std::size_t all) {
    if (!stderr_is_terminal()) return;
    constexpr std::size_t width = 40;
    const std::size_t full = done * width / all;
    fmt::print(stderr, "\r[{:#<{}}{:.<{}}] {} of {}{}", "", full, "", width - full, done, all, done == all ? "\n" : "");
    std::fflush(stderr);
}

/// Returns the result of work(). If OpenGL fails and --backend is auto, repeats work() on the CPU and reports OpenGL's
/// error once.
template <class Work>
auto handing_over(EitherBackend& backend, const ReportError& report_error, const Work& work) -> decltype(work()) {
    const bool known = !backend.failure().empty();
    auto done = backend.guarded(work);
    if (!known && !backend.failure().empty())
        report_error({fmt::format("OpenGL failed, the CPU does the work: {}", backend.failure())});
    return done;
}

}  // namespace

Expected<void> render(const Document& document, const RenderOptions& options, const BackendOptions& backend_options,
                      const ReportError& report_error) {
    auto backend = make_backend(backend_options);
    if (!backend) return tl::unexpected(backend.error());
    std::string statistics;
    const auto done = handing_over(*backend, report_error, [&]() -> Expected<void> {
        const auto output = evaluate(document, *backend, Cancel());
        if (!output) return tl::unexpected(output.error());
        const int items = output->activations->shape().n;
        if (document.display.item >= items)
            return fail("item {} does not exist: the batch has items 0 to {}", document.display.item, items - 1);
        if (options.stats) statistics = stats_json(*output, *backend) + "\n";
        return write_all(*output, options, *backend);
    });
    if (done) fmt::print("{}", statistics);
    return done;
}

Expected<void> render_scenes(const RenderOptions& options, const BackendOptions& backend_options,
                             const ReportError& report_error) {
    auto backend = make_backend(backend_options);
    if (!backend) return tl::unexpected(backend.error());
    const auto lecture = open_lecture(options.scenes);
    if (!lecture) return tl::unexpected(lecture.error());
    const fs::path folder = folder_of_lecture(options.scenes);
    std::optional<Output> last;
    std::size_t failed = 0;
    const auto one = [&](const Scene& scene, const std::string& path) -> Expected<void> {
        const auto document =
            load_parts(scene.document, folder, find_network_places(), last ? &last->document : nullptr);
        if (!document) return tl::unexpected(document.error());
        auto output = evaluate(*document, *backend, Cancel(), last ? &*last : nullptr);
        if (!output) return tl::unexpected(output.error());
        last = std::move(*output);
        Output drawn = *last;
        if (drawn.document.display.cell == Size2{}) {
            const Shape s = drawn.activations->shape();
            const int columns = std::min(drawn.document.display.columns, s.c),
                      width = std::max(1, options.scene_width / std::max(columns, 1) - drawn.document.display.gap);
            drawn.document.display.cell = {
                std::clamp(static_cast<int>(std::int64_t{width} * s.h / std::max(s.w, 1)), 1, 1280), width};
        }
        RenderOptions titled = options;
        titled.annotations.title = scene.title;
        return write(path, Export::grid, drawn, titled, *backend);
    };
    for (std::size_t i = 0; i < lecture->scenes.size(); ++i) {
        const Scene& scene = lecture->scenes[i];
        std::string name = fmt::format("{:02}-", i + 1);
        for (const char c : scene.title)
            name += std::isalnum(static_cast<unsigned char>(c)) != 0
                        ? static_cast<char>(std::tolower(static_cast<unsigned char>(c)))
                        : '-';
        const std::string path = (fs::path(options.out_folder) / (name + ".png")).string();
        if (const auto done = handing_over(*backend, report_error, [&] { return one(scene, path); }); !done) {
            ++failed;
            report_error({fmt::format("scene {}: {}", i + 1, done.error().message)});
        }
        progress_bar(i + 1, lecture->scenes.size());
    }
    if (failed > 0) return fail("{} of {} scenes failed", failed, lecture->scenes.size());
    return {};
}

Expected<void> render_each(const std::vector<std::string>& images, const Document& document,
                           const RenderOptions& options, const BackendOptions& backend_options,
                           const ReportError& report_error) {
    auto backend = make_backend(backend_options);
    if (!backend) return tl::unexpected(backend.error());
    std::set<std::string> used;
    std::size_t failed = 0;
    std::optional<Output> last;
    const auto one = [&](const std::string& image) -> Expected<void> {
        Document next = document;
        const std::string path = name_in(options.out_folder, image, used);
        auto source = open_input({image}, 1, find_assets());
        if (!source) return tl::unexpected(source.error());
        next.input.source = std::move(*source);
        return handing_over(*backend, report_error, [&]() -> Expected<void> {
            auto output = evaluate(next, *backend, Cancel(), last ? &*last : nullptr);
            if (!output) return fail("{}: {}", image, output.error().message);
            last = std::move(*output);
            return write(path, Export::grid, *last, options, *backend);
        });
    };
    for (std::size_t i = 0; i < images.size(); ++i) {
        if (const auto done = one(images[i]); !done) {
            ++failed;
            if (stderr_is_terminal()) fmt::print(stderr, "\r\x1b[K");
            report_error(done.error());
        }
        progress_bar(i + 1, images.size());
    }
    if (failed > 0) return fail("{} of {} images failed", failed, images.size());
    return {};
}

}  // namespace convlens
