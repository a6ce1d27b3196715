/// The features tool: its action, and images that are dropped on it.
#include "app/ui/tools/features/features.h"

#include "app/ui/tools/browser/folder.h"
#include "app/ui/tools/train/train.h"

namespace convlens {
namespace {

constexpr Action rows[] = {
    {"features",
     "Features: images as points",
     Menu::view,
     {{{'e', 0}}},
     [](const Frame&) { return true; },
     [](Frame& f) { toggle_tool(f, features_tool); }},
};

/// Adds an image that was dropped alone to both plots, while Lesson::features is the current lesson.
bool handle(Frame& f, const Event& event) {
    const auto* dropped = std::get_if<FilesDropped>(&event);
    if (!dropped || f.view.tool != &features_tool || lesson_of(f).lesson != Lesson::features ||
        dropped->paths.size() != 1 || kind_of(dropped->paths.front()) != FileKind::picture)
        return false;
    train(f, command::AddFile{dropped->paths.front()});
    return true;
}

}  // namespace

const Tool features_tool{.id = "features",
                         .middle = {"Features",
                                    "Plots images as points, by a network's features and by their pixels; trains a "
                                    "small model on each and finds nearest neighbors (e)",
                                    features_panel},
                         .actions = rows,
                         .handle = handle};

}  // namespace convlens
