/// Fuzz target: frames that are written as a GIF and read again have the same pixels.
#include "tests/fuzz/write_gif.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (!convlens::gif_reads_back({data, size})) __builtin_trap();
    return 0;
}
