/// Fuzz target: sessions; what is read must print and read back as itself.
#include "tests/fuzz/mutate_json.h"
#include "tests/fuzz/read_session.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto result = convlens::read_session({reinterpret_cast<const char*>(data), size}, "fuzz.json");
    if (result.message.empty() && !result.reads_back) __builtin_trap();
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
    return convlens::mutate_json(data, size, max_size, seed);
}
