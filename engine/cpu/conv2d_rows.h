/// Input rows as the vector loops read them: padded, and for a stride sorted by phase.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/cpu/conv2d_tiles.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// Which parts of an input row are copied, where to, and where each kernel column finds its values.
///
/// A packed row consists of runs: values that lie `stride` apart in the input lie side by side in a run, so
/// that the inputs of one kernel column for all outputs are a plain run of floats. Padding is part of the
/// runs.
class RowLayout {
  public:
    /// Output columns [begin, end), whose values start `offset` floats into the packed row or into the input
    /// row.
    struct Part {
        int begin, end;
        std::ptrdiff_t offset;
        bool packed;
    };

    /// All output columns read packed rows, `step` of them at a time: up to a whole step is readable.
    static RowLayout packed(const Conv2d& layer, int input_width, int output_width, int step);

    /// For stride 1 along a row: columns near the ends read packed rows, in steps of `tile` columns (a
    /// multiple of lanes), the rest reads the input itself. Needs fits_in_place().
    static RowLayout in_place(const Conv2d& layer, int input_width, int output_width, int lanes, int tile);
    static bool fits_in_place(const Conv2d& layer, int output_width, int tile);

    std::size_t length() const { return length_; }  ///< Floats of a packed row.
    std::span<const Part> parts() const { return parts_; }
    std::span<const std::ptrdiff_t> columns() const { return columns_; }  ///< For RowJob::columns.

    /// Packs one input row into length() floats.
    void pack(const float* source, float* to, const ConvLoops& loops) const;

  private:
    struct Run {
        int first_column;  ///< Input column of its value 0; may be negative.
        int count;
        int inside_begin = 0;    ///< Values [inside_begin, inside_end) are input columns first_column + i * stride_ ...
        int inside_end = 0;      ///< ... and the rest is padding.
        std::size_t offset = 0;  ///< In the packed row.
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
    bool phases_ = false;  ///< The runs are all phases 0 .. stride - 1 in order, of equal length.
    std::size_t length_ = 0;
    std::vector<Part> parts_;
    std::vector<std::ptrdiff_t> columns_;
    std::vector<Run> runs_;
};

/// The packed rows of all channels that a few output rows read; each is packed when it is first asked for.
class RowWindow {
  public:
    /// Forgets the rows and makes room for `rows` neighboring padded rows of `channels` channels.
    void reset(int channels, int rows, const RowLayout& layout);

    /// Row `padded_row` (which is input row `y`) of channels [first, first + channels) of item n. Valid until
    /// a row further than `rows` away is asked for. layout.length() floats lead from one channel to the next.
    const float* row(int padded_row, int y, const Tensor& input, int n, int first, const RowLayout& layout,
                     const ConvLoops& loops);

  private:
    Tensor values_;          ///< (1, places, channels, packed row)
    std::vector<int> held_;  ///< The padded row in each place, or -1.
};

}  // namespace convlens
