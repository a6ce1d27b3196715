/// Conv2d by sums of products: division into tasks, packing of rows and weights, calls of the vector loops, statistics.
///
/// A task computes a range of output rows for some blocks of output channels, a few rows (a step) at a time. For each
/// block, it adds the products of the input channels in several partial sums, and calls a vector loop for each partial
/// sum and row. So the weights of a partial sum stay in the first-level cache and the input rows in the second-level
/// cache.
#include "engine/cpu/conv2d_sums.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstdint>
#include <limits>

#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_rows.h"
#include "engine/cpu/conv2d_strategy.h"
#include "engine/cpu/conv2d_weights.h"
#include "engine/cpu/simd.h"

namespace convlens {
namespace {

// Limits of the division of the work. Sizes are in bytes.

constexpr std::int64_t window_bytes = 512 * 1024;  ///< Maximum of a task's packed rows: half of a second-level cache.
/// Maximum of the packed rows with Rows::shared, which are packed for as many images at once as stay in the caches.
constexpr std::int64_t shared_bytes = 4 * 1024 * 1024;
/// Maximum of the weights of a partial sum with Lanes::columns: half of a first-level cache.
constexpr std::int64_t columns_weight_bytes = 24 * 1024;
/// Maximum of the inputs of a strip of columns: half of a small second-level cache.
constexpr std::int64_t strip_bytes = 192 * 1024;
constexpr std::int64_t taps_bytes = 1024 * 1024;  ///< Maximum of the tap offsets of a step, unless it has only one row.
constexpr std::int64_t sums_bytes = 128 * 1024;   ///< Maximum of the sums of a step with Lanes::channels.
constexpr std::int64_t task_macs = 2 * 1000 * 1000;  ///< Minimum MACs of a task: about 20 us on a core with AVX-512.
constexpr int tasks_a_thread = 4;                    ///< Maximum number of tasks per thread.
/// Up to this number of MACs per output value, writing the output to memory takes most of the time.
constexpr std::int64_t streamed_taps = 16;
constexpr std::size_t streamed_bytes = std::size_t{16} << 20U;  ///< Minimum size of an output that fits into no cache.
constexpr int step_rows = 4;  ///< Number of output rows of a step with Lanes::columns, if their inputs fit the cache.
constexpr int part_values = 64;  ///< Statistics are reduced and stored after about this many values, in whole rows.

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Memory that a thread keeps from task to task.
struct Scratch {
    RowWindow window;
    std::vector<const float*> packed, in_place;  ///< [ky]: rows that an output row reads, of the first input channel.
    std::vector<std::ptrdiff_t> taps;  ///< [row of the step][part][ky][kx], only kernel rows that overlap input rows.
    std::vector<Segment> segments;     ///< [row of the step][part]
    std::vector<Segment> strip;        ///< The segments clipped to a strip of columns.
    std::vector<std::size_t> strip_rows;  ///< Index in `strip` of each row's first segment, then the size of `strip`.
    std::vector<Size2> kernel_rows;  ///< [row of the step]: range of kernel rows that overlap input rows, {begin, end}.
    std::vector<float> sums;         ///< [row of the step][column][channel], with Lanes::channels.
    std::vector<float*> outputs, rectified;
    std::vector<LaneStats> stats;
};

}  // namespace

struct Conv2dSumsMemory {
    Tensor shared;                 ///< Rows packed beforehand: (images, rows, channels, packed row).
    std::vector<PartStats> parts;  ///< [n][channel to compute][part]
    PerThread<Scratch> threads;
};

std::shared_ptr<Conv2dSumsMemory> make_conv2d_sums_memory() { return std::make_shared<Conv2dSumsMemory>(); }

namespace {

// ---------------------------------------------------------------- the work

class Conv2dSums final : public Conv2dAlgorithm {
  public:
    Conv2dSums(const Conv2d& layer, const Shape& input, const Simd& simd, std::shared_ptr<Conv2dSumsMemory> memory,
               std::vector<int> channels)
        : Conv2dAlgorithm(layer, input, simd, std::move(channels)),
          strategy_(choose_strategy()),
          layout_(choose_layout()),
          weights_(layer, channels_, strategy_.lanes, simd),
          memory_(std::move(memory)) {
        choose_steps();
    }

