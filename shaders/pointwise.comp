// Layers that transform each value separately: the macro RESULT(x, i) is the output for the value x with the index i.
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer Input { float input_values[]; };
layout(std430, binding = 1) writeonly buffer Output { float output_values[]; };
// For batch_norm(): mean, scale and shift of each channel; for prelu(): the factor is the first of the three
layout(std430, binding = 2) readonly buffer Channels { float channels[]; };

uniform int input_base, output_base, count;
uniform float slope;                        // for leaky_relu()
uniform float p, q;                         // for the expressions of engine/nn/layers/
uniform int plane, channel_count;           // for batch_norm() and prelu(): values per channel, channels per item
uniform int first_channel, first_in_plane;  // channel of the value with index 0, and its index in that channel

float relu(float x) { return x < 0.0 ? 0.0 : x; }
float leaky_relu(float x) { return x < 0.0 ? x * slope : x; }
float sigmoid(float x) { return 1.0 / (1.0 + exp(-x)); }

// Near 0 the driver's tanh() may lose precision through cancellation. There the Taylor series is used; its relative error
// is below 4e-7.
float hyperbolic_tangent(float x) {
    float s = x * x;
    if (abs(x) < 0.25) return x + x * s * (-1.0 / 3.0 + s * (2.0 / 15.0 - s * (17.0 / 315.0)));
    return tanh(clamp(x, -20.0, 20.0));
}

// Near 0 the Taylor series, as in hyperbolic_tangent().
float exp_minus_one(float x) {
    if (abs(x) < 0.25) return x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0 + x / 720.0)))));
    return exp(x) - 1.0;
}

// erf(x): Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26; the absolute error is below 1.5e-7.
float error_function(float x) {
    float t = 1.0 / (1.0 + 0.3275911 * abs(x));
    float y = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    return sign(x) * (1.0 - y * exp(-x * x));
}

float prelu(float x, int i) {
    return x < 0.0 ? x * channels[3 * ((first_channel + (first_in_plane + i) / plane) % channel_count)] : x;
}

float batch_norm(float x, int i) {
    int c = (first_channel + (first_in_plane + i) / plane) % channel_count;
    return (x - channels[3 * c]) * channels[3 * c + 1] + channels[3 * c + 2];
}

void main() {
    int i = int(gl_GlobalInvocationID.x);
    if (i >= count) return;
    float value = input_values[input_base + i];
    output_values[output_base + i] = RESULT(value, i);
}
