/// Scale, colour and area mean of the visible part of each cell.
#include "engine/cpu/grid_cpu.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

namespace convlens {
namespace {

/// For every pixel along one axis of a cell: which values it shows, and with which weights.
class Axis {
  public:
    /// Pixels [begin, end) of a cell of `pixels` pixels that shows `values` values.
    Axis(int pixels, int values, int begin, int end) : reduced_(pixels < values) {
        for (int i = begin; i < end; ++i) {
            const double scale = static_cast<double>(values) / pixels;
            if (!reduced_) {
                const int nearest = std::min(static_cast<int>((i + 0.5) * scale), values - 1);
                spans_.push_back({nearest, nearest + 1, 1.0F, 1.0F});
                continue;
            }
            const double from = i * scale, to = (i + 1) * scale;
            const int first = std::min(static_cast<int>(from), values - 1);
            const int last = std::clamp(static_cast<int>(std::ceil(to)), first + 1, values);
            spans_.push_back({first, last, static_cast<float>(std::min(first + 1.0, to) - from),
                              static_cast<float>(to - std::max(last - 1.0, from))});
        }
        inverse_area_ = reduced_ ? static_cast<float>(static_cast<double>(pixels) / values) : 1.0F;
    }

    struct Span {
        int first, end;              ///< Values [first, end).
        float head, tail;            ///< Weight of the first and of the last; 1 between. With one value, head counts.
    };

    bool reduced() const { return reduced_; }
    float inverse_area() const { return inverse_area_; }
    const Span& operator[](int i) const { return spans_[static_cast<std::size_t>(i)]; }
    int size() const { return static_cast<int>(spans_.size()); }

  private:
    bool reduced_;
    float inverse_area_ = 1.0F;
    std::vector<Span> spans_;
};

/// sum += weight * row, value by value.
void add_row(std::vector<float>& sum, const float* row, float weight) {
    float* const to = sum.data();
    const std::size_t n = sum.size();
    for (std::size_t x = 0; x < n; ++x) to[x] += weight * row[x];
}

/// The weighted sum of the rows under one row of pixels, or the row itself.
const float* rows_under(const float* plane, int width, const Axis::Span& span, bool reduced, std::vector<float>& sum) {
    const float* row = plane + static_cast<std::size_t>(span.first) * static_cast<std::size_t>(width);
    if (!reduced) return row;
    std::fill(sum.begin(), sum.end(), 0.0F);
    for (int y = span.first; y < span.end; ++y, row += width)
        add_row(sum, row, y == span.first ? span.head : y + 1 == span.end ? span.tail : 1.0F);
    return sum.data();
}

float columns_under(const float* row, const Axis::Span& span) {
    float sum = span.head * row[span.first];
    for (int x = span.first + 1; x + 1 < span.end; ++x) sum += row[x];
    if (span.end - span.first > 1) sum += span.tail * row[span.end - 1];
    return sum;
}

/// The 256 colours as they lie in memory, and the map from a value to one of them.
struct Painter {
    std::span<const Rgba, 256> table;
    Range range;
    float width;
    float flat;  ///< Where a flat range lies: the middle of a symmetric scale, the start of any other.

    Painter(const Look& look, Range range_)
        : table(colors(look.effective_colormap())), range(range_), width(range_.hi - range_.lo),
          flat(is_symmetric(look.scale.mode) ? 0.5F : 0.0F) {}

    void paint(float value, std::uint8_t* pixel) const {
        // m / 2m is 0.5 for every m; the product m * (1 / 2m) may fall short of it, and zero out of the middle colour.
        const float t = width > 0.0F ? (value - range.lo) / width : flat;
        std::memcpy(pixel, table[static_cast<std::size_t>(color_index(t))].data(), 4);
    }
};

/// Draws the part of `cell` (where the cell lies in the whole picture) that `region` shows.
void draw_cell(std::span<const float> plane, Size2 map, const Rect& cell, const Rect& region, const Painter& painter, Image& image) {
    const int x0 = std::max(cell.x, region.x), x1 = std::min(cell.x + cell.w, region.x + region.w);
    const int y0 = std::max(cell.y, region.y), y1 = std::min(cell.y + cell.h, region.y + region.h);
    if (x0 >= x1 || y0 >= y1) return;
    const Axis columns(cell.w, map.w, x0 - cell.x, x1 - cell.x), rows(cell.h, map.h, y0 - cell.y, y1 - cell.y);
    const float inverse_area = rows.inverse_area() * columns.inverse_area();
    std::vector<float> sum(static_cast<std::size_t>(rows.reduced() ? map.w : 0));
    for (int j = 0; j < rows.size(); ++j) {
        const float* row = rows_under(plane.data(), map.w, rows[j], rows.reduced(), sum);
        std::uint8_t* pixel = image.pixel(x0 - region.x, y0 - region.y + j);
        for (int i = 0; i < columns.size(); ++i, pixel += 4) painter.paint(columns_under(row, columns[i]) * inverse_area, pixel);
    }
}

}  // namespace

Expected<Image> render_grid_cpu(const Tensor& values, std::span<const ChannelStats> stats, const Look& look, const Cancel& cancel) {
    const Shape& shape = values.shape();
    auto shown = shown_channels(look, stats);
    if (!shown) return tl::unexpected(shown.error());
    const Size2 map{shape.h, shape.w};
    const GridLayout layout = grid_layout(look, map, static_cast<int>(shown->size()));
    const auto region = region_of(look, layout);
    if (!region) return tl::unexpected(region.error());

    Image image(region->w, region->h, look.background);
    std::atomic<bool> stopped = false;
    oneapi::tbb::parallel_for(0, layout.count, [&](int index) {
        if (stopped) return;
        if (cancel.requested()) {
            stopped = true;
            return;
        }
        const int channel = (*shown)[static_cast<std::size_t>(index)];
        const Painter painter(look, channel_range(look, stats, *shown, channel));
        draw_cell(values.plane(look.item, channel), map, layout.cell_rect(index), *region, painter, image);
    });
    if (stopped) return cancelled();
    return image;
}

}  // namespace convlens
