/// Conv2d on the CPU: packing, tiling, threads.
///
/// A task is a band of output rows of some output channels. It copies the input rows that it needs into rows that are
/// already padded and, for stride s, sorted by phase (every s-th value side by side), so that each kernel tap is a plain
/// run of floats for the vector loop in simd.cpp.
#include "engine/cpu/conv2d_cpu.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace convlens {
namespace {

constexpr std::size_t band_bytes = 384 * 1024;       ///< Packed rows of a band should stay in the second-level cache.
constexpr std::size_t task_macs = 100 * 1000 * 1000;  ///< About 5 ms of one core without AVX.

int ceil_div(int a, int b) { return (a + b - 1) / b; }

/// The columns of one stride phase in a packed row.
struct Phase {
    int first_column;  ///< Input column of its value 0; may be negative.
    int inside_begin;  ///< Values [inside_begin, inside_end) are image columns first_column + i * stride ...
    int inside_end;    ///< ... and the rest is padding.
};

/// How input rows are laid out for the vector loop.
class RowLayout {
  public:
    RowLayout(const Conv2d& layer, const Shape& input, const Shape& output, int lanes)
        : mode_(layer.params.padding_mode), stride_(layer.params.stride.w), input_width_(input.w) {
        const int kernel_w = layer.kernel_size().w, dilation = layer.params.dilation.w;
        const Padding pad = resolve_padding(layer.params, layer.kernel_size());
        padded_end_ = input.w + pad.right;
        const int reach = (kernel_w - 1) * dilation / stride_;
        phase_width_ = ceil_div(output.w + reach, lanes) * lanes + 3 * lanes;  // a tile may read past the last value
        for (int k = 0; k < kernel_w; ++k) {
            const int phase = k * dilation % stride_;
            const auto known = std::find(phase_numbers_.begin(), phase_numbers_.end(), phase);
            const auto slot = known - phase_numbers_.begin();
            if (known == phase_numbers_.end()) {
                phase_numbers_.push_back(phase);
                phases_.push_back(make_phase(phase - pad.left));
            }
            columns_.push_back(slot * phase_width_ + k * dilation / stride_);
        }
    }

    std::size_t row_length() const { return phases_.size() * static_cast<std::size_t>(phase_width_); }
    const std::vector<std::ptrdiff_t>& columns() const { return columns_; }

    /// Packs one image row into row_length() floats.
    void pack(const float* source, float* to) const {
        for (const Phase& phase : phases_) {
            for (int i = 0; i < phase.inside_begin; ++i) to[i] = border(phase, i, source);
            const float* from = source + phase.first_column;
            if (stride_ == 1) {
                std::copy(from + phase.inside_begin, from + phase.inside_end, to + phase.inside_begin);
            } else {
                for (int i = phase.inside_begin; i < phase.inside_end; ++i) to[i] = from[static_cast<std::ptrdiff_t>(i) * stride_];
            }
            for (int i = phase.inside_end; i < phase_width_; ++i) to[i] = border(phase, i, source);
            to += phase_width_;
        }
    }

  private:
    Phase make_phase(int first_column) const {
        Phase phase{first_column, 0, 0};
        const auto index_of = [&](int column) {  // the first i whose column is at least `column`
            return std::clamp(column <= first_column ? 0 : ceil_div(column - first_column, stride_), 0, phase_width_);
        };
        phase.inside_begin = index_of(0);
        phase.inside_end = std::max(index_of(input_width_), phase.inside_begin);
        return phase;
    }

    float border(const Phase& phase, int i, const float* source) const {
        const std::int64_t column = phase.first_column + static_cast<std::int64_t>(i) * stride_;
        if (column >= padded_end_) return 0.0F;  // read by a tile's unused lanes only
        const int from = padded_source(mode_, static_cast<int>(column), input_width_);
        return from < 0 ? 0.0F : source[from];
    }

    PaddingMode mode_;
    int stride_;
    int input_width_;
    int padded_end_ = 0;
    int phase_width_ = 0;
    std::vector<int> phase_numbers_;
    std::vector<Phase> phases_;
    std::vector<std::ptrdiff_t> columns_;
};

/// Weights and bias in the order in which the vector loop reads them.
struct PackedWeights {
    std::vector<float> weights;  ///< [group][block][c][ky][kx][channel in block]
    std::vector<float> bias;     ///< [group][block][channel in block]
    std::size_t group_weights = 0, group_bias = 0;

