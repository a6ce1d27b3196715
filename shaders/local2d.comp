// LocallyConnected2d: a convolution with different weights at every output position. One thread per output value of one
// batch item.
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Input { float input_values[]; };
layout(std430, binding = 1) readonly buffer Weights { float weights[]; };  // [output channel][input channel][position][tap]
layout(std430, binding = 2) readonly buffer Bias { float bias[]; };        // [output channel][position]
layout(std430, binding = 3) writeonly buffer Output { float output_values[]; };

uniform int input_base, weight_base, bias_base, output_base;
uniform int input_h, input_w, output_h, output_w, in_channels;
uniform int kernel_h, kernel_w, stride_h, stride_w;
uniform int count;

void main() {
    int i = int(gl_GlobalInvocationID.x);
    if (i >= count) return;
    int places = output_h * output_w, taps = kernel_h * kernel_w;
    int place = i % places, channel = i / places, y = place / output_w * stride_h, x = place % output_w * stride_w;
    float sum = bias[bias_base + i];
    for (int c = 0; c < in_channels; ++c) {
        int w = weight_base + ((channel * in_channels + c) * places + place) * taps;
        for (int ky = 0; ky < kernel_h; ++ky)
            for (int kx = 0; kx < kernel_w; ++kx, ++w) sum += weights[w] * input_values[input_base + (c * input_h + y + ky) * input_w + x + kx];
    }
    output_values[output_base + i] = sum;
}
