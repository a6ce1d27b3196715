/// Exports of what is shown: the grid with its annotations, one channel, the microscope, activations, kernels,
/// statistics. The window and `convlens render` both write the bytes that prepare_export() gives them.
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
    bool labels = false;    ///< Whether to draw the channel number in the upper left corner of each cell.
    bool colorbar = false;  ///< Whether to draw a colorbar with its numbers below the grid.
    /// The kernel of each channel, in the lower right corner of its cell. Only if there is a shown_convolution().
    bool kernels = false;
    std::string title;           ///< Text above the grid; may be empty.
    Paper paper = Paper::white;  ///< Background behind the grid and the annotations.
    friend bool operator==(const Annotations&, const Annotations&) = default;
};

/// What is exported.
enum class Export {
    grid,         ///< .png: all cells, see export_grid().
    channel,      ///< .png: one channel without a gap around it, in the same colors as in the grid.
    microscope,   ///< .png: all terms of one value, see explanation_picture().
    activations,  ///< .npy, .npz: the output of the shown layer for the whole batch, (N, C, H, W) float32.
    /// The kernels of shown_convolution(). .png: all of them, 8 per row; .npy: the weight; .safetensors: "weight" and
    /// "bias".
    kernels,
    statistics,  ///< .csv, .json: minimum, maximum, mean and mean of |x| for each channel of the shown batch item.
};

/// Returns the file extensions that an export supports; the first one is the default.
std::span<const std::string_view> export_formats(Export what);

/// What is exported, and its appearance. A document, a backend and an ExportOrder determine all bytes of the file,
/// except for the run time in .json statistics.
struct ExportOrder {
    Export what = Export::grid;
    std::string format = ".png";  ///< One of export_formats(what).
    Size2 cell;  ///< Used by Export::grid and Export::channel: height and width of a cell in pixels; {0, 0} means that
                 ///< of the display options.
    int channel = 0;         ///< Channel to export; used by Export::channel.
    PixelPosition position;  ///< Position of the explained value; used by Export::microscope.
    /// Used by Export::microscope: side of a term's cell in pixels, 8 to 512. Used by Export::kernels: approximate side
    /// of a kernel in pixels.
    int pixels = 64;
    Annotations annotations;  ///< Used by Export::grid and Export::channel; Export::microscope uses only `paper`.
    friend bool operator==(const ExportOrder&, const ExportOrder&) = default;
};

/// A function that returns the bytes of the exported file. It does not use the backend, so any thread may call it.
using Encode = std::function<Expected<std::vector<std::byte>>()>;

/// Draws or reads what `order` names and returns the function that encodes it. `backend` must be the one that made
/// `output`, on its thread. Fails for an unsupported format, a batch item, channel or position that does not exist, an
/// export of kernels without shown_convolution(), and a picture with a side above max_picture_side.
Expected<Encode> prepare_export(const Output& output, const ExportOrder& order, Backend& backend,
                                const Typeface& typeface, const Cancel& cancel);

/// Returns the grid of output.document.display with `annotations`. Without annotations, the pixels are identical to
/// those of render_grid(). Annotations do not change the size of the cells; their text is large enough to be legible
/// when the picture fills the width of a slide. Fails like render_grid(), and if a side would exceed max_picture_side.
Expected<Image> export_grid(const Output& output, const Annotations& annotations, const Typeface& typeface,
                            const Cancel& cancel);

/// Returns the convolution whose kernel c produces channel c of the shown layer: that layer itself, or the last
/// convolution before it if only layers follow that do not mix channels. Returns null if there is none.
const Conv2d* shown_convolution(const Output& output);

/// Returns the shown batch item of the input as an image of at most `max_side` pixels per side. Pixels in [0,1] are
/// shown as they are. If the input is normalized, a tensor from a file, or does not have three channels, each channel's
/// minimum is shown as 0 and its maximum as 255. Only the first channel is shown, in gray, unless there are three.
Image input_thumbnail(const Output& output, int max_side);

/// Return the content of the file that Export::statistics writes, as CSV and as JSON.
std::string stats_csv(const Output& output);
std::string stats_json(const Output& output, const Backend& backend);

}  // namespace convlens
