// Adds the partial sums that the workgroups of conv2d_tiled.comp have written if they share input channels, and the bias.
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer Input { float split_sums[]; };  // [workgroup][value]
layout(std430, binding = 2) readonly buffer Bias { float bias[]; };         // [group][block][8]
layout(std430, binding = 3) writeonly buffer Output { float output_values[]; };

uniform int output_base, bias_base;
uniform int count;   // number of output values
uniform int splits;  // number of partial sums of each
uniform int plane, out_channels, group_out, group_blocks;

void main() {
    int i = int(gl_GlobalInvocationID.x);
    if (i >= count) return;
    int channel = i / plane % out_channels;
    float sum = bias[bias_base + channel / group_out * group_blocks * 8 + channel % group_out];
    for (int s = 0; s < splits; ++s) sum += split_sums[s * count + i];
    output_values[output_base + i] = sum;
}
