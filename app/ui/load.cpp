/// Jobs that open and write files, and the functions that apply their results.
#include "app/ui/load.h"

#include <algorithm>
#include <filesystem>

#include "app/assets.h"
#include "app/settings.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tool.h"
#include "app/ui/tools/browser/folder.h"
#include "app/ui/tools/lecture/lecture.h"
#include "engine/core/sentence.h"
#include "engine/document/fold_batch_norm.h"
#include "engine/io/file.h"
#include "engine/open/open_network.h"
#include "engine/session/bundle.h"
#include "engine/session/session.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

/// Returns the result of a job that has opened `opened`: calls change(draft, value), as an undo step of its own.
template <class Value, class Change>
Expected<Done> step(Expected<Value> opened, Change change) {
    if (!opened) return tl::unexpected(opened.error());
    return [value = std::move(*opened), change](Frame& f) {
        change(f.draft, value);
        f.requests.step = true;
    };
}

/// Returns the layer that the document shows, or nullopt if it can't be shown.
std::optional<std::string> shown_layer(const Document& document) {
    const auto plan = plan_network(document, effective_channels(document));
    return plan ? std::optional(plan->layers[static_cast<std::size_t>(plan->layer)].name) : std::nullopt;
}

/// Chooses a network, and shows the layer with the name of the one that is shown now, if the network has one that can
/// run; else its first convolution, whose output is a picture for each kernel; else its last layer that can run.
void choose_and_show(Document& draft, const LayeredNetwork& network) {
    const auto before = shown_layer(draft);
    choose_network(draft, network);
    std::vector<std::string> candidates;
    if (before) candidates.push_back(*before);
    const auto& layers = network.architecture->layers;
    const auto is_convolution = [](const LayerSpec& layer) {
        return std::holds_alternative<Conv2dSpec>(layer.operation);
    };
    if (const auto first = std::ranges::find_if(layers, is_convolution); first != layers.end())
        candidates.push_back(first->name);
    for (const std::string& name : candidates) {
        draft.layer = name;
        if (shown_layer(draft)) return;
    }
    draft.layer.clear();
}

/// Returns the result of a job that has opened weights for a network of `architecture`. If the draft has another
/// network by then, shows an error.
Expected<Done> weights_of(Expected<decltype(LayeredNetwork::weights)> opened, std::string path,
                          Architecture architecture) {
    if (!opened) return tl::unexpected(opened.error());
    return [opened = std::move(*opened), path = std::move(path), architecture = std::move(architecture)](Frame& f) {
        auto* layered = std::get_if<LayeredNetwork>(&f.draft.network);
        if (!layered || *layered->architecture != architecture) {
            f.requests.error = sentence("{}: the network was changed while its weights were opened", path);
            return;
        }
        layered->weights = opened;
        f.requests.step = true;
    };
}

/// Opens a session: its document is an undo step, its view follows when the document is on screen.
Expected<Done> session(const std::string& path) {
    std::optional<SceneView> view;
    auto opened = open_session(path, find_network_places(), &view);
    if (!opened) return tl::unexpected(opened.error());
    return [opened = std::move(*opened), view = std::move(view)](Frame& f) {
        f.draft = opened;
        f.requests.step = true;
        if (view) f.states.of<LectureView>().next = view;
    };
}

/// Returns the result of a job that has written the file at `path`.
Done saved(std::string path) {
    return [path = std::move(path)](Frame& f) { report_saved(f, path); };
}

/// Stores the folder of the image for the file browser's list of recent folders.
void remember(Frame& f, const Input& input) {
    const auto* pictures = std::get_if<PictureInput>(&input.source);
    if (!pictures || !pictures->pictures.front().origin.is_file()) return;
    std::error_code ignored;
    const auto path = fs::absolute(pictures->pictures.front().origin.path(), ignored);
    if (ignored) return;
    remember_folder(f.settings, path.parent_path());
    keep_settings(f);
}

}  // namespace

void keep_settings(Frame& f) {
    enqueue(
        f,
        [settings = f.settings]() -> Expected<Done> {
            save_settings(settings, settings_file());
            return Done([](Frame&) {});
        },
        Saves::nothing);
}

LoadJob input_job(std::vector<std::string> specs) {
    return [specs = std::move(specs)]() -> Expected<Done> {
        auto opened = open_input(specs, 1, find_assets());
        if (!opened) return tl::unexpected(opened.error());
        return [source = std::move(*opened)](Frame& f) {
            f.draft.input.source = source;
            f.draft.input.crop.reset();
            f.draft.display.item = 0;
            f.requests.step = true;
            remember(f, f.draft.input);
        };
    };
}

LoadJob network_job(std::string spec) {
    return [spec = std::move(spec)] { return step(open_network(spec, "", find_network_places()), choose_and_show); };
}

