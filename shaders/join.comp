// Layers with several inputs: the macro RESULT(a, b) is the output for the values a and b of two inputs.
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer First { float first_values[]; };
layout(std430, binding = 1) writeonly buffer Output { float output_values[]; };
layout(std430, binding = 2) readonly buffer Second { float second_values[]; };

uniform int first_base, output_base, second_base, count;
uniform int plane;           // 0, or the values per channel of the first input if the second has one per channel
uniform int first_in_plane;  // index of the value with index 0 in its channel

void main() {
    int i = int(gl_GlobalInvocationID.x);
    if (i >= count) return;
    int j = plane > 0 ? (first_in_plane + i) / plane : i;
    output_values[output_base + i] = RESULT(first_values[first_base + i], second_values[second_base + j]);
}
