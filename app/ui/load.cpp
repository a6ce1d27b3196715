/// Opening, by what a file says it is.
#include "app/ui/load.h"

#include "app/assets.h"
#include "app/cli/commands.h"
#include "engine/open/open_network.h"

namespace convlens {
namespace {

template <class Value>
Expected<Loaded> loaded(Expected<Value> value) {
    return std::move(value).map([](Value v) { return Loaded(std::move(v)); });
}

}  // namespace

LoadJob network_job(std::string spec) {
    return [spec = std::move(spec)] { return loaded(open_network(spec, "", find_network_places())); };
}

LoadJob weights_job(std::string weights, std::optional<LayeredNetwork> into) {
    return [weights = std::move(weights), into = std::move(into)] {
        const NetworkPlaces places = find_network_places();
        return into ? loaded(open_network_weights(*into, weights, places))
                    : loaded(open_kernels(weights, places.assets));
    };
}

LoadJob session_job(std::string path) {
    return [path = std::move(path)]() -> Expected<Loaded> {
        const auto kind = session_file_kind(path);
        if (!kind) return tl::unexpected(kind.error());
        if (*kind == "session")
            return loaded(open_session(path, find_network_places()).map([](Document d) {
                return OpenedDocument{std::move(d), {}};
            }));
        std::error_code ignored;
        if (*kind == "lecture")
            return loaded(open_lecture(path).map([&](Lecture l) {
                return OpenedLecture{std::move(l), std::filesystem::absolute(path, ignored)};
            }));
        return loaded(open_network(path, "", find_network_places()));
    };
}

LoadJob scene_job(Scene scene, std::filesystem::path folder, Document now) {
    return [scene = std::move(scene), folder = std::move(folder), now = std::move(now)] {
        return loaded(load_parts(scene.document, folder, find_network_places(), &now).map([&](Document d) {
            return OpenedDocument{std::move(d), scene.view};
        }));
    };
}

LoadJob code_job(Document document, bool numpy, std::string path) {
    return [document = std::move(document), numpy, path = std::move(path)] {
        return loaded(save_code(document, numpy ? Dialect::numpy : Dialect::pytorch, path).map([&](std::string text) {
            return OpenedCode{std::move(text), path};
        }));
    };
}

LoadJob save_job(Document document, std::string path) {
    return [document = std::move(document), path = std::move(path)] {
        return loaded(save_session(document, path).map([&] { return Saved{fmt::format("saved {}", path)}; }));
    };
}

}  // namespace convlens
