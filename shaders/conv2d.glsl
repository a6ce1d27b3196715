// Common code of the convolution shaders: buffers, sizes, padding.
//
// A dispatch computes a range of batch items, groups and blocks of BLOCK output channels, from a range of the input
// channels of each group. A buffer is bound as a range: its first value for this dispatch has the index *_base. Kernel
// size, stride and dilation may be constants (#define) instead of uniforms.
//
// A tap is a row and a column of the kernel for one input channel; taps are counted through the channels in order. A
// pixel is an item, a row and a column of the output.
layout(std430, binding = 0) readonly buffer Input { float input_values[]; };
layout(std430, binding = 1) readonly buffer Weights { WEIGHT weights[]; };  // [block][tap][BLOCK]
layout(std430, binding = 2) readonly buffer Bias { float bias[]; };         // [block][BLOCK]
layout(std430, binding = 3) buffer Output { float output_values[]; };

#ifndef kernel_h
uniform int kernel_h, kernel_w;
uniform int stride_h, stride_w, dilation_h, dilation_w;
#endif
uniform int input_h, input_w, output_h, output_w;
uniform int pad_top, pad_left;
uniform int padding_mode;      // zeros, reflect, replicate, circular
uniform int in_channels;       // channels of an item of the input
uniform int out_channels;      // channels of an item of the output
uniform int group_in;          // input channels of a group
uniform int group_out;         // output channels of a group
uniform int group_blocks;      // blocks of a group
uniform int items;             // batch items in this dispatch
uniform int block_count;       // blocks per group in this dispatch
uniform int outputs;           // output channels per group in this dispatch
uniform int channel_first, channel_count;  // input channels per group in this dispatch
uniform int input_base, weight_base, bias_base, output_base;
uniform bool accumulate;       // add to the existing output instead of to the bias
uniform int splits;            // number of workgroups that share the taps of an output; each writes a partial sum
uniform int split_taps;        // taps of each of these workgroups
uniform int split_values;      // values between the partial sums of two such workgroups
uniform ivec3 first_group;     // offset of this dispatch in workgroups: long work is split into slices

// What a workgroup computes. Its z is the split, then the block, then the group.
struct Work {
    int group, block;         // relative to the first ones of the dispatch
    int split;
    int first_tap, end_tap;   // its range of taps
    int first_weight;         // index in `weights` of tap 0 of the block
};

Work work_of(int z) {
    int taps = kernel_h * kernel_w, split = z % splits, block = z / splits % block_count, group = z / splits / block_count;
    int first = split * split_taps;
    return Work(group, block, split, first, min(first + split_taps, channel_count * taps),
                weight_base + ((group * group_blocks + block) * group_in + channel_first) * taps * (BLOCK / WEIGHT_CHANNELS));
}

// Returns the index of the input value at position i of a row of `size` values, where i < 0 and i >= size are padding;
// -1 for a zero. Defined for all i.
int padded_source(int i, int size) {
    if (i >= 0 && i < size) return i;
    if (padding_mode == 0) return -1;
    if (padding_mode == 1) i = i < 0 ? -i : 2 * (size - 1) - i;
    if (padding_mode == 3) i = i < 0 ? i + size : i - size;
    return clamp(i, 0, size - 1);
}

// The input values under the kernel for one pixel.
struct Window {
    int plane;    // index of the first value of the first input channel
    int y, x;     // upper left corner
    bool inside;  // none of the values is padding
};

Window window_of(int pixel, int group) {
    int plane = output_h * output_w, item = pixel / plane, at = pixel - item * plane, row = at / output_w;
    int y = row * stride_h - pad_top, x = (at - row * output_w) * stride_w - pad_left;
    return Window(input_base + (item * in_channels + group * group_in) * (input_h * input_w), y, x,
                  y >= 0 && x >= 0 && y + (kernel_h - 1) * dilation_h < input_h && x + (kernel_w - 1) * dilation_w < input_w);
}

// Returns the value of the window in `channel`, dy rows and dx columns from its corner.
float padded_value(Window w, int channel, int dy, int dx) {
    int y = padded_source(w.y + dy, input_h), x = padded_source(w.x + dx, input_w);
    return x < 0 || y < 0 ? 0.0 : input_values[w.plane + (channel * input_h + y) * input_w + x];
}

// Writes the sums of 8 output channels of a pixel (of 1 if BLOCK is 1), from `channel` on: plus the bias, plus the values that are already
// there if `accumulate` is set, or as partial sums.
void store(Work work, int pixel, int channel, vec4 low, vec4 high) {
    int plane = output_h * output_w, item = pixel / plane;
    if (item >= items) return;
    int at = output_base + (item * out_channels + work.group * group_out + channel) * plane + pixel - item * plane;
    int from = bias_base + work.group * group_blocks * BLOCK + channel;
    for (int i = 0; i < min(BLOCK, 8) && channel + i < outputs; ++i, at += plane) {
        float sum = i < 4 ? low[i & 3] : high[i & 3];
        if (splits > 1) output_values[work.split * split_values + at] = sum;
        else output_values[at] = sum + (accumulate ? output_values[at] : bias[from + i]);
    }
}
