/// Exports: the grid with its annotations, one channel, the microscope, arrays, kernels, statistics. The window and
/// `convlens render` both write the bytes of prepare_export().
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/document/evaluate.h"
#include "engine/nn/taps.h"
#include "engine/view/paper.h"
#include "engine/view/text.h"

namespace convlens {

/// Annotations of an exported grid.
struct Annotations {
    bool labels = false;    ///< The channel number in the upper left corner of each cell.
    bool colorbar = false;  ///< The colorbar with its numbers, below the grid.
    /// The kernel that produced the channel, in the lower right corner of each cell. Only for channels of
    /// shown_convolution().
    bool kernels = false;
    std::string title;  ///< Above the grid; may be empty.
    Paper paper = Paper::white;
    friend bool operator==(const Annotations&, const Annotations&) = default;
};

/// What is exported.
enum class Export {
    grid,         ///< .png: export_grid().
    channel,      ///< .png: one channel of the grid, without a gap around it, drawn with the color scale that it has in
                  ///< the grid.
    microscope,   ///< .png: all terms of one value, explanation_picture().
    activations,  ///< .npy, .npz: the values of the shown layer, all items of the batch, (N, C, H, W) float32.
    /// .png: a strip of all kernels, 8 per row; .npy: the weight; .safetensors: "weight" and "bias"; of
    /// shown_convolution().
    kernels,
    statistics,  ///< .csv, .json: minimum, maximum, mean and mean of |x| for each channel of the shown batch item.
};

/// Returns the file extensions that an export supports; the first one is the default.
std::span<const std::string_view> export_formats(Export what);

/// What is exported, and its appearance. Together with a document it determines all bytes of the file (except for .json
/// statistics, which contain the run time in milliseconds).
struct ExportOrder {
    Export what = Export::grid;
    std::string format = ".png";  ///< One of export_formats(what).
    Size2 cell;              ///< For Export::grid and Export::channel: size of a cell in pixels; {0, 0} means the cell
                             ///< size of the display options.
    int channel = 0;         ///< Channel to export; used by Export::channel.
    PixelPosition position;  ///< Position of the explained value; used by Export::microscope.
    /// Pixels. For Export::microscope: side of a term's cell; for Export::kernels: approximate side of a kernel.
    int pixels = 64;
    Annotations annotations;  ///< Used by Export::grid and Export::channel; Export::microscope uses only `paper`.
    friend bool operator==(const ExportOrder&, const ExportOrder&) = default;
};

/// A function that returns the bytes of the exported file. It needs no backend, so any thread may call it.
using Encode = std::function<Expected<std::vector<std::byte>>()>;

/// Draws and reads the data of `order` and returns the function that encodes them. `backend` must be the one that made
/// `output`. Fails for an unsupported format, a channel or position that does not exist, an export of kernels without
/// shown_convolution(), and a picture with a side above max_picture_side.
Expected<Encode> prepare_export(const Output& output, const ExportOrder& order, Backend& backend,
                                const Typeface& typeface, const Cancel& cancel);

/// Returns the grid of output.document.display with `annotations`. Without annotations, the pixels are identical to
/// those of render_grid(). The cells keep their size; the text is large enough to be legible when the picture fills the
/// width of a slide. Fails like render_grid(), and if a side would exceed max_picture_side.
Expected<Image> export_grid(const Output& output, const Annotations& annotations, const Typeface& typeface,
                            const Cancel& cancel);

/// Returns the convolution of which each kernel produces one channel of the layer on screen: that layer, or an earlier
/// one followed only by layers that keep channels separate. Returns null if there is none.
const Conv2d* shown_convolution(const Output& output);

/// Returns the shown batch item of the input, without normalization, as an image of at most `max_side` pixels per side.
Image input_thumbnail(const Output& output, int max_side);

/// Return the export Export::statistics as CSV and as JSON text.
std::string stats_csv(const Output& output);
std::string stats_json(const Output& output, const Backend& backend);

}  // namespace convlens
