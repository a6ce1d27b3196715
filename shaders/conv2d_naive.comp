// Convolution by its formula, one thread per output value: for fewer than 4 output channels per group, and as the
// baseline of benchmarks.
#define WEIGHT float
#define BLOCK 1
#include "conv2d.glsl"
layout(local_size_x = 8, local_size_y = 8) in;

void main() {
    ivec3 at = ivec3(gl_WorkGroupID) + first_group;
    Place p = place_of(at.z, block_count);
    int x = at.x * 8 + int(gl_LocalInvocationID.x), y = at.y * 8 + int(gl_LocalInvocationID.y);
    float sum = 0.0;
    for (int c = 0; c < channel_count; ++c) {
        int plane = input_plane(p, c);
        int w = weight_base + ((p.group * group_blocks + p.block) * group_in + channel_first + c) * kernel_h * kernel_w;
        for (int ky = 0; ky < kernel_h; ++ky) {
            int from_y = padded_source(y * stride_h - pad_top + ky * dilation_h, input_h);
            for (int kx = 0; kx < kernel_w; ++kx, ++w) {
                int from_x = padded_source(x * stride_w - pad_left + kx * dilation_w, input_w);
                if (from_x >= 0 && from_y >= 0) sum += weights[w] * input_values[plane + from_y * input_w + from_x];
            }
        }
    }
    store(p, p.block, y, x, sum);
}
