/// Explanations as pictures: the microscope on paper. What decides how terms look is shared with the window.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/view/paper.h"
#include "engine/view/text.h"

namespace convlens {

/// "R", "G", "B" for a color input, "gray" for one channel, else "channel 12"; `depth` 0 is the network's input.
std::string channel_name(std::size_t depth, int channels, int channel);

/// The color that stands for that channel everywhere; none for any other.
std::optional<Rgba> channel_rgba(std::size_t depth, int channels, int channel);

/// The channels of `e`, as indices for e.channel(): as they come while they are few, else the largest contribution
/// first.
std::vector<int> channel_order(const Explanation& e);

/// Whether the terms are listed one by one instead of lying as the window lies: of Linear, softmax and 1x1 layers of
/// many channels.
bool is_list(const Explanation& e);

/// The indices of the `count` terms that contribute most, largest magnitude first.
std::vector<std::size_t> largest_terms(const Explanation& e, std::size_t count);

/// What a window shows of each term.
enum class TermPart { value, weight, product };

double number_of(const Term& term, TermPart part);

/// The colors of one explanation's cells.
struct TermColors {
    double lo = 0, hi = 0;           ///< Of the values under the window, and zero.
    double weight = 0, product = 0;  ///< Largest magnitudes.

    explicit TermColors(const Explanation& e);
    Rgba of(const Term& term, TermPart part) const;  ///< Of a term that isn't padding where `part` is its value.
};

/// A map that stands above the terms, and what of it is marked.
struct MapPicture {
    std::string title;
    Image image;
    Size2 map;
    Rect box;
};

/// How an explanation is drawn.
struct ExplainedStyle {
    int cell = 48;  ///< Pixels of a term's side, 8 to 512; the type goes with it.
    Paper paper = Paper::white;
};

/// At most as many channels, or as many terms of a list, are drawn; the others are added up in one line.
inline constexpr int max_drawn_terms = 16;

/// The explanation from top to bottom: whose value it is, `maps` with their boxes, for each input channel patch,
/// kernel, products and subtotal, then bias, total and what pointwise layers make of it. `input_channels` is how many
/// the layer's input has. The same explanation gives the same pixels. Fails where a side would exceed max_picture_side.
Expected<Image> explanation_picture(const Explanation& e, int input_channels, const std::vector<MapPicture>& maps,
                                    const ExplainedStyle& style, const Typeface& typeface);

}  // namespace convlens
