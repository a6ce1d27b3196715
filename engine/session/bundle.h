/// Bundles: .zip files that contain a session and the files of its images and weights.
#pragma once

#include <filesystem>

#include "engine/document/document.h"
#include "engine/open/open_network.h"
#include "engine/session/scene_view.h"

namespace convlens {

/// Writes the document and the view to `path`, completely or not at all, together with its images (samples too), the
/// tensor of its input, and its kernels and weights. AlexNet's kernels and weights that come with Convlens are only
/// named. So the bundle opens on any machine that has Convlens. open_session() reads it; the paths of its parts are
/// then "BUNDLE.zip/images/0-cat.png" and similar. Fails if the file of an image can't be read, and like write_file().
Expected<void> save_bundle(const Document& document, const std::filesystem::path& path, const NetworkPlaces& places,
                           const SceneView& view = {});

/// Writes the document to `json`, completely or not at all, like save_session(). If more than max_inline_values numbers
/// of its kernels or weights are in no file, writes a bundle of the session and these numbers instead, beside `json`
/// with the ending .zip: that is much faster than JSON, and has no limit. All other parts are named by their paths. The
/// file of the other kind is removed, so that only the newest document is left. Fails like write_file().
Expected<void> save_autosave(const Document& document, const std::filesystem::path& json);

/// Reads what save_autosave() has written, a .json file or a bundle. Nothing in the document refers to the file
/// afterwards, so it may be removed. Fails like open_session().
Expected<Document> open_autosave(const std::filesystem::path& path, const NetworkPlaces& places);

}  // namespace convlens
