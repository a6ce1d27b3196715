/// Generates Python scripts that reproduce a document.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/attribute/study.h"
#include "engine/document/document.h"
#include "engine/io/file.h"
#include "engine/maximize/maximizer.h"
#include "engine/nn/parameters.h"

namespace convlens {

/// The library that the script uses.
enum class ScriptLibrary { pytorch, numpy };

/// A script and the arrays that it loads.
struct Code {
    std::string text;  ///< The Python source.
    /// Arrays that the script reads from `arrays_file` of write_code(), an .npz that the caller writes; may be empty.
    std::vector<std::pair<std::string, Parameter>> arrays;
};

/// Returns a script that loads the document's images, builds the layers up to the shown one, loads their weights from
/// the .npz file `arrays_file`, and draws the channels with matplotlib according to the document's display options. If
/// the script is called with a file name, it saves the output of the layer there as .npy instead. It needs NumPy,
/// matplotlib (only for drawing), Pillow (if the input is images) and, with ScriptLibrary::pytorch, torch. An input
/// that does not consist of 8-bit images is stored in the arrays. The script loads images by their absolute
/// paths, also the sample images in the folder `assets`. Fails like
/// input_tensor(), plan_network() and build_network(), and if `library` does not support a layer.
/// Instead of the drawing, a PyTorch script may end with the text of `ending`, which loads the arrays of `ending`.
Expected<Code> write_code(const Document& document, ScriptLibrary library, const std::string& arrays_file,
                          const std::filesystem::path& assets, const Code* ending = nullptr);

/// Returns the end of a script that computes the maps of `task` and their twins, whose random weights are PyTorch's
/// own, and draws them. Called with a file name, the script saves the maps (methods, H, W) instead. `item` is the batch
/// item.
Code attribute_code(const StudyTask& task, int item);

/// Returns the end of a script that does `steps` steps of a Maximizer for the document's network up to the maximized
/// layer, from the same first pictures, and draws the pictures. Called with a file name, the script saves the pictures
/// (N, C, H, W) instead. Fails like Maximizer::make().
Expected<Code> maximize_code(const Network& network, int input_channels, Normalize normalize,
                             const MaximizeOptions& options, int steps);

/// Writes the arrays that the document's script loads, if any, to `path` with the extension .npz instead of its own.
/// Writes the script to `path` only if `path` ends in ".py". Returns the script in either case. Fails like write_code()
/// and write_file(), to which `existing` goes; with Existing::kept, the arrays get an unused_path().
Expected<std::string> save_code(const Document& document, ScriptLibrary library, const std::string& path,
                                const std::filesystem::path& assets, const Code* ending = nullptr,
                                Existing existing = Existing::replaced);

}  // namespace convlens
