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

/// Applies the result of a job in the window.
using Done = std::function<void(Frame&)>;

/// Runs on a worker thread; may throw std::bad_alloc.
using LoadJob = std::function<Expected<Done>()>;

/// Opens images, patterns or samples by their specs as the input.
LoadJob input_job(std::vector<std::string> specs);

/// Open the network `spec`, or the kernels `weights`; with `into`, open weights for that network.
LoadJob network_job(std::string spec);
LoadJob weights_job(std::string weights, std::optional<LayeredNetwork> into);

/// Opens a .json or .zip file: a session, a network, or a file type of a tool.
LoadJob file_job(std::string path);

/// Copies a script that computes what `document` shows, and writes its arrays to an unused path similar to `path`.
LoadJob code_job(Document document, Dialect dialect, std::string path);

/// Writes the document as a session to an unused path similar to `path`.
LoadJob save_job(Document document, std::string path);

/// Suggests "DIR/NAME-grid.png" beside the input image, or in the current folder if the image has no file.
std::string suggested_path(const Input& input, std::string_view suffix, std::string_view ending);

/// Opens files that were dropped or selected: images as the input, one kernel file as kernels.
void open_files(Frame& frame, const std::vector<std::string>& paths);

}  // namespace convlens
