/// Bundles: .zip files that contain a session or a lecture and the files of its images and weights.
#pragma once

#include <filesystem>

#include "engine/document/document.h"
#include "engine/io/file.h"
#include "engine/open/open_network.h"
#include "engine/session/lecture.h"

namespace convlens {

/// Writes the document and the view to `path`, completely or not at all, together with its images (samples too), the
/// tensor of its input, and its kernels and weights. AlexNet's kernels and weights that come with Convlens are only
/// named. So the bundle opens on any machine that has Convlens. open_session() reads it; the paths of its parts are
/// then "BUNDLE.zip/images/0-cat.png" and similar. Fails if the file of an image can't be read, if the bundle would
/// have more than max_archive_bytes, and like write_file().
Expected<void> save_bundle(const Document& document, const std::filesystem::path& path, const NetworkPlaces& places,
                           const SceneView& view = {});

/// Writes the lecture, whose paths are relative to `folder`, to `path`, completely or not at all, together with the
/// images, tensors, kernels and weights that its scenes and their steps name, each of them once. What comes with
/// Convlens is only named: samples, AlexNet's kernels, and its weights. A frame of a video is stored as an image.
/// open_lecture() reads the bundle. Returns the lecture as it was written: its paths are relative to
/// folder_of_lecture(path). If `folder` is that bundle itself, which is replaced, files keep their paths in it. Fails
/// like load_parts(), with the number of the scene, like checked_text() and like save_bundle().
Expected<Lecture> save_lecture_bundle(Lecture lecture, const std::filesystem::path& folder,
                                      const std::filesystem::path& path, const NetworkPlaces& places,
                                      Existing existing = Existing::replaced);

/// Writes the document to `json`, completely or not at all, like save_session(). If more than max_inline_values numbers
/// of its kernels or weights are in no file, writes a bundle of the session and these numbers instead, beside `json`
/// with the ending .zip: that is much faster than JSON, and has no limit. All other parts are named by their paths. The
/// file of the other kind is removed, so that only the newest document is left. Fails like write_file().
Expected<void> save_autosave(const Document& document, const std::filesystem::path& json);

/// Reads what save_autosave() has written, a .json file or a bundle. Nothing in the document refers to the file
/// afterwards, so it may be removed. Fails like open_session().
Expected<Document> open_autosave(const std::filesystem::path& path, const NetworkPlaces& places);

}  // namespace convlens
