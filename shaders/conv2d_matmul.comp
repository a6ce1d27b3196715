// Convolution as a matrix product, output channels x taps times taps x pixels. The second matrix, which repeats each
// input value for all windows that it lies in (im2col), exists only in parts in shared memory.
//
// A workgroup computes BLOCK output channels of 32 * PIXELS pixels. A thread computes 8 channels of PIXELS pixels, which
// are 32 pixels apart, so that neighboring threads read and write neighboring values. STAGE taps are in shared memory at
// once.
#define WEIGHT vec4
#define WEIGHT_CHANNELS 4
#include "conv2d.glsl"
layout(local_size_x = THREADS) in;  // BLOCK / 8 * 32, a multiple of the pixels

const int columns = 32 * PIXELS, quads = BLOCK / 4;

shared vec4 kernel_values[STAGE * quads];
shared float pixel_values[STAGE * columns];

#if PIXELS == 2
#define EACH(DO) DO(0) DO(1)
#elif PIXELS == 4
#define EACH(DO) DO(0) DO(1) DO(2) DO(3)
#else
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#endif

void main() {
    ivec3 at = ivec3(gl_WorkGroupID) + first_group;
    Work work = work_of(at.z);
    int thread = int(gl_LocalInvocationIndex), lane = thread % 32, row = thread / 32;
    int taps = kernel_h * kernel_w, first_pixel = at.x * columns, copied = thread % columns;
    Window window = window_of(min(first_pixel + copied, items * output_h * output_w - 1), work.group);
    int corner = window.plane + window.y * input_w + window.x;

#define BEGIN(j) vec4 low##j = vec4(0), high##j = vec4(0);
    EACH(BEGIN)
    for (int first = work.first_tap; first < work.end_tap; first += STAGE) {
        barrier();
        for (int i = thread / columns; i < STAGE; i += THREADS / columns) {
            int tap = first + i, channel = tap / taps, ky = (tap - channel * taps) / kernel_w, kx = tap - channel * taps - ky * kernel_w;
            float value = 0.0;
            if (tap < work.end_tap)
                value = window.inside ? input_values[corner + (channel * input_h + ky * dilation_h) * input_w + kx * dilation_w]
                                      : padded_value(window, channel, ky * dilation_h, kx * dilation_w);
            pixel_values[i * columns + copied] = value;
        }
        for (int i = thread; i < STAGE * quads; i += THREADS)
            kernel_values[i] = first + i / quads < work.end_tap ? weights[work.first_weight + first * quads + i] : vec4(0);
        barrier();
        for (int k = 0; k < STAGE; ++k) {
            vec4 low = kernel_values[k * quads + row * 2], high = kernel_values[k * quads + row * 2 + 1];
#define MULTIPLY(j) { float value = pixel_values[k * columns + j * 32 + lane]; low##j += low * value; high##j += high * value; }
            EACH(MULTIPLY)
        }
    }
    int pixel = first_pixel + lane, channel = work.block * BLOCK + row * 8;
#define STORE(j) store(work, pixel + j * 32, channel, low##j, high##j);
    EACH(STORE)
}
