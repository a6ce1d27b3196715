// Adds the partial sums that workgroups have written if they share the taps of an output, and the bias.
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer Input { float split_sums[]; };  // [workgroup][value]
layout(std430, binding = 2) readonly buffer Bias { float bias[]; };         // [group][block][block_channels]
layout(std430, binding = 3) writeonly buffer Output { float output_values[]; };

uniform int output_base, bias_base;
uniform int count;   // number of output values
uniform int splits;  // number of partial sums of each
uniform int plane, out_channels, group_out, group_blocks, block_channels;

void main() {
    int i = int(gl_GlobalInvocationID.x);
    if (i >= count) return;
    int channel = i / plane % out_channels;
    float sum = bias[bias_base + channel / group_out * group_blocks * block_channels + channel % group_out];
    for (int s = 0; s < splits; ++s) sum += split_sums[s * count + i];
    output_values[output_base + i] = sum;
}
