/// Drawing of explanations.
#include "engine/explain/explain_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "engine/view/grid.h"
#include "engine/view/number_cell.h"

namespace convlens {
namespace {

constexpr Rgba box_color{255, 160, 40, 255};

std::string signed_number(double value) { return fmt::format("{:+.5f}", value); }

void outline(Image& image, const Rect& r, int line, Rgba color) {
    fill(image, {r.x - line, r.y - line, r.w + 2 * line, line}, color);
    fill(image, {r.x - line, r.y + r.h, r.w + 2 * line, line}, color);
    fill(image, {r.x - line, r.y, line, r.h}, color);
    fill(image, {r.x + r.w, r.y, line, r.h}, color);
}

/// Draws an explanation line by line. While there is no image, the functions only measure.
class Canvas {
  public:
    Canvas(const Explanation& e, int input_channels, const ExplainedStyle& style, const Typeface& typeface)
        : e_(e),
          input_channels_(input_channels),
          colors_(e),
          paper_(paper_colors(style.paper)),
          type_(typeface),
          cell_(std::clamp(style.cell, 8, 512)),
          size_(std::max(cell_ * 2 / 5, 13)),
          margin_(size_),
          parts_(e.has_weights() ? 3 : 1) {}

    /// Returns the picture. Calls all() twice, first to measure the picture's size, then to draw.
    Expected<Image> draw(const std::vector<MapPicture>& maps) {
        all(maps);
        const int width = right_ + margin_, height = y_ + margin_;
        if (std::max(width, height) > max_picture_side)
            return fail("the explanation would be {} x {} pixels, more than {} per side: choose smaller cells", width,
                        height, max_picture_side);
        image_ = Image(width, height, paper_.paper);
        all(maps);
        return std::move(*image_);
    }

  private:
    void all(const std::vector<MapPicture>& maps) {
        y_ = margin_;
        text(margin_, signed_number(e_.result), size_ * 3 / 2, paper_.foreground);
        y_ += size_ * 2;
        text(margin_,
             fmt::format("{}, channel {}, y {}, x {}", e_.asked_layer, e_.position.channel, e_.position.y,
                         e_.position.x),
             size_, paper_.faint);
        y_ += size_ * 2;
        draw_maps(maps);
        if (is_list(e_))
            contributions();
        else
            channels();
        sums();
    }

    /// Draws text at (x, y_). The picture becomes wide enough for it.
    void text(int x, const std::string& words, int size, Rgba color) {
        right_ = std::max(right_, x + type_.width(words, size));
        if (image_) type_.draw(*image_, x, y_, words, size, color);
    }

    /// Draws a line with `name` on the left and the number on the right.
    void line(const std::string& name, double value, Rgba name_color, int digits = 5) {
        const std::string number =
            e_.rule == TermRule::softmax ? fmt::format("{:.{}f}", value, digits) : signed_number(value);
        text(margin_, name, size_, name_color);
        const int wide = type_.width(number, size_);
        right_ = std::max(right_, margin_ + type_.width(name, size_) + size_ * 2 + wide);
        if (image_) type_.draw(*image_, right_ - wide, y_, number, size_, paper_.foreground);
        y_ += size_ * 3 / 2;
    }

    void draw_maps(const std::vector<MapPicture>& maps) {
        if (maps.empty()) return;
        int x = margin_, tallest = 0;
        for (const MapPicture& m : maps) {
            text(x, m.title, size_ * 4 / 5, paper_.faint);
            const int top = y_ + size_ * 5 / 4;
            if (image_) paste(*image_, m.image, x, top);
            const auto at = [](int place, int pixels, int values) {
                return static_cast<int>(std::int64_t{place} * pixels / std::max(values, 1));
            };
            Rect box{x + at(m.box.x, m.image.width, m.map.w), top + at(m.box.y, m.image.height, m.map.h),
                     at(m.box.w, m.image.width, m.map.w), at(m.box.h, m.image.height, m.map.h)};
            box.w = std::max(box.w, 2), box.h = std::max(box.h, 2);
            if (image_ && m.box.w > 0) {
                outline(*image_, box, std::max(3, size_ / 6), {0, 0, 0, 255});
                outline(*image_, box, std::max(2, size_ / 9), box_color);
            }
            right_ = std::max(right_, x + m.image.width);
            tallest = std::max(tallest, m.image.height);
            x += std::max(m.image.width, type_.width(m.title, size_ * 4 / 5)) + size_;
        }
        y_ += size_ * 5 / 4 + tallest + size_;
    }

    int between() const { return size_ * 2; }
    int part_x(int part) const { return margin_ + part * (cell_ * e_.window.w + between()); }

