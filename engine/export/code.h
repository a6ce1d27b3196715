/// Generates Python scripts that reproduce a document.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/document/document.h"
#include "engine/nn/parameters.h"

namespace convlens {

/// The library that the script uses.
enum class ScriptLibrary { pytorch, numpy };

/// A script and the arrays that it loads.
struct Code {
    std::string text;
    /// Arrays to be written as .npz to the path in `text`; may be empty.
    std::vector<std::pair<std::string, Parameter>> arrays;
};

/// Generates a script that loads the document's images, builds the layers up to the shown one, loads their weights from
/// `arrays_file`, and draws the channels with matplotlib according to the document's display options. If the script is
/// called with a file name, it saves the channels as .npy instead. Needs NumPy, Pillow, matplotlib (only for drawing)
/// and, with ScriptLibrary::pytorch, torch. An input that is not an 8-bit image is stored in the arrays. Samples are
/// found in `assets`. Fails like plan_network() and build_network(), and if `library` does not support a layer.
Expected<Code> write_code(const Document& document, ScriptLibrary library, const std::string& arrays_file,
                          const std::filesystem::path& assets);

/// Writes the document's script to `path` if that ends in ".py", and the arrays that it loads next to it as .npz;
/// returns the script. If `path` has another extension, no script is written and `path` only determines the name of the
/// .npz. Fails like write_code() and write_file().
Expected<std::string> save_code(const Document& document, ScriptLibrary library, const std::string& path,
                                const std::filesystem::path& assets);

}  // namespace convlens
