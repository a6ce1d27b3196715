/// What the window opens or makes on a thread of its own, and what may come of it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "engine/open/open.h"
#include "engine/session/lecture.h"

namespace convlens {

/// A document of its own, and how it is to be shown.
struct OpenedDocument {
    Document document;
    SceneView view;
};

/// A lecture and where it is from.
struct OpenedLecture {
    Lecture lecture;
    std::filesystem::path file;
};

/// A script for the clipboard, and the file with its arrays.
struct OpenedCode {
    std::string text, path;
};

/// A file was written: a sentence about it.
struct Saved {
    std::string note;
};

using Loaded = std::variant<OpenedKernels, LayeredNetwork, decltype(LayeredNetwork::weights), OpenedDocument,
                            OpenedLecture, OpenedCode, Saved>;

/// Runs on the worker's thread; may throw std::bad_alloc.
using LoadJob = std::function<Expected<Loaded>()>;

/// The network that `spec` names, or the kernels of `weights`; with `into`, weights for that network.
LoadJob network_job(std::string spec);
LoadJob weights_job(std::string weights, std::optional<LayeredNetwork> into);

/// What a .json or .zip file is: a session, a lecture or a network.
LoadJob session_job(std::string path);

/// A scene's document, with paths relative to `folder`; parts of `now` that bear the same name are taken over.
LoadJob scene_job(Scene scene, std::filesystem::path folder, Document now);

/// The script that does what `document` does, for NumPy or PyTorch; writes its arrays to `path`.
LoadJob code_job(Document document, bool numpy, std::string path);

/// Writes the document as a session.
LoadJob save_job(Document document, std::string path);

}  // namespace convlens
