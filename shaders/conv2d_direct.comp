// Convolution without shared memory, for layers whose tiles would not fit into it: a thread computes 8 output channels at
// one position.
#define WEIGHT vec4
#define BLOCK 8
#include "conv2d.glsl"
layout(local_size_x = 8, local_size_y = 8) in;

void main() {
    ivec3 at = ivec3(gl_WorkGroupID) + first_group;
    Place p = place_of(at.z, block_count);
    int x = at.x * 8 + int(gl_LocalInvocationID.x), y = at.y * 8 + int(gl_LocalInvocationID.y);
    vec4 low = vec4(0), high = vec4(0);
    for (int c = 0; c < channel_count; ++c) {
        int plane = input_plane(p, c);
        int w = weight_base + ((p.group * group_blocks + p.block) * group_in + channel_first + c) * kernel_h * kernel_w * 2;
        for (int ky = 0; ky < kernel_h; ++ky) {
            int from_y = padded_source(y * stride_h - pad_top + ky * dilation_h, input_h);
            for (int kx = 0; kx < kernel_w; ++kx, w += 2) {
                int from_x = padded_source(x * stride_w - pad_left + kx * dilation_w, input_w);
                float value = from_x < 0 || from_y < 0 ? 0.0 : input_values[plane + from_y * input_w + from_x];
                low += weights[w] * value;
                high += weights[w + 1] * value;
            }
        }
    }
    int channel = p.block * BLOCK;
    store(p, channel, y, x, low.x);
    store(p, channel + 1, y, x, low.y);
    store(p, channel + 2, y, x, low.z);
    store(p, channel + 3, y, x, low.w);
    store(p, channel + 4, y, x, high.x);
    store(p, channel + 5, y, x, high.y);
    store(p, channel + 6, y, x, high.z);
    store(p, channel + 7, y, x, high.w);
}
