/// What the cores can do at most.
#pragma once

#include <string_view>

namespace convlens::bench {

/// 10^9 floating-point operations a second of one thread that does nothing but multiply-adds in registers, in
/// the instruction set of this name (as Simd::name has it): the best of a few runs of a millisecond.
double peak_gflops(std::string_view isa);

}  // namespace convlens::bench