    bool run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
             Tensor* rectified, const PointTail& tail) override {
        assert(!rectified || rectified->shape() == shape_);
        assert(input.shape() == input_shape_ && output.shape() == shape_);
        assert(stats.empty() ||
               stats.size() == static_cast<std::size_t>(shape_.n) * static_cast<std::size_t>(shape_.c));
        if (!weights_.pack(layer_, channels_, cancel)) return false;
        if (!stats.empty())
            memory_->parts.resize(static_cast<std::size_t>(shape_.n) * channels_.size() * channel_parts());
        Run run{input,
                cancel,
                output,
                rectified,
                tail,
                !stats.empty(),
                tail.empty() && streams(output) && (!rectified || streams(*rectified)),
                0,
                0,
                0};
        const int images = strategy_.rows == Rows::shared ? images_at_once() : shape_.n;
        for (run.first_image = 0; run.first_image < shape_.n; run.first_image += images) {
            run.images = std::min(images, shape_.n - run.first_image);
            if (strategy_.rows == Rows::shared && !pack_shared(run)) return false;
            if (!compute(run)) return false;
        }
        if (!stats.empty()) combine(memory_->parts, channels_, shape_, stats);
        return true;
    }

  private:
    /// Returns true if the output should bypass the caches, because writing it takes longer than computing it. This
    /// requires vectors of a whole cache line: the parts of a line would be written to memory one by one.
    bool streams(const Tensor& output) const {
        constexpr std::size_t line = 64;
        const auto vector_bytes = static_cast<std::size_t>(simd_.lanes) * sizeof(float);
        const bool whole_lines = vector_bytes == line && reinterpret_cast<std::uintptr_t>(output.data()) % line == 0 &&
                                 shape_.w % simd_.lanes == 0;
        return whole_lines && strategy_.lanes == Lanes::columns && taps() <= streamed_taps &&
               shape_.count() * sizeof(float) >= streamed_bytes;
    }

    /// State of one call of run().
    struct Run {
        const Tensor& input;
        const Cancel& cancel;
        Tensor& output;
        Tensor* rectified;  ///< May be null.
        const PointTail& tail;
        bool stats, stream;
        int first_image, images;
        std::atomic<std::int64_t> done;  ///< Number of computed rows of all blocks and strips, for the progress.
        std::atomic<bool> stopped = false;

        bool stop() {
            if (!stopped && cancel.requested()) stopped = true;
            return stopped;
        }
    };

    /// The output rows and blocks of channels that one task computes, for batch item n.
    struct Task {
        int n, group;
        int first_block, end_block;
        int y_begin, y_end;
    };

    int tile() const { return simd_.conv.columns_tile * simd_.lanes; }
    int kernel_h() const { return layer_.kernel_size().h; }
    std::int64_t taps() const {
        return static_cast<std::int64_t>(in_channels()) * static_cast<std::int64_t>(layer_.weight->shape().plane());
    }
    /// Returns the row of the padded input that kernel row ky reads for output row y.
    int padded_row(int y, int ky) const { return y * layer_.params.stride.h + ky * layer_.params.dilation.h; }
    /// Returns the input row that is at padded_row(y, ky), or -1 for a row of zeros.
    int source_row(int y, int ky) const {
        return padded_source(layer_.params.padding_mode, padded_row(y, ky) - pad_.top, input_shape_.h);
    }
    /// Returns the number of rows of the padded input from the first to the last one that `rows` output rows read.
    std::int64_t span_of(std::int64_t rows) const {
        return (rows - 1) * layer_.params.stride.h +
               (kernel_h() - 1) * static_cast<std::int64_t>(layer_.params.dilation.h) + 1;
    }
    std::int64_t packed_row_bytes(const RowLayout& layout) const {
        return static_cast<std::int64_t>(layout.length() * sizeof(float)) * in_channels();
    }

