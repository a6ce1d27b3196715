/// The commands that run without a window.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/options.h"
#include "engine/export/code.h"
#include "engine/export/export.h"

namespace convlens {

/// Options of `convlens render`. Files whose path is empty are not written.
struct RenderOptions {
    std::string out;             ///< The grid, .png.
    std::string out_folder;      ///< Folder for one .png per image, instead of one .png of all images as a batch.
    std::string data;            ///< The activations, .npy or .npz.
    std::string kernels;         ///< The kernels, .png, .npy or .safetensors.
    std::string microscope;      ///< The terms of the value at `position`, .png.
    std::string position_words;  ///< `position` as typed.
    PixelPosition position;
    std::optional<int> pixels;  ///< Width in pixels of a term in `microscope`, and approximate width of a kernel in a
                                ///< .png of `kernels`.
    std::string stats_file;     ///< The statistics, .csv or .json.
    std::string session;        ///< The document, .json, or .zip with its images and weights.
    std::string scenes;         ///< Lecture whose scenes are rendered.
    int scene_width = 1280;     ///< Approximate width in pixels of scenes that do not set the size of a cell.
    bool stats = false;         ///< Print the statistics as JSON.
    Annotations annotations;
    std::string paper = "white";

    void add_to(CLI::App& app);
    /// Returns true if the options name any output.
    bool has_output() const {
        return !(out.empty() && out_folder.empty() && data.empty() && kernels.empty() && microscope.empty() &&
                 stats_file.empty() && session.empty()) ||
               stats;
    }
};

/// Callback for errors that do not stop the command.
using ReportError = std::function<void(const Error&)>;

/// Evaluates the document and writes the requested files; --stats prints to standard output. Writes nothing if the
/// evaluation fails. If OpenGL fails at any point with --backend auto, the CPU does all of the work again, and
/// `complain` receives the error.
Expected<void> render(const Document& document, const RenderOptions& options, const BackendOptions& backend,
                      const ReportError& report_error);

/// Renders every image with the network, kernels and display options of `document` to options.out_folder as
/// NAME-grid.png. Passes the error of an image that fails to `complain` and continues with the other images. Draws a
/// progress bar if standard error is a terminal. If any image failed, fails at the end with the number of failed
/// images.
Expected<void> render_each(const std::vector<std::string>& images, const Document& document,
                           const RenderOptions& options, const BackendOptions& backend,
                           const ReportError& report_error);

/// Renders every scene of the lecture `options.scenes` to options.out_folder as NN-title.png: the grid, about
/// options.scene_width pixels wide, below the scene's title. Handles scenes that fail as render_each() handles images.
Expected<void> render_scenes(const RenderOptions& options, const BackendOptions& backend,
                             const ReportError& report_error);

/// Options of `convlens network`.
struct NetworkOptions {
    bool json = false;
    std::string save_layers;   ///< Network file to write, .json (docs/NETWORK_FORMAT.md). Empty string: writes none.
    std::string save_weights;  ///< Weight file to write, .safetensors or .npz. Empty string: writes none.
};

/// Returns the output of `convlens network`: one line per layer and the differences between a loaded checkpoint and the
/// network, or one JSON object. Writes the requested files.
Expected<std::string> describe_network(const Document& document, const NetworkOptions& options);

/// Output of `convlens selftest`, and whether every backend passed.
struct SelftestResult {
    std::string text;
    bool right = false;
};

/// Compares `cases` random layers on every backend (only one if options.backend is "cpu" or "gl") with the reference in
/// double precision, and the values and grids of the CPU with those of OpenGL. A machine without OpenGL passes unless
/// options.backend is "gl".
SelftestResult selftest(const BackendOptions& options, int cases);

/// Measures the CPU, OpenGL and OpenGL's naive shader on the document, or on a standard list of layers, and calls
/// `print` with each table as soon as it is complete.
Expected<void> bench(const std::optional<Document>& document, const BackendOptions& options,
                     const std::function<void(const std::string&)>& print);

/// Returns the output of `convlens info` for one file: key, dtype and shape of every array, format and size of an
/// image, or input, network and layer of a session. Plain text, or one JSON object if `json`.
Expected<std::string> info(const std::string& path, bool json);

}  // namespace convlens
