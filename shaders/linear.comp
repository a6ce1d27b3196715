// Linear: each workgroup computes one output value, the inner product of the input with a row of the weights.
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Input { float input_values[]; };
layout(std430, binding = 1) readonly buffer Weights { float weights[]; };
layout(std430, binding = 2) readonly buffer Bias { float bias[]; };
layout(std430, binding = 3) writeonly buffer Output { float output_values[]; };

uniform int input_base, weight_base, bias_base, output_base;
uniform int length_of_row;  // number of input values

shared float parts[64];  // partial sum of each thread

void main() {
    int row = int(gl_WorkGroupID.x), thread = int(gl_LocalInvocationID.x);
    int w = weight_base + row * length_of_row;
    float sum = 0.0;
    for (int i = thread; i < length_of_row; i += 64) sum += weights[w + i] * input_values[input_base + i];
    parts[thread] = sum;
    for (int half_of = 32; half_of > 0; half_of /= 2) {
        barrier();
        if (thread < half_of) parts[thread] += parts[thread + half_of];
    }
    if (thread == 0) output_values[output_base + row] = parts[0] + bias[bias_base + row];
}
