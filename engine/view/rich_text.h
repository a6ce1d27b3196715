/// Text with bold words, lists, formulas and values that the program fills in: parsing, line breaking and drawing. The
/// window, pictures, PDF and HTML pages of a lecture show the same text.
///
/// The markup, of which anything else is ordinary text:
///   **bold**
///   - a line that begins with "- " is an entry of a list
///   {name} a value, see with_values()
///   $x_1^2 = \frac{a}{b}$ a formula on one line. x_1, x^{2y}: subscript and superscript; \frac{a}{b}; \sqrt{a};
///     \floor{a}, \ceil{a}; \sum_{i=1}^n; symbols such as \times, \le, \to and Greek letters, see rich_text_parse.cpp
///   \ before one of * $ { \ makes it an ordinary character
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/view/text.h"

namespace convlens {

/// Returns the value called `name` as text; nullopt if there is none.
using LiveValues = std::function<std::optional<std::string>(std::string_view name)>;

/// Returns `text` with every {name} that `values` knows replaced by its value. Everything else stays as it is.
std::string with_values(std::string_view text, const LiveValues& values);

/// A node of a formula.
struct FormulaNode {
    enum class Kind {
        text,      ///< `text`.
        row,       ///< `parts`, one after the other.
        fraction,  ///< parts[0] over parts[1].
        root,      ///< The square root of parts[0].
        floor,     ///< parts[0] in floor brackets.
        ceil,      ///< parts[0] in ceiling brackets.
        sum,       ///< A large sigma; its limits are in a `script` around it.
        script,    ///< parts[0] with the subscript parts[1] and the superscript parts[2]; either may be an empty row.
    };
    Kind kind = Kind::row;
    std::string text;
    std::vector<FormulaNode> parts;
};

/// A piece of a line: ordinary text, bold text or a formula.
struct InlineText {
    std::string text;  ///< Empty for a formula.
    bool bold = false;
    std::optional<FormulaNode> formula;
};

/// A line of rich text.
struct RichLine {
    bool entry = false;  ///< Whether it is an entry of a list.
    std::vector<InlineText> parts;
};

/// Parses `markup`. Never fails: what is no valid markup is ordinary text. Formulas are nested at most
/// max_formula_depth levels.
std::vector<RichLine> parse_rich_text(std::string_view markup);
inline constexpr int max_formula_depth = 8;

/// A piece of text at its place. Coordinates are in pixels; y increases downward.
struct PlacedText {
    float x = 0, baseline = 0, em = 0;
    std::string text;
    bool bold = false;
};

/// A filled rectangle, such as the bar of a fraction.
struct PlacedRule {
    float x = 0, y = 0, w = 0, h = 0;
};

/// Rich text with every piece at its place, relative to the upper left corner.
struct RichLayout {
    float width = 0, height = 0;  ///< Width of the widest line, and height of all lines.
    std::vector<PlacedText> texts;
    std::vector<PlacedRule> rules;
};

/// Breaks rich text into lines of at most `width` pixels; a word that is wider has a line of its own. The em of
/// ordinary text is `em` pixels.
RichLayout lay_out(std::string_view markup, const Typeface& typeface, float em, float width);

/// Returns lay_out() with the largest em, from `most` down to `least`, with which the text fits into width x height
/// pixels; with `least` if none does.
RichLayout lay_out_to_fit(std::string_view markup, const Typeface& typeface, float most, float least, float width,
                          float height);

/// Draws `layout` with its upper left corner at (x, y).
void draw_rich_text(Image& image, const RichLayout& layout, const Typeface& typeface, float x, float y, Rgba color);

/// Returns the markup as HTML: paragraphs, lists, <strong>, and formulas of <span>, <sub> and <sup>. All characters of
/// the text are escaped.
std::string rich_text_html(std::string_view markup);

/// Returns the text in one line without markup, for titles and alternative texts of pictures.
std::string plain_text(std::string_view markup);

}  // namespace convlens