LoadJob fold_job(Document document) {
    return [document = std::move(document)] {
        return step(fold_batch_norm(document, effective_channels(document)), choose_folded);
    };
}

LoadJob weights_job(std::string weights, std::optional<LayeredNetwork> into) {
    return [weights = std::move(weights), into = std::move(into)] {
        const NetworkPlaces places = find_network_places();
        if (into) return weights_of(open_network_weights(*into, weights, places), weights, *into->architecture);
        return step(open_kernels(weights, places.assets), [](Document& draft, const OpenedKernels& kernels) {
            if (!std::holds_alternative<ConvChain>(draft.network)) choose_network(draft, ConvChain{});
            choose_kernels(draft, kernels.bank);
            draft.kernels.gray = kernels.gray;
        });
    };
}

LoadJob file_job(std::string path) {
    return [path = std::move(path)]() -> Expected<Done> {
        const auto kind = session_file_kind(path);
        if (!kind) return tl::unexpected(kind.error());
        for (const Tool* tool : tools())
            if (auto opened = tool->open ? tool->open(*kind, path) : std::nullopt) return std::move(*opened);
        if (*kind == "session") return session(path);
        auto network = open_network(path, "", find_network_places());
        if (!network) return tl::unexpected(network.error());
        return [network = std::move(*network), name = fs::path(path).filename().string()](Frame& f) {
            choose_and_show(f.draft, network);
            f.requests.note = tr_format("opened {}", name);
            f.requests.step = true;
            f.view.tool = &grid_tool;  // other tools may show something else, as the weight-sharing lab does
        };
    };
}

LoadJob restore_session_job(fs::path path) {
    return [path = std::move(path)] {
        return step(open_autosave(path, find_network_places()),
                    [](Document& draft, const Document& opened) { draft = opened; });
    };
}

LoadJob code_job(Document document, ScriptLibrary library, std::string path) {
    return [document = std::move(document), library, path = std::move(path)]() -> Expected<Done> {
        std::string text;
        const auto saved = save_unused(path, [&](const std::string& free) -> Expected<void> {
            auto code = save_code(document, library, free, find_assets(), nullptr, Existing::kept);
            if (!code) return tl::unexpected(code.error());
            text = std::move(*code);
            return {};
        });
        if (!saved) return tl::unexpected(saved.error());
        return [text = std::move(text), free = *saved](Frame& f) {
            report_saved(f, free);
            f.requests.copy = text;
            f.requests.note = tr_format("copied the script and saved its weights to {}", free);
        };
    };
}

LoadJob save_job(Document document, SceneView view, std::string path) {
    return [document = std::move(document), view = std::move(view), path = std::move(path)]() -> Expected<Done> {
        const auto done = save_unused(
            path, [&](const std::string& free) { return save_session(document, free, view, Existing::kept); });
        if (!done) return tl::unexpected(done.error());
        return saved(*done);
    };
}

std::string suggested_path(const Input& input, std::string_view suffix, std::string_view ending) {
    std::error_code ignored;
    fs::path base = fs::current_path(ignored) / "convlens";
    if (const auto* p = std::get_if<PictureInput>(&input.source); p && p->pictures.front().origin.is_file())
        base = fs::absolute(fs::path(p->pictures.front().origin.path()), ignored).replace_extension();
    for (fs::path at = base.parent_path(); at.has_relative_path(); at = at.parent_path())
        if (is_bundle(at)) base = at.parent_path() / base.filename();  // files can't be added to a bundle
    return fmt::format("{}{}{}", base.string(), suffix, ending);
}

void open_files(Frame& f, const std::vector<std::string>& paths) {
    std::vector<std::string> sessions, kernels, pictures;
    for (const std::string& path : paths) {
        const FileKind kind = kind_of(path);
        (kind == FileKind::session ? sessions : kind == FileKind::kernels ? kernels : pictures).push_back(path);
    }
    if (sessions.size() > 1) {
        f.requests.error = sentence("{} .json, .onnx or .zip files were selected: open one at a time", sessions.size());
        return;
    }
    if (kernels.size() > 1) {
        f.requests.error = sentence("{} files of kernels were selected: open one at a time", kernels.size());
        return;
    }
    const std::size_t before = f.requests.open.size();
    if (!sessions.empty()) load(f, Opens::file, file_job(sessions.front()));
    if (!kernels.empty())
        f.requests.open.push_back({Opens::weights, [path = kernels.front()](const Document& now) {
                                       const auto* layered = std::get_if<LayeredNetwork>(&now.network);
                                       return weights_job(path, layered ? std::optional(*layered) : std::nullopt);
                                   }});
    if (!pictures.empty()) load(f, Opens::images, input_job(std::move(pictures)));
    for (std::size_t i = before + 1; i < f.requests.open.size(); ++i) f.requests.open[i].together = true;
}

}  // namespace convlens
