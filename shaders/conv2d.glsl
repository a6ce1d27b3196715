// Common code of the convolution shaders: buffers, sizes, padding.
//
// A dispatch computes a range of batch items, groups and blocks of BLOCK output channels, from a range of the input
// channels of each group. A buffer is bound as a range: its first value for this dispatch has the index *_base. Kernel
// size, stride, dilation and the shape of a workgroup may be constants (#define) instead of uniforms.
layout(std430, binding = 0) readonly buffer Input { float input_values[]; };
layout(std430, binding = 1) readonly buffer Weights { WEIGHT weights[]; };  // [block][channel][tap][BLOCK]
layout(std430, binding = 2) readonly buffer Bias { float bias[]; };         // [block][BLOCK]
layout(std430, binding = 3) buffer Output { float output_values[]; };

#ifndef kernel_h
uniform int kernel_h, kernel_w;
uniform int stride_h, stride_w, dilation_h, dilation_w;
uniform int threads_x, threads_y, threads_z;  // along x, y and blocks; their product is THREADS
#endif
uniform int input_h, input_w, output_h, output_w;
uniform int pad_top, pad_left;
uniform int padding_mode;      // zeros, reflect, replicate, circular
uniform int in_channels;       // channels of an item of the input
uniform int out_channels;      // channels of an item of the output
uniform int group_in;          // input channels of a group
uniform int group_out;         // output channels of a group
uniform int group_count;       // groups in this dispatch
uniform int group_blocks;      // blocks of a group
uniform int block_count;       // blocks per group in this dispatch
uniform int outputs;           // output channels per group in this dispatch
uniform int channel_first, channel_count;  // input channels per group in this dispatch
uniform int input_base, weight_base, bias_base, output_base;
uniform bool accumulate;       // add to the existing output instead of to the bias
uniform ivec3 first_group;     // offset of this dispatch in workgroups: long work is split into slices

// Returns the index of the input value at position i of a row of `size` values, where i < 0 and i >= size are padding;
// -1 for a zero. Defined for all i, because tiles extend past the padding.
int padded_source(int i, int size) {
    if (i >= 0 && i < size) return i;
    if (padding_mode == 0) return -1;
    if (padding_mode == 1) i = i < 0 ? -i : 2 * (size - 1) - i;
    if (padding_mode == 3) i = i < 0 ? i + size : i - size;
    return clamp(i, 0, size - 1);
}

// The item, group and block that workgroups with the index z compute.
struct Place {
    int item, group, block;  // relative to the first ones of the dispatch
};

Place place_of(int z, int blocks) {
    return Place(z / blocks / group_count, z / blocks % group_count, z % blocks);
}

// Returns the index of the first value of an input channel.
int input_plane(Place p, int channel) {
    return input_base + (p.item * in_channels + p.group * group_in + channel) * (input_h * input_w);
}

// Returns the index of an output value.
int output_index(Place p, int channel, int y, int x) {
    return output_base + ((p.item * out_channels + p.group * group_out + channel) * output_h + y) * output_w + x;
}

// Writes an output value: `sum` plus the bias or, if `accumulate` is set, plus the value that is already there.
void store(Place p, int channel, int y, int x, float sum) {
    if (channel >= outputs || y >= output_h || x >= output_w) return;
    int at = output_index(p, channel, y, x);
    float before = accumulate ? output_values[at] : bias[bias_base + p.group * group_blocks * BLOCK + channel];
    output_values[at] = before + sum;
}
