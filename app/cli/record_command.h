/// `convlens record`: writes moving pictures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/options.h"
#include "engine/export/export.h"

namespace convlens {

/// Options of `convlens record`.
struct RecordCommand {
    std::string out;  ///< The recording: a name that is_movie().
    std::vector<std::string> sweeps;
    bool window = false, back = false, no_caption = false;
    int channel = 0, pixels = 32;
    std::optional<int> frames;
    std::optional<double> rate;
    std::string size, paper = "white";
    Annotations annotations;

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
};

/// Records the document. Returns a sentence about the file. Ctrl+C removes what was written.
Expected<std::string> record(const Document& document, const RecordCommand& command, const BackendOptions& backend);

}  // namespace convlens
