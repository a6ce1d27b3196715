/// Fuzz target: frames of cameras and screens; the first bytes say what is sent.
#include "tests/fuzz/read_frame.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (!convlens::read_frame(std::as_bytes(std::span(data, size)), "fuzz").sound) __builtin_trap();
    return 0;
}
