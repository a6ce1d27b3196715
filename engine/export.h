/// Pictures and tables to take out of Convlens: the grid with what explains it, kernels, statistics.
#pragma once

#include <filesystem>
#include <string>

#include "engine/evaluate.h"
#include "engine/view/text.h"

namespace convlens {

/// What lies behind and beside the cells.
enum class Paper { white, dark, transparent };

/// What stands round and in the cells of an exported grid.
struct Decoration {
    bool labels = false;     ///< Each cell's channel number, in its upper left corner.
    bool legend = false;     ///< The colour bar with its numbers, below the grid.
    bool kernels = false;    ///< The kernel that made the channel, in each cell's lower right corner; of one convolution and what follows it.
    std::string title;       ///< Above the grid; empty for none.
    Paper paper = Paper::white;
    friend bool operator==(const Decoration&, const Decoration&) = default;
};

/// The grid of output.document.look, decorated. Without decoration these are the very pixels of render_grid(). Its cells keep their
/// size; what is written is large enough to be read where the picture is shown as wide as a slide.
/// Fails as render_grid(), and where a side would exceed max_picture_side.
Expected<Image> export_grid(const Output& output, const Decoration& decoration, const Typeface& typeface, const Cancel& cancel);

/// The convolution whose kernels make the channels that are shown one by one, or null.
const Conv2d* shown_convolution(const Output& output);

/// Writes the kernels of shown_convolution(): .png a strip of all, 8 in a row, each as large as `kernel_pixels` allows; .npy the
/// weight; .safetensors "weight" and "bias". Fails where there is none, for other names, and as write_file().
Expected<void> export_kernels(const Output& output, const std::filesystem::path& path, int kernel_pixels = 64);

/// The statistics of the item that is shown, one line a channel: channel, min, max, mean, mean of |x|.
std::string stats_csv(const Output& output);

}  // namespace convlens
