/// Fuzz target: ONNX files; a network that was read whole can be written and read again.
#include "tests/fuzz/mutate_onnx.h"
#include "tests/fuzz/read_onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto result = convlens::read_onnx_file(std::as_bytes(std::span(data, size)), "fuzz.onnx");
    if (!result.reads_back) __builtin_trap();
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
    return convlens::mutate_onnx(data, size, max_size, seed);
}
