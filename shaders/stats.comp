// Computes minimum, maximum, sum and sum of magnitudes of the values of each channel. A workgroup processes CHUNK values
// of a channel; if SMALL is 1, a thread processes a whole channel. The caller adds the sums of the chunks in double
// precision. If a channel contains a NaN, its minimum is NaN.
layout(local_size_x = 256) in;

layout(std430, binding = 0) readonly buffer Values { float values[]; };
layout(std430, binding = 1) writeonly buffer Partial { vec4 partial[]; };  // [channel][chunk]

uniform int values_base, partial_base;
uniform int plane, chunks, channels;  // values per channel, chunks per channel, number of channels

const uint not_a_number = 0x7fc00000u;

// Combines two results.
vec4 join(vec4 a, vec4 b) {
    bool bad = floatBitsToUint(a.x) == not_a_number || floatBitsToUint(b.x) == not_a_number;
    return vec4(bad ? uintBitsToFloat(not_a_number) : min(a.x, b.x), max(a.y, b.y), a.z + b.z, a.w + b.w);
}

// Returns the result for one value.
vec4 of_one(float v) {
    bool bad = (floatBitsToUint(v) & 0x7fffffffu) > 0x7f800000u;
    return vec4(bad ? uintBitsToFloat(not_a_number) : v, v, v, abs(v));
}

#if SMALL
void main() {
    int channel = int(gl_GlobalInvocationID.x);
    if (channel >= channels) return;
    int at = values_base + channel * plane;
    vec4 all = of_one(values[at]);
    for (int i = 1; i < plane; ++i) all = join(all, of_one(values[at + i]));
    partial[partial_base + channel] = all;
}
#else
shared vec4 parts[256];

void main() {
    int channel = int(gl_WorkGroupID.y), chunk = int(gl_WorkGroupID.x), thread = int(gl_LocalInvocationID.x);
    int begin = chunk * CHUNK, end = min(begin + CHUNK, plane), at = values_base + channel * plane;
    // Every thread starts with the minimum and maximum of the chunk's first value, but with sums of 0.
    vec4 all = of_one(values[at + begin]);
    all.zw = vec2(0);
    for (int i = begin + thread; i < end; i += 256) all = join(all, of_one(values[at + i]));
    parts[thread] = all;
    for (int half_of = 128; half_of > 0; half_of /= 2) {
        barrier();
        if (thread < half_of) parts[thread] = join(parts[thread], parts[thread + half_of]);
    }
    if (thread == 0) partial[partial_base + channel * chunks + chunk] = parts[0];
}
#endif
