/// Lays a chart out as rectangles, lines and texts, which are drawn into an image or written as SVG.
#include "engine/view/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/core/printable.h"
#include "engine/view/colormap.h"
#include "engine/view/fitting_text.h"

namespace convlens {
namespace {

struct Point {
    double x = 0, y = 0;
};
struct Line {
    std::vector<Point> points;
    double width = 1;
    Rgba color{};
};
struct Label {
    Point at;          ///< At the middle of its height.
    double align = 0;  ///< Part of its width that is at the left of `at`: 0, 0.5 or 1.
    std::string text;
    Rgba color{};
};
/// What a chart consists of, in pixels.
struct Drawing {
    Rect plot;                        ///< The area between the axes.
    int text = 0;                     ///< Height of a text.
    std::vector<Line> lines, curves;  ///< `curves` are cut off at the borders of `plot`.
    std::vector<Label> labels;
};

std::string tick_text(double value, double step) {
    if (std::abs(value) < step / 1000) return "0";
    if (std::abs(value) >= 1e5) return fmt::format("{:.2g}", value);
    const int decimals = static_cast<int>(std::max(0.0, std::ceil(-std::log10(step) - 1e-6)));
    return fmt::format("{:.{}f}", value, decimals);
}

std::vector<Tick> logarithmic_ticks(double lo, double hi, int count) {
    std::vector<Tick> found;
    const double decades = std::log10(hi / lo);
    const bool between = decades * 3 <= std::max(count, 1);
    const int apart = std::max(1, static_cast<int>(std::ceil(decades / std::max(count, 1))));
    for (int power = static_cast<int>(std::floor(std::log10(lo))); power <= std::log10(hi) + 1e-9; ++power)
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double v = factor * std::pow(10.0, power);
            if (v < lo * (1 - 1e-9) || v > hi * (1 + 1e-9) || (factor > 1 && !between) || power % apart != 0) continue;
            found.push_back({v, v >= 1e5 || v < 1e-3 ? fmt::format("{:.0e}", v) : fmt::format("{:g}", v)});
        }
    return found;
}

Drawing lay_out(const Chart& chart, Size2 size, const Typeface& typeface, Paper paper) {
    const PaperColors colors = paper_colors(paper);
    Drawing d;
    d.text = std::clamp(size.h / 30, 9, 60);
    const auto width = [&](const std::string& text) { return static_cast<float>(typeface.width(text, d.text)); };
    const int em = d.text, swatch = 2 * em;
    const std::vector<Tick> up = ticks(chart.y, std::max(2, size.h / (3 * em)));
    float names = 0, numbers = 0;
    for (const ChartCurve& c : chart.curves) names = std::max(names, width(c.name));
    for (const Tick& t : up) numbers = std::max(numbers, width(t.text));
    const int room = std::min(static_cast<int>(names), size.w / 3),
              legend = chart.curves.empty() ? em : swatch + room + 3 * em / 2, left = static_cast<int>(numbers) + em,
              top = (chart.title.empty() ? 2 : 4) * em;
    d.plot = {left, top, std::max(size.w - left - legend - em, 1), std::max(size.h - top - 7 * em / 2, 1)};
    const Rect& p = d.plot;
    const auto at = [&](double x, double y) {
        return Point{p.x + chart.x.place(x) * p.w, p.y + (1 - chart.y.place(y)) * p.h};
    };
    const double x0 = p.x, y0 = p.y, x1 = p.x + p.w, y1 = p.y + p.h, thin = std::max(1.0, em / 16.0), length = em * 0.3;
    Rgba grid = colors.faint;
    grid[3] = 60;
    for (const Tick& t : ticks(chart.x, std::max(2, p.w / (4 * em)))) {
        const double x = at(t.value, chart.y.lo).x;
        d.lines.push_back({{{x, y0}, {x, y1}}, thin, grid});
        d.lines.push_back({{{x, y1}, {x, y1 + length}}, thin, colors.faint});
        d.labels.push_back({{x, y1 + em}, 0.5, t.text, colors.faint});
    }
    for (const Tick& t : up) {
        const double y = at(chart.x.lo, t.value).y;
        d.lines.push_back({{{x0, y}, {x1, y}}, thin, grid});
        d.lines.push_back({{{x0 - length, y}, {x0, y}}, thin, colors.faint});
        d.labels.push_back({{x0 - length * 1.5, y}, 1, t.text, colors.faint});
    }
    d.lines.push_back({{{x0, y0}, {x0, y1}, {x1, y1}}, thin, colors.faint});
    d.labels.push_back({{(x0 + x1) / 2, y1 + 2.4 * em}, 0.5, chart.x.label, colors.foreground});
    d.labels.push_back({{em * 0.5, y0 - em}, 0, chart.y.label, colors.foreground});
    if (!chart.title.empty()) d.labels.push_back({{em * 0.5, em * 1.2}, 0, chart.title, colors.foreground});
    for (std::size_t i = 0; i < chart.curves.size(); ++i) {
        const ChartCurve& c = chart.curves[i];
        Line line{{}, thin * 2.5, c.color};
        for (std::size_t k = 0; k < std::min(c.x.size(), c.y.size()); ++k) {
            const Point here = at(c.x[k], c.y[k]);
            if (std::isfinite(c.y[k]) && std::isfinite(here.x) && std::isfinite(here.y))
                line.points.push_back(here);
            else
                d.curves.push_back(std::exchange(line, Line{{}, line.width, line.color}));
        }
        d.curves.push_back(std::move(line));
        const double y = y0 + em * (0.6 + static_cast<double>(i) *
                                              std::min(1.3, p.h / (em * static_cast<double>(chart.curves.size()))));
        d.lines.push_back({{{x1 + em, y}, {x1 + em + swatch * 0.75, y}}, thin * 2.5, c.color});
        d.labels.push_back(
            {{x1 + em + swatch, y}, 0, fitting_text(c.name, static_cast<float>(room + 1), width), colors.foreground});
    }
    return d;
}

/// Draws a line with soft edges, and nothing outside of `clip`.
void draw_line(Image& image, const Rect& clip, Point a, Point b, double width, Rgba color) {
    const double r = width / 2 + 0.5, dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    const auto from = [](double v, int least) { return std::max(static_cast<int>(std::floor(v)), least); };
    const auto to = [](double v, int most) { return std::min(static_cast<int>(std::ceil(v)), most); };
    for (int y = from(std::min(a.y, b.y) - r, clip.y); y < to(std::max(a.y, b.y) + r, clip.y + clip.h); ++y)
        for (int x = from(std::min(a.x, b.x) - r, clip.x); x < to(std::max(a.x, b.x) + r, clip.x + clip.w); ++x) {
            const double px = x + 0.5 - a.x, py = y + 0.5 - a.y,
                         t = square > 0 ? std::clamp((px * dx + py * dy) / square, 0.0, 1.0) : 0,
                         covered = r - std::hypot(px - t * dx, py - t * dy);
            if (covered > 0) blend(image.pixel(x, y), color, static_cast<int>(255 * std::min(covered, 1.0)));
        }
}

std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : printable(text, 300)) switch (c) {
            case '&': safe += "&amp;"; break;
            case '<': safe += "&lt;"; break;
            case '>': safe += "&gt;"; break;
            case '"': safe += "&quot;"; break;
            default: safe += c;
        }
    return safe;
}

