/// Makes the tables that grid.comp reads: the values that each pixel column and row shows, and the channel and value
/// range of each cell.
#include "app/gpu/grid_gl.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "app/gpu/gl_activations.h"
#include "engine/view/cell_axis.h"

namespace convlens {
namespace {

constexpr int group_w = 16, group_h = 8;  ///< Threads of a workgroup.

/// The structs Span and Cell of grid.comp, with the same layout.
struct Span {
    int cell = -1, first = 0, end = 0;
    float head = 0, tail = 0;
};
struct Cell {
    int channel;
    float lo, hi;
};

/// Returns what pixels [begin, begin + count) of the picture show along one axis, which has `cells` cells of `pixels`
/// pixels each, separated by gaps of `gap` pixels.
std::vector<Span> spans_of(int begin, int count, int cells, int pixels, int gap, const CellAxis& axis) {
    std::vector<Span> spans(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        const int at = begin + i - gap, cell = at < 0 ? -1 : at / (pixels + gap), pixel = at - cell * (pixels + gap);
        if (cell < 0 || cell >= cells || pixel >= pixels) continue;
        const CellSpan s = axis[pixel];
        spans[static_cast<std::size_t>(i)] = {cell, s.first, s.end, s.head, s.tail};
    }
    return spans;
}

template <class T>
Expected<GlMemory> uploaded(GlDevice& device, std::span<const T> data) {
    auto memory = device.memory((data.size_bytes() + sizeof(float) - 1) / sizeof(float), "the picture");
    if (memory) device.write(**memory, data.data(), data.size_bytes());
    return memory;
}

/// Draws one picture.
class GridJob {
  public:
    GridJob(GlDevice& device, const GlValues& values, const DisplayOptions& display, const GridLayout& layout,
            const Rect& region)
        : device_(device), values_(values), display_(display), layout_(layout), region_(region) {}

    Expected<Image> run(std::span<const Cell> cells, const Cancel& cancel, Image& image) {
        const auto program = device_.program("grid.comp", {});
        if (!program) return tl::unexpected(program.error());
        if (auto ok = bind_tables(**program, cells); !ok) return tl::unexpected(ok.error());
        image.reset(region_.w, region_.h, display_.background);
        const auto picture = device_.memory(image.rgba.size() / sizeof(float), "the picture");
        if (!picture) return tl::unexpected(picture.error());
        const Shape& s = values_.shape;
        const int step =
            static_cast<int>(std::min<std::size_t>(device_.max_block() / s.plane(), static_cast<std::size_t>(s.c)));
        Pacer pacer(device_, cancel, work_of_row() * region_.h * ((s.c + step - 1) / step));
        for (int c = 0; c < s.c; c += step)
            if (auto ok = paint(**program, **picture, c, std::min(step, s.c - c), pacer); !ok)
                return tl::unexpected(ok.error());
        if (auto ok = device_.read(**picture, 0, image.rgba.size(), image.rgba.data()); !ok)
            return tl::unexpected(ok.error());
        return std::move(image);
    }

  private:
    /// Returns the work of a pixel row: the number of values that its pixels cover, plus the number of pixels.
    double work_of_row() const {
        return region_.w + static_cast<double>(values_.shape.plane()) * layout_.columns / std::max(1, layout_.cell.h);
    }

