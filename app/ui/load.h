/// Jobs that open or write files on a worker thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/document/document.h"
#include "engine/export/code.h"
#include "engine/session/scene_view.h"

namespace convlens {

struct Frame;

/// Applies the result of a job to the window; called on the main thread.
using Done = std::function<void(Frame&)>;

/// A job that runs on a worker thread and returns the function that applies its result. May throw std::bad_alloc.
using LoadJob = std::function<Expected<Done>()>;

/// What a request opens. A later request drops the earlier ones whose result it would replace.
enum class Opens {
    file,      ///< A .json or .zip file, whose kind is not known yet. Drops nothing.
    document,  ///< A whole document. Drops all requests.
    network,   ///< A network, or the kernels of a single convolution. Drops requests for networks and weights.
    weights,   ///< The weights of the network. Drops requests for weights.
    images,    ///< The input. Drops requests for images.
};

/// A request to open something.
struct OpenRequest {
    Opens what = Opens::file;
    /// Returns the job. Called with the document to which all earlier requests have been applied.
    std::function<LoadJob(const Document&)> job;
    /// Whether the request came with the one before it. Then it is dropped if that one fails: weights of a network that
    /// could not be opened must not get into another network.
    bool together = false;
    /// Whether it belongs to what has just been opened, as the first scene of a lecture does. Then it comes before all
    /// others and drops none.
    bool next = false;
};

/// Writes frame.settings on the thread that writes files.
void keep_settings(Frame& frame);

/// Returns a job that opens images as the input. Each spec is an argument of --image: a path, "sample:NAME" or
/// "pattern:NAME[:WxH]".
LoadJob input_job(std::vector<std::string> specs);

/// Returns a job that opens the network `spec`, an argument of --network.
LoadJob network_job(std::string spec);

/// Returns a job that folds the batch normalization of the document's network, see fold_batch_norm().
LoadJob fold_job(Document document);

/// Returns a job that opens `weights`, an argument of --weights: as the weights of the network `into` or, without it,
/// as kernels of a single convolution.
LoadJob weights_job(std::string weights, std::optional<LayeredNetwork> into);

/// Returns a job that opens a .json or .zip file: a session, a network, or a kind of file that a tool opens, such as a
/// lecture.
LoadJob file_job(std::string path);

/// Returns a job that opens an automatically saved session, which may be removed afterwards.
LoadJob restore_session_job(std::filesystem::path path);

/// Returns a job that copies a Python script for `document` to the clipboard and writes the arrays that the script
/// loads to unused_path(path), which adds a number if the file exists.
LoadJob code_job(Document document, ScriptLibrary library, std::string path);

/// Returns a job that saves the document and the view as a session to unused_path(path), which adds a number if the
/// file exists.
LoadJob save_job(Document document, SceneView view, std::string path);

/// Returns a path for a new file beside the input image: DIR/NAME, then `suffix` and `ending`, like "DIR/cat-grid.png".
/// If the input is an image in a bundle, the path is beside that. If it is not an image file, the path is in the
/// current folder and NAME is "convlens".
std::string suggested_path(const Input& input, std::string_view suffix, std::string_view ending);

/// Opens files that were dropped or selected, in this order: a .json or .zip file, a file of kernels as weights, and
/// images as the input. Shows an error and opens nothing if there are several .json and .zip files, or several files of
/// kernels.
void open_files(Frame& frame, const std::vector<std::string>& paths);

}  // namespace convlens
