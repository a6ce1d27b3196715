// Softmax over the channels, one thread per position of one batch item.
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Input { float input_values[]; };
layout(std430, binding = 1) buffer Output { float output_values[]; };

uniform int input_base, output_base;
uniform int plane, channels;  // values per channel, channels per item

void main() {
    int place = int(gl_GlobalInvocationID.x);
    if (place >= plane) return;
    float largest = input_values[input_base + place], sum = 0.0;
    for (int c = 1; c < channels; ++c) largest = max(largest, input_values[input_base + c * plane + place]);
    for (int c = 0; c < channels; ++c) {
        float value = exp(input_values[input_base + c * plane + place] - largest);
        sum += value;
        output_values[output_base + c * plane + place] = value;
    }
    for (int c = 0; c < channels; ++c) output_values[output_base + c * plane + place] /= sum;
}