    Expected<void> bind_tables(const GlProgram& program, std::span<const Cell> cells) {
        const CellAxis columns(layout_.cell.w, values_.shape.w), rows(layout_.cell.h, values_.shape.h);
        const auto column_spans = spans_of(region_.x, region_.w, layout_.columns, layout_.cell.w, layout_.gap, columns);
        const auto row_spans = spans_of(region_.y, region_.h, layout_.rows, layout_.cell.h, layout_.gap, rows);
        std::vector<Rgba> palette(colors(display_.effective_colormap()).begin(),
                                  colors(display_.effective_colormap()).end());
        palette.push_back(below_scale);
        palette.push_back(above_scale);
        const std::array<Expected<GlMemory>, 4> tables{uploaded(device_, std::span(column_spans)),
                                                       uploaded(device_, std::span(row_spans)),
                                                       uploaded(device_, cells), uploaded<Rgba>(device_, palette)};
        for (std::size_t i = 0; i < tables.size(); ++i) {
            if (!tables[i]) return tl::unexpected(tables[i].error());
            tables_[i] = *tables[i];
            device_.bind(static_cast<GLuint>(i + 1), *tables_[i]);
        }
        int background = 0;
        std::memcpy(&background, display_.background.data(), sizeof background);
        program.use({{"width", region_.w},
                     {"map_h", values_.shape.h},
                     {"map_w", values_.shape.w},
                     {"cell_columns", layout_.columns},
                     {"cell_count", layout_.count},
                     {"reduced_rows", rows.reduced()},
                     {"mark_beyond", display_.mark_beyond},
                     {"background", background}});
        program.set("inverse_area", rows.inverse_area() * columns.inverse_area());
        program.set("flat_place", is_symmetric(display_.scale.mode) ? 0.5F : 0.0F);
        return {};
    }

    /// Draws the cells of channels [first, first + count), and with channel 0 also the background.
    Expected<void> paint(const GlProgram& program, const GlBuffer& picture, int first, int count, Pacer& pacer) {
        const Shape& s = values_.shape;
        const std::size_t plane = (static_cast<std::size_t>(display_.item) * static_cast<std::size_t>(s.c) +
                                   static_cast<std::size_t>(first)) *
                                  s.plane();
        program.use(
            {{"values_base", device_.bind(0, *values_.memory, plane, static_cast<std::size_t>(count) * s.plane())},
             {"channel_first", first},
             {"channel_count", count},
             {"paint_background", first == 0}});
        const auto wide = static_cast<std::size_t>(region_.w);
        const int rows = std::max(
            1, std::min(static_cast<int>(std::clamp(pacer.slice() / work_of_row() / group_h, 1.0, 4096.0)) * group_h,
                        static_cast<int>(device_.max_block() / wide)));
        for (int y = 0; y < region_.h; y += rows) {
            const int height = std::min(rows, region_.h - y);
            program.use({{"first_row", y},
                         {"last_row", y + height},
                         {"picture_base", device_.bind(5, picture, static_cast<std::size_t>(y) * wide,
                                                       static_cast<std::size_t>(height) * wide)}});
            device_.dispatch((region_.w + group_w - 1) / group_w, (height + group_h - 1) / group_h, 1);
            if (auto ok = pacer.did(work_of_row() * height); !ok) return ok;
        }
        return {};
    }

    GlDevice& device_;
    const GlValues& values_;
    const DisplayOptions& display_;
    const GridLayout& layout_;
    const Rect& region_;
    std::array<GlMemory, 4> tables_;  ///< Columns, rows, cells, colors; used until the picture is read.
};

}  // namespace

Expected<Image> render_grid_gl(GlDevice& device, const GlValues& values, std::span<const ChannelStats> stats,
                               const DisplayOptions& display, const Cancel& cancel, Image&& memory) {
    if (values.shape.plane() > device.max_block()) {
        const auto same = on_cpu(device, {"same", Dropout{}}, values, cancel);
        if (!same) return tl::unexpected(same.error());
        return (*same)->render_grid(display, cancel, std::move(memory));
    }
    auto shown = shown_channels(display, stats);
    if (!shown) return tl::unexpected(shown.error());
    const GridLayout layout = grid_layout(display, {values.shape.h, values.shape.w}, static_cast<int>(shown->size()));
    const auto region = region_of(display, layout);
    if (!region) return tl::unexpected(region.error());
    std::vector<Cell> cells;
    const std::vector<Range> ranges = channel_ranges(display, stats, *shown);
    for (std::size_t i = 0; i < ranges.size(); ++i) cells.push_back({(*shown)[i], ranges[i].lo, ranges[i].hi});
    return GridJob(device, values, display, layout, *region).run(cells, cancel, memory);
}

}  // namespace convlens
