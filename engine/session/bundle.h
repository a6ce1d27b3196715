/// Bundles: a session together with its images and weights in one .zip file.
#pragma once

#include <filesystem>

#include "engine/document/document.h"
#include "engine/open/open_network.h"

namespace convlens {

/// Writes the document to `path`, atomically, together with the files of its images and those of its kernels, weights
/// or tensor that were loaded from files. Parts shipped with the program (including samples) are also added, so that
/// the bundle opens on any machine that has Convlens. open_session() reads it; the specs of its parts are then
/// "BUNDLE.zip/images/0-cat.png" and similar. Fails if the file of an image is missing, and like write_file().
Expected<void> save_bundle(const Document& document, const std::filesystem::path& path, const NetworkPlaces& places);

}  // namespace convlens
