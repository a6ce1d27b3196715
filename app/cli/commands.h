/// The commands that need no window.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/options.h"
#include "engine/export/code.h"
#include "engine/export/export.h"

namespace convlens {

struct RenderOptions {
    std::string out;         ///< PNG of the grid.
    std::string out_folder;  ///< One PNG for each image instead of a batch of them.
    std::string data;        ///< .npy or .npz of the activations.
    std::string kernels;     ///< .png, .npy or .safetensors of the kernels.
    std::string microscope;  ///< .png of the terms of the value at `position`.
    std::string position_words;
    PixelPosition position;
    std::optional<int> pixels;  ///< Of the microscope's terms and the kernels' strip.
    std::string stats_file;     ///< .csv or .json of the statistics.
    std::string session;        ///< .json, or with pictures and weights .zip, of the document itself.
    std::string scenes;         ///< A lecture whose scenes are rendered ...
    int scene_width = 1280;     ///< ... about so wide, where they don't say how large a cell is.
    bool stats = false;         ///< Print the statistics as JSON.
    Decoration decoration;
    std::string paper = "white";

    void add_to(CLI::App& app);
    /// Whether anything is to be written.
    bool asks() const {
        return !(out.empty() && out_folder.empty() && data.empty() && kernels.empty() && microscope.empty() &&
                 stats_file.empty() && session.empty()) ||
               stats;
    }
};

/// Is told about what went wrong while the rest goes on.
using Complain = std::function<void(const Error&)>;

/// Evaluates the document and writes what was asked for; the text of --stats goes to standard output.
/// Nothing is written when the evaluation fails. A graphics card of "auto" that fails at any point leaves all of it to
/// the CPU, and `complain` hears of it.
Expected<void> render(const Document& document, const RenderOptions& options, const BackendOptions& backend,
                      const Complain& complain);

/// Renders every image with the network, kernels and look of `document` to options.out_folder as NAME-grid.png. An
/// image that fails is reported through `complain` and the rest go on; a progress bar is drawn where standard error is
/// a terminal. Fails, after the rest, with the number of those that did.
Expected<void> render_each(const std::vector<std::string>& images, const Document& document,
                           const RenderOptions& options, const BackendOptions& backend, const Complain& complain);

/// Renders every scene of the lecture `options.scenes` to options.out_folder as NN-title.png: the grid, about
/// options.scene_width pixels wide, under the scene's title. Scenes that fail are reported as render_each() reports
/// images.
Expected<void> render_scenes(const RenderOptions& options, const BackendOptions& backend, const Complain& complain);

struct NetworkOptions {
    bool json = false;
    std::string save_layers;   ///< .json, see docs/NETWORK_FORMAT.md.
    std::string save_weights;  ///< .safetensors or .npz.
};

/// The text of `convlens network`: a line a layer, and how a loaded checkpoint and the network met; or one JSON object.
/// Writes what was asked for.
Expected<std::string> describe_network(const Document& document, const NetworkOptions& options);

/// What `convlens selftest` prints, and whether all is well.
struct SelftestResult {
    std::string text;
    bool right = false;
};

/// Runs `cases` random layers on every backend (options.backend: only "cpu" or only "gl") against the reference in
/// double precision, and compares the CPU's and OpenGL's values and pictures. A machine without OpenGL is right unless
/// that was asked for.
SelftestResult selftest(const BackendOptions& options, int cases);

/// Measures the CPU, OpenGL and OpenGL's naive shader on the document, or on a standard list of layers, and prints a
/// table for each as soon as it is there.
Expected<void> bench(const std::optional<Document>& document, const BackendOptions& options,
                     const std::function<void(const std::string&)>& print);

/// The text of `convlens info` on one file: tensors with key, dtype and shape, or the size of an image. One line each,
/// or a JSON object.
Expected<std::string> info(const std::string& path, bool json);

}  // namespace convlens
