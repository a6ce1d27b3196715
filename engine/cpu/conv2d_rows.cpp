/// Packing of input rows.
#include "engine/cpu/conv2d_rows.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>

namespace convlens {
namespace {

int ceil_div(int a, int b) { return (a + b - 1) / b; }
int round_up(int a, int step) { return ceil_div(a, step) * step; }

/// Returns the distance in input columns between the inputs of the first and of the last kernel column.
std::int64_t reach_of(const Conv2d& layer) {
    return (layer.kernel_size().w - 1) * static_cast<std::int64_t>(layer.params.dilation.w);
}

}  // namespace

RowLayout::RowLayout(const Conv2d& layer, int input_width)
    : mode_(layer.params.padding_mode), stride_(layer.params.stride.w), input_width_(input_width) {
    const Padding pad = resolve_padding(layer.params, layer.kernel_size());
    pad_left_ = pad.left;
    padded_end_ = input_width + pad.right;
}

RowLayout RowLayout::packed(const Conv2d& layer, int input_width, int output_width, int step) {
    RowLayout layout(layer, input_width);
    const int kernel_w = layer.kernel_size().w, dilation = layer.params.dilation.w, stride = layout.stride_;
    const int whole = round_up(output_width, step);
    const auto reach = static_cast<int>(reach_of(layer) / stride);
    if (reach > std::int64_t{kernel_w} * whole) {  // kernel columns are far apart: each has its own run
        for (int k = 0; k < kernel_w; ++k) {
            layout.columns_.push_back(static_cast<std::ptrdiff_t>(k) * whole);
            layout.add_run(k * dilation - layout.pad_left_, whole);
        }
    } else {
        const int count = round_up(whole + reach, step);
        std::vector<int> phases;
        for (int k = 0; k < kernel_w; ++k) {
            const int phase = k * dilation % stride;
            const auto slot = std::find(phases.begin(), phases.end(), phase) - phases.begin();
            if (slot == std::ssize(phases)) {
                phases.push_back(phase);
                layout.add_run(phase - layout.pad_left_, count);
            }
            layout.columns_.push_back(slot * count + k * dilation / stride);
        }
        layout.phases_ = std::ssize(phases) == stride && std::is_sorted(phases.begin(), phases.end());
    }
    layout.parts_ = {{0, output_width, 0, true}};
    layout.finish();
    return layout;
}

bool RowLayout::fits_in_place(const Conv2d& layer, int output_width, int tile) {
    const Padding pad = resolve_padding(layer.params, layer.kernel_size());
    return layer.params.stride.w == 1 && pad.left <= tile && pad.right <= tile && reach_of(layer) <= output_width / 4 &&
           output_width >= 6 * tile;
}

RowLayout RowLayout::in_place(const Conv2d& layer, int input_width, int output_width, int lanes, int tile) {
    assert(fits_in_place(layer, output_width, tile));
    RowLayout layout(layer, input_width);
    const auto reach = static_cast<int>(reach_of(layer));
    for (int k = 0; k < layer.kernel_size().w; ++k)
        layout.columns_.push_back(static_cast<std::ptrdiff_t>(k) * layer.params.dilation.w);
    // Outputs [begin, end) read input columns [begin - pad_left, end - pad_left + reach), all of which exist.
    const int begin = round_up(layout.pad_left_, tile);
    const int end = begin + (input_width + layout.pad_left_ - reach - begin) / tile * tile;
    const int left = round_up(begin + reach, lanes),
              right = round_up(round_up(output_width - end, lanes) + reach, lanes);
    layout.add_run(-layout.pad_left_, left);
    layout.add_run(end - layout.pad_left_, right);
    layout.parts_ = {
        {0, begin, 0, true}, {begin, end, begin - layout.pad_left_, false}, {end, output_width, left, true}};
    std::erase_if(layout.parts_, [](const Part& part) { return part.begin >= part.end; });
    layout.finish();
    return layout;
}

void RowLayout::add_run(int first_column, int count) {
    Run run{first_column, count};
    const auto index_of = [&](int column) {  // first i whose column is at least `column`
        return std::clamp(column <= first_column ? 0 : ceil_div(column - first_column, stride_), 0, count);
    };
    run.inside_begin = index_of(0);
    run.inside_end = std::max(index_of(input_width_), run.inside_begin);
    run.offset = length_;
    length_ += static_cast<std::size_t>(count);
    runs_.push_back(run);
}

/// Rounds the length up to an odd number of cache lines (16 floats each), so that the channels of a row do not map to
/// the same cache sets.
void RowLayout::finish() { length_ = ((length_ + 15) / 16 | 1U) * 16; }

void RowLayout::pack_inside(const Run& run, int begin, int end, const float* source, float* to) const {
    if (begin >= end) return;
    if (stride_ == 1) {
        const float* from = source + run.first_column;
        if (end - begin >= 64) {
            std::memcpy(to + begin, from + begin, static_cast<std::size_t>(end - begin) * sizeof(float));
        } else {  // too short for a call of memcpy()
            for (int i = begin; i < end; ++i) to[i] = from[i];
        }
        return;
    }
    for (std::int64_t i = begin; i < end; ++i) to[i] = source[run.first_column + i * stride_];
}

void RowLayout::pack(const float* source, float* to, const ConvLoops& loops) const {
    pack_values(source, to, loops);
    for (const Run& run : runs_) {
        pack_border(run, 0, run.inside_begin, source, to + run.offset);
        pack_border(run, run.inside_end, run.count, source, to + run.offset);
    }
}

void RowLayout::pack_values(const float* source, float* to, const ConvLoops& loops) const {
    int begin = 0, end = 0;  // values [begin, end) of every phase lie inside the input
    if (phases_ && stride_ <= 4) {
        begin = ceil_div(pad_left_, stride_);
        end = std::max(begin, std::min(runs_[0].count, (input_width_ + pad_left_) / stride_));
        float* phases[4] = {};
        for (std::size_t p = 0; p < runs_.size(); ++p) phases[p] = to + runs_[p].offset + begin;
        if (begin < end) loops.deinterleave(source + begin * stride_ - pad_left_, stride_, end - begin, phases);
    }
    for (const Run& run : runs_) {
        float* const values = to + run.offset;
        if (begin < end) {
            pack_inside(run, run.inside_begin, begin, source, values);
            pack_inside(run, end, run.inside_end, source, values);
        } else {
            pack_inside(run, run.inside_begin, run.inside_end, source, values);
        }
    }
}

void RowLayout::pack_border(const Run& run, int begin, int end, const float* source, float* to) const {
    for (int i = begin; i < end; ++i) {
        const std::int64_t column = run.first_column + static_cast<std::int64_t>(i) * stride_;
        // Values past the padding are only read for output columns that are not stored.
        const int from = mode_ == PaddingMode::zeros || column >= padded_end_
                             ? -1
                             : padded_source(mode_, static_cast<int>(column), input_width_);
        to[i] = from < 0 ? 0.0F : source[from];
    }
}

void RowWindow::reset(int channels, int rows, const RowLayout& layout) {
    values_.reshape({1, rows, channels, static_cast<int>(layout.length())});
    held_.assign(static_cast<std::size_t>(rows), -1);
}

const float* RowWindow::row(int padded_row, int y, const Tensor& input, int n, int first, const RowLayout& layout,
                            const ConvLoops& loops) {
    const std::size_t place = static_cast<std::size_t>(padded_row) % held_.size();
    const auto to = values_.plane(0, static_cast<int>(place));
    if (held_[place] != padded_row) {
        for (int c = 0; c < values_.shape().h; ++c)
            layout.pack(&input.at(n, first + c, y, 0), &to[static_cast<std::size_t>(c) * layout.length()], loops);
        held_[place] = padded_row;
    }
    return to.data();
}

}  // namespace convlens
