/// Fuzz target: PyTorch's checkpoints, every tensor of them.
#include "tests/fuzz/mutate_zip.h"
#include "tests/fuzz/read_arrays.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    convlens::read_arrays(std::as_bytes(std::span(data, size)), "fuzz.pth");
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
    return convlens::mutate_zip(data, size, max_size, seed);
}