    ConvStrategy choose_strategy() const {
        const std::int64_t row = packed_row_bytes(RowLayout::packed(layer_, input_shape_.w, shape_.w, simd_.lanes));
        ConvProblem problem{simd_.lanes,
                            shape_.w,
                            shape_.c / layer_.params.groups,
                            taps(),
                            row * span_of(1),
                            std::numeric_limits<std::int64_t>::max(),
                            row * layer_.params.groups * input_shape_.h * input_shape_.n,
                            in_channels()};
        if (RowLayout::fits_in_place(layer_, shape_.w, tile()))
            problem.ends_bytes = span_of(1) * packed_row_bytes(RowLayout::in_place(layer_, input_shape_.w, shape_.w,
                                                                                   simd_.lanes, tile()));
        return convlens::choose_strategy(problem);
    }

    RowLayout choose_layout() const {
        if (strategy_.rows == Rows::in_place)
            return RowLayout::in_place(layer_, input_shape_.w, shape_.w, simd_.lanes, tile());
        return RowLayout::packed(layer_, input_shape_.w, shape_.w,
                                 strategy_.lanes == Lanes::channels ? 1 : simd_.lanes);
    }

    void choose_steps() {
        const bool columns = strategy_.lanes == Lanes::columns;
        // Maximum number of output rows of a step: their tap offsets should fit into taps_bytes.
        const std::int64_t listed = std::max<std::int64_t>(
            1, taps_bytes / static_cast<std::int64_t>(layout_.parts().size() * layer_.weight->shape().plane() *
                                                      sizeof(std::ptrdiff_t)));
        part_rows_ = static_cast<int>(std::min<std::int64_t>(
            std::clamp(part_values / shape_.w, columns && shape_.h >= 64 ? step_rows : 1, shape_.h), listed));
        part_count_ = static_cast<int>(ceil_div(shape_.h, part_rows_));
        std::int64_t rows = columns ? step_rows : sums_bytes / (sums_row() * static_cast<std::int64_t>(sizeof(float)));
        rows = std::min(rows, listed);
        if (strategy_.rows != Rows::shared)
            while (rows > 1 && span_of(rows) * packed_row_bytes(layout_) > window_bytes) rows = (rows + 1) / 2;
        step_rows_ = static_cast<int>(std::clamp<std::int64_t>(ceil_div(rows, part_rows_) * part_rows_, part_rows_,
                                                               ceil_div(shape_.h, part_rows_) * part_rows_));
        const std::int64_t channel_bytes =
            static_cast<std::int64_t>(layer_.weight->shape().plane() * sizeof(float)) *
            (columns ? simd_.conv.max_columns_block : simd_.conv.max_channels_vectors * simd_.lanes);
        sum_channels_ = static_cast<int>(std::clamp<std::int64_t>(
            (columns ? columns_weight_bytes : simd_.conv.channels_weight_bytes) / channel_bytes, 1, in_channels()));
        if (columns) {
            // Number of columns whose inputs for the rows of a step, in all channels, stay in the cache while one block
            // after another reads them.
            const std::int64_t rows_read =
                static_cast<std::int64_t>(in_channels()) *
                std::min<std::int64_t>(span_of(step_rows_), std::int64_t{step_rows_} * kernel_h());
            const std::int64_t column_bytes = rows_read * std::min(layer_.params.stride.w, layer_.kernel_size().w) *
                                              static_cast<std::int64_t>(sizeof(float));
            const std::int64_t tiles = std::max<std::int64_t>(2, strip_bytes / (column_bytes * tile()));
            strip_columns_ = std::min<std::int64_t>(tiles * tile(), ceil_div(shape_.w, tile()) * tile());
            strips_ = static_cast<int>(ceil_div(shape_.w, strip_columns_));
        } else {
            strip_columns_ = shape_.w;
        }
        if (strategy_.rows != Rows::shared) return;
        needed_.assign(static_cast<std::size_t>(input_shape_.h), 0);
        for (int y = 0; y < shape_.h; ++y)
            for (int ky = 0; ky < kernel_h(); ++ky)
                if (const int source = source_row(y, ky); source >= 0) needed_[static_cast<std::size_t>(source)] = 1;
    }

