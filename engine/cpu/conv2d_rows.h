/// Input rows as the vector loops read them: padded and, for a stride, sorted by phase.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/cpu/conv2d_tiles.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// Layout of packed rows: which parts of an input row are copied, where they are copied to, and where each kernel
/// column finds its values.
///
/// A packed row consists of runs. Values that are `stride` apart in the input are adjacent in a run, so that the inputs
/// of one kernel column for all outputs are contiguous floats. Padding is part of the runs.
class RowLayout {
  public:
    /// Output columns [begin, end), whose inputs start `offset` floats into the packed row (if `packed`) or the input
    /// row.
    struct Part {
        int begin, end;
        std::ptrdiff_t offset;
        bool packed;
    };

    /// Returns a layout in which all output columns read packed rows, `step` columns at a time. A packed row is
    /// readable up to the end of the last step.
    static RowLayout packed(const Conv2d& layer, int input_width, int output_width, int step);

    /// Returns a layout for a horizontal stride of 1: output columns near both ends of a row read packed rows, in steps
    /// of `tile` columns (a multiple of `lanes`); all other columns read the input itself. Requires fits_in_place().
    static RowLayout in_place(const Conv2d& layer, int input_width, int output_width, int lanes, int tile);
    static bool fits_in_place(const Conv2d& layer, int output_width, int tile);

    std::size_t length() const { return length_; }  ///< Number of floats in a packed row.
    std::span<const Part> parts() const { return parts_; }
    /// For each kernel column, the offset of its first input in floats; used for Segment::taps.
    std::span<const std::ptrdiff_t> columns() const { return columns_; }

    /// Packs one input row into length() floats.
    void pack(const float* source, float* to, const ConvLoops& loops) const;

  private:
    struct Run {
        int first_column;  ///< Input column of value 0; may be negative.
        int count;
        int inside_begin = 0;    ///< Value i in [inside_begin, inside_end) is input column first_column + i * stride_.
        int inside_end = 0;      ///< All other values are padding.
        std::size_t offset = 0;  ///< Position in the packed row.
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
    bool phases_ = false;  ///< Whether the runs are all phases 0 .. stride - 1 in order and of equal length.
    std::size_t length_ = 0;
    std::vector<Part> parts_;
    std::vector<std::ptrdiff_t> columns_;
    std::vector<Run> runs_;
};

/// The packed rows of all channels that a few output rows read. A row is packed when it is first requested.
class RowWindow {
  public:
    /// Discards all rows and makes room for `rows` neighboring padded rows of `channels` channels.
    void reset(int channels, int rows, const RowLayout& layout);

    /// Returns row `padded_row` (which is input row `y`) of channels [first, first + channels) of item n. Consecutive
    /// channels are layout.length() floats apart. The pointer is valid until a row `rows` or more away is requested.
    const float* row(int padded_row, int y, const Tensor& input, int n, int first, const RowLayout& layout,
                     const ConvLoops& loops);

  private:
    Tensor values_;          ///< (1, places, channels, packed row)
    std::vector<int> held_;  ///< Index of the padded row in each place; -1 if the place is empty.
};

}  // namespace convlens
