/// What can be taken out of Convlens: the grid with what explains it, one channel, the microscope, arrays, kernels,
/// statistics. The window and `convlens render` both write prepare_export()'s bytes.
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

/// What stands round and in the cells of an exported grid.
struct Decoration {
    bool labels = false;   ///< Each cell's channel number, in its upper left corner.
    bool legend = false;   ///< The color bar with its numbers, below the grid.
    bool kernels = false;  ///< The kernel that made the channel, in each cell's lower right corner; of one convolution
                           ///< and what follows it.
    std::string title;     ///< Above the grid; empty for none.
    Paper paper = Paper::white;
    friend bool operator==(const Decoration&, const Decoration&) = default;
};

/// What is taken out.
enum class Export {
    grid,         ///< .png: export_grid().
    channel,      ///< .png: one channel of it, without a gap round it, on the scale that it has in the grid.
    microscope,   ///< .png: every term of one value, explanation_picture().
    activations,  ///< .npy, .npz: the values of the layer that is shown, all items of the batch, (N, C, H, W) float32.
    kernels,      ///< .png a strip of all, 8 in a row; .npy the weight; .safetensors "weight" and "bias"; of
                  ///< shown_convolution().
    statistics,   ///< .csv, .json: minimum, maximum, mean and mean of |x| of each channel of the item that is shown.
};

/// The endings of the files, the standard one first.
std::span<const std::string_view> export_formats(Export what);

/// What is taken out, and how it looks: with a document all that decides about a file's bytes (but .json statistics,
/// which name the milliseconds that it took).
struct ExportOrder {
    Export what = Export::grid;
    std::string format = ".png";  ///< One of export_formats(what).
    Size2 cell;                   ///< Of grid and channel: pixels of a cell; {0, 0} for the look's own.
    int channel = 0;              ///< Of Export::channel.
    PixelPosition position;       ///< Of Export::microscope.
    int pixels = 64;              ///< Of the microscope a term's side; of the kernels' strip about a kernel's.
    Decoration decoration;        ///< Of grid and channel; its paper also of the microscope.
    friend bool operator==(const ExportOrder&, const ExportOrder&) = default;
};

/// Makes a file's bytes; needs no back end, so that any thread may call it.
using Encode = std::function<Expected<std::vector<std::byte>>()>;

/// Draws and reads what `order` asks for. `backend` must be the one that made `output`. Fails in a sentence: for
/// another format, a channel or a spot that is not there, kernels where there are none, pictures with a side above
/// max_picture_side.
Expected<Encode> prepare_export(const Output& output, const ExportOrder& order, Backend& backend,
                                const Typeface& typeface, const Cancel& cancel);

/// The grid of output.document.look, decorated. Without decoration these are the very pixels of render_grid(). Its
/// cells keep their size; what is written is large enough to be read where the picture is shown as wide as a slide.
/// Fails as render_grid(), and where a side would exceed max_picture_side.
Expected<Image> export_grid(const Output& output, const Decoration& decoration, const Typeface& typeface,
                            const Cancel& cancel);

/// The convolution whose kernels make the channels that are shown one by one, or null.
const Conv2d* shown_convolution(const Output& output);

/// The input's item that is shown as the eye knows it, at most `max_side` pixels a side: the normalization is undone.
Image input_thumbnail(const Output& output, int max_side);

/// Export::statistics as text.
std::string stats_csv(const Output& output);
std::string stats_json(const Output& output, const Backend& backend);

}  // namespace convlens
