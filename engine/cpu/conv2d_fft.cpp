/// Conv2d by Fourier transforms.
///
/// A spectrum of H x W numbers is stored in strips of `lanes` vertical frequencies, [strip][position of the horizontal
/// frequency][real lanes, imaginary lanes]. The first half of the strips has frequencies 0, 1, ...; lane l of strip
/// H / (2 lanes) + s has minus the frequency of lane l of strip s, and its horizontal frequencies are negative, too: as
/// the kernels are real, their spectrum there is the conjugate of that in strip s, and need not be stored. Only
/// frequency 0 is its own negative: in its place there is frequency H / 2, so that this strip of the kernels is stored.
#include "engine/cpu/conv2d_fft.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/cpu/simd.h"

namespace convlens {
namespace {

constexpr std::size_t max_kernel_floats = std::size_t{64} << 20U;   ///< Spectra of the kernels: 256 MB.
constexpr std::size_t group_floats = std::size_t{4} << 20U;         ///< Spectra of the input at a time: 16 MB.
constexpr std::size_t max_spectra_floats = std::size_t{32} << 20U;  ///< The same for a single pair of tiles.
constexpr int max_side = 1024;

/// Measured costs, in units of a product of the direct sums (0.025 ns on one core with AVX2): of a complex number in
/// one of log2(side) steps of a transform in both directions, and of a product of spectra. docs/PERFORMANCE.md has the
/// measurements.
constexpr double step_cost = 20, product_cost = 20;
constexpr double beyond_cache = 1.3;  ///< Factor for transforms of more than cached_numbers.
constexpr double cached_numbers = 128 * 1024;
constexpr double margin = 1.2;  ///< Sums are kept unless transforms are faster by this factor.

int ceil_div(int a, int b) { return (a + b - 1) / b; }

/// Returns the largest distance of a kernel's rows and columns.
Size2 span_of(const ConvParams& params, const Shape& weight) {
    return {(weight.h - 1) * params.dilation.h + 1, (weight.w - 1) * params.dilation.w + 1};
}

std::size_t kernel_floats(Size2 size, int lanes) {
    return 2 * static_cast<std::size_t>(size.w) * static_cast<std::size_t>(size.h / 2 + lanes);
}

/// Returns the sizes of transforms, 2^n and 3 * 2^n, of at least `least`.
std::vector<int> sides(int least, int multiple) {
    std::vector<int> found;
    for (int power = 32; power <= max_side; power *= 2)
        for (const int side : {power, power / 2 * 3})
            if (side >= least && side <= max_side && side % multiple == 0) found.push_back(side);
    return found;
}

}  // namespace

FftSteps::FftSteps(int length) : length_(length) {
    assert(length >= 4);
    int rest = length;
    while (rest > 1) {
        const int radix = rest % 3 == 0 ? 3 : rest % 4 == 0 ? 4 : 2;
        Step step{radix, rest, {}};
        for (int j = 0; j < rest / radix; ++j)
            for (int k = 1; k < radix; ++k) {
                const double angle = -2 * std::numbers::pi * j * k / rest;
                step.factors.push_back(static_cast<float>(std::cos(angle)));
                step.factors.push_back(static_cast<float>(std::sin(angle)));
            }
        steps_.push_back(std::move(step));
        rest /= radix;
    }
    positions_.resize(static_cast<std::size_t>(length));
    for (int i = 0; i < length; ++i) {
        int frequency = 0, factor = 1, within = i;
        for (const Step& step : steps_) {
            const int part = step.length / step.radix;
            frequency += within / part * factor;
            factor *= step.radix;
            within %= part;
        }
        frequencies_.push_back(frequency);
        positions_[static_cast<std::size_t>(frequency)] = i;
    }
}

std::optional<FftTiles> fft_tiles(const ConvParams& params, const Shape& weight, const Shape& input, int lanes) {
    const auto output = output_shape(params, weight, input);
    if (!output || params.stride != Size2{1, 1}) return std::nullopt;
    const Size2 span = span_of(params, weight);
    const auto product = [](auto... factors) { return (1.0 * ... * static_cast<double>(factors)); };
    const double pairs_of_channels = product(weight.n, weight.c);
    double least = product(output->n, output->h, output->w, weight.h, weight.w) * pairs_of_channels / margin;
    std::optional<FftTiles> best;
    for (const int h : sides(span.h + 1, 2 * lanes))
        for (const int w : sides(span.w + 1, lanes)) {
            const Size2 valid{h - span.h + 1, w - span.w + 1};
            const FftTiles tiles{{h, w}, valid, {ceil_div(output->h, valid.h), ceil_div(output->w, valid.w)}};
            const std::size_t numbers = static_cast<std::size_t>(h) * static_cast<std::size_t>(w);
            if (pairs_of_channels * static_cast<double>(kernel_floats(tiles.size, lanes)) >
                    static_cast<double>(max_kernel_floats) ||
                2 * numbers * static_cast<std::size_t>(input.c) > max_spectra_floats)
                continue;
            const double pairs = std::ceil(product(input.n, tiles.count.h, tiles.count.w) / 2),
                         transform = product(h, w) * step_cost * std::log2(product(h, w)) / 2 *
                                     (product(h, w) > cached_numbers ? beyond_cache : 1);
            const double cost = transform * (pairs * (input.c + weight.n) + pairs_of_channels) +
                                pairs * product(h, w) * pairs_of_channels * product_cost;
            if (cost < least) least = cost, best = tiles;
        }
    return best;
}

/// State of one call of run().
struct Conv2dFft::Run {
    const Tensor& input;
    Tensor& output;
    Tensor* rectified;
    bool stats;
};

Conv2dFft::Conv2dFft(const Conv2d& layer, const Shape& input, const FftTiles& tiles, const Simd& simd,
                     std::shared_ptr<Conv2dFftMemory> memory, std::vector<int> channels)
    : Conv2dAlgorithm(layer, input, simd, std::move(channels)),
      tiles_(tiles),
      vertical_(tiles.size.h),
      horizontal_(tiles.size.w),
      memory_(std::move(memory)) {
    const int h = tiles.size.h;
    for (int i = 0; i < h; ++i) {
        const int frequency = i < h / 2 ? i : i == h / 2 ? h / 2 : h - (i - h / 2);
        rows_.push_back(vertical_.positions()[static_cast<std::size_t>(frequency)]);
    }
}

/// Returns the number of floats of a strip of horizontal transforms.
std::size_t Conv2dFft::strip_floats() const {
    return 2 * static_cast<std::size_t>(tiles_.size.w) * static_cast<std::size_t>(simd_.lanes);
}

std::size_t Conv2dFft::spectrum_floats() const {
    return 2 * static_cast<std::size_t>(tiles_.size.h) * static_cast<std::size_t>(tiles_.size.w);
}

/// Transforms two planes, the real and the imaginary parts.
void Conv2dFft::transform(Tensor& planes, Conv2dFftMemory::Scratch& scratch, float* spectrum) const {
    const int lanes = simd_.lanes, h = tiles_.size.h, w = tiles_.size.w, strips = h / lanes;
    const std::size_t block = 2 * static_cast<std::size_t>(lanes) * static_cast<std::size_t>(lanes);
    scratch.strip.reshape({1, 2, h, lanes});
    for (int x = 0; x < w; x += lanes) {
        simd_.fft.load(&planes.at(0, 0, 0, x), &planes.at(0, 1, 0, x), w, h, scratch.strip.data());
        simd_.fft.forward(vertical_, scratch.strip.data(), false);
        for (int s = 0; s < strips; ++s)
            simd_.fft.turn(
                scratch.strip.data(), &rows_[static_cast<std::size_t>(s * lanes)],
                spectrum + static_cast<std::size_t>(s) * strip_floats() + static_cast<std::size_t>(x / lanes) * block);
    }
    for (int s = 0; s < strips; ++s)
        simd_.fft.forward(horizontal_, spectrum + static_cast<std::size_t>(s) * strip_floats(), s >= strips / 2);
}

bool Conv2dFft::transform_kernels(const Cancel& cancel) {
    if (kernels_.size() > 0) return true;
    const Shape& s = layer_.weight->shape();
    const std::size_t floats = kernel_floats(tiles_.size, simd_.lanes);
    Tensor made({static_cast<int>(channels_.size()), s.c, 1, static_cast<int>(floats)});
    const float scale = 1 / (static_cast<float>(tiles_.size.h) * static_cast<float>(tiles_.size.w));
    const Size2 dilation = layer_.params.dilation;
    const bool done = for_each_tile(std::ssize(channels_) * s.c, cancel, [&](std::ptrdiff_t i) {
        const int index = static_cast<int>(i / s.c), c = static_cast<int>(i % s.c),
                  o = channels_[static_cast<std::size_t>(index)];
        auto& scratch = memory_->threads.local();
        scratch.tiles.reshape({1, 2, tiles_.size.h, tiles_.size.w});
        scratch.turned.reshape({1, 2, tiles_.size.h, tiles_.size.w});
        std::ranges::fill(scratch.tiles.values(), 0.0F);
        for (int y = 0; y < s.h; ++y)
            for (int x = 0; x < s.w; ++x)
                scratch.tiles.at(0, 0, y * dilation.h, x * dilation.w) =
                    scale * (layer_.params.flip ? layer_.weight->at(o, c, s.h - 1 - y, s.w - 1 - x)
                                                : layer_.weight->at(o, c, y, x));
        transform(scratch.tiles, scratch, scratch.turned.data());
        std::copy_n(scratch.turned.data(), floats, &made.at(index, c, 0, 0));
    });
    if (done) kernels_ = std::move(made);
    return done;
}

/// Transforms one channel of the parts of the input that a pair of tiles sees.
void Conv2dFft::transform_input(const Run& run, int pair, int channel, float* spectrum) const {
    auto& scratch = memory_->threads.local();
    const int h = tiles_.size.h, w = tiles_.size.w, per_image = tiles_.count.h * tiles_.count.w;
    const PaddingMode mode = layer_.params.padding_mode;
    scratch.tiles.reshape({1, 2, h, w});
    for (int part = 0; part < 2; ++part) {
        const int tile = 2 * pair + part, n = tile / per_image;
        const auto plane = scratch.tiles.plane(0, part);
        if (n >= shape_.n) {
            std::ranges::fill(plane, 0.0F);
            continue;
        }
        const int top = tile % per_image / tiles_.count.w * tiles_.valid.h - pad_.top,
                  left = tile % tiles_.count.w * tiles_.valid.w - pad_.left;
        // Of what lies beyond the padding, nothing is stored, so that it may be zero.
        const int rows = std::min(h, input_shape_.h + pad_.bottom - top),
                  columns = std::min(w, input_shape_.w + pad_.right - left);
        const int inner = std::clamp(-left, 0, columns), outer = std::clamp(input_shape_.w - left, inner, columns);
        for (int y = 0; y < h; ++y) {
            float* const to = &plane[static_cast<std::size_t>(y) * static_cast<std::size_t>(w)];
            const int source = y < rows ? padded_source(mode, top + y, input_shape_.h) : -1;
            if (source < 0) {
                std::fill_n(to, w, 0.0F);
                continue;
            }
            const float* const from = &run.input.at(n, channel, source, 0);
            const auto beyond = [&](int x) {
                const int column = padded_source(mode, left + x, input_shape_.w);
                return column < 0 ? 0.0F : from[column];
            };
            for (int x = 0; x < inner; ++x) to[x] = beyond(x);
            std::copy(from + left + inner, from + left + outer, to + inner);
            for (int x = outer; x < columns; ++x) to[x] = beyond(x);
            std::fill(to + columns, to + w, 0.0F);
        }
    }
    transform(scratch.tiles, scratch, spectrum);
}

/// Computes channel channels_[index] of a pair of tiles from the spectra of all input channels.
void Conv2dFft::compute(Run& run, int pair, int index, const float* spectra) const {
    auto& scratch = memory_->threads.local();
    const int lanes = simd_.lanes, h = tiles_.size.h, w = tiles_.size.w, strips = h / lanes;
    const int inputs = layer_.weight->shape().c, o = channels_[static_cast<std::size_t>(index)],
              group = o / (shape_.c / layer_.params.groups);
    scratch.strip.reshape({1, 2, w, lanes});
    scratch.turned.reshape({1, 2, h, w});
    const int used = ceil_div(std::min(tiles_.valid.w, shape_.w), lanes);  // strips of columns that are stored
    const std::size_t column_floats = 2 * static_cast<std::size_t>(h) * static_cast<std::size_t>(lanes);
    const std::size_t block = 2 * static_cast<std::size_t>(lanes) * static_cast<std::size_t>(lanes);
    for (int s = 0; s < strips; ++s) {
        const bool negative = s >= strips / 2, own = s <= strips / 2;
        FftProducts job;
        job.spectrum_pitch = static_cast<std::ptrdiff_t>(spectrum_floats());
        job.spectra = spectra + static_cast<std::ptrdiff_t>(group * inputs) * job.spectrum_pitch +
                      static_cast<std::size_t>(s) * strip_floats();
        job.kernels =
            kernels_.plane(index, 0).data() + static_cast<std::size_t>(own ? s : s - strips / 2) * strip_floats();
        job.kernel_pitch = static_cast<std::ptrdiff_t>(kernels_.shape().plane());
        job.channels = inputs;
        job.conjugate = own;  // a correlation multiplies by the conjugate
        job.length = w;
        job.to = scratch.strip.data();
        simd_.fft.products(job);
        simd_.fft.backward(horizontal_, scratch.strip.data(), negative);
        for (int x = 0; x < used; ++x)
            simd_.fft.turn_back(scratch.strip.data() + static_cast<std::size_t>(x) * block,
                                &rows_[static_cast<std::size_t>(s * lanes)],
                                scratch.turned.data() + static_cast<std::size_t>(x) * column_floats);
    }
    for (int x = 0; x < used; ++x)
        simd_.fft.backward(vertical_, scratch.turned.data() + static_cast<std::size_t>(x) * column_floats, false);
    const int per_image = tiles_.count.h * tiles_.count.w;
    for (int part = 0; part < 2; ++part) {
        const int tile = 2 * pair + part, n = tile / per_image;
        if (n >= shape_.n) continue;
        const int top = tile % per_image / tiles_.count.w * tiles_.valid.h,
                  left = tile % tiles_.count.w * tiles_.valid.w, right = std::min(left + tiles_.valid.w, shape_.w);
        PartStats found{std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(), 0, 0};
        double sum = 0, sum_abs = 0;
        for (int x = 0; left + x * lanes < right; ++x) {
            FftOutput to;
            to.rows = &run.output.at(n, o, top, left + x * lanes);
            if (run.rectified) to.rectified = &run.rectified->at(n, o, top, left + x * lanes);
            to.pitch = shape_.w;
            to.height = std::min(tiles_.valid.h, shape_.h - top);
            to.columns = right - left - x * lanes;
            to.bias = layer_.bias ? (*layer_.bias)[static_cast<std::size_t>(o)] : 0.0F;
            LaneStats lane_stats;
            if (run.stats) simd_.conv.clear(lane_stats);
            simd_.fft.store(scratch.turned.data() + static_cast<std::size_t>(x) * column_floats, part == 1, to,
                            run.stats ? &lane_stats : nullptr);
            if (!run.stats) continue;
            const PartStats strip = simd_.conv.reduce(lane_stats);
            found.min = std::min(found.min, strip.min);
            found.max = std::max(found.max, strip.max);
            sum += static_cast<double>(strip.sum);
            sum_abs += static_cast<double>(strip.sum_abs);
        }
        if (!run.stats) continue;
        found.sum = static_cast<float>(sum);
        found.sum_abs = static_cast<float>(sum_abs);
        memory_->parts[(static_cast<std::size_t>(n) * channels_.size() + static_cast<std::size_t>(index)) *
                           static_cast<std::size_t>(per_image) +
                       static_cast<std::size_t>(tile % per_image)] = found;
    }
}

bool Conv2dFft::run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
                    Tensor* rectified, const PointTail& tail) {
    if (!transform_kernels(cancel.part(0, 0.1F))) return false;
    const int all = pairs(), inputs = input_shape_.c;
    const std::size_t pair_floats = spectrum_floats() * static_cast<std::size_t>(inputs);
    const int at_once = std::clamp(static_cast<int>(group_floats / pair_floats), 1, all);
    if (!stats.empty())
        memory_->parts.resize(static_cast<std::size_t>(shape_.n) * channels_.size() *
                              static_cast<std::size_t>(tiles_.count.h * tiles_.count.w));
    memory_->spectra.reshape({at_once, inputs, 1, static_cast<int>(spectrum_floats())});
    Run run{input, output, rectified, !stats.empty()};
    const auto fraction = [&](int pair) { return 0.1F + 0.9F * static_cast<float>(pair) / static_cast<float>(all); };
    for (int first = 0; first < all; first += at_once) {
        const int count = std::min(at_once, all - first);
        const Cancel part = cancel.part(fraction(first), fraction(first + count));
        if (!for_each_tile(std::ptrdiff_t{count} * inputs, part.part(0, 0.1F), [&](std::ptrdiff_t i) {
                const int pair = static_cast<int>(i / inputs), c = static_cast<int>(i % inputs);
                transform_input(run, first + pair, c, &memory_->spectra.at(pair, c, 0, 0));
            }))
            return false;
        // The pairs of one channel after another, which share its kernels.
        if (!for_each_tile(count * std::ssize(channels_), part.part(0.1F, 1), [&](std::ptrdiff_t i) {
                const int pair = static_cast<int>(i % count);
                compute(run, first + pair, static_cast<int>(i / count), &memory_->spectra.at(pair, 0, 0, 0));
            }))
            return false;
    }
    if (!stats.empty()) combine(memory_->parts, channels_, shape_, stats);
    if (!tail.empty())
        parallel_for(shape_.n * std::ssize(channels_), [&](std::ptrdiff_t i) {
            tail.run(simd_, output, static_cast<int>(i / std::ssize(channels_)),
                     channels_[static_cast<std::size_t>(i % std::ssize(channels_))], 0, shape_.plane());
        });
    return true;
}

}  // namespace convlens