    void channels() {
        constexpr std::array titles{"patch", "kernel", "products"};
        for (int part = 0; part < parts_; ++part)
            text(part_x(part), titles[static_cast<std::size_t>(part)], size_ * 4 / 5, paper_.faint);
        if (e_.has_weights() && image_)
            type_.draw(*image_, right_ - type_.width("subtotal", size_ * 4 / 5), y_, "subtotal", size_ * 4 / 5,
                       paper_.faint);
        y_ += size_ * 3 / 2;
        const auto order = channel_order(e_);
        const std::size_t drawn = std::min<std::size_t>(order.size(), max_drawn_terms);
        for (std::size_t i = 0; i < drawn; ++i) channel(order[i]);
        double rest = 0;
        for (std::size_t i = drawn; i < order.size(); ++i) rest += e_.subtotals[static_cast<std::size_t>(order[i])];
        if (drawn < order.size())
            line(fmt::format("the other {} channels together", order.size() - drawn), rest, paper_.faint);
    }

    void channel(int index) {
        const int channel = e_.first_channel + index;
        const bool joins = !e_.inputs.empty();
        const Rgba color =
            joins ? paper_.foreground : channel_rgba(e_.source, input_channels_, channel).value_or(paper_.foreground);
        text(margin_,
             joins ? e_.inputs[static_cast<std::size_t>(index)] : channel_name(e_.source, input_channels_, channel),
             size_, color);
        y_ += size_ * 4 / 3;
        const auto terms = e_.channel(index);
        const int high = cell_ * e_.window.h;
        for (int part = 0; part < parts_; ++part) {
            cells(
                part_x(part), terms, static_cast<TermPart>(part),
                e_.winner / static_cast<int>(terms.size()) == index ? e_.winner % static_cast<int>(terms.size()) : -1);
            if (part > 0) middle(part_x(part) - between(), between(), high, part == 1 ? "x" : "=");
        }
        right_ = std::max(right_, part_x(parts_) - between());
        if (e_.rule == TermRule::sum) {
            const std::string number = signed_number(e_.subtotals[static_cast<std::size_t>(index)]);
            const int wide = type_.width(number, size_);
            right_ = std::max(right_, part_x(parts_) - between() + size_ * 2 + wide);
            if (image_) type_.draw(*image_, right_ - wide, y_ + (high - size_) / 2, number, size_, paper_.foreground);
        }
        y_ += high + size_ / 2;
    }

    /// Draws text in the middle of the gap between two blocks of cells.
    void middle(int x, int wide, int high, const std::string& words) {
        if (image_)
            type_.draw(*image_, x + (wide - type_.width(words, size_)) / 2, y_ + (high - size_) / 2, words, size_,
                       paper_.faint);
    }

    void cells(int x, std::span<const Term> terms, TermPart part, int winner) {
        if (!image_) return;
        const int gap = cell_ > 6 ? std::max(1, cell_ / 48) : 0, side = cell_ - gap, size = std::max(cell_ / 3, 9);
        std::vector<double> numbers;
        for (const Term& t : terms) numbers.push_back(number_of(t, part));
        const auto width = [&](const std::string& words) { return static_cast<float>(type_.width(words, size)); };
        const int digits =
            size > side ? -1 : fitting_digits(numbers, static_cast<float>(side - 3), part != TermPart::value, width);
        for (std::size_t i = 0; i < terms.size(); ++i) {
            const Rect at{x + static_cast<int>(i) % e_.window.w * cell_, y_ + static_cast<int>(i) / e_.window.w * cell_,
                          side, side};
            if (part == TermPart::value && terms[i].padding()) {
                padding(at);
            } else {
                const Rgba background_color = colors_.of(terms[i], part);
                fill(*image_, at, background_color);
                const std::string words = digits < 0 ? "" : short_number(numbers[i], digits, part != TermPart::value);
                type_.draw(*image_, at.x + (side - type_.width(words, size)) / 2, at.y + (side - size) / 2, words, size,
                           text_color_for(background_color));
            }
        }
        if (winner < 0) return;
        const int line = std::max(2, cell_ / 12);
        outline(*image_,
                {x + winner % e_.window.w * cell_ + line, y_ + winner / e_.window.w * cell_ + line, side - 2 * line,
                 side - 2 * line},
                line, box_color);
    }

    /// Draws the cell of padding that is not a copy of an input value: gray with a diagonal stroke.
    void padding(const Rect& at) {
        fill(*image_, at, {120, 120, 120, 255});
        const int thick = std::max(1, cell_ / 16);
        for (int i = 0; i < at.h; ++i)
            fill(*image_, {at.x + std::max(at.w - i - thick, 0), at.y + i, thick, 1}, {70, 70, 70, 255});
    }

