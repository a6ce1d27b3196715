/// Fuzz target: IDX and CIFAR-10 files; the first byte chooses.
#include "tests/fuzz/read_dataset.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    (void)convlens::read_dataset(std::as_bytes(std::span(data, size)), "fuzz");
    return 0;
}
