/// The vector loops of Winograd's convolution, compiled once for each instruction set.
#if defined(CONVLENS_WINOGRAD_LOOPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_WINOGRAD_LOOPS_INL_H_
#undef CONVLENS_WINOGRAD_LOOPS_INL_H_
#else
#define CONVLENS_WINOGRAD_LOOPS_INL_H_
#endif

#include "engine/cpu/conv2d_tiles-inl.h"
#include "engine/cpu/winograd_loops.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {

constexpr auto winograd_a = static_cast<float>(winograd_points[1]), winograd_b = static_cast<float>(winograd_points[3]);
constexpr float winograd_a2 = winograd_a * winograd_a, winograd_b2 = winograd_b * winograd_b;

/// Transforms a row or a column of inputs: row j of the matrix has the coefficients of the product of (x - point) over
/// all points but point j, and for infinity over all points.
HWY_INLINE void winograd_inputs(const V (&d)[winograd_side], V (&to)[winograd_side]) {
    const D tag;
    const V a = hn::Set(tag, winograd_a), b = hn::Set(tag, winograd_b), a2 = hn::Set(tag, winograd_a2),
            b2 = hn::Set(tag, winograd_b2), sum = hn::Set(tag, winograd_a2 + winograd_b2),
            product = hn::Set(tag, winograd_a2 * winograd_b2);
    const V even_a = hn::NegMulAdd(b2, d[2], d[4]), odd_a = hn::NegMulAdd(b2, d[1], d[3]),
            even_b = hn::NegMulAdd(a2, d[2], d[4]), odd_b = hn::NegMulAdd(a2, d[1], d[3]);
    to[0] = hn::MulAdd(product, d[0], hn::NegMulAdd(sum, d[2], d[4]));
    to[1] = hn::MulAdd(a, odd_a, even_a);
    to[2] = hn::NegMulAdd(a, odd_a, even_a);
    to[3] = hn::MulAdd(b, odd_b, even_b);
    to[4] = hn::NegMulAdd(b, odd_b, even_b);
    to[5] = hn::MulAdd(product, d[1], hn::NegMulAdd(sum, d[3], d[5]));
}

/// Transforms a row or a column of products to outputs: output i is the sum of point^i times the product of the point.
HWY_INLINE void winograd_outputs_of(const V (&m)[winograd_side], V (&to)[winograd_outputs]) {
    const D tag;
    const V a = hn::Set(tag, winograd_a), b = hn::Set(tag, winograd_b), a2 = hn::Set(tag, winograd_a2),
            b2 = hn::Set(tag, winograd_b2), a3 = hn::Set(tag, winograd_a2 * winograd_a),
            b3 = hn::Set(tag, winograd_b2 * winograd_b);
    const V sum_a = hn::Add(m[1], m[2]), difference_a = hn::Sub(m[1], m[2]), sum_b = hn::Add(m[3], m[4]),
            difference_b = hn::Sub(m[3], m[4]);
    to[0] = hn::Add(m[0], hn::Add(sum_a, sum_b));
    to[1] = hn::MulAdd(a, difference_a, hn::Mul(b, difference_b));
    to[2] = hn::MulAdd(a2, sum_a, hn::Mul(b2, sum_b));
    to[3] = hn::MulAdd(a3, difference_a, hn::MulAdd(b3, difference_b, m[5]));
}

void winograd_transform_input(const WinogradRows& from, int tiles, float* to, int room, std::ptrdiff_t pitch) {
    const D d;
    for (int t = 0; t < tiles; t += lanes) {
        V turned[winograd_side][winograd_side];  // [column][row]
        CONVLENS_UNROLL
        for (int x = 0; x < winograd_side; ++x) {
            const float* const column = from.rows + x % 4 * from.phase_pitch + x / 4 + t;
            V in[winograd_side];
            CONVLENS_UNROLL
            for (int y = 0; y < winograd_side; ++y) in[y] = hn::LoadU(d, column + y * from.row_pitch);
            winograd_inputs(in, turned[x]);
        }
        CONVLENS_UNROLL
        for (int y = 0; y < winograd_side; ++y) {
            V in[winograd_side], out[winograd_side];
            CONVLENS_UNROLL
            for (int x = 0; x < winograd_side; ++x) in[x] = turned[x][y];
            winograd_inputs(in, out);
            CONVLENS_UNROLL
            for (int x = 0; x < winograd_side; ++x)
                store_part(out[x], to + (y * winograd_side + x) * pitch + t, room - t);
        }
    }
}

void winograd_transform_output(const WinogradProducts& job) {
    const D d;
    const std::ptrdiff_t width = std::ptrdiff_t{job.vectors} * lanes;
    for (int v = 0; v < job.vectors; ++v) {
        const V bias = hn::LoadU(d, job.bias + v * lanes);
        for (int t = 0; t < job.tiles; ++t) {
            const float* const from = job.numbers + t * width + v * lanes;
            float* const to = job.sums + t * winograd_outputs * width + v * lanes;
            V turned[winograd_side][winograd_outputs];  // [column][row]
            CONVLENS_UNROLL
            for (int x = 0; x < winograd_side; ++x) {
                V in[winograd_side];
                CONVLENS_UNROLL
                for (int y = 0; y < winograd_side; ++y)
                    in[y] = hn::LoadU(d, from + (y * winograd_side + x) * job.number_pitch);
                winograd_outputs_of(in, turned[x]);
            }
            CONVLENS_UNROLL
            for (int y = 0; y < winograd_outputs; ++y) {
                V in[winograd_side], out[winograd_outputs];
                CONVLENS_UNROLL
                for (int x = 0; x < winograd_side; ++x) in[x] = turned[x][y];
                winograd_outputs_of(in, out);
                CONVLENS_UNROLL
                for (int x = 0; x < winograd_outputs; ++x)
                    hn::StoreU(hn::Add(out[x], bias), d, to + y * job.row_pitch + x * width);
            }
        }
    }
}

WinogradLoops winograd_loops() { return {&winograd_transform_input, &winograd_transform_output}; }

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#endif