    /// Returns the number of floats in a row of sums with Lanes::channels. The number of columns is rounded up, because
    /// ConvLoops::store_channels reads whole vectors of columns.
    std::int64_t sums_row() const {
        return ceil_div(shape_.w, simd_.lanes) * simd_.lanes * simd_.conv.max_channels_vectors * simd_.lanes;
    }

    // -------------------------------------------------------------- rows packed beforehand

    int images_at_once() const {
        const std::int64_t image =
            std::max<std::int64_t>(1, packed_row_bytes(layout_) * layer_.params.groups * input_shape_.h);
        return static_cast<int>(std::clamp<std::int64_t>(shared_bytes / image, 1, shape_.n));
    }

    bool pack_shared(Run& run) {
        memory_->shared.reshape({run.images, input_shape_.h, input_shape_.c, static_cast<int>(layout_.length())});
        const std::int64_t planes = static_cast<std::int64_t>(run.images) * input_shape_.c;
        const std::int64_t rows = planes * input_shape_.h;
        const std::int64_t grain = std::max<std::int64_t>(1, 32 * 1024 / static_cast<std::int64_t>(layout_.length()));
        parallel_ranges(rows, grain, [&](std::int64_t begin, std::int64_t end) {
            if (run.stop()) return;
            for (std::int64_t i = begin; i < end; ++i) {
                const auto y = static_cast<int>(i % input_shape_.h);
                if (!needed_[static_cast<std::size_t>(y)]) continue;
                const auto c = static_cast<int>(i / input_shape_.h % input_shape_.c),
                           n = static_cast<int>(i / input_shape_.h / input_shape_.c);
                layout_.pack(&run.input.at(run.first_image + n, c, y, 0), &memory_->shared.at(n, y, c, 0), simd_.conv);
            }
        });
        return !run.stopped;
    }

    // -------------------------------------------------------------- tasks

    bool compute(Run& run) {
        const int threads = loop_threads();
        const std::int64_t units = static_cast<std::int64_t>(run.images) * weights_.groups();
        const std::int64_t macs = static_cast<std::int64_t>(shape_.plane()) *
                                  static_cast<std::int64_t>(channels_.size()) * taps() * run.images;
        const std::int64_t wanted =
            std::clamp<std::int64_t>(macs / task_macs, 1, static_cast<std::int64_t>(threads) * tasks_a_thread);
        const std::int64_t split = ceil_div(wanted, units);  // wanted number of tasks per group of an image
        const std::int64_t group_blocks = ceil_div(std::ssize(weights_.blocks()), weights_.groups());
        std::int64_t chunks = 1, bands = 1;
        if (strategy_.lanes == Lanes::channels && strategy_.rows == Rows::shared) {
            chunks = std::min(split, group_blocks);
            bands = std::min<std::int64_t>(ceil_div(split, chunks), part_count_);
        } else {
            // Of the rows that a band with fewer rows packs, most would also be packed by its neighbors.
            const std::int64_t least =
                strategy_.rows == Rows::shared ? 1 : ceil_div(2 * (span_of(1) - 1), layer_.params.stride.h);
            bands = std::clamp<std::int64_t>(shape_.h / std::max<std::int64_t>(1, least), 1,
                                             std::min<std::int64_t>(split, part_count_));
            if (bands > threads) bands -= bands % threads;
            if (units * bands < threads) chunks = std::min(ceil_div(split, bands), group_blocks);
        }
        const auto one = [&](std::int64_t i) {
            const auto band = i % bands, chunk = i / bands % chunks, unit = i / bands / chunks;
            const auto group = static_cast<int>(unit % weights_.groups());
            const std::int64_t first = weights_.first_block(group), blocks = weights_.first_block(group + 1) - first;
            Task task{static_cast<int>(unit / weights_.groups()) + run.first_image,
                      0,
                      static_cast<int>(first + blocks * chunk / chunks),
                      static_cast<int>(first + blocks * (chunk + 1) / chunks),
                      static_cast<int>(part_count_ * band / bands) * part_rows_,
                      std::min(shape_.h, static_cast<int>(part_count_ * (band + 1) / bands) * part_rows_)};
            if (task.first_block == task.end_block) return;
            task.group = weights_.blocks()[static_cast<std::size_t>(task.first_block)].group;
            run_task(run, task, memory_->threads.local());
        };
        parallel_for(units * bands * chunks, one);
        return !run.stopped;
    }

