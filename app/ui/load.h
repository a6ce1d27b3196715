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

namespace convlens {

struct Frame;

/// Applies the result of a job to the window; called on the main thread.
using Done = std::function<void(Frame&)>;

/// A job that runs on a worker thread and returns the function that applies its result. May throw std::bad_alloc.
using LoadJob = std::function<Expected<Done>()>;

/// Returns a job that opens images, patterns or samples by their specs (as for --image) as the input.
LoadJob input_job(std::vector<std::string> specs);

/// Return jobs that open the network `spec`, or the kernels `weights`. With `into`, the job opens weights for that
/// network.
LoadJob network_job(std::string spec);
LoadJob weights_job(std::string weights, std::optional<LayeredNetwork> into);

/// Returns a job that opens a .json or .zip file: a session, a network, or a file type that a tool opens.
LoadJob file_job(std::string path);

/// Returns a job that copies a Python script for `document` to the clipboard and writes the script's arrays to
/// unused_path(path).
LoadJob code_job(Document document, ScriptLibrary library, std::string path);

/// Returns a job that writes the document as a session to unused_path(path).
LoadJob save_job(Document document, std::string path);

/// Returns a path like "DIR/NAME-grid.png" beside the input image, or in the current folder if the image has no file.
std::string suggested_path(const Input& input, std::string_view suffix, std::string_view ending);

/// Opens files that were dropped or selected: images as the input, one kernel file as kernels.
void open_files(Frame& frame, const std::vector<std::string>& paths);

}  // namespace convlens
