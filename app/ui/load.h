/// What the window opens or writes on a thread of its own.
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

/// What is to be done in the window with what was opened or written.
using Done = std::function<void(Frame&)>;

/// Runs on a worker's thread; may throw std::bad_alloc.
using LoadJob = std::function<Expected<Done>()>;

/// Pictures, patterns or samples by their specs, as the input.
LoadJob input_job(std::vector<std::string> specs);

/// The network that `spec` names, or the kernels of `weights`; with `into`, weights for that network.
LoadJob network_job(std::string spec);
LoadJob weights_job(std::string weights, std::optional<LayeredNetwork> into);

/// What a .json or .zip file is: a session, a network, or what a tool opens.
LoadJob file_job(std::string path);

/// Copies the script that does what `document` does; writes its arrays to a free name like `path`.
LoadJob code_job(Document document, Dialect dialect, std::string path);

/// Writes the document as a session to a free name like `path`.
LoadJob save_job(Document document, std::string path);

/// "DIR/NAME-grid.png" beside the input's picture, or in the current folder for pictures without a file of their own.
std::string suggested_path(const Input& input, std::string_view suffix, std::string_view ending);

/// Asks for the files that were dropped or chosen: pictures as the input, one file of kernels as kernels.
void open_files(Frame& frame, const std::vector<std::string>& paths);

}  // namespace convlens
