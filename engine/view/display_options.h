/// Display options: how the grid of feature maps is drawn.
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

/// Which values map to the two ends of the colormap.
enum class ScaleMode {
    per_channel,  ///< Each channel's own minimum and maximum, like matplotlib's imshow() of one channel.
    shared,       ///< Minimum and maximum over all shown channels.
    symmetric,    ///< -m and +m, where m is the largest magnitude over all shown channels. Zero has the middle color.
    per_channel_symmetric,  ///< -m and +m, where m is the channel's own largest magnitude. Zero has the middle color.
    fixed,                  ///< Scale::lo and Scale::hi.
};

/// The range of values that the colormap covers (vmin and vmax in matplotlib).
struct Scale {
    ScaleMode mode = ScaleMode::per_channel;
    float lo = 0.0F;  ///< Value of the first color; used only by ScaleMode::fixed. lo < hi, and hi - lo is finite.
    float hi = 1.0F;  ///< Value of the last color; used only by ScaleMode::fixed.
    friend bool operator==(const Scale&, const Scale&) = default;
};

/// Returns true if zero has the middle color for any values.
constexpr bool is_symmetric(ScaleMode mode) {
    return mode == ScaleMode::symmetric || mode == ScaleMode::per_channel_symmetric;
}

/// Returns true if each channel has its own scale.
constexpr bool is_per_channel(ScaleMode mode) {
    return mode == ScaleMode::per_channel || mode == ScaleMode::per_channel_symmetric;
}

/// Parses a value of the option --scale: "per-channel", "shared", "symmetric", "per-channel-symmetric" or
/// "fixed:LO:HI". Fails with a message that lists these values.
Expected<Scale> scale_from(std::string_view text);

/// Formats `scale` as scale_from() parses it.
std::string to_string(const Scale& scale);

/// The order of the cells of the grid.
enum class Sort {
    index,   ///< Channel number, ascending.
    mean,    ///< Mean of the channel's values, largest first.
    max,     ///< Maximum of the channel's values, largest first.
    energy,  ///< Mean magnitude of the channel's values, largest first.
};

/// Parses "index", "mean", "max" or "energy". Fails with a message that lists these words.
Expected<Sort> sort_from(std::string_view text);

/// Returns the word that sort_from() parses as `sort`.
std::string_view to_string(Sort sort);

/// Parses a value of the option --channels: indices and inclusive ranges, such as "3,7,12" or "0-63,70". Returns the
/// indices in the order of the text, also those that the text repeats. Fails for any other text, for indices above
/// 65535 and for more than 65536 channels.
Expected<std::vector<int>> channels_from(std::string_view text);

/// Colors of values below and above the scale if DisplayOptions::mark_beyond is set. No colormap contains these colors.
inline constexpr Rgba below_scale{0, 190, 255, 255}, above_scale{255, 0, 190, 255};

/// How the grid of feature maps is drawn. The default values match the pictures of the assignment notebook (the
/// notebook with the exercises that Convlens follows): 8 columns, viridis, each channel on its own scale, one pixel per
/// value.
struct DisplayOptions {
    Scale scale;
    std::optional<Colormap> colormap;  ///< nullopt means coolwarm on a symmetric scale and viridis on any other.
    int columns = 8;                   ///< Maximum number of cells per row.
    Size2 cell;                        ///< Size of a cell in pixels; {0,0} means one pixel per value.
    int gap = 2;                       ///< Width in pixels of the gaps between cells and around the grid.
    std::vector<int> channels;         ///< Indices of the channels to show, in any order; empty means all channels.
    Sort sort = Sort::index;           ///< Order of the cells.
    int item = 0;                      ///< Index of the batch item.
    bool hide_dead = false;            ///< Whether to omit channels whose values are all equal. If all channels are
                                       ///< like that, none is omitted.
    bool mark_beyond = false;  ///< Whether to draw values below the scale in the color below_scale, and values above
                               ///< the scale in above_scale.
    Rgba background{255, 255, 255, 255};  ///< Color of the gaps and of unused cells.
    std::optional<Rect> region;           ///< Part of the picture to draw, in pixels; nullopt means all of it.
    friend bool operator==(const DisplayOptions&, const DisplayOptions&) = default;

    /// Returns `colormap`, or the default colormap for `scale` if that is nullopt.
    Colormap effective_colormap() const {
        return colormap.value_or(is_symmetric(scale.mode) ? Colormap::coolwarm : Colormap::viridis);
    }
};

}  // namespace convlens
