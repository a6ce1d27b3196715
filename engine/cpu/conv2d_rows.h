/// Copies of input rows in the form that the vector loops read: padded and, for a stride above 1, sorted by phase, the
/// column modulo the stride.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/cpu/conv2d_tiles.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// Layout of packed rows, the copies of input rows: which values are copied, to which positions, and at which offset
/// the values for each kernel column begin.
///
/// A packed row consists of runs. Neighbors in a run are values that are `stride` columns apart in the input. So the
/// values by which one kernel column is multiplied for consecutive outputs are consecutive floats. Runs include
/// padding.
class RowLayout {
  public:
    /// A range of output columns [begin, end). Their inputs start at `offset`, in floats, in the packed row if
    /// `packed`, otherwise in the input row itself.
    struct Part {
        int begin, end;
        std::ptrdiff_t offset;
        bool packed;
    };

    /// Returns a layout in which all output columns read packed rows. The loop reads `step` columns at a time, and a
    /// packed row is long enough for the last step.
    static RowLayout packed(const Conv2d& layer, int input_width, int output_width, int step);

    /// Returns a layout in which only the output columns near both ends of a row read packed rows, and all others read
    /// the input itself, `tile` columns at a time. `tile` must be a multiple of `lanes`, and fits_in_place() must be
    /// true.
    static RowLayout in_place(const Conv2d& layer, int input_width, int output_width, int lanes, int tile);
    /// Returns true if in_place() supports the layer: its horizontal stride is 1, and its padding and kernel are small
    /// compared to the row.
    static bool fits_in_place(const Conv2d& layer, int output_width, int tile);

    std::size_t length() const { return length_; }  ///< Number of floats in a packed row.
    /// The parts of an output row, from left to right.
    std::span<const Part> parts() const { return parts_; }
    /// For each kernel column, the offset in floats of the first value by which it is multiplied; for Segment::taps.
    std::span<const std::ptrdiff_t> columns() const { return columns_; }

    /// Packs the input row `source` into the length() floats at `to`.
    void pack(const float* source, float* to, const ConvLoops& loops) const;
    /// Packs the values of the input row, and leaves those of the padding as they are.
    void pack_values(const float* source, float* to, const ConvLoops& loops) const;

  private:
    struct Run {
        int first_column;        ///< Input column of value 0; negative in the left padding.
        int count;               ///< Number of values.
        int inside_begin = 0;    ///< Value i in [inside_begin, inside_end) is input column first_column + i * stride_.
        int inside_end = 0;      ///< All other values are padding.
        std::size_t offset = 0;  ///< Position of value 0 in the packed row.
    };

    RowLayout(const Conv2d& layer, int input_width);
    void add_run(int first_column, int count);
    void finish();
    void pack_border(const Run& run, int begin, int end, const float* source, float* to) const;
    void pack_inside(const Run& run, int begin, int end, const float* source, float* to) const;

    PaddingMode mode_;
    int stride_;
    int input_width_;
    int pad_left_;
    int padded_end_;
    bool phases_ = false;  ///< Whether there is one run for each phase 0 .. stride - 1, in this order.
    std::size_t length_ = 0;
    std::vector<Part> parts_;
    std::vector<std::ptrdiff_t> columns_;
    std::vector<Run> runs_;
};

/// A cache of packed rows of several channels: the rows that a few output rows read. A row is packed when it is first
/// requested.
class RowWindow {
  public:
    /// Discards all rows and makes room for `rows` consecutive rows of `channels` channels.
    void reset(int channels, int rows, const RowLayout& layout);

    /// Returns a packed row of the channels [first, first + channels) of batch item n: row `padded_row` of the padded
    /// input, which is row `y` of `input` or, if it lies in the padding, a copy of row `y`. Consecutive channels are
    /// layout.length() floats apart. The pointer is valid until a row that is `rows` or more rows away is requested.
    const float* row(int padded_row, int y, const Tensor& input, int n, int first, const RowLayout& layout,
                     const ConvLoops& loops);

  private:
    Tensor values_;          ///< (1, places, channels, packed row)
    std::vector<int> held_;  ///< For each place in values_, which padded row it contains; -1 if it is empty.
};

}  // namespace convlens
