// Convolution with the input tile and the weights in shared memory: a thread computes 8 output channels at 4 neighboring
// columns.
//
// THREADS is the number of threads of a workgroup, QUADS the size of the shared memory in vec4s. A row of the input tile
// is stored by stride phase, the column modulo the stride: column c of the tile is at [c % stride_w][c / stride_w].
// Therefore neighboring threads read neighboring vec4s for any stride.
#define WEIGHT vec4
#define BLOCK 8
#include "conv2d.glsl"
layout(local_size_x = THREADS) in;

uniform int tile_rows, tile_columns;
uniform int phase_quads;    // vec4s of one stride phase of a row
uniform int stage_channels; // input channels in shared memory at once
uniform int kernel_base;    // index of the first weight in `memory`
uniform int splits;         // number of workgroups that share the input channels of an output; each writes a partial sum
uniform int split_channels; // input channels of each of these workgroups
uniform int split_values;   // values between the partial sums of two such workgroups

shared vec4 memory[QUADS];

const int lanes = 32;  // threads that copy a row of the input tile

// Copies `count` input channels of the tile, from channel `first` on, to shared memory.
void stage_input(Place p, int first, int count, int x0, int y0) {
    int thread = int(gl_LocalInvocationIndex);
    for (int line = thread / lanes; line < count * tile_rows; line += THREADS / lanes) {
        int y = padded_source(y0 * stride_h - pad_top + line % tile_rows, input_h);
        int row = input_plane(p, first + line / tile_rows) + max(y, 0) * input_w;
        for (int c = thread % lanes; c < tile_columns; c += lanes) {
            int x = padded_source(x0 * stride_w - pad_left + c, input_w);
            int at = (line * stride_w + c % stride_w) * phase_quads * 4 + c / stride_w;
            memory[at >> 2][at & 3] = x < 0 || y < 0 ? 0.0 : input_values[row + x];
        }
    }
}

// Copies the weights for these input channels to shared memory.
void stage_weights(Place p, int first, int count) {
    int taps = kernel_h * kernel_w * 2, length = count * taps;
    for (int z = 0; z < threads_z; ++z) {
        int block = min(p.block * threads_z + z, block_count - 1);
        int from = weight_base + ((p.group * group_blocks + block) * group_in + channel_first + first) * taps;
        for (int i = int(gl_LocalInvocationIndex); i < length; i += THREADS)
            memory[kernel_base + z * length + i] = weights[from + i];
    }
}

// Writes an output value or, if the input channels are split, a partial sum.
void put(Place p, int split, int channel, int y, int x, float sum) {
    if (splits == 1) store(p, channel, y, x, sum);
    else if (channel < outputs && y < output_h && x < output_w) output_values[split * split_values + output_index(p, channel, y, x)] = sum;
}

void main() {
    ivec3 group = ivec3(gl_WorkGroupID) + first_group;
    int split = group.z % splits, channel_begin = split * split_channels, channel_end = min(channel_begin + split_channels, channel_count);
    Place p = place_of(group.z / splits, (block_count + threads_z - 1) / threads_z);
    int thread = int(gl_LocalInvocationIndex);
    ivec3 local = ivec3(thread % threads_x, thread / threads_x % threads_y, thread / threads_x / threads_y);
    int x0 = group.x * threads_x * 4, y0 = group.y * threads_y;
    vec4 sum0 = vec4(0), sum1 = vec4(0), sum2 = vec4(0), sum3 = vec4(0), sum4 = vec4(0), sum5 = vec4(0), sum6 = vec4(0), sum7 = vec4(0);

// Adds the 4 input values v times the weights of column kx of the kernel row that begins at memory[w].
#define TAP(v, kx) { \
    vec4 value = v, low = memory[w + 2 * (kx)], high = memory[w + 2 * (kx) + 1]; \
    sum0 += low.x * value; sum1 += low.y * value; sum2 += low.z * value; sum3 += low.w * value; \
    sum4 += high.x * value; sum5 += high.y * value; sum6 += high.z * value; sum7 += high.w * value; }

    for (int first = channel_begin; first < channel_end; first += stage_channels) {
        int count = min(stage_channels, channel_end - first);
        barrier();
        stage_input(p, first, count, x0, y0);
        stage_weights(p, first, count);
        barrier();
        int w = kernel_base + local.z * count * kernel_h * kernel_w * 2;
        for (int c = 0; c < count; ++c)
            for (int ky = 0; ky < kernel_h; ++ky, w += 2 * kernel_w) {
                int row = (c * tile_rows + local.y * stride_h + ky * dilation_h) * stride_w * phase_quads;
#if DILATED
                for (int kx = 0; kx < kernel_w; ++kx) {
                    int column = kx * dilation_w;
                    int at = (row + column % stride_w * phase_quads + local.x) * 4 + column / stride_w;
                    TAP(vec4(memory[at >> 2][at & 3], memory[(at + 1) >> 2][(at + 1) & 3], memory[(at + 2) >> 2][(at + 2) & 3],
                             memory[(at + 3) >> 2][(at + 3) & 3]), kx)
                }
#else
                for (int phase = 0; phase < stride_w && phase < kernel_w; ++phase) {
                    int at = row + phase * phase_quads + local.x;
                    vec4 a = memory[at];
                    for (int kx = phase; kx < kernel_w; kx += 4 * stride_w) {
                        vec4 b = memory[++at];
                        TAP(a, kx)
                        if (kx + stride_w < kernel_w) TAP(vec4(a.yzw, b.x), kx + stride_w)
                        if (kx + 2 * stride_w < kernel_w) TAP(vec4(a.zw, b.xy), kx + 2 * stride_w)
                        if (kx + 3 * stride_w < kernel_w) TAP(vec4(a.w, b.xyz), kx + 3 * stride_w)
                        a = b;
                    }
                }
#endif
            }
    }

    int x = x0 + local.x * 4, y = y0 + local.y, channel = (p.block * threads_z + local.z) * BLOCK;
#ifdef kernel_h  // graphics cards: an array indexed by a variable would not stay in registers
#define STORE(o, sum) \
    put(p, split, channel + o, y, x, sum.x); put(p, split, channel + o, y, x + 1, sum.y); \
    put(p, split, channel + o, y, x + 2, sum.z); put(p, split, channel + o, y, x + 3, sum.w);
    STORE(0, sum0) STORE(1, sum1) STORE(2, sum2) STORE(3, sum3) STORE(4, sum4) STORE(5, sum5) STORE(6, sum6) STORE(7, sum7)
#else            // software drivers: they compile a loop much faster
    vec4 sums[8] = vec4[8](sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7);
    for (int i = 0; i < 32; ++i) put(p, split, channel + i / 4, y, x + i % 4, sums[i / 4][i % 4]);
#endif
}
