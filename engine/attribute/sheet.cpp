/// Pictures in columns, with text above and below.
#include "engine/attribute/sheet.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

constexpr int least_cell = 224, margin = 12, text_size = 16, line = 22;
constexpr Rgba white{255, 255, 255, 255}, black{0, 0, 0, 255}, gray{96, 96, 96, 255};

/// One column of a sheet.
struct Column {
    std::string title;
    std::vector<Image> pictures;     ///< From top to bottom.
    std::vector<std::string> below;  ///< Lines under the last picture.
};

/// Draws the columns side by side. Pictures have the same size.
Image sheet(const std::vector<Column>& columns, const std::vector<std::string>& heading, const Typeface& typeface) {
    const int w = columns[0].pictures[0].width, h = columns[0].pictures[0].height;
    const int scale = std::max(1, (least_cell + std::max(w, h) - 1) / std::max(w, h));
    std::size_t rows = 0, lines = 0;
    for (const Column& c : columns) rows = std::max(rows, c.pictures.size()), lines = std::max(lines, c.below.size());
    // A cell is as wide as its texts.
    int cell = w * scale;
    for (const Column& c : columns) {
        cell = std::max(cell, typeface.width(c.title, text_size));
        for (const std::string& text : c.below) cell = std::max(cell, typeface.width(text, text_size));
    }
    const int top = margin + static_cast<int>(heading.size() + 1) * line;
    int width = margin + static_cast<int>(columns.size()) * (cell + margin);
    for (const std::string& text : heading) width = std::max(width, 2 * margin + typeface.width(text, text_size));
    Image image(width, top + static_cast<int>(rows) * (h * scale + margin) + static_cast<int>(lines) * line + margin,
                white);
    for (std::size_t i = 0; i < heading.size(); ++i)
        typeface.draw(image, margin, margin + static_cast<int>(i) * line, heading[i], text_size, i == 0 ? black : gray);
    int x = margin;
    for (const Column& c : columns) {
        typeface.draw(image, x, top - line, c.title, text_size, black);
        int y = top;
        for (const Image& picture : c.pictures) {
            paste(image, picture, x, y, scale);
            y += h * scale + margin;
        }
        for (const std::string& text : c.below) {
            typeface.draw(image, x, y, text, text_size, black);
            y += line;
        }
        x += cell + margin;
    }
    return image;
}

}  // namespace

std::shared_ptr<const Tensor> item_of(const std::shared_ptr<const Tensor>& input, int item) {
    const Shape s = input->shape();
    if (s.n == 1) return input;
    Tensor one({1, s.c, s.h, s.w});
    std::copy_n(&input->at(item, 0, 0, 0), one.size(), one.data());
    return std::make_shared<const Tensor>(std::move(one));
}

Image input_colors(const Tensor& input, Normalize normalize) {
    const Shape s = input.shape();
    std::array<float, 3> lo{}, hi{};
    for (int c = 0; c < std::min(s.c, 3); ++c) {
        const Levels levels = levels_of(normalize, c, s.c);
        lo[static_cast<std::size_t>(c)] = levels(0), hi[static_cast<std::size_t>(c)] = levels(1);
    }
    return input_picture(input, 0, std::max(s.h, s.w), lo.data(), hi.data());
}

Image difference_colors(const Tensor& original, const Tensor& changed, Normalize normalize, float factor) {
    const Shape s = original.shape();
    Tensor difference(s);
    for (int c = 0; c < s.c; ++c) {
        const float deviation = levels_of(normalize, c, s.c).deviation;
        for (std::size_t i = 0; i < s.plane(); ++i)
            difference.plane(0, c)[i] = 0.5F + factor * deviation * (changed.plane(0, c)[i] - original.plane(0, c)[i]);
    }
    return input_colors(difference, Normalize::none);
}

Image study_sheet(const StudyView& view, const Tensor& input, Normalize normalize, const std::string& random_from,
                  const Typeface& typeface) {
    std::vector<Column> columns{
        {"Input above edges", {input_colors(input, normalize), *view.edges_image}, {"Sobel, without a network"}}};
    for (const StudyRow& row : view.rows) {
        if (!row.map || !row.twin) continue;
        const MethodText& text = text_of(row.method);
        columns.push_back({std::string(text.title),
                           {*row.map_image, *row.twin_image},
                           {"rank correlation " + in_words(row.rank), "with the edges " + in_words(row.edges)}});
    }
    return sheet(columns,
                 {fmt::format("{}: {:.4g}", view.explained, view.output),
                  fmt::format("Above: the network. Below: the same with random weights from {} on ({:.4g}). A map that "
                              "stays the same does not show what the network has learned.",
                              random_from, view.random_output)},
                 typeface);
}

Image fooling_sheet(const Tensor& original, const Fooled& fooled, Normalize normalize, const Typeface& typeface) {
    return sheet({{"Original", {input_colors(original, normalize)}, {}},
                  {"Difference x 20", {difference_colors(original, fooled.input, normalize, 20)}, {}},
                  {"Changed", {input_colors(fooled.input, normalize)}, {}}},
                 {}, typeface);
}

std::string in_words(const std::optional<double>& correlation) {
    if (!correlation) return "undefined";
    return fmt::format("{:.2f}", std::abs(*correlation) < 0.005 ? 0.0 : *correlation);  // no "-0.00"
}

}  // namespace convlens
