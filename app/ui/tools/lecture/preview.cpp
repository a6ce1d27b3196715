/// Makes the pictures of scenes.
#include "app/ui/tools/lecture/preview.h"

#include <algorithm>
#include <new>

#include "app/assets.h"
#include "app/backends.h"
#include "app/fonts.h"
#include "app/ui/tools/lecture/lecture.h"
#include "app/ui/wake.h"
#include "app/web/page.h"
#include "engine/core/sha256.h"
#include "engine/export/export.h"
#include "engine/session/load_parts.h"

namespace convlens {
namespace {

constexpr Size2 preview_size{216, 384};

/// Returns the size of a cell with which the grid of an output fits into preview_size.
Size2 cell_of(const Output& output) {
    const Shape s = output.activations->shape();
    const auto& display = output.document.display;
    const int count = display.channels.empty() ? s.c : static_cast<int>(display.channels.size());
    const int columns = std::clamp(display.columns, 1, std::max(count, 1)), rows = (count + columns - 1) / columns;
    const double scale = std::min(static_cast<double>(preview_size.w) / columns / s.w,
                                  static_cast<double>(preview_size.h) / std::max(rows, 1) / s.h);
    const auto side = [&](int n) { return std::clamp(static_cast<int>(n * scale), 1, preview_size.w); };
    return {side(s.h), side(s.w)};
}

Expected<Image> draw(const PreviewRequest& request, Backend& backend, const Cancel& cancel) {
    auto document = load_parts(request.document, request.folder, find_network_places());
    if (!document) return tl::unexpected(document.error());
    auto output = evaluate(*document, backend, cancel);
    if (!output) return tl::unexpected(output.error());
    if (!request.grid) return input_thumbnail(*output, preview_size.w * 2 / 3);
    output->document.display.cell = cell_of(*output);
    output->document.display.region.reset();
    return export_grid(*output, {}, export_typeface(), cancel);
}

Worker<PreviewRequest, PreviewAnswer>::Job make_job(const CpuOptions& options) {
    return [backend = std::shared_ptr<Backend>(), options](
               const PreviewRequest& request, const Cancel& cancel) mutable -> std::optional<PreviewAnswer> {
        PreviewAnswer answer{request.key, nullptr, {}};
        if (!backend) {
            CpuOptions one = options;
            one.threads = 1;  // the picture on screen comes first
            auto made = make_cpu_backend(one);
            if (made)
                backend = std::move(*made);
            else
                answer.problem = made.error().message;
        }
        if (!backend) return answer;
        Expected<Image> picture;
        try {
            picture = draw(request, *backend, cancel);
        } catch (const std::bad_alloc&) {  // without an answer it would be asked for again and again
            picture = fail("there is not enough memory");
        }
        if (!picture && picture.error().canceled) return std::nullopt;
        if (picture)
            answer.picture = std::make_shared<const Image>(std::move(*picture));
        else
            answer.problem = picture.error().message;
        return answer;
    };
}

/// Returns true if a scene shows the grid, and not a tool in its place.
bool shows_grid(const Scene& scene) {
    const Tool* tool = find_tool(scene.view.tool);
    return !tool || tool == &grid_tool || !tool->middle.title;
}

/// Returns what the picture depends on.
std::string key_of(const Scene& scene, const std::filesystem::path& folder) {
    const Lecture one{"", {Scene{"", "", scene.document, {}}}};
    const std::string text = print_lecture(one) + folder.string() + (shows_grid(scene) ? "/g" : "/i");
    return sha256(std::as_bytes(std::span(text)));
}

}  // namespace

std::shared_ptr<const Image> preview_of(Frame& f, std::size_t index) {
    const auto& lecture = f.states.of<LectureView>();
    auto& v = f.states.of<Previews>();
    // In a browser without a second thread it would stop the page.
    if (in_browser || !lecture.lecture || index >= lecture.lecture->scenes.size()) return nullptr;
    const Scene& scene = lecture.lecture->scenes[index];
    if (std::exchange(v.opened, lecture.opened) != lecture.opened) {
        v.keys.clear();
        std::erase_if(v.known, [](const auto& entry) { return !entry.second.picture; });
    }
    v.keys.resize(lecture.lecture->scenes.size());
    auto& [document, key] = v.keys[index];
    if (key.empty() || !(document == scene.document.document)) {
        document = scene.document.document;
        key = key_of(scene, lecture_folder(lecture));
    }
    if (const auto found = v.known.find(key); found != v.known.end()) return found->second.picture;
    if (!v.worker)
        v.worker.emplace([cpu = f.backend.cpu] { return make_job(cpu); }, wake_window, std::chrono::hours(1));
    if (!v.worker->busy())
        v.worker->submit(std::make_shared<const PreviewRequest>(
            PreviewRequest{key, scene.document, shows_grid(scene), lecture_folder(lecture)}));
    return nullptr;
}

void poll_previews(Frame& f) {
    auto& v = f.states.of<Previews>();
    auto answer = v.worker ? v.worker->poll() : std::nullopt;
    if (!answer) return;
    if (v.known.size() >= max_previews) v.known.clear();
    const std::string key = answer->key;
    v.known.insert_or_assign(key, std::move(*answer));
    f.requests.redraw = true;
}

void end_previews(States& states) { states.of<Previews>().worker.reset(); }

}  // namespace convlens
