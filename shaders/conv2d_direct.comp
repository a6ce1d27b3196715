// Convolution for few output channels, where copies of the input in shared memory would hardly be shared.
//
// A thread computes the 8 output channels of a block for PIXELS pixels, which are THREADS pixels apart. The kernels of
// STAGE taps are in shared memory.
#define WEIGHT vec4
#define WEIGHT_CHANNELS 4
#define BLOCK 8
#include "conv2d.glsl"
layout(local_size_x = THREADS) in;

shared vec4 kernel_values[STAGE * 2];

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
    int thread = int(gl_LocalInvocationIndex), taps = kernel_h * kernel_w;
    int pixel = at.x * THREADS * PIXELS + thread, last = items * output_h * output_w - 1;
    bool inside = true;
#define BEGIN(j) \
    vec4 low##j = vec4(0), high##j = vec4(0); \
    Window window##j = window_of(min(pixel + j * THREADS, last), work.group); \
    int corner##j = window##j.plane + window##j.y * input_w + window##j.x; \
    inside = inside && window##j.inside;
    EACH(BEGIN)

    int channel = work.first_tap / taps, ky = (work.first_tap - channel * taps) / kernel_w;
    int kx = work.first_tap - channel * taps - ky * kernel_w;
    for (int first = work.first_tap; first < work.end_tap; first += STAGE) {
        int count = min(STAGE, work.end_tap - first);
        barrier();
        for (int i = thread; i < count * 2; i += THREADS) kernel_values[i] = weights[work.first_weight + first * 2 + i];
        barrier();
        for (int k = 0; k < count; ++k) {
            vec4 low = kernel_values[k * 2], high = kernel_values[k * 2 + 1];
            int dy = ky * dilation_h, dx = kx * dilation_w;
            if (inside) {
                int offset = (channel * input_h + dy) * input_w + dx;
#define MULTIPLY(j) { float value = input_values[corner##j + offset]; low##j += low * value; high##j += high * value; }
                EACH(MULTIPLY)
            } else {
#define MULTIPLY_PADDED(j) { float value = padded_value(window##j, channel, dy, dx); low##j += low * value; high##j += high * value; }
                EACH(MULTIPLY_PADDED)
            }
            if (++kx == kernel_w) {
                kx = 0;
                if (++ky == kernel_h) { ky = 0; ++channel; }
            }
        }
    }
#define STORE(j) store(work, pixel + j * THREADS, work.block * BLOCK, low##j, high##j);
    EACH(STORE)
}
