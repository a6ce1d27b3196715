/// Places and draws rich text.
#include "engine/view/rich_text.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace convlens {
namespace {

using Kind = FormulaNode::Kind;

/// A piece of a line that is not broken. Its origin is the left end of its baseline; y increases downward.
struct Box {
    float width = 0, up = 0, down = 0;  ///< Width, and extents above and below the baseline.
    std::vector<PlacedText> texts;
    std::vector<PlacedRule> rules;

    /// Adds `other` with its origin at (x, y); does not change `width`.
    void add(Box other, float x, float y) {
        up = std::max(up, other.up - y);
        down = std::max(down, other.down + y);
        for (PlacedText& t : other.texts) t.x += x, t.baseline += y, texts.push_back(std::move(t));
        for (PlacedRule r : other.rules) r.x += x, r.y += y, rules.push_back(r);
    }
    void append(Box other) {
        const float at = width;
        width += other.width;
        add(std::move(other), at, 0);
    }
};

/// Returns the position of the space after the first word, at which a line may be broken. "3 × 32 × 32" is one word.
std::size_t word_end(std::string_view text) {
    constexpr std::string_view times = "×";
    std::size_t end = text.find(' ');
    while (end != std::string_view::npos &&
           (text.substr(0, end).ends_with(times) || text.substr(end + 1).starts_with(times)))
        end = text.find(' ', end + 1);
    return end;
}

/// Makes the boxes of words and formulas.
struct Maker {
    const Typeface& typeface;

    Box text(const std::string& words, float em, bool bold) const {
        Box box{typeface.advance(words, em, bold), typeface.ascent() * em, typeface.descent() * em, {}, {}};
        box.texts.push_back({0, 0, em, words, bold});
        return box;
    }

    Box formula(const FormulaNode& node, float em, bool bold) const {
        switch (node.kind) {
            case Kind::text: return text(node.text, em, bold);
            case Kind::row: {
                Box box;
                for (const FormulaNode& part : node.parts) box.append(formula(part, em, bold));
                return box;
            }
            case Kind::fraction: return fraction(node, em, bold);
            case Kind::root: return root(node, em, bold);
            case Kind::floor:
            case Kind::ceil: return brackets(node, em, bold);
            case Kind::sum: return sum({}, {}, em, bold);
            case Kind::script: return script(node, em, bold);
        }
        return {};
    }

    Box fraction(const FormulaNode& node, float em, bool bold) const {
        constexpr float axis = 0.3F;  // height of the bar above the baseline
        Box above = formula(node.parts[0], em * 0.82F, bold), below = formula(node.parts[1], em * 0.82F, bold);
        Box box;
        const float line = em / 16, inset = em * 0.1F, pad = em * 0.12F;
        const float inner = std::max(above.width, below.width) + 2 * inset;
        box.width = inner + 2 * pad;
        box.rules.push_back({pad, -axis * em - line / 2, inner, line});
        const float x1 = (box.width - above.width) / 2, x2 = (box.width - below.width) / 2;
        const float y1 = -axis * em - line - above.down * 0.75F, y2 = -axis * em + line + below.up * 0.82F;
        box.add(std::move(above), x1, y1);
        box.add(std::move(below), x2, y2);
        return box;
    }

    Box root(const FormulaNode& node, float em, bool bold) const {
        Box inner = formula(node.parts[0], em, bold), sign = text("√", em, bold);
        const float line = em / 16, top = -std::max(inner.up * 0.9F, em * 0.75F);
        Box box = std::move(sign);
        box.rules.push_back({box.width - em * 0.04F, top, inner.width + em * 0.1F, line});
        const float width = box.width + inner.width + em * 0.1F, x = box.width;
        box.add(std::move(inner), x, 0);
        box.width = width;
        return box;
    }

    Box brackets(const FormulaNode& node, float em, bool bold) const {
        Box inner = formula(node.parts[0], em, bold);
        const float line = em / 16, foot = em * 0.2F, gap = em * 0.1F;
        const float top = -inner.up * 0.92F, height = inner.up * 0.92F + inner.down * 0.85F;
        const float edge = node.kind == Kind::floor ? top + height - line : top;
        Box box;
        const float right = gap + foot + gap + inner.width + gap;
        box.rules = {{gap, top, line, height},
                     {gap, edge, foot, line},
                     {right + foot - line, top, line, height},
                     {right, edge, foot, line}};
        box.add(std::move(inner), gap + foot + gap, 0);
        box.width = right + foot + gap;
        return box;
    }

