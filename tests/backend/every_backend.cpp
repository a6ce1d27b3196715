/// every_backend() of convlens_tests: the CPU, with each of its instruction sets.
#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/simd.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {

std::vector<std::unique_ptr<Backend>> every_backend(int threads) {
    std::vector<std::unique_ptr<Backend>> backends;
    for (const Simd& simd : available_simd()) backends.push_back(make_cpu_backend({threads, simd.name}).value());
    return backends;
}

}  // namespace convlens::test
