/// Display options: everything about the picture of activations except the values themselves.
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
    symmetric,    ///< -m and +m, where m is the largest magnitude over all shown channels: zero is the middle color.
    per_channel_symmetric,  ///< -m and +m, where m is the channel's own largest magnitude.
    fixed,                  ///< Scale::lo and Scale::hi.
};

struct Scale {
    ScaleMode mode = ScaleMode::per_channel;
    float lo = 0.0F;  ///< Used only by ScaleMode::fixed; lo < hi, both finite.
    float hi = 1.0F;
    friend bool operator==(const Scale&, const Scale&) = default;
};

/// Returns true if zero is always the middle color.
constexpr bool is_symmetric(ScaleMode mode) {
    return mode == ScaleMode::symmetric || mode == ScaleMode::per_channel_symmetric;
}

/// Returns true if each channel has its own scale.
constexpr bool is_per_channel(ScaleMode mode) {
    return mode == ScaleMode::per_channel || mode == ScaleMode::per_channel_symmetric;
}

/// Parses "per-channel", "shared", "symmetric", "per-channel-symmetric" or "fixed:LO:HI", the values of the option
/// --scale.
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

/// Parses the value of --channels: indices and inclusive ranges, such as "3,7,12" or "0-63,70". Keeps the order;
/// repeated channels are kept.
Expected<std::vector<int>> channels_from(std::string_view text);

/// Colors of values below and above the scale if DisplayOptions::mark_beyond is set. No colormap contains them.
inline constexpr Rgba below_scale{0, 190, 255, 255}, above_scale{255, 0, 190, 255};

/// How the picture of a grid is drawn. The default values match the pictures of the assignment notebook: 8 columns,
/// viridis, each channel on its own scale, one pixel per value.
struct DisplayOptions {
    Scale scale;
    std::optional<Colormap> colormap;  ///< nullopt means coolwarm on a symmetric scale and viridis on any other.
    int columns = 8;
    Size2 cell;                 ///< Size of a cell in pixels; {0,0} means one pixel per value.
    int gap = 2;                ///< Pixels between cells and around the grid.
    std::vector<int> channels;  ///< Channels to show; empty means all.
    Sort sort = Sort::index;
    int item = 0;              ///< Index of the batch item.
    bool hide_dead = false;    ///< Whether to omit channels whose values are all equal (unless that holds for all
                               ///< channels).
    bool mark_beyond = false;  ///< Whether to draw values below the scale in the color below_scale, and values above
                               ///< the scale in above_scale.
    Rgba background{255, 255, 255, 255};
    std::optional<Rect> region;  ///< Part of the picture to draw; nullopt means all of it.
    friend bool operator==(const DisplayOptions&, const DisplayOptions&) = default;

    Colormap effective_colormap() const {
        return colormap.value_or(is_symmetric(scale.mode) ? Colormap::coolwarm : Colormap::viridis);
    }
};

}  // namespace convlens
