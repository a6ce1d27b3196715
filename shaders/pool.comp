// Pooling, one thread per output value. KIND is 0 for MaxPool2d, 1 for AvgPool2d and 2 for AdaptiveAvgPool2d.
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Input { float input_values[]; };
layout(std430, binding = 1) writeonly buffer Output { float output_values[]; };

uniform int input_base, output_base, count;
uniform int input_h, input_w, output_h, output_w;
uniform int kernel_h, kernel_w, stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w;
uniform bool include_padding;
uniform int divisor;  // of a mean; 0: the number of values in the window, with padding if include_padding is set

struct Window { int begin, end, step, counted; };

// Returns the input indices begin, begin + step, ... < end of output index i along one axis. `counted` is this
// axis's factor of the divisor of a mean.
Window window(int i, int size, int outputs, int kernel, int stride, int padding, int dilation) {
#if KIND == 2
    // begin is i * size / outputs, computed without that product, which may be too large for an int.
    int whole = size / outputs, rest = size % outputs;
    int begin = i * whole + i * rest / outputs, end = (i + 1) * whole + ((i + 1) * rest + outputs - 1) / outputs;
    return Window(begin, end, 1, end - begin);
#else
    int first = i * stride - padding, last = first + (kernel - 1) * dilation;
    int begin = first < 0 ? first + (-first + dilation - 1) / dilation * dilation : first;
    int behind = min(first + kernel, size + padding);
    return Window(begin, min(last + 1, size), dilation, include_padding ? behind - first : min(behind, size) - max(first, 0));
#endif
}

void main() {
    int i = int(gl_GlobalInvocationID.x);
    if (i >= count) return;
    int x = i % output_w, y = i / output_w % output_h, channel = i / output_w / output_h;
    Window rows = window(y, input_h, output_h, kernel_h, stride_h, padding_h, dilation_h);
    Window columns = window(x, input_w, output_w, kernel_w, stride_w, padding_w, dilation_w);
    int plane = input_base + channel * input_h * input_w;
#if KIND == 0
    float result = uintBitsToFloat(0xff800000u);
#else
    float result = 0.0;
#endif
    for (int v = rows.begin; v < rows.end; v += rows.step) {
        float row = 0.0;
        for (int u = columns.begin; u < columns.end; u += columns.step) {
            float value = input_values[plane + v * input_w + u];
#if KIND == 0
            if (value > result || isnan(value)) result = value;
#else
            row += value;
#endif
        }
#if KIND != 0
        result += row;
#endif
    }
#if KIND != 0
    result /= divisor != 0 ? float(divisor) : float(rows.counted) * float(columns.counted);
#endif
    output_values[output_base + i] = result;
}
