/// Draws explanations as pictures. The drawing rules for terms are shared with the window.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/view/paper.h"
#include "engine/view/text.h"

namespace convlens {

/// Returns the display name of a channel: "R", "G" or "B" of a color input, "gray" for a single channel, otherwise a
/// name like "channel 12". `depth` 0 is the network's input.
std::string channel_name(std::size_t depth, int channels, int channel);

/// Returns the color that represents the channel in all pictures; nullopt if it has none.
std::optional<Rgba> channel_rgba(std::size_t depth, int channels, int channel);

/// Returns the channels of `e`, as indices for e.channel(): in their own order if there are few, otherwise by
/// contribution, largest first.
std::vector<int> channel_order(const Explanation& e);

/// Returns true if the terms are shown as a list instead of in the layout of the window: for Linear, softmax and 1x1
/// layers with many channels.
bool is_list(const Explanation& e);

/// Returns the indices of the `count` terms with the largest contributions, largest magnitude first.
std::vector<std::size_t> largest_terms(const Explanation& e, std::size_t count);

/// Which number of a term is shown.
enum class TermPart { value, weight, product };

double number_of(const Term& term, TermPart part);

/// The color scales of the cells of one explanation.
struct TermColors {
    double lo = 0, hi = 0;           ///< Range of the values in the window, extended to include zero.
    double weight = 0, product = 0;  ///< Largest magnitudes.

    explicit TermColors(const Explanation& e);
    Rgba of(const Term& term, TermPart part) const;  ///< If `part` is TermPart::value, `term` must not be padding.
};

/// A feature map drawn above the terms, with an outlined box.
struct MapPicture {
    std::string title;
    Image image;
    Size2 map;
    Rect box;
};

/// Drawing style of an explanation.
struct ExplainedStyle {
    int cell = 48;  ///< Side of a term's cell in pixels, 8 to 512 inclusive; the font size is proportional to it.
    Paper paper = Paper::white;
};

/// Maximum number of channels, or of terms of a list, that are drawn; the sum of the others is shown in one line.
inline constexpr int max_drawn_terms = 16;

/// Draws the explanation from top to bottom: the position of the value; `maps` with their boxes; patch, kernel,
/// products and subtotal for each input channel; then bias, total and pointwise steps. `input_channels` is the number
/// of channels of the layer's input. The same explanation gives the same pixels. Fails if a side would exceed
/// max_picture_side.
Expected<Image> explanation_picture(const Explanation& e, int input_channels, const std::vector<MapPicture>& maps,
                                    const ExplainedStyle& style, const Typeface& typeface);

}  // namespace convlens
