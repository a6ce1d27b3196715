/// Bundles: .zip files that contain a session and the files of its images and weights.
#pragma once

#include <filesystem>

#include "engine/document/document.h"
#include "engine/open/open_network.h"

namespace convlens {

/// Writes the document to `path`, completely or not at all, together with its images (samples too), the tensor of its
/// input, and its kernels and weights. AlexNet's kernels and weights that come with Convlens are only named. So the
/// bundle opens on any machine that has Convlens. open_session() reads it; the paths of its parts are then
/// "BUNDLE.zip/images/0-cat.png" and similar. Fails if the file of an image can't be read, and like write_file().
Expected<void> save_bundle(const Document& document, const std::filesystem::path& path, const NetworkPlaces& places);

}  // namespace convlens