    void run_task(Run& run, const Task& task, Scratch& scratch) {
        const bool window = strategy_.rows != Rows::shared;
        if (window)
            scratch.window.reset(in_channels(),
                                 static_cast<int>(std::min<std::int64_t>(span_of(step_rows_), padded_rows())), layout_);
        for (int y = task.y_begin; y < task.y_end; y += step_rows_) {
            const int end = std::min(y + step_rows_, task.y_end);
            if (run.stop()) return;
            point_rows(run, task, y, end, scratch);
            for (int strip = 0; strip < strips_; ++strip) {
                clip_rows(strip, end - y, scratch);
                if (!compute_blocks(run, task, strip, y, end, scratch)) return;
            }
        }
    }

    bool compute_blocks(Run& run, const Task& task, int strip, int begin, int end, Scratch& scratch) {
        for (int b = task.first_block; b < task.end_block; ++b) {
            const Block& block = weights_.blocks()[static_cast<std::size_t>(b)];
            if (!(strategy_.lanes == Lanes::columns ? columns_block(run, task, block, strip, begin, end, scratch)
                                                    : channels_block(run, task, block, begin, end, scratch)))
                return false;
            run_tail(run, task, block, strip, begin, end);
            const std::int64_t all =
                static_cast<std::int64_t>(shape_.n) * shape_.h * strips_ * std::ssize(weights_.blocks());
            run.cancel.report(static_cast<float>(run.done += end - begin) / static_cast<float>(all));
        }
        return true;
    }

    /// Runs the layers that follow on the rows [begin, end) of a block's channels in a strip of columns.
    void run_tail(const Run& run, const Task& task, const Block& block, int strip, int begin, int end) const {
        if (run.tail.empty()) return;
        const auto width = static_cast<std::size_t>(shape_.w), first = static_cast<std::size_t>(strip * strip_columns_),
                   count = std::min(static_cast<std::size_t>(strip_columns_), width - first);
        const int rows_at_once = strips_ == 1 ? end - begin : 1;  // then they are adjacent
        for (int i = 0; i < block.count; ++i)
            for (int y = begin; y < end; y += rows_at_once)
                run.tail.run(simd_, run.output, task.n, channels_[static_cast<std::size_t>(block.first + i)],
                             static_cast<std::size_t>(y) * width + first,
                             count + static_cast<std::size_t>(rows_at_once - 1) * width);
    }

    /// Clips the segments of the step's rows to the columns of a strip.
    void clip_rows(int strip, int rows, Scratch& scratch) const {
        const std::size_t parts = layout_.parts().size();
        const std::int64_t first = std::int64_t{strip} * strip_columns_,
                           last = std::min<std::int64_t>(first + strip_columns_, shape_.w);
        scratch.strip.clear();
        scratch.strip_rows.assign(1, 0);
        for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
            for (Segment segment : std::span(scratch.segments).subspan(row * parts, parts)) {
                segment.begin = static_cast<int>(std::max<std::int64_t>(segment.begin, first));
                segment.end = static_cast<int>(std::min<std::int64_t>(segment.end, last));
                if (segment.begin < segment.end) scratch.strip.push_back(segment);
            }
            scratch.strip_rows.push_back(scratch.strip.size());
        }
    }

    std::int64_t padded_rows() const { return std::int64_t{input_shape_.h} + pad_.top + pad_.bottom; }

