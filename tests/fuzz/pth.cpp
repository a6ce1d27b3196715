/// Fuzz target: PyTorch's checkpoints, every tensor of them.
#include "tests/fuzz/read_arrays.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    convlens::read_arrays(std::as_bytes(std::span(data, size)), "fuzz.pth");
    return 0;
}