    void contributions() {
        const auto order = largest_terms(e_, max_drawn_terms);
        text(margin_, fmt::format("The {} largest of {} contributions", order.size(), e_.terms.size()), size_ * 4 / 5,
             paper_.faint);
        y_ += size_ * 3 / 2;
        double rest = std::accumulate(e_.terms.begin(), e_.terms.end(), 0.0,
                                      [](double sum, const Term& t) { return sum + t.product; });
        const bool points =
            std::all_of(e_.terms.begin(), e_.terms.end(), [](const Term& t) { return t.from.y <= 0 && t.from.x <= 0; });
        for (const std::size_t i : order) {
            const Term& t = e_.terms[i];
            const std::string from = points ? fmt::format("channel {}", t.from.channel)
                                            : fmt::format("channel {}, y {}, x {}", t.from.channel, t.from.y, t.from.x);
            const std::string how = e_.rule == TermRule::sum ? fmt::format(": {:.5g} x {:+.5g}", t.value, t.weight)
                                                             : fmt::format(": {:.5g}", t.value);
            line(from + how, t.product, paper_.foreground, 4);
            rest -= t.product;
        }
        if (order.size() < e_.terms.size()) line("all others together", rest, paper_.faint);
    }

    void sums() {
        y_ += size_ / 2;
        if (image_) fill(*image_, {margin_, y_, right_ - margin_, std::max(1, size_ / 16)}, paper_.faint);
        y_ += size_ / 2;
        if (e_.bias) line("bias", static_cast<double>(*e_.bias), paper_.faint);
        constexpr std::array names{"total", "maximum", "mean", "share", "value", "product"};
        line(e_.rule == TermRule::mean ? fmt::format("mean: the sum / {}", e_.divisor)
                                       : names[static_cast<std::size_t>(e_.rule)],
             e_.total, paper_.foreground);
        for (const PointwiseStep& s : e_.steps)
            line(fmt::format("{}{}: {}", s.layer, s.beyond ? " (the next layer)" : "", s.formula), s.value,
                 s.beyond ? paper_.faint : paper_.foreground);
        line("in the grid, in single precision", static_cast<double>(e_.shown), paper_.faint);
    }

    const Explanation& e_;
    const int input_channels_;
    const TermColors colors_;
    const PaperColors paper_;
    const Typeface& type_;
    const int cell_, size_, margin_, parts_;
    std::optional<Image> image_;
    int y_ = 0, right_ = 0;
};

}  // namespace

std::string channel_name(std::size_t depth, int channels, int channel) {
    if (depth == 0 && channels == 3 && channel < 3) return std::array{"R", "G", "B"}[static_cast<std::size_t>(channel)];
    if (depth == 0 && channels == 1) return "gray";
    return fmt::format("channel {}", channel);
}

std::optional<Rgba> channel_rgba(std::size_t depth, int channels, int channel) {
    constexpr std::array<Rgba, 3> rgb{{{235, 95, 85, 255}, {75, 175, 80, 255}, {85, 140, 245, 255}}};
    if (depth == 0 && channels == 3 && channel >= 0 && channel < 3) return rgb[static_cast<std::size_t>(channel)];
    return std::nullopt;
}

std::vector<int> channel_order(const Explanation& e) {
    std::vector<int> order(static_cast<std::size_t>(e.channels));
    std::iota(order.begin(), order.end(), 0);
    const auto size = [&](int i) { return std::abs(e.subtotals[static_cast<std::size_t>(i)]); };
    if (e.channels > 3) std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return size(a) > size(b); });
    return order;
}

bool is_list(const Explanation& e) {
    return e.rule == TermRule::softmax || e.type == "Linear" || (e.window.h * e.window.w == 1 && e.channels > 24);
}

std::vector<std::size_t> largest_terms(const Explanation& e, std::size_t count) {
    std::vector<std::size_t> order(e.terms.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    count = std::min(count, order.size());
    const auto larger = [&](std::size_t a, std::size_t b) {
        const double x = std::abs(e.terms[a].product), y = std::abs(e.terms[b].product);
        return x > y || (x == y && a < b);
    };
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), larger);
    order.resize(count);
    return order;
}

double number_of(const Term& t, TermPart part) {
    return part == TermPart::value    ? static_cast<double>(t.value)
           : part == TermPart::weight ? static_cast<double>(t.weight)
                                      : t.product;
}

TermColors::TermColors(const Explanation& e) {
    for (const Term& t : e.terms) {
        lo = std::min(lo, static_cast<double>(t.value));
        hi = std::max(hi, static_cast<double>(t.value));
        weight = std::max(weight, std::abs(static_cast<double>(t.weight)));
        product = std::max(product, std::abs(t.product));
    }
}

Rgba TermColors::of(const Term& t, TermPart part) const {
    if (part != TermPart::value) return signed_rgba(number_of(t, part), part == TermPart::weight ? weight : product);
    if (lo < 0) return signed_rgba(static_cast<double>(t.value), std::max(-lo, hi));
    const auto gray = static_cast<std::uint8_t>(hi > 0 ? 255 * static_cast<double>(t.value) / hi : 0);
    return {gray, gray, gray, 255};
}

Expected<Image> explanation_picture(const Explanation& e, int input_channels, const std::vector<MapPicture>& maps,
                                    const ExplainedStyle& style, const Typeface& typeface) {
    return Canvas(e, input_channels, style, typeface).draw(maps);
}

}  // namespace convlens
