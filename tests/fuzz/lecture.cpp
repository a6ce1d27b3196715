/// Fuzz target: lectures; what is read must print and read back as itself.
#include "tests/fuzz/read_session.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto result = convlens::read_lecture({reinterpret_cast<const char*>(data), size}, "fuzz.json");
    if (result.message.empty() && !result.reads_back) __builtin_trap();
    return 0;
}
