/// Drawing of the visible part of each cell: resampling, scaling, coloring.
#include "engine/cpu/grid_cpu.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/cpu/tiles.h"
#include "engine/view/cell_axis.h"

namespace convlens {
namespace {

/// The CellSpans of the pixels [begin, end) along one axis of a cell.
class Axis {
  public:
    Axis(const CellAxis& axis, int begin, int end) : reduced_(axis.reduced()), inverse_area_(axis.inverse_area()) {
        for (int i = begin; i < end; ++i) spans_.push_back(axis[i]);
    }

    bool reduced() const { return reduced_; }
    float inverse_area() const { return inverse_area_; }
    const CellSpan& operator[](int i) const { return spans_[static_cast<std::size_t>(i)]; }
    int size() const { return static_cast<int>(spans_.size()); }

  private:
    bool reduced_;
    float inverse_area_;
    std::vector<CellSpan> spans_;
};

/// Returns the weighted sum of the values of a row that one pixel shows. row[0] is the value with the index `first`.
float columns_under(const float* row, int first, const CellSpan& span) {
    const float* const under = row + (span.first - first);
    const int last = span.end - span.first - 1;
    float sum = span.head * under[0];
    for (int x = 1; x < last; ++x) sum += under[x];
    return last > 0 ? sum + span.tail * under[last] : sum;
}

/// Turns the values of a channel into pixels.
class Painter {
  public:
    Painter(const DisplayOptions& display, Range range, const GridLoops& loops)
        : range_(range),
          mark_beyond_(display.mark_beyond),
          flat_(is_symmetric(display.scale.mode) ? 0.5F : 0.0F),
          loops_(loops) {
        std::memcpy(colors_.data(), colors(display.effective_colormap()).data(), sizeof colors_);
    }

    /// Writes the color of each value to `pixels`, four RGBA bytes per value.
    void paint(std::span<const float> values, std::uint8_t* pixels) const {
        auto* to = reinterpret_cast<std::uint32_t*>(pixels);  // aligned: std::vector has allocated the image
        // The loop divides by `width` instead of multiplying by 1 / width: m / 2m is 0.5 for every m, but m * (1 / 2m)
        // may be slightly smaller, and zero would not get the middle color.
        if (const float width = range_.hi - range_.lo; width > 0.0F) {
            loops_.paint(values.data(), static_cast<int>(values.size()), range_.lo, width, colors_.data(), to);
        } else {
            std::fill_n(to, values.size(), colors_[static_cast<std::size_t>(color_index(flat_))]);
        }
        for (std::size_t i = 0; mark_beyond_ && i < values.size(); ++i) {
            if (values[i] < range_.lo) std::memcpy(to + i, below_scale.data(), sizeof *to);
            if (values[i] > range_.hi) std::memcpy(to + i, above_scale.data(), sizeof *to);
        }
    }

  private:
    Range range_;
    bool mark_beyond_;
    float flat_;  ///< Position on the scale of all values if range_.lo == range_.hi: the middle of a symmetric scale,
                  ///< the low end of any other scale.
    const GridLoops& loops_;
    std::array<std::uint32_t, 256> colors_;  ///< The colormap; each color has the bytes R, G, B, A in memory.
};

/// Number of values that a task reads or of pixels that it draws, whichever is larger: about 0.1 ms of work.
constexpr std::int64_t task_values = 256 * 1024;

/// What the tasks of a picture share.
struct Drawing {
    const GridContents& contents;
    const GridLoops& loops;
    const Cancel& cancel;
    Image& image;
    std::atomic<bool> stopped = false;

    bool stop() {
        if (!stopped && cancel.requested()) stopped = true;
        return stopped;
    }
};

/// Draws the part of cell `index` that is inside the picture. `plane` is its feature map of size `map`.
void draw_cell(std::span<const float> plane, Size2 map, int index, const Painter& painter, Drawing& drawing) {
    const Rect to = visible_part(drawing.contents, index);
    if (to.w == 0 || to.h == 0) return;
    const GridContents::Look& look = drawing.contents.look;
    const Rect cell = look.layout.cell_rect(index);
    const int x0 = to.x + look.region.x - cell.x, y0 = to.y + look.region.y - cell.y;
    const Axis columns(CellAxis(cell.w, map.w), x0, x0 + to.w), rows(CellAxis(cell.h, map.h), y0, y0 + to.h);
    const float inverse_area = rows.inverse_area() * columns.inverse_area();
    const int first = columns[0].first,
              width = columns[columns.size() - 1].end - first;  // number of values of a row that are shown
    const std::int64_t row_work =
        std::max<std::int64_t>(columns.size(), static_cast<std::int64_t>(width) * (rows[0].end - rows[0].first));
    const auto grain = static_cast<int>(std::max<std::int64_t>(1, task_values / row_work));
    parallel_ranges(rows.size(), grain, [&](int begin, int end) {
        const auto values = scratch<float>(static_cast<std::size_t>(width) + static_cast<std::size_t>(columns.size()));
        const auto sums = values.first(static_cast<std::size_t>(width)), means = values.subspan(sums.size());
        for (int j = begin; j < end; ++j) {
            if ((j - begin) % 16 == 0 && drawing.stop()) return;
            const CellSpan& span = rows[j];
            const float* row =
                plane.data() + static_cast<std::size_t>(span.first) * static_cast<std::size_t>(map.w) + first;
            if (rows.reduced()) {
                drawing.loops.weigh_rows(row, map.w, span.end - span.first, span.head, span.tail, width, sums.data());
                row = sums.data();
            }
            for (int i = 0; i < columns.size(); ++i)
                means[static_cast<std::size_t>(i)] = columns_under(row, first, columns[i]) * inverse_area;
            painter.paint(means, drawing.image.pixel(to.x, to.y + j));
        }
    });
}

}  // namespace

Expected<void> draw_grid_cpu(const Tensor& values, std::span<const ChannelStats> stats, const ChannelVersions& versions,
                             const DisplayOptions& display, const Simd& simd, const Cancel& cancel,
                             GridPicture& picture) {
    const GridContents before = std::exchange(picture.shows, {});
    const Shape& shape = values.shape();
    auto shown = shown_channels(display, stats);
    if (!shown) return tl::unexpected(shown.error());
    const Size2 map{shape.h, shape.w};
    const GridLayout layout = grid_layout(display, map, static_cast<int>(shown->size()));
    const auto region = region_of(display, layout);
    if (!region) return tl::unexpected(region.error());
    const std::vector<Range> ranges = channel_ranges(display, stats, *shown);
    GridContents contents = contents_of(display, layout, *region, versions, *shown, ranges);

    const auto changed = changed_cells(before, contents);
    if (!changed) picture.image.reset(region->w, region->h, display.background);
    Drawing drawing{contents, simd.grid, cancel, picture.image};
    parallel_for(changed ? static_cast<int>(changed->size()) : layout.count, [&](int i) {
        if (drawing.stop()) return;
        const int index = changed ? (*changed)[static_cast<std::size_t>(i)] : i;
        const int channel = (*shown)[static_cast<std::size_t>(index)];
        const Painter painter(display, ranges[static_cast<std::size_t>(index)], simd.grid);
        draw_cell(values.plane(display.item, channel), map, index, painter, drawing);
    });
    if (drawing.stopped) return canceled();
    picture.shows = std::move(contents);
    return {};
}

}  // namespace convlens