    /// Fills `scratch` with the segments and tap offsets of output rows [begin, end). Packs the input rows they need.
    void point_rows(const Run& run, const Task& task, int begin, int end, Scratch& scratch) const {
        const auto parts = layout_.parts();
        const std::size_t rows = static_cast<std::size_t>(end - begin);
        scratch.taps.resize(rows * parts.size() * layer_.weight->shape().plane());
        scratch.segments.clear();
        scratch.kernel_rows.clear();
        const int first = task.group * in_channels();
        std::ptrdiff_t* tap = scratch.taps.data();
        for (int y = begin; y < end; ++y) {
            Size2 valid{kernel_h(), kernel_h()};  // ky_begin, ky_end
            scratch.packed.clear();
            scratch.in_place.clear();
            for (int ky = 0; ky < kernel_h(); ++ky) {
                const int source = source_row(y, ky);
                if (source < 0) continue;
                if (valid.h == kernel_h()) valid.h = ky;
                valid.w = ky + 1;
                scratch.packed.push_back(
                    strategy_.rows == Rows::shared
                        ? &memory_->shared.at(task.n - run.first_image, source, first, 0)
                        : scratch.window.row(padded_row(y, ky), source, run.input, task.n, first, layout_, simd_.conv));
                scratch.in_place.push_back(&run.input.at(task.n, first, source, 0));
            }
            scratch.kernel_rows.push_back(valid);
            for (const RowLayout::Part& part : parts) {
                const std::vector<const float*>& found = part.packed ? scratch.packed : scratch.in_place;
                const std::size_t pitch = part.packed ? layout_.length() : input_shape_.plane();
                // If no kernel row overlaps the input, nothing is read.
                scratch.segments.push_back({found.empty() ? run.input.data() : found[0] + part.offset, tap,
                                            static_cast<std::ptrdiff_t>(pitch), part.begin, part.begin, part.end});
                for (const float* row : found)
                    for (const std::ptrdiff_t column : layout_.columns()) *tap++ = row - found[0] + column;
            }
        }
    }

    /// Returns the job of a vector loop for row `row` of the step and the partial sum from input channel first_channel.
    RowJob job_of(const Scratch& scratch, const Block& block, int row, int first_channel, bool stream) const {
        const std::size_t first_segment = scratch.strip_rows[static_cast<std::size_t>(row)],
                          end_segment = scratch.strip_rows[static_cast<std::size_t>(row) + 1];
        const Size2 kernel_rows = scratch.kernel_rows[static_cast<std::size_t>(row)];
        const auto width = static_cast<std::ptrdiff_t>(PackedWeights::width(block, simd_));
        const auto plane = static_cast<std::ptrdiff_t>(layer_.weight->shape().plane());
        RowJob job{};
        job.stream = stream;
        job.segments = {&scratch.strip[first_segment], end_segment - first_segment};
        job.first_channel = first_channel;
        job.channels = std::min(sum_channels_, in_channels() - first_channel);
        job.taps = std::ptrdiff_t{kernel_rows.w - kernel_rows.h} * layer_.kernel_size().w;
        job.weights = weights_.weights(block) +
                      (first_channel * plane + std::ptrdiff_t{kernel_rows.h} * layer_.kernel_size().w) * width;
        job.skipped_weights = (plane - job.taps) * width;
        job.bias = first_channel == 0 ? weights_.bias(block) : nullptr;
        return job;
    }

    /// Fills `found` with pointers to row y of item n of `tensor`, one per channel of the block. Returns null if
    /// `tensor` is null.
    float* const* rows_of(Tensor* tensor, const Block& block, int n, int y, std::vector<float*>& found) const {
        if (!tensor) return nullptr;
        found.clear();
        for (int i = 0; i < block.count; ++i)
            found.push_back(&tensor->at(n, channels_[static_cast<std::size_t>(block.first + i)], y, 0));
        return found.data();
    }

    /// Returns the statistics of channel i of the block for the part that contains row y, in strip `strip`.
    PartStats& part_of(const Block& block, int n, int i, int y, int strip) {
        const std::size_t channel =
            static_cast<std::size_t>(n) * channels_.size() + static_cast<std::size_t>(block.first + i);
        return memory_->parts[channel * channel_parts() +
                              static_cast<std::size_t>(y / part_rows_) * static_cast<std::size_t>(strips_) +
                              static_cast<std::size_t>(strip)];
    }
    std::size_t channel_parts() const {
        return static_cast<std::size_t>(part_count_) * static_cast<std::size_t>(strips_);
    }

    bool begins_part(int y) const { return y % part_rows_ == 0; }
    bool ends_part(int y) const { return (y + 1) % part_rows_ == 0 || y + 1 == shape_.h; }

