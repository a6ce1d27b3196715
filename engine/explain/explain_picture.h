/// Drawing of explanations as pictures, and rules for drawing terms that the window uses, too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/view/paper.h"
#include "engine/view/text.h"

namespace convlens {

/// Returns the display name of channel `channel` of the output before which there are `depth` layers, which has
/// `channels` channels. In the network's input (depth 0), the name is "R", "G" or "B" if there are three channels, and
/// "gray" if there is only one. Otherwise it is a name like "channel 12".
std::string channel_name(std::size_t depth, int channels, int channel);

/// Returns the color for a channel's name in pictures: a red, green or blue for the channels "R", "G" and "B" of
/// channel_name(), nullopt for all others.
std::optional<Rgba> channel_rgba(std::size_t depth, int channels, int channel);

/// Returns the order in which the channels of `e` are drawn, as arguments of e.channel(): 0, 1, 2 if there are at most
/// three channels, otherwise sorted by the magnitude of their subtotals, largest first.
std::vector<int> channel_order(const Explanation& e);

/// Returns true if the terms are drawn as a list instead of in the layout of the window: for Linear, Softmax, and
/// windows of 1x1 with more than 24 channels.
bool is_list(const Explanation& e);

/// Returns the indices in e.terms of the `count` products with the largest magnitudes, largest first.
std::vector<std::size_t> largest_terms(const Explanation& e, std::size_t count);

/// Which number of a term is drawn.
enum class TermPart { value, weight, product };

/// Returns that number of `term`.
double number_of(const Term& term, TermPart part);

/// The color scales of the cells of one explanation.
struct TermColors {
    double lo = 0, hi = 0;           ///< Smallest and largest value of all terms, but lo <= 0 and hi >= 0.
    double weight = 0, product = 0;  ///< Largest magnitudes of the weights and of the products.

    /// Finds the scales for the terms of `e`.
    explicit TermColors(const Explanation& e);
    /// Returns the color of the cell of a number. If `part` is TermPart::value, `term` must not be padding.
    Rgba of(const Term& term, TermPart part) const;
};

/// A picture of a feature map that is drawn above the terms, with an outlined box.
struct MapPicture {
    std::string title;
    Image image;
    Size2 map;  ///< Size of the feature map in values, which may differ from the size of `image`.
    Rect box;   ///< The box to outline, in values of the feature map.
};

/// Drawing style of an explanation.
struct ExplainedStyle {
    int cell = 48;  ///< Side of a term's cell in pixels, clamped to 8..512. Text is scaled with the cells, but has a
                    ///< minimum size.
    Paper paper = Paper::white;  ///< Background and text colors.
};

/// Maximum number of channels, or of terms of a list, that are drawn. One line shows the sum of all others.
inline constexpr int max_drawn_terms = 16;

/// Draws the explanation from top to bottom: the value and its position; `maps` with their boxes; patch, kernel,
/// products and subtotal for each input channel; then bias, total and pointwise steps. `input_channels` is the number
/// of channels of the input of e.layer. The same arguments give the same pixels on every machine. Fails if a side of
/// the picture would be larger than max_picture_side.
Expected<Image> explanation_picture(const Explanation& e, int input_channels, const std::vector<MapPicture>& maps,
                                    const ExplainedStyle& style, const Typeface& typeface);

}  // namespace convlens
