/// The algorithms, as plain loops that a compiler vectorizes: direct sums, im2col, Fourier transforms and Winograd's.
#include "engine/filter/algorithms.h"

#include <algorithm>
#include <cmath>

#include "engine/core/parallel.h"
#include "engine/filter/fft_plan.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, conv_algorithms> names{"direct sums", "im2col", "FFT", "Winograd F(2x2,3x3)",
                                                              "Winograd F(4x4,3x3)"};

/// Adds a * from[i] to to[i].
void add_scaled(float* to, const float* from, float a, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) to[i] += a * from[i];
}

Shape output_of(const Tensor& input, const Tensor& weight) {
    const Shape &i = input.shape(), &w = weight.shape();
    return {1, w.n, i.h - w.h + 1, i.w - w.w + 1};
}

bool direct(const Tensor& input, const Tensor& weight, const Cancel& cancel, Tensor& output) {
    const Shape &w = weight.shape(), &o = output.shape();
    return for_each_tile(o.c, cancel, [&](std::ptrdiff_t k) {
        for (int y = 0; y < o.h; ++y) {
            float* to = &output.at(0, static_cast<int>(k), y, 0);
            std::fill_n(to, o.w, 0.0F);
            for (int c = 0; c < w.c; ++c)
                for (int i = 0; i < w.h; ++i)
                    for (int j = 0; j < w.w; ++j)
                        add_scaled(to, &input.at(0, c, y + i, j), weight.at(static_cast<int>(k), c, i, j),
                                   static_cast<std::size_t>(o.w));
        }
    });
}

/// Computes C += A B for A (rows x inner), B (inner x columns), in blocks of columns that stay in the cache.
bool multiply(const float* a, const float* b, float* c, std::size_t rows, std::size_t inner, std::size_t columns,
              const Cancel& cancel) {
    constexpr std::size_t block = 512;
    return for_each_tile(static_cast<std::ptrdiff_t>((columns + block - 1) / block), cancel, [&](std::ptrdiff_t tile) {
        const std::size_t first = static_cast<std::size_t>(tile) * block, count = std::min(block, columns - first);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t i = 0; i < inner; ++i)
                add_scaled(c + r * columns + first, b + i * columns + first, a[r * inner + i], count);
    });
}

bool im2col(const Tensor& input, const Tensor& weight, const Cancel& cancel, Tensor& output) {
    const Shape &w = weight.shape(), &o = output.shape();
    Tensor windows({1, w.c * w.h * w.w, o.h, o.w});
    parallel_for(windows.shape().c, [&](int row) {
        const int c = row / (w.h * w.w), i = row / w.w % w.h, j = row % w.w;
        for (int y = 0; y < o.h; ++y) std::copy_n(&input.at(0, c, y + i, j), o.w, &windows.at(0, row, y, 0));
    });
    std::ranges::fill(output.values(), 0.0F);
    return multiply(weight.data(), windows.data(), output.data(), static_cast<std::size_t>(w.n),
                    static_cast<std::size_t>(windows.shape().c), o.plane(), cancel);
}

using Spectrum = std::vector<kiss_fft_cpx>;

/// Transforms of planes of one size.
struct Fft2 {
    int h, w;
    Spectrum operator()(Spectrum values, bool inverse) const {
        const FftPlan rows = fft_plan(w, inverse), columns = fft_plan(h, inverse);
        Spectrum made(values.size()), column(static_cast<std::size_t>(h));
        for (int y = 0; y < h; ++y)
            kiss_fft(rows.get(), &values[static_cast<std::size_t>(y * w)], &made[static_cast<std::size_t>(y * w)]);
        for (int x = 0; x < w; ++x) {
            kiss_fft_stride(columns.get(), &made[static_cast<std::size_t>(x)], column.data(), w);
            for (int y = 0; y < h; ++y) made[static_cast<std::size_t>(y * w + x)] = column[static_cast<std::size_t>(y)];
        }
        return made;
    }
    Spectrum of(const Tensor& t, int n, int c) const {
        Spectrum values(static_cast<std::size_t>(h) * static_cast<std::size_t>(w), {0, 0});
        for (int y = 0; y < t.shape().h; ++y)
            for (int x = 0; x < t.shape().w; ++x) values[static_cast<std::size_t>(y * w + x)].r = t.at(n, c, y, x);
        return (*this)(std::move(values), false);
    }
};

