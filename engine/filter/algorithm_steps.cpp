/// The algorithms on 6x6 values and a kernel of 3x3, step by step, in double precision.
#include <cmath>
#include <complex>
#include <numbers>

#include "engine/core/sentence.h"
#include "engine/filter/algorithms.h"

namespace convlens {
namespace {

constexpr int in = 6, ker = 3, out = 4;

using Values = std::vector<double>;

std::size_t at(int row, int column, int columns) { return static_cast<std::size_t>(row * columns + column); }

/// Returns a matrix whose values in rows y.. and columns x.. are marked.
StepMatrix marked(std::string name, int rows, int columns, Values values, int y = 0, int x = 0, int h = 0, int w = 0) {
    StepMatrix m{std::move(name), rows, columns, std::move(values), {}};
    m.lit.assign(m.values.size(), false);
    for (int i = y; i < y + h; ++i)
        for (int j = x; j < x + w; ++j)
            if (i < rows && j < columns) m.lit[at(i, j, columns)] = true;
    return m;
}

double window_sum(const Values& input, const Values& kernel, int y, int x) {
    double sum = 0;
    for (int i = 0; i < ker; ++i)
        for (int j = 0; j < ker; ++j) sum += input[at(y + i, x + j, in)] * kernel[at(i, j, ker)];
    return sum;
}

/// Returns the product of a (rows x inner) and b (inner x columns).
Values product(const Values& a, const Values& b, int rows, int inner, int columns) {
    Values made(static_cast<std::size_t>(rows * columns), 0.0);
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < columns; ++c)
            for (int i = 0; i < inner; ++i) made[at(r, c, columns)] += a[at(r, i, inner)] * b[at(i, c, columns)];
    return made;
}

Values transposed(const Values& a, int rows, int columns) {
    Values made(a.size());
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < columns; ++c) made[at(c, r, rows)] = a[at(r, c, columns)];
    return made;
}

/// Returns M in M^T.
Values sandwich(const Values& matrix, const Values& values, int rows, int inner) {
    return product(product(matrix, values, rows, inner, inner), transposed(matrix, rows, inner), rows, inner, rows);
}

std::vector<ConvStep> direct(const Values& input, const Values& kernel) {
    std::vector<ConvStep> steps;
    Values output(out * out, NAN);
    for (int y = 0; y < out; ++y)
        for (int x = 0; x < out; ++x) {
            output[at(y, x, out)] = window_sum(input, kernel, y, x);
            steps.push_back({sentence("Output ({}, {}): 9 products of the window with the kernel, added up.", y, x),
                             {marked("input", in, in, input, y, x, ker, ker), marked("kernel", ker, ker, kernel),
                              marked("output", out, out, output, y, x, 1, 1)}});
        }
    return steps;
}

std::vector<ConvStep> im2col(const Values& input, const Values& kernel) {
    std::vector<ConvStep> steps;
    Values windows(9 * out * out, NAN), output(out * out, NAN);
    for (int p = 0; p < out * out; ++p) {
        const int y = p / out, x = p % out;
        for (int i = 0; i < 9; ++i) windows[at(i, p, out * out)] = input[at(y + i / ker, x + i % ker, in)];
        steps.push_back(
            {sentence("Window ({}, {}) becomes column {} of the matrix: every value is copied up to 9 times.", y, x, p),
             {marked("input", in, in, input, y, x, ker, ker), marked("windows", 9, out * out, windows, 0, p, 9, 1),
              marked("output", out, out, output)}});
    }
    output = product(kernel, windows, 1, 9, out * out);
    steps.push_back({"One matrix product: the kernel as a row times the matrix gives all outputs at once.",
                     {marked("kernel as a row", 1, 9, kernel, 0, 0, 1, 9), marked("windows", 9, out * out, windows),
                      marked("output", out, out, output, 0, 0, out, out)}});
    return steps;
}

using Complex = std::complex<double>;

std::vector<Complex> dft(const std::vector<Complex>& values, int side, double sign) {
    std::vector<Complex> made(values.size());
    for (int v = 0; v < side; ++v)
        for (int u = 0; u < side; ++u)
            for (int y = 0; y < side; ++y)
                for (int x = 0; x < side; ++x)
                    made[at(v, u, side)] +=
                        values[at(y, x, side)] * std::polar(1.0, sign * 2 * std::numbers::pi * (v * y + u * x) / side);
    return made;
}

