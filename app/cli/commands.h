/// The commands that run without a window.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/options.h"
#include "engine/attribute/attribution.h"
#include "engine/explain/check_values.h"
#include "engine/export/code.h"
#include "engine/export/export.h"
#include "engine/filter/algorithms.h"
#include "engine/maximize/maximizer.h"

namespace convlens {

/// Options of `convlens render`. Files whose path is empty are not written.
struct RenderOptions {
    std::string out;             ///< The grid, .png.
    std::string out_folder;      ///< Folder for one .png per image; without it, all images are one batch.
    std::string data;            ///< The activations, .npy or .npz.
    std::string kernels;         ///< The kernels, .png, .npy or .safetensors.
    std::string microscope;      ///< The terms that the value at `position` is computed from, .png.
    std::string position_words;  ///< Argument of --position, as typed; `position` is its value.
    PixelPosition position;
    std::optional<int> pixels;  ///< Width in pixels of a term in `microscope`, and approximate width of a kernel in a
                                ///< .png of `kernels`.
    std::string stats_file;     ///< The statistics, .csv or .json.
    std::string session;        ///< The document as a session, .json, or .zip with its images and weights.
    std::string scenes;         ///< Lecture (.json) whose scenes are rendered to out_folder.
    int scene_width = 1280;  ///< Approximate width in pixels of the grids of scenes that do not set the size of a cell.
    bool stats = false;      ///< Whether to print the statistics as JSON.
    Annotations annotations;
    std::string paper = "white";  ///< Background behind the cells: "white", "dark" or "transparent".

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
    /// Returns true if the options request any output.
    bool has_output() const {
        return !(out.empty() && out_folder.empty() && data.empty() && kernels.empty() && microscope.empty() &&
                 stats_file.empty() && session.empty()) ||
               stats;
    }
};

/// Receives errors that do not stop the command.
using ReportError = std::function<void(const Error&)>;

/// Evaluates the document and writes the requested files; --stats prints to standard output. Writes nothing if the
/// evaluation fails. If OpenGL fails at any point with --backend auto, the CPU does all of the work again, and
/// `report_error` receives OpenGL's error.
Expected<void> render(const Document& document, const RenderOptions& options, const BackendOptions& backend,
                      const ReportError& report_error);

/// Renders every image with the network, kernels and display options of `document` to options.out_folder as
/// NAME-grid.png. If an image fails, passes its error to `report_error` and continues with the other images; fails at
/// the end with the number of failed images. Draws a progress bar if standard error is a terminal.
Expected<void> render_each(const std::vector<std::string>& images, const Document& document,
                           const RenderOptions& options, const BackendOptions& backend,
                           const ReportError& report_error);

/// Renders every scene of the lecture `options.scenes` to options.out_folder as NN-title.png: the scene's title and,
/// below it, the grid. The grid is about options.scene_width pixels wide unless the scene sets the size of a cell.
/// Handles scenes that fail as render_each() handles images.
Expected<void> render_scenes(const RenderOptions& options, const BackendOptions& backend,
                             const ReportError& report_error);

/// Options of `convlens network`.
struct NetworkOptions {
    bool json = false;         ///< Whether to print JSON instead of a table.
    bool csv = false;          ///< Whether to print CSV instead of a table.
    bool measure = false;      ///< Whether to measure the layers.
    std::string save_layers;   ///< Network file to write, .json (docs/NETWORK_FORMAT.md). Empty string: writes none.
    std::string save_weights;  ///< Weight file to write, .safetensors or .npz. Empty string: writes none.
    std::string save_onnx;     ///< Layers and weights to write, .onnx. Empty string: writes none.
};

/// Returns the output of `convlens network`: a table with one line per layer, and the differences between a loaded
/// checkpoint and the network; or CSV, or one JSON object. Also writes the requested files.
Expected<std::string> describe_network(const Document& document, const NetworkOptions& options,
                                       const BackendOptions& backend);

/// Options of `convlens maximize`.
struct MaximizeCommand {
    std::string out;   ///< The pictures in a grid, .png.
    std::string data;  ///< The pictures, .npy.
    std::string code;  ///< The same search in PyTorch, .py.
    std::string channels, objective = "unit", size;
    int steps = 32, columns = 8;
    bool pixels = false, plain_colors = false, from_image = false;
    std::optional<int> jitter;  ///< nullopt: 8 for the objective "channel", otherwise 0.
    MaximizeOptions search;     ///< The other options of the search.

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
};

/// Searches a picture for each channel of the document's layer and writes the requested files. Returns a table: what is
/// maximized at the end, and for comparison in the document's images. Fails like Maximizer::make().
Expected<std::string> maximize(const Document& document, const MaximizeCommand& command, const BackendOptions& backend);

/// Returns the names of classes in a file with one per line; empty without a path. Fails if it can't be read.
Expected<std::vector<std::string>> read_labels(const std::string& path);

/// Options of `convlens attribute`.
struct AttributeCommand {
    std::string out;   ///< All maps above their twins, .png.
    std::string data;  ///< The maps and their twins, .npy.
    std::string code;  ///< The same maps in PyTorch, .py.
    bool json = false;
    std::string method = "all", random_from, cam_layer, patch, patch_stride;
    std::optional<int> channel;  ///< nullopt: the one with the largest mean.
    AttributionOptions options;  ///< Without what the texts above set.
    std::uint32_t seed = 1;
    bool field = false;  ///< Whether to compute the effective receptive field.
    std::optional<float> fool;
    int fool_steps = 1;
    std::optional<int> fool_class;
    std::string fool_out;
    std::string labels;  ///< As in ClassifyCommand.

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
};

/// Computes which pixels of the document's image a channel of the shown layer depends on, and the same for random
/// weights, and writes the requested files. Returns the rank correlations as a table or as JSON.
Expected<std::string> attribute(const Document& document, const AttributeCommand& command,
                                const BackendOptions& backend);

/// Options of `convlens patches`.
struct PatchesCommand {
    std::string out;  ///< The patches in a grid, a row for each channel, .png.
    std::string channels;
    int count = 9, per_image = 2;

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
};

/// Finds the parts of `images`, or without images of the document's input, for which the channels of the document's
/// layer are strongest, and writes the requested file. Returns a table of the places. If an image fails, passes its
/// error to `report_error` and continues with the other images; fails if all of them fail.
Expected<std::string> patches(const std::vector<std::string>& images, const Document& document,
                              const PatchesCommand& command, const BackendOptions& backend,
                              const ReportError& report_error);

/// Options of `convlens analyze`.
struct FiltersCommand {
    std::string out;    ///< The responses in a grid, .png.
    std::string data;   ///< The magnitudes, .npy.
    std::string table;  ///< The numbers, .csv or .json.
    std::string channels, response = "all", sort = "index", colormap = "magma";
    int samples = 128, columns = 8;
    bool decibels = false;