    bool columns_block(Run& run, const Task& task, const Block& block, int strip, int begin, int end,
                       Scratch& scratch) {
        scratch.stats.resize(static_cast<std::size_t>(block.count));
        for (int c = 0; c < in_channels(); c += sum_channels_) {
            const bool last = c + sum_channels_ >= in_channels(), stats = run.stats && last;
            for (int y = begin; y < end; ++y) {
                if (run.stop()) return false;
                if (stats && begins_part(y))
                    std::for_each(scratch.stats.begin(), scratch.stats.end(), simd_.conv.clear);
                RowJob job = job_of(scratch, block, y - begin, c, run.stream);
                if (last) job.rectified = rows_of(run.rectified, block, task.n, y, scratch.rectified);
                simd_.conv.convolve_columns(job, block.count, rows_of(&run.output, block, task.n, y, scratch.outputs),
                                            stats ? scratch.stats.data() : nullptr);
                if (!stats || !ends_part(y)) continue;
                for (int i = 0; i < block.count; ++i)
                    part_of(block, task.n, i, y, strip) = simd_.conv.reduce(scratch.stats[static_cast<std::size_t>(i)]);
            }
        }
        return true;
    }

    bool channels_block(Run& run, const Task& task, const Block& block, int begin, int end, Scratch& scratch) {
        const auto row_sums = static_cast<std::size_t>(sums_row());
        scratch.sums.resize(row_sums * static_cast<std::size_t>(step_rows_));
        for (int c = 0; c < in_channels(); c += sum_channels_)
            for (int y = begin; y < end; ++y) {
                if (run.stop()) return false;
                simd_.conv.convolve_channels(job_of(scratch, block, y - begin, c, run.stream), block.vectors,
                                             &scratch.sums[row_sums * static_cast<std::size_t>(y - begin)]);
            }
        scratch.stats.resize(static_cast<std::size_t>(block.vectors));
        for (int y = begin; y < end; ++y) {
            if (run.stats && begins_part(y))
                std::for_each(scratch.stats.begin(), scratch.stats.end(), simd_.conv.clear);
            simd_.conv.store_channels(&scratch.sums[row_sums * static_cast<std::size_t>(y - begin)], shape_.w,
                                      block.vectors, block.count,
                                      rows_of(&run.output, block, task.n, y, scratch.outputs),
                                      rows_of(run.rectified, block, task.n, y, scratch.rectified),
                                      run.stats ? scratch.stats.data() : nullptr);
            if (!run.stats || !ends_part(y)) continue;
            for (int i = 0; i < block.count; ++i) {
                const LaneStats& s = scratch.stats[static_cast<std::size_t>(i / simd_.lanes)];
                const int lane = i % simd_.lanes;
                part_of(block, task.n, i, y, 0) = {s.min[lane], s.max[lane], s.sum[lane], s.sum_abs[lane]};
            }
        }
        return true;
    }

    const ConvStrategy strategy_;
    const RowLayout layout_;
    PackedWeights weights_;
    int part_rows_ = 1, part_count_ = 1;  ///< Output rows of a part, which shares a PartStats; number of such parts.
    int step_rows_ = 1;                   ///< Output rows that a task computes at a time; a multiple of part_rows_.
    int sum_channels_ = 1;                ///< Input channels per partial sum.
    std::int64_t strip_columns_ = 1;  ///< Columns of a strip, which is computed for all blocks before the next strip.
    int strips_ = 1;                  ///< Number of strips per row.
    std::vector<char> needed_;        ///< For each input row, whether any output row reads it; with Rows::shared.
    const std::shared_ptr<Conv2dSumsMemory> memory_;
};

}  // namespace

std::unique_ptr<Conv2dAlgorithm> make_conv2d_sums(const Conv2d& layer, const Shape& input, const Simd& simd,
                                                  std::shared_ptr<Conv2dSumsMemory> memory, std::vector<int> channels) {
    return std::make_unique<Conv2dSums>(layer, input, simd, std::move(memory), std::move(channels));
}

}  // namespace convlens