std::string svg_color(Rgba c) {
    std::string text = fmt::format("\"#{:02x}{:02x}{:02x}\"", c[0], c[1], c[2]);
    if (c[3] < 255) text += fmt::format(" stroke-opacity=\"{:.2f}\"", c[3] / 255.0);
    return text;
}

std::string svg_line(const Line& line) {
    std::string points;
    for (const Point& p : line.points) points += fmt::format("{}{:.2f},{:.2f}", points.empty() ? "" : " ", p.x, p.y);
    return fmt::format(
        "<polyline fill=\"none\" stroke={} stroke-width=\"{:.2f}\" stroke-linejoin=\"round\" points=\"{}\"/>\n",
        svg_color(line.color), line.width, points);
}

}  // namespace

double Axis::place(double value) const {
    return logarithmic ? std::log(value / lo) / std::log(hi / lo) : (value - lo) / (hi - lo);
}

double Axis::value(double place) const { return logarithmic ? lo * std::pow(hi / lo, place) : lo + place * (hi - lo); }

std::vector<Tick> ticks(const Axis& axis, int count) {
    const double lo = std::min(axis.lo, axis.hi), hi = std::max(axis.lo, axis.hi);
    if (!(hi > lo) || !std::isfinite(hi - lo)) return {};
    if (axis.logarithmic) return logarithmic_ticks(lo, hi, count);
    const double least = (hi - lo) / std::max(count, 1), power = std::pow(10.0, std::floor(std::log10(least)));
    double step = 10 * power;
    for (const double factor : {5.0, 2.0, 1.0})
        if (factor * power >= least * 0.9999) step = factor * power;
    std::vector<Tick> found;
    for (double i = std::ceil(lo / step - 1e-9); i * step <= hi + step * 1e-6; ++i)
        found.push_back({i * step, tick_text(i * step, step)});
    return found;
}