    std::string part = "frequency";  ///< What is analyzed; the members below belong to the other parts.
    std::string plot;                ///< The curves, .png or .svg.
    int channel = 0;                 ///< Of the layer, for pictures and --data.
    int reach = 8, steps = 2;        ///< Of ShiftOptions.
    bool vertical = false, all_values = false, invariance = false;
    std::string strides = "unchanged", pooling = "unchanged";
    int taps = 3;
    int stride = 4;  ///< Of the aliasing.
    std::string rounded = "all";
    std::string problem = "3,16,3,128";                 ///< C, K, k and H = W of the algorithms.
    int largest_kernel = 0;                             ///< Of the break-even curve; 0: none.
    std::string band = "0.1,0.25";                      ///< Of the design: its lowest and highest frequency.
    double orientation = 0, spread = 180, outside = 1;  ///< See Band and band_filter().
    int kernel_size = 11;                               ///< Of the design and of the paint; odd.
    std::string second = "Sobel x";                     ///< Of edge_kernels(), for the algebra.
    std::string mask, test_mask;                        ///< Paint to fit and to test.
    double regularization = 0.01;                       ///< See fit_painted().

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
};

/// Describes the kernels of the document's layer as filters and writes the requested files. Returns a table. Fails if
/// the layer has no kernels. Calls filter_part() for another part than "frequency".
Expected<std::string> filters(const Document& document, const FiltersCommand& command);

/// Analyzes the network up to the document's layer, or algorithms, as command.part says. Returns a table, and writes
/// the requested files.
Expected<std::string> filter_part(const Document& document, const FiltersCommand& command);
/// Returns the names of all parts.
std::vector<std::string> filter_part_names();
/// Parses "LOWEST,HIGHEST" in cycles per pixel, 0 to 0.75.
std::optional<std::pair<double, double>> band_from(std::string_view text);
/// Parses "C,K,k,H", each 1 to 4096: channels, kernels, kernel size, and rows and columns of the output.
std::optional<ConvSizes> conv_sizes_from(std::string_view text);

/// Options of `convlens classify`.
struct ClassifyCommand {
    std::string labels;  ///< File with the name of each class in a line of its own; empty: none.
    std::string out;     ///< File to write, .csv or .json; empty: prints.
    int top = 5;         ///< Number of classes for each image.
    bool json = false;   ///< Whether to print JSON instead of CSV.

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
};

/// Evaluates the document's layer, which must have one value for each class, for each of `images`, or without images
/// for the document's input. Returns the most likely classes with their probabilities as CSV or JSON; an empty text if
/// they were written to a file. Values of a layer other than Softmax become probabilities by softmax. Handles images
/// that fail as patches() does.
Expected<std::string> classify(const std::vector<std::string>& images, const Document& document,
                               const ClassifyCommand& command, const BackendOptions& backend,
                               const ReportError& report_error);

/// Result of `convlens selftest`.
struct SelftestResult {
    std::string text;    ///< The output to print.
    bool right = false;  ///< Whether every backend passed.
};

/// Runs `cases` random layers on every backend, or only on the backend that options.backend names ("cpu" or "gl").
/// Compares their outputs with the reference in double precision, and the outputs and grids of the CPU with those of
/// OpenGL. A machine without OpenGL passes unless options.backend is "gl".
SelftestResult selftest(const BackendOptions& options, int cases);

/// Evaluates the document and checks `values` values of its layers, see check_values().
Expected<CheckedValues> verify(const Document& document, const BackendOptions& options, int values, std::uint32_t seed);

/// Measures the CPU, OpenGL, and OpenGL with its naive shader on the document or, without one, on a standard list of
/// layers. Passes a heading and then each table, as soon as it is complete, to `print`.
Expected<void> bench(const std::optional<Document>& document, const BackendOptions& options,
                     const std::function<void(const std::string&)>& print);

/// Returns the output of `convlens info` for the file at `path`: key, dtype and shape of every array, format and size
/// of an image, or input, network and layer of a session; as plain text, or as one JSON object if `json`.
Expected<std::string> info(const std::string& path, bool json);

}  // namespace convlens
