/// Fuzz target: bundles of a session or a lecture; what is read must print and read back as itself.
#include "tests/fuzz/mutate_zip.h"
#include "tests/fuzz/read_bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto result = convlens::read_bundle(std::as_bytes(std::span(data, size)), "fuzz.zip");
    if (result.message.empty() && !result.reads_back) __builtin_trap();
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
    return convlens::mutate_zip(data, size, max_size, seed);
}
