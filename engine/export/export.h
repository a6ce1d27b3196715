/// Exports: the grid with its legend, one channel, the microscope, arrays, kernels, statistics. The window and
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

/// Additions around and in the cells of an exported grid.
struct Decoration {
    bool labels = false;  ///< The channel number in the upper left corner of each cell.
    bool legend = false;  ///< The colorbar with its numbers, below the grid.
    /// The kernel that produced the channel, in the lower right corner of each cell; for one convolution and the layers
    /// after it.
    bool kernels = false;
    std::string title;  ///< Above the grid; may be empty.
    Paper paper = Paper::white;
    friend bool operator==(const Decoration&, const Decoration&) = default;
};

/// What is exported.
enum class Export {
    grid,         ///< .png: export_grid().
    channel,      ///< .png: one channel of the grid, without a gap around it, with its scale in the grid.
    microscope,   ///< .png: all terms of one value, explanation_picture().
    activations,  ///< .npy, .npz: the values of the shown layer, all items of the batch, (N, C, H, W) float32.
    /// .png: a strip of all kernels, 8 per row; .npy: the weight; .safetensors: "weight" and "bias"; of
    /// shown_convolution().
    kernels,
    statistics,  ///< .csv, .json: minimum, maximum, mean and mean of |x| for each channel of the shown batch item.
};

/// Returns the file extensions of an export, the default first.
std::span<const std::string_view> export_formats(Export what);

/// What is exported, and its appearance. Together with a document it determines all bytes of the file (except for .json
/// statistics, which contain the run time in milliseconds).
struct ExportOrder {
    Export what = Export::grid;
    std::string format = ".png";  ///< One of export_formats(what).
    Size2 cell;              ///< For grid and channel: cell size in pixels; {0, 0} for that of the display options.
    int channel = 0;         ///< For Export::channel.
    PixelPosition position;  ///< For Export::microscope.
    /// For the microscope: side of a term's cell; for the strip of kernels: approximate side of a kernel.
    int pixels = 64;
    Decoration decoration;  ///< For grid and channel; its `paper` also for the microscope.
    friend bool operator==(const ExportOrder&, const ExportOrder&) = default;
};

/// Makes the bytes of a file. Needs no backend, so any thread may call it.
using Encode = std::function<Expected<std::vector<std::byte>>()>;

/// Draws and reads what `order` asks for. `backend` must be the one that made `output`. Fails with a sentence for an
/// unsupported format, a channel or position that does not exist, kernels where there are none, and pictures with a
/// side above max_picture_side.
Expected<Encode> prepare_export(const Output& output, const ExportOrder& order, Backend& backend,
                                const Typeface& typeface, const Cancel& cancel);

/// Returns the grid of output.document.display with decoration. Without decoration, the pixels are identical to those
/// of render_grid(). The cells keep their size; the text is large enough to be legible when the picture fills the width
/// of a slide. Fails like render_grid(), and if a side would exceed max_picture_side.
Expected<Image> export_grid(const Output& output, const Decoration& decoration, const Typeface& typeface,
                            const Cancel& cancel);

/// Returns the convolution whose kernels produce the shown channels one by one, or null.
const Conv2d* shown_convolution(const Output& output);

/// Returns the shown batch item of the input without normalization, at most `max_side` pixels per side.
Image input_thumbnail(const Output& output, int max_side);

/// Return Export::statistics as text.
std::string stats_csv(const Output& output);
std::string stats_json(const Output& output, const Backend& backend);

}  // namespace convlens
