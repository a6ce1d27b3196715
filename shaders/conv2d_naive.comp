// Convolution by its formula, one thread per output value: for fewer than 4 output channels per group, and as the
// baseline of benchmarks.
#define WEIGHT float
#define WEIGHT_CHANNELS 1
#define BLOCK 1
#include "conv2d.glsl"
layout(local_size_x = THREADS) in;

void main() {
    ivec3 at = ivec3(gl_WorkGroupID) + first_group;
    Work work = work_of(at.z);
    int pixel = at.x * THREADS + int(gl_LocalInvocationID.x), weight = work.first_weight;
    Window window = window_of(min(pixel, items * output_h * output_w - 1), work.group);
    float sum = 0.0;
    for (int channel = 0; channel < channel_count; ++channel)
        for (int ky = 0; ky < kernel_h; ++ky)
            for (int kx = 0; kx < kernel_w; ++kx, ++weight)
                sum += weights[weight] * padded_value(window, channel, ky * dilation_h, kx * dilation_w);
    store(work, pixel, work.block, vec4(sum), vec4(sum));
}