std::vector<ConvStep> by_fft(const Values& input, const Values& kernel) {
    Values padded(in * in, 0.0), output(out * out, NAN);
    for (int i = 0; i < ker; ++i)
        for (int j = 0; j < ker; ++j) padded[at(i, j, in)] = kernel[at(i, j, ker)];
    const auto spectrum = [](const Values& v) { return dft(std::vector<Complex>(v.begin(), v.end()), in, -1); };
    const auto sizes = [](const std::vector<Complex>& v) {
        Values made;
        for (const Complex& c : v) made.push_back(std::abs(c));
        return made;
    };
    const auto a = spectrum(input), b = spectrum(padded);
    std::vector<Complex> ab(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) ab[i] = a[i] * std::conj(b[i]);
    Values back;
    for (const Complex& c : dft(ab, in, 1)) back.push_back(c.real() / (in * in));
    const StepMatrix empty = marked("output", out, out, output);
    std::vector<ConvStep> steps{
        {"The kernel is padded with zeros to the size of the input.",
         {marked("input", in, in, input), marked("padded kernel", in, in, padded, 0, 0, ker, ker), empty}},
        {"Both are transformed; the magnitudes of the spectra are shown.",
         {marked("|spectrum of the input|", in, in, sizes(a)), marked("|spectrum of the kernel|", in, in, sizes(b)),
          empty}},
        {"The spectra are multiplied, frequency by frequency, with the kernel's conjugated: 36 complex products.",
         {marked("|spectrum of the input|", in, in, sizes(a)), marked("|spectrum of the kernel|", in, in, sizes(b)),
          marked("|product|", in, in, sizes(ab), 0, 0, in, in), empty}}};
    for (int y = 0; y < out; ++y)
        for (int x = 0; x < out; ++x) output[at(y, x, out)] = back[at(y, x, in)];
    steps.push_back({"The inverse transform gives all outputs; rows and columns that wrap around are dropped.",
                     {marked("|product|", in, in, sizes(ab)), marked("inverse transform", in, in, back, 0, 0, out, out),
                      marked("output", out, out, output, 0, 0, out, out)}});
    return steps;
}

std::vector<ConvStep> winograd(int m, const Values& input, const Values& kernel) {
    const WinogradMatrices& w = winograd_matrices(m);
    const int t = m + 2;
    std::vector<ConvStep> steps;
    Values output(out * out, NAN);
    const Values u = sandwich(w.kernel, kernel, t, ker);
    steps.push_back({sentence("The kernel is transformed once: G g G^T has {0}x{0} values.", t),
                     {marked("kernel g", ker, ker, kernel), marked("G", t, ker, w.kernel),
                      marked("G g G^T", t, t, u, 0, 0, t, t), marked("output", out, out, output)}});
    for (int y = 0; y < out; y += m)
        for (int x = 0; x < out; x += m) {
            Values tile;
            for (int i = 0; i < t; ++i)
                for (int j = 0; j < t; ++j) tile.push_back(input[at(y + i, x + j, in)]);
            const Values v = sandwich(w.input, tile, t, t);
            Values both(v.size());
            for (std::size_t i = 0; i < v.size(); ++i) both[i] = u[i] * v[i];
            const Values made = sandwich(w.output, both, m, t);
            const std::string where = sentence("Tile ({}, {})", y / m, x / m);
            steps.push_back({m == 2 ? sentence("{}: B^T d B needs additions only.", where)
                                    : sentence("{}: B^T d B needs additions only and factors of 2, 4 and 5.", where),
                             {marked("input", in, in, input, y, x, t, t), marked("B^T", t, t, w.input),
                              marked("B^T d B", t, t, v, 0, 0, t, t), marked("output", out, out, output)}});
            for (int i = 0; i < m; ++i)
                for (int j = 0; j < m; ++j) output[at(y + i, x + j, out)] = made[at(i, j, m)];
            steps.push_back(
                {sentence("{}: {} products, value by value, give {} outputs; the sums take {}.", where, t * t, m * m,
                          9 * m * m),
                 {marked("G g G^T", t, t, u), marked("B^T d B", t, t, v), marked("product", t, t, both, 0, 0, t, t),
                  marked("output", out, out, output, y, x, m, m)}});
        }
    return steps;
}

}  // namespace

std::vector<ConvStep> algorithm_steps(ConvAlgorithm algorithm, std::span<const double> input,
                                      std::span<const double> kernel) {
    const Values a(input.begin(), input.end()), b(kernel.begin(), kernel.end());
    switch (algorithm) {
        case ConvAlgorithm::direct: return direct(a, b);
        case ConvAlgorithm::im2col: return im2col(a, b);
        case ConvAlgorithm::fft: return by_fft(a, b);
        case ConvAlgorithm::winograd2: return winograd(2, a, b);
        case ConvAlgorithm::winograd4: return winograd(4, a, b);
    }
    return {};
}

}  // namespace convlens