Rgba curve_color(int index, int count) {
    constexpr std::array<Rgba, 6> distinct{{{31, 119, 200, 255},
                                            {230, 110, 30, 255},
                                            {40, 150, 80, 255},
                                            {200, 50, 70, 255},
                                            {140, 90, 190, 255},
                                            {120, 120, 120, 255}}};
    if (count <= static_cast<int>(distinct.size())) return distinct[static_cast<std::size_t>(index)];
    // The brightest colors of the map are hard to see on white.
    const auto palette = colors(Colormap::viridis);
    return palette[static_cast<std::size_t>(color_index(static_cast<float>(index) / static_cast<float>(count) * 0.9F))];
}

Image chart_image(const Chart& chart, Size2 size, const Typeface& typeface, Paper paper) {
    const Drawing d = lay_out(chart, size, typeface, paper);
    Image image(size.w, size.h, paper_colors(paper).paper);
    const auto draw = [&](const std::vector<Line>& lines, const Rect& clip) {
        for (const Line& line : lines)
            for (std::size_t i = 1; i < line.points.size(); ++i)
                draw_line(image, clip, line.points[i - 1], line.points[i], line.width, line.color);
    };
    draw(d.lines, {0, 0, size.w, size.h});
    draw(d.curves, {d.plot.x, d.plot.y, std::min(d.plot.w, size.w - d.plot.x), std::min(d.plot.h, size.h - d.plot.y)});
    for (const Label& l : d.labels)
        typeface.draw(image, static_cast<int>(std::lround(l.at.x - l.align * typeface.width(l.text, d.text))),
                      static_cast<int>(std::lround(l.at.y - d.text / 2.0)), l.text, d.text, l.color);
    return image;
}

std::string chart_svg(const Chart& chart, Size2 size, const Typeface& typeface) {
    const Drawing d = lay_out(chart, size, typeface, Paper::white);
    std::string svg = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" "
        "height=\"{1}\" viewBox=\"0 0 {0} {1}\" font-family=\"Inter, Helvetica, Arial, sans-serif\" "
        "font-size=\"{2:.1f}\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
        size.w, size.h, d.text * 0.8);
    for (const Line& line : d.lines) svg += svg_line(line);
    svg += fmt::format(
        "<clipPath id=\"plot\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>\n<g "
        "clip-path=\"url(#plot)\">\n",
        d.plot.x, d.plot.y, d.plot.w, d.plot.h);
    for (const Line& line : d.curves)
        if (line.points.size() > 1) svg += svg_line(line);
    svg += "</g>\n";
    for (const Label& l : d.labels)
        svg += fmt::format(
            "<text x=\"{:.2f}\" y=\"{:.2f}\" text-anchor=\"{}\" dominant-baseline=\"central\" fill={}>{}</text>\n",
            l.at.x, l.at.y,
            l.align < 0.25   ? "start"
            : l.align < 0.75 ? "middle"
                             : "end",
            svg_color(l.color), escaped(l.text));
    return svg + "</svg>\n";
}

std::string csv_field(const std::string& text) {
    std::string field = printable(text);
    if (!field.empty() && std::string_view("=+-@").find(field.front()) != std::string_view::npos)
        field.insert(field.begin(), '\'');
    if (field.find_first_of(",\"") == std::string::npos) return field;
    std::string quoted = "\"";
    for (const char c : field) {
        quoted += c;
        if (c == '"') quoted += c;
    }
    quoted += '"';
    return quoted;
}

std::string chart_csv(const Chart& chart) {
    std::string text = csv_field(chart.x.label);
    for (const ChartCurve& c : chart.curves) text += fmt::format(",{}", csv_field(c.name));
    if (!chart.curves.empty())
        for (std::size_t i = 0; i < chart.curves.front().x.size(); ++i) {
            text += fmt::format("\n{:.9g}", chart.curves.front().x[i]);
            for (const ChartCurve& c : chart.curves)
                text += std::isfinite(c.y[i]) ? fmt::format(",{:.9g}", c.y[i]) : ",";
        }
    return text + "\n";
}

}  // namespace convlens
