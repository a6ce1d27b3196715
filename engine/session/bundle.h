/// Bundles: a session together with its pictures and weights in one .zip file.
#pragma once

#include <filesystem>

#include "engine/document/document.h"
#include "engine/open/open_network.h"

namespace convlens {

/// Writes the document, the files of its pictures, and its kernels, weights or tensor from a file, to `path`, whole or
/// not at all. What comes with the program (samples too) is put in as well, so that the bundle opens wherever Convlens
/// runs. open_session() reads it; the specs of what it holds are then "BUNDLE.zip/images/0-cat.png" and the like. Fails
/// in a sentence when a picture's file is gone, and as write_file().
Expected<void> save_bundle(const Document& document, const std::filesystem::path& path, const NetworkPlaces& places);

}  // namespace convlens