    PackedWeights(const Conv2d& layer, int block) {
        const Shape& s = layer.weight->shape();
        const int groups = layer.params.groups, group_channels = s.n / groups;
        const std::size_t taps = static_cast<std::size_t>(s.c) * s.plane();
        group_bias = static_cast<std::size_t>(ceil_div(group_channels, block) * block);
        group_weights = group_bias * taps;
        weights.assign(group_weights * static_cast<std::size_t>(groups), 0.0F);
        bias.assign(group_bias * static_cast<std::size_t>(groups), 0.0F);
        for (int o = 0; o < s.n; ++o) {
            const auto group = static_cast<std::size_t>(o / group_channels), in_group = static_cast<std::size_t>(o % group_channels);
            const auto wide = static_cast<std::size_t>(block);
            float* to = &weights[group * group_weights + in_group / wide * taps * wide + in_group % wide];
            for (int c = 0; c < s.c; ++c) {
                const auto kernel = layer.weight->plane(o, c);
                for (std::size_t i = 0; i < kernel.size(); ++i, to += wide)
                    *to = kernel[layer.params.flip ? kernel.size() - 1 - i : i];
            }
            if (layer.bias) bias[group * group_bias + in_group] = (*layer.bias)[static_cast<std::size_t>(o)];
        }
    }
};

/// What a thread keeps from task to task.
struct Scratch {
    std::vector<float> packed;
    std::vector<int> needed;  ///< Padded row numbers that the band reads, ascending.
    std::vector<const float*> rows;
};

class Forward {
  public:
    Forward(const Conv2d& layer, const Tensor& input, const Simd& simd, const Cancel& cancel, Tensor& output)
        : layer_(layer), input_(input), simd_(simd), cancel_(cancel), output_(output),
          pad_(resolve_padding(layer.params, layer.kernel_size())),
          layout_(layer, input.shape(), output.shape(), simd.lanes),
          weights_(layer, simd.block_channels),
          zero_row_(layout_.row_length(), 0.0F) {
        group_out_ = output.shape().c / layer.params.groups;
        choose_tiles();
    }

    bool run() {
        const int tasks = output_.shape().n * layer_.params.groups * bands_ * chunks_;
        std::atomic<int> done = 0;
        std::atomic<bool> stopped = false;
        oneapi::tbb::enumerable_thread_specific<Scratch> scratch;
        oneapi::tbb::parallel_for(0, tasks, [&](int task) {
            if (stopped) return;
            if (cancel_.requested()) {
                stopped = true;
                return;
            }
            run_task(task, scratch.local());
            cancel_.report(static_cast<float>(++done) / static_cast<float>(tasks));
        });
        return !stopped;
    }

  private:
    void choose_tiles() {
        const ConvParams& p = layer_.params;
        const Shape& w = layer_.weight->shape();
        const Shape& out = output_.shape();
        const std::size_t row_bytes = layout_.row_length() * sizeof(float) * static_cast<std::size_t>(w.c);
        const auto rows = static_cast<int>(std::clamp<std::size_t>(band_bytes / std::max<std::size_t>(row_bytes, 1), 1, 1 << 20));
        const std::size_t row_macs = static_cast<std::size_t>(out.w) * static_cast<std::size_t>(group_out_) * w.plane() * static_cast<std::size_t>(w.c);
        const auto by_time = static_cast<int>(std::clamp<std::size_t>(task_macs / std::max<std::size_t>(row_macs, 1), 1, 1 << 20));
        const int threads = oneapi::tbb::this_task_arena::max_concurrency();
        const int units = out.n * p.groups;
        const int for_threads = std::max(1, ceil_div(out.h * units, 4 * threads));
        band_ = std::clamp((rows - w.h) / p.stride.h + 1, 1, std::min({by_time, for_threads, out.h}));
        bands_ = ceil_div(out.h, band_);
        const int blocks = ceil_div(group_out_, simd_.block_channels);
        const auto by_macs = static_cast<int>(std::min<std::size_t>(row_macs * static_cast<std::size_t>(band_) / task_macs + 1, 1 << 20));
        const int by_threads = ceil_div(2 * threads, units * bands_);
        chunk_blocks_ = ceil_div(blocks, std::clamp(std::max(by_macs, by_threads), 1, blocks));
        chunks_ = ceil_div(blocks, chunk_blocks_);
    }