bool by_fft(const Tensor& input, const Tensor& weight, const Cancel& cancel, Tensor& output) {
    const Shape &w = weight.shape(), &o = output.shape();
    // Circular correlation: its first H x W values do not wrap around.
    const Fft2 fft{kiss_fft_next_fast_size(input.shape().h), kiss_fft_next_fast_size(input.shape().w)};
    std::vector<Spectrum> inputs(static_cast<std::size_t>(w.c));
    if (!for_each_tile(w.c, cancel, [&](std::ptrdiff_t c) {
            inputs[static_cast<std::size_t>(c)] = fft.of(input, 0, static_cast<int>(c));
        }))
        return false;
    return for_each_tile(o.c, cancel, [&](std::ptrdiff_t tile) {
        const int k = static_cast<int>(tile);
        Spectrum sum(inputs.front().size(), {0, 0});
        for (int c = 0; c < w.c; ++c) {
            if (cancel.requested()) return false;
            const Spectrum kernel = fft.of(weight, k, c);
            const Spectrum& in = inputs[static_cast<std::size_t>(c)];
            for (std::size_t i = 0; i < sum.size(); ++i) {  // times the conjugate: correlation
                sum[i].r += in[i].r * kernel[i].r + in[i].i * kernel[i].i;
                sum[i].i += in[i].i * kernel[i].r - in[i].r * kernel[i].i;
            }
        }
        const Spectrum values = fft(std::move(sum), true);
        const float scale = 1 / static_cast<float>(fft.h * fft.w);
        for (int y = 0; y < o.h; ++y)
            for (int x = 0; x < o.w; ++x)
                output.at(0, k, y, x) = values[static_cast<std::size_t>(y * fft.w + x)].r * scale;
        return true;
    });
}

/// Computes out = M in M^T for a matrix M (rows x inner) and a matrix in (inner x inner).
void sandwich(const std::vector<double>& matrix, int rows, int inner, const float* in, float* out) {
    std::array<float, 36> half{};
    const auto m = [&](int r, int i) { return static_cast<float>(matrix[static_cast<std::size_t>(r * inner + i)]); };
    for (int r = 0; r < rows; ++r)
        for (int x = 0; x < inner; ++x) {
            float sum = 0;
            for (int i = 0; i < inner; ++i) sum += m(r, i) * in[i * inner + x];
            half[static_cast<std::size_t>(r * inner + x)] = sum;
        }
    for (int r = 0; r < rows; ++r)
        for (int s = 0; s < rows; ++s) {
            float sum = 0;
            for (int i = 0; i < inner; ++i) sum += half[static_cast<std::size_t>(r * inner + i)] * m(s, i);
            out[r * rows + s] = sum;
        }
}

