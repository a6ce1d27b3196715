/// Draws the grid and its annotations.
#include "engine/export/export.h"

#include <algorithm>
#include <cmath>

#include "engine/document/custom_kernels.h"
#include "engine/view/fitting_text.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

/// The grid before annotations are added.
struct Drawn {
    Image image;
    GridLayout layout;
    Rect region;
    std::vector<int> channels;
    std::vector<Range> ranges;
};

Expected<Drawn> draw_grid(const Output& output, Paper paper, const Cancel& cancel) {
    DisplayOptions display = output.document.display;
    if (paper != Paper::white) display.background = paper_colors(paper).paper;
    const Shape s = output.activations->shape();
    if (display.item < 0 || display.item >= s.n)
        return fail("item {} does not exist: the batch has items 0 to {}", display.item, s.n - 1);
    auto image = output.activations->render_grid(display, cancel);
    if (!image) return tl::unexpected(image.error());
    const auto stats = output.activations->stats(display.item);
    auto channels = shown_channels(display, stats);
    if (!channels) return tl::unexpected(channels.error());
    Drawn drawn{std::move(*image),
                grid_layout(display, {s.h, s.w}, static_cast<int>(channels->size())),
                {},
                std::move(*channels),
                {}};
    drawn.region = region_of(display, drawn.layout).value_or(Rect{});
    drawn.ranges = channel_ranges(display, stats, drawn.channels);
    return drawn;
}

/// Returns the font size, in pixels, for a picture of that width.
int text_size(int width) { return std::clamp(width / 50, 13, 64); }

void draw_labels(Drawn& drawn, const Typeface& typeface) {
    const int size = std::clamp(drawn.layout.cell.h / 6, 9, 48);
    for (std::size_t i = 0; i < drawn.channels.size(); ++i) {
        const Rect cell = drawn.layout.cell_rect(static_cast<int>(i));
        const std::string text = std::to_string(drawn.channels[i]);
        const int width = typeface.width(text, size) + size / 2;
        if (width > cell.w || size + 2 > cell.h) continue;
        fill(drawn.image, {cell.x - drawn.region.x, cell.y - drawn.region.y, width, size + 2}, {0, 0, 0, 170});
        typeface.draw(drawn.image, cell.x - drawn.region.x + size / 4, cell.y - drawn.region.y + 1, text, size,
                      {255, 255, 255, 255});
    }
}

void draw_kernels(Drawn& drawn, const Output& output) {
    const Conv2d* conv = shown_convolution(output);
    if (!conv) return;
    const bool edges = std::holds_alternative<ConvChain>(output.document.network) &&
                       std::holds_alternative<EdgeKernels>(output.document.kernels.bank);
    const Tensor gray = edges ? edge_weights() : Tensor();  // with one channel, as they are defined
    const Tensor& weight = edges ? gray : *conv->weight;
    const Size2 cell = drawn.layout.cell;
    const int scale = std::min(cell.h / 3 / weight.shape().h, cell.w / 3 / weight.shape().w);
    if (scale < 1) return;
    const int w = weight.shape().w * scale, h = weight.shape().h * scale;
    for (std::size_t i = 0; i < drawn.channels.size(); ++i) {
        const Rect r = drawn.layout.cell_rect(static_cast<int>(i));
        const int x = r.x + r.w - w - 2 - drawn.region.x, y = r.y + r.h - h - 2 - drawn.region.y;
        fill(drawn.image, {x - 1, y - 1, w + 2, h + 2}, {255, 255, 255, 255});
        if (drawn.channels[i] < weight.shape().n)
            paste(drawn.image, kernel_picture(weight, drawn.channels[i]), x, y, scale);
    }
}

/// Draws the colorbar, `size` pixels high, with its lowest number to its left and its highest number to its right.
void draw_colorbar(Image& image, const Output& output, const Drawn& drawn, int y, int size, const Typeface& typeface,
                   Rgba foreground) {
    const ScaleMode mode = output.document.display.scale.mode;
    const bool own = is_per_channel(mode) && drawn.channels.size() > 1;
    const Range range = drawn.ranges.empty() ? Range{} : drawn.ranges.front();
    const auto [low, high] = !own                 ? scale_ends(range)
                             : is_symmetric(mode) ? ScaleEnds{"-max|x|", "+max|x|"}
                                                  : ScaleEnds{"min", "max"};
    const std::string what = own                         ? "of each channel"
                             : drawn.channels.size() > 1 ? "for all channels"
                                                         : fmt::format("channel {}", drawn.channels.front());
    int x = size / 2;
    typeface.draw(image, x, y, low, size, foreground);
    x += typeface.width(low, size) + size / 2;
    const int width = std::max(size * 2, std::min(size * 12, image.width - x - typeface.width(high, size) - size));
    const auto table = colors(output.document.display.effective_colormap());
    for (int i = 0; i < width; ++i)
        fill(image, {x + i, y, 1, size}, table[static_cast<std::size_t>(i * 255 / std::max(width - 1, 1))]);
    const bool zero = own ? is_symmetric(mode) : range.lo < 0 && range.hi > 0;
    if (zero) {
        const int at =
            x +
            (own ? width / 2
                 : static_cast<int>(std::lround(static_cast<float>(width - 1) * -range.lo / (range.hi - range.lo))));
        fill(image, {at - 1, y - size / 8, 3, size + size / 4}, {255, 255, 255, 255});
        fill(image, {at, y - size / 8, 1, size + size / 4}, {0, 0, 0, 255});
    }
    x += width + size / 2;
    typeface.draw(image, x, y, high, size, foreground);
    x += typeface.width(high, size) + size;
    if (x + typeface.width(what, size) <= image.width) typeface.draw(image, x, y, what, size, foreground);
}

}  // namespace

const Conv2d* shown_convolution(const Output& output) {
    const int layer = kernel_layer(output.network, output.plan.layer);
    return layer < 0 ? nullptr : &std::get<Conv2d>(output.network.layers[static_cast<std::size_t>(layer)].operation);
}

Expected<Image> export_grid(const Output& output, const Annotations& annotations, const Typeface& typeface,
                            const Cancel& cancel) {
    auto drawn = draw_grid(output, annotations.paper, cancel);
    if (!drawn) return tl::unexpected(drawn.error());
    if (annotations.kernels) draw_kernels(*drawn, output);
    if (annotations.labels) draw_labels(*drawn, typeface);
    if (annotations.title.empty() && !annotations.colorbar) return std::move(drawn->image);

    const int width = std::max(drawn->image.width, 160), size = text_size(width);
    const int head = annotations.title.empty() ? 0 : size * 5 / 4 + size, foot = annotations.colorbar ? size * 2 : 0;
    if (drawn->image.height + head + foot > max_picture_side)
        return fail(
            "the picture would be {} pixels high with its title and its colorbar, more than {}: choose smaller cells",
            drawn->image.height + head + foot, max_picture_side);
    const auto [paper, foreground, faint] = paper_colors(annotations.paper);
    Image whole(width, drawn->image.height + head + foot,
                annotations.paper == Paper::white ? output.document.display.background : paper);
    paste(whole, drawn->image, (width - drawn->image.width) / 2, head);
    const int large = size * 5 / 4;
    if (head > 0)
        typeface.draw(
            whole, size / 2, size / 2,
            fitting_text(annotations.title, static_cast<float>(width - size),
                         [&](const std::string& text) { return static_cast<float>(typeface.width(text, large)); }),
            large, foreground);
    if (foot > 0)
        draw_colorbar(whole, output, *drawn, head + drawn->image.height + size / 2, size, typeface, foreground);
    return whole;
}

}  // namespace convlens
