/// Fuzz target: the values of command-line options, names of inputs, kernels, networks, layers and frames, file URLs.
#include "tests/fuzz/read_words.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (!convlens::words_problem({reinterpret_cast<const char*>(data), size}).empty()) __builtin_trap();
    return 0;
}