bool winograd(int m, const Tensor& input, const Tensor& weight, const Cancel& cancel, Tensor& output) {
    const WinogradMatrices& matrices = winograd_matrices(m);
    const Shape &w = weight.shape(), &o = output.shape(), &in = input.shape();
    const int t = m + 2, across = (o.w + m - 1) / m, down = (o.h + m - 1) / m, tiles = across * down, cells = t * t;
    Tensor u({cells, 1, w.n, w.c}), v({cells, 1, w.c, tiles}), product({cells, 1, w.n, tiles}, 0.0F);
    for (int k = 0; k < w.n; ++k)
        for (int c = 0; c < w.c; ++c) {
            std::array<float, 36> made{};
            sandwich(matrices.kernel, t, 3, weight.plane(k, c).data(), made.data());
            for (int i = 0; i < cells; ++i) u.at(i, 0, k, c) = made[static_cast<std::size_t>(i)];
        }
    parallel_for(w.c, [&](int c) {
        std::array<float, 36> tile{}, made{};
        for (int p = 0; p < tiles; ++p) {
            for (int i = 0; i < t; ++i)
                for (int j = 0; j < t; ++j) {
                    const int y = p / across * m + i, x = p % across * m + j;
                    tile[static_cast<std::size_t>(i * t + j)] = y < in.h && x < in.w ? input.at(0, c, y, x) : 0;
                }
            sandwich(matrices.input, t, t, tile.data(), made.data());
            for (int i = 0; i < cells; ++i) v.at(i, 0, c, p) = made[static_cast<std::size_t>(i)];
        }
    });
    for (int i = 0; i < cells; ++i)
        if (!multiply(u.plane(i, 0).data(), v.plane(i, 0).data(), product.plane(i, 0).data(),
                      static_cast<std::size_t>(w.n), static_cast<std::size_t>(w.c), static_cast<std::size_t>(tiles),
                      cancel))
            return false;
    parallel_for(w.n, [&](int k) {
        std::array<float, 36> tile{}, made{};
        for (int p = 0; p < tiles; ++p) {
            for (int i = 0; i < cells; ++i) tile[static_cast<std::size_t>(i)] = product.at(i, 0, k, p);
            sandwich(matrices.output, m, t, tile.data(), made.data());
            for (int i = 0; i < m; ++i)
                for (int j = 0; j < m; ++j)
                    if (const int y = p / across * m + i, x = p % across * m + j; y < o.h && x < o.w)
                        output.at(0, k, y, x) = made[static_cast<std::size_t>(i * m + j)];
        }
    });
    return true;
}

}  // namespace

std::span<const std::string_view> conv_algorithm_names() { return names; }

bool can_compute(ConvAlgorithm algorithm, const ConvSizes& problem) {
    return (algorithm != ConvAlgorithm::winograd2 && algorithm != ConvAlgorithm::winograd4) || problem.kernel == 3;
}

const WinogradMatrices& winograd_matrices(int m) {
    static const WinogradMatrices two{2,
                                      {1, 0, -1, 0, 0, 1, 1, 0, 0, -1, 1, 0, 0, 1, 0, -1},
                                      {1, 0, 0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0, 0, 1},
                                      {1, 1, 1, 0, 0, 1, -1, -1}};
    static const WinogradMatrices four{4,
                                       {4, 0,  -5, 0, 1, 0, 0, -4, -4, 1,  1, 0, 0, 4, -4, -1, 1, 0,
                                        0, -2, -1, 2, 1, 0, 0, 2,  -1, -2, 1, 0, 0, 4, 0,  -5, 0, 1},
                                       {1 / 4.0, 0, 0, -1 / 6.0, -1 / 6.0, -1 / 6.0, -1 / 6.0, 1 / 6.0, -1 / 6.0,
                                        1 / 24.0, 1 / 12.0, 1 / 6.0, 1 / 24.0, -1 / 12.0, 1 / 6.0, 0, 0, 1},
                                       {1, 1, 1, 1, 1, 0, 0, 1, -1, 2, -2, 0, 0, 1, 1, 4, 4, 0, 0, 1, -1, 8, -8, 1}};
    return m == 2 ? two : four;
}

std::optional<Tensor> convolve(ConvAlgorithm algorithm, const Tensor& input, const Tensor& weight,
                               const Cancel& cancel) {
    Tensor output(output_of(input, weight));
    bool complete = false;
    switch (algorithm) {
        case ConvAlgorithm::direct: complete = direct(input, weight, cancel, output); break;
        case ConvAlgorithm::im2col: complete = im2col(input, weight, cancel, output); break;
        case ConvAlgorithm::fft: complete = by_fft(input, weight, cancel, output); break;
        case ConvAlgorithm::winograd2: complete = winograd(2, input, weight, cancel, output); break;
        case ConvAlgorithm::winograd4: complete = winograd(4, input, weight, cancel, output); break;
    }
    if (!complete) return std::nullopt;
    return output;
}

}  // namespace convlens
