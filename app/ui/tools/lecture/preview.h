/// Pictures of scenes for the list of scenes and for the presenter's window, made on a thread of their own.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/ui/frame.h"
#include "app/ui/worker.h"
#include "engine/session/lecture.h"

namespace convlens {

/// Asks for the picture of a document.
struct PreviewRequest {
    std::string key;
    DocumentSpec document;
    bool grid = true;  ///< Whether the grid is wanted; otherwise the input, for scenes that show another tool.
    std::filesystem::path folder;
};

/// The picture, or why there is none.
struct PreviewAnswer {
    std::string key;
    std::shared_ptr<const Image> picture;
    std::string problem;
};

/// The pictures that are known. A picture belongs to the document of a scene: it stays when the lecture is edited.
struct Previews {
    std::optional<Worker<PreviewRequest, PreviewAnswer>> worker;
    std::map<std::string, PreviewAnswer> known;  ///< By key; at most max_previews.
    int opened = -1;                             ///< The lecture to which `keys` belong.
    /// The keys of documents that were asked for last, of which there are as many as scenes.
    std::vector<std::pair<Document, std::string>> keys;
};

inline constexpr std::size_t max_previews = 300;

/// Returns the picture of scene `index` of the open lecture as it begins, at most 384 x 216 pixels; null until it is
/// made, and if it can't be. Begins to make it, one after the other.
std::shared_ptr<const Image> preview_of(Frame& f, std::size_t index);

/// Takes pictures that have been made.
void poll_previews(Frame& f);

/// Ends the thread.
void end_previews(States& states);

}  // namespace convlens
