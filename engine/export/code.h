/// Python scripts that reproduce a document, to take home.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/document/document.h"
#include "engine/nn/parameters.h"

namespace convlens {

/// What the script is written with.
enum class Dialect { pytorch, numpy };

/// A script and the arrays that it loads.
struct Code {
    std::string text;
    std::vector<std::pair<std::string, Parameter>>
        arrays;  ///< To be written as .npz to the path that the text names; empty for none.
};

/// A script that loads the document's pictures, builds the layers up to the shown one, loads their weights from
/// `arrays_file`, and draws the channels with matplotlib as the document's look says; called with a file name it saves
/// them as .npy instead. Needs NumPy, Pillow, matplotlib (for drawing only) and, as Dialect::pytorch, torch. An input
/// that is no 8-bit picture is among the arrays. Samples are found in `assets`. Fails as plan_network() and
/// build_network(), and in a sentence for a layer that a dialect does not know.
Expected<Code> write_code(const Document& document, Dialect dialect, const std::string& arrays_file,
                          const std::filesystem::path& assets);

/// Writes the document's script to `path` where that ends in ".py", and the arrays that it loads beside it as .npz;
/// returns the script. A `path` of another name gives the .npz its name only. Fails as write_code() and write_file().
Expected<std::string> save_code(const Document& document, Dialect dialect, const std::string& path,
                                const std::filesystem::path& assets);

}  // namespace convlens