    Box sum(Box below, Box above, float em, bool bold) const {
        Box sign = text("∑", em * 1.35F, bold);
        Box box;
        box.width = std::max({sign.width, below.width, above.width}) + em * 0.12F;
        const float middle = box.width / 2;
        const float xs = middle - sign.width / 2, xb = middle - below.width / 2, xa = middle - above.width / 2;
        const float ya = -em * 1.12F - above.down * 0.4F, yb = em * 0.3F + below.up * 0.85F;
        box.add(std::move(sign), xs, em * 0.15F);
        if (!above.texts.empty()) box.add(std::move(above), xa, ya);
        if (!below.texts.empty()) box.add(std::move(below), xb, yb);
        return box;
    }

    Box script(const FormulaNode& node, float em, bool bold) const {
        const float small = em * 0.66F;
        Box below = formula(node.parts[1], small, bold), above = formula(node.parts[2], small, bold);
        if (node.parts[0].kind == Kind::sum) return sum(std::move(below), std::move(above), em, bold);
        Box box = formula(node.parts[0], em, bold);
        const float x = box.width + em * 0.03F, width = x + std::max(below.width, above.width) + em * 0.03F;
        const float tall = std::max(box.up - typeface.ascent() * em, 0.0F);
        if (!below.texts.empty()) box.add(std::move(below), x, em * 0.22F);
        if (!above.texts.empty()) box.add(std::move(above), x, -em * 0.4F - tall);
        box.width = width;
        return box;
    }

    /// Appends the boxes of `part` to `boxes`; a new box begins after every space, whose width is in the box before.
    /// In a formula, only spaces of its outermost row count.
    void pieces(const InlineText& part, float em, std::vector<Box>& boxes, bool& open) const {
        const auto add = [&](Box box, bool last) {
            if (open)
                boxes.back().append(std::move(box));
            else
                boxes.push_back(std::move(box));
            open = !last;
        };
        const auto words = [&](std::string_view all) {
            while (!all.empty()) {
                const std::size_t end = word_end(all), length = end == std::string_view::npos ? all.size() : end + 1;
                add(text(std::string(all.substr(0, length)), em, part.bold), end != std::string_view::npos);
                all.remove_prefix(length);
            }
        };
        if (!part.formula) return words(part.text);
        for (const FormulaNode& node : part.formula->parts)
            if (node.kind == Kind::text)
                words(node.text);
            else
                add(formula(node, em, part.bold), false);
    }
};

}  // namespace

RichLayout lay_out(std::string_view markup, const Typeface& typeface, float em, float width) {
    const Maker maker{typeface};
    RichLayout made;
    const float leading = em * 0.16F, space = typeface.advance(" ", em, false);
    bool before_entry = false;
    for (const RichLine& line : parse_rich_text(markup)) {
        if (line.parts.empty()) {
            made.height += em * 0.6F;
            continue;
        }
        if (line.entry || before_entry) made.height += em * 0.22F;
        before_entry = line.entry;
        std::vector<Box> boxes;
        bool open = false;
        for (const InlineText& part : line.parts) maker.pieces(part, em, boxes, open);
        const float indent = line.entry ? em * 1.0F : 0;
        for (std::size_t i = 0; i < boxes.size();) {
            Box row;
            const bool first = i == 0;
            for (const std::size_t begin = i;
                 i < boxes.size() && (i == begin || row.width + boxes[i].width - space <= width - indent); ++i)
                row.append(std::move(boxes[i]));
            if (first && line.entry) row.add(maker.text("•", em, false), -em * 0.8F, 0);
            const float baseline = made.height + row.up;
            for (PlacedText& t : row.texts) t.x += indent, t.baseline += baseline, made.texts.push_back(std::move(t));
            for (PlacedRule r : row.rules) r.x += indent, r.y += baseline, made.rules.push_back(r);
            made.width = std::max(made.width, indent + row.width);
            made.height = baseline + row.down + leading;
        }
    }
    if (made.height > 0) made.height = std::max(made.height - leading, 0.0F);
    return made;
}

RichLayout lay_out_to_fit(std::string_view markup, const Typeface& typeface, float most, float least, float width,
                          float height) {
    constexpr float step = 0.94F;
    for (float em = most;; em = std::max(em * step, least)) {
        RichLayout made = lay_out(markup, typeface, em, width);
        if (em <= least || (made.height <= height && made.width <= width)) return made;
    }
}

void draw_rich_text(Image& image, const RichLayout& layout, const Typeface& typeface, float x, float y, Rgba color) {
    for (const PlacedText& t : layout.texts)
        typeface.draw_line(image, x + t.x, y + t.baseline, t.text, t.em, color, t.bold);
    const auto pixel = [](float v) { return static_cast<int>(std::lround(v)); };
    for (const PlacedRule& r : layout.rules) {
        const int left = pixel(x + r.x), top = pixel(y + r.y);
        fill(image, {left, top, std::max(pixel(x + r.x + r.w) - left, 1), std::max(pixel(y + r.y + r.h) - top, 1)},
             color);
    }
}

}  // namespace convlens
