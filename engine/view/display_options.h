/// How activations are drawn: everything about the picture that is not the numbers themselves.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/shape.h"
#include "engine/view/colormap.h"

namespace convlens {

/// Which values map to the two ends of the color map.
enum class ScaleMode {
    per_channel,            ///< Each channel's own minimum and maximum, as imshow does for each of the notebook's axes.
    shared,                 ///< Minimum and maximum over all shown channels.
    symmetric,              ///< -m and +m, m the largest magnitude over all shown channels: zero is the middle color.
    per_channel_symmetric,  ///< The same with m the channel's own largest magnitude.
    fixed,                  ///< lo and hi as given.
};

struct Scale {
    ScaleMode mode = ScaleMode::per_channel;
    float lo = 0.0F;  ///< For ScaleMode::fixed only; lo < hi, both finite.
    float hi = 1.0F;
    friend bool operator==(const Scale&, const Scale&) = default;
};

/// True where zero is always the middle color.
constexpr bool is_symmetric(ScaleMode mode) {
    return mode == ScaleMode::symmetric || mode == ScaleMode::per_channel_symmetric;
}

/// True where each channel has a scale of its own.
constexpr bool is_per_channel(ScaleMode mode) {
    return mode == ScaleMode::per_channel || mode == ScaleMode::per_channel_symmetric;
}

/// "per-channel", "shared", "symmetric", "per-channel-symmetric", "fixed:LO:HI", as --scale takes them.
Expected<Scale> scale_from(std::string_view text);
std::string to_string(const Scale& scale);

/// The order of the cells.
enum class Sort {
    index,   ///< Channel number, ascending.
    mean,    ///< Mean value, largest first.
    max,     ///< Largest value, largest first.
    energy,  ///< Mean magnitude, largest first.
};

Expected<Sort> sort_from(std::string_view text);
std::string_view to_string(Sort sort);

/// "0-63", "3,7,12" or both mixed, as --channels takes them; ascending order is not required, repeats are kept.
Expected<std::vector<int>> channels_from(std::string_view text);

/// The colors of values beyond the scale where a look marks them: no color map has them.
inline constexpr Rgba below_scale{0, 190, 255, 255}, above_scale{255, 0, 190, 255};

/// The picture of a grid. The default is the notebook's own: 8 columns, viridis, each channel scaled by itself,
/// one pixel a value.
struct DisplayOptions {
    Scale scale;
    std::optional<Colormap> colormap;  ///< Unset: coolwarm on a symmetric scale, viridis otherwise.
    int columns = 8;
    Size2 cell;                 ///< Pixels of a cell; {0,0} is one pixel a value.
    int gap = 2;                ///< Pixels between cells and round the grid.
    std::vector<int> channels;  ///< Which channels; empty means all.
    Sort sort = Sort::index;
    int item = 0;              ///< Which item of the batch.
    bool hide_dead = false;    ///< Leave out channels that have one value everywhere, unless all do.
    bool mark_beyond = false;  ///< Draw values below and above the scale in below_scale and above_scale.
    Rgba background{255, 255, 255, 255};
    std::optional<Rect> region;  ///< Draw only this part of the picture; unset: all of it.
    friend bool operator==(const DisplayOptions&, const DisplayOptions&) = default;

    Colormap effective_colormap() const {
        return colormap.value_or(is_symmetric(scale.mode) ? Colormap::coolwarm : Colormap::viridis);
    }
};

}  // namespace convlens