    void run_task(int task, Scratch& scratch) const {
        const int chunk = task % chunks_, band = task / chunks_ % bands_;
        const int group = task / chunks_ / bands_ % layer_.params.groups, n = task / chunks_ / bands_ / layer_.params.groups;
        const Shape& out = output_.shape();
        const int y_begin = band * band_, y_end = std::min(y_begin + band_, out.h);
        pack_band(n, group, y_begin, y_end, scratch);

        const int first = chunk * chunk_blocks_ * simd_.block_channels;
        const auto taps = static_cast<std::size_t>(layer_.weight->shape().c) * layer_.weight->shape().plane();
        RowJob job{};
        job.row_count = layer_.weight->shape().c * layer_.weight->shape().h;
        job.columns = layout_.columns().data();
        job.column_count = layer_.weight->shape().w;
        job.weights = &weights_.weights[static_cast<std::size_t>(group) * weights_.group_weights + static_cast<std::size_t>(first) * taps];
        job.bias = &weights_.bias[static_cast<std::size_t>(group) * weights_.group_bias + static_cast<std::size_t>(first)];
        job.plane = out.plane();
        job.channels = std::min(chunk_blocks_ * simd_.block_channels, group_out_ - first);
        job.width = out.w;
        for (int y = y_begin; y < y_end; ++y) {
            point_rows(y, scratch);
            job.rows = scratch.rows.data();
            job.output = &output_.at(n, group * group_out_ + first, y, 0);
            simd_.convolve_row(job);
        }
    }

    /// The padded row that kernel row ky of output row y reads.
    int padded_row(int y, int ky) const { return y * layer_.params.stride.h + ky * layer_.params.dilation.h; }

    void pack_band(int n, int group, int y_begin, int y_end, Scratch& scratch) const {
        auto& needed = scratch.needed;
        needed.clear();
        for (int y = y_begin; y < y_end; ++y)
            for (int ky = 0; ky < layer_.kernel_size().h; ++ky) needed.push_back(padded_row(y, ky));
        std::sort(needed.begin(), needed.end());
        needed.erase(std::unique(needed.begin(), needed.end()), needed.end());

        const int channels = layer_.weight->shape().c;
        const std::size_t length = layout_.row_length();
        scratch.packed.resize(static_cast<std::size_t>(channels) * needed.size() * length);
        float* to = scratch.packed.data();
        for (int c = 0; c < channels; ++c)
            for (const int row : needed) {
                const int y = padded_source(layer_.params.padding_mode, row - pad_.top, input_.shape().h);
                if (y >= 0) layout_.pack(&input_.at(n, group * channels + c, y, 0), to);
                to += length;
            }
    }

    void point_rows(int y, Scratch& scratch) const {
        const std::size_t length = layout_.row_length();
        scratch.rows.clear();
        for (int c = 0; c < layer_.weight->shape().c; ++c)
            for (int ky = 0; ky < layer_.kernel_size().h; ++ky) {
                const int row = padded_row(y, ky);
                if (padded_source(layer_.params.padding_mode, row - pad_.top, input_.shape().h) < 0) {
                    scratch.rows.push_back(zero_row_.data());
                    continue;
                }
                const auto slot = std::lower_bound(scratch.needed.begin(), scratch.needed.end(), row) - scratch.needed.begin();
                const auto index = static_cast<std::size_t>(c) * scratch.needed.size() + static_cast<std::size_t>(slot);
                scratch.rows.push_back(scratch.packed.data() + index * length);
            }
    }

    const Conv2d& layer_;
    const Tensor& input_;
    const Simd& simd_;
    const Cancel& cancel_;
    Tensor& output_;
    const Padding pad_;
    const RowLayout layout_;
    const PackedWeights weights_;
    const std::vector<float> zero_row_;
    int group_out_ = 0;
    int band_ = 1, bands_ = 1;                ///< Output rows of a task, number of bands.
    int chunk_blocks_ = 1, chunks_ = 1;       ///< Channel blocks of a task, number of chunks.
};

}  // namespace

bool conv2d_forward(const Conv2d& layer, const Tensor& input, const Simd& simd, const Cancel& cancel, Tensor& output) {
    return Forward(layer, input, simd, cancel, output).run();
}

}  // namespace convlens
