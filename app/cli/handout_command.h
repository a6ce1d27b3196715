/// `convlens render --scenes --out FILE.pdf|FILE.html` and `convlens quiz`.
#pragma once

#include <cstdint>
#include <string>

#include "app/cli/commands.h"

namespace convlens {

/// Writes the lecture `options.scenes` as a handout to options.out, a .pdf or .html file: a page for each scene with
/// its picture, its text, its notes and what its steps add, the questions, and the answers at the end. If a scene
/// fails, passes its error to `report_error`; fails at the end with the number of failed scenes, and writes nothing.
Expected<void> write_handout(const RenderOptions& options, const BackendOptions& backend,
                             const ReportError& report_error);

/// Options of `convlens quiz`.
struct QuizCommand {
    std::string out;  ///< .pdf, .html or .txt; empty means that the text is printed.
    int count = 12;
    std::uint32_t seed = 1;

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
};

/// Writes a sheet of random questions with an answer key. PDF and HTML files begin with a task to match eight feature
/// maps of the image `sample:cat` with the kernels that made them. Returns the text if there is no file.
Expected<std::string> quiz(const QuizCommand& command, const BackendOptions& backend);

}  // namespace convlens
