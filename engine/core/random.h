/// Pseudo-random numbers for test cases.
#pragma once

#include <cstdint>
#include <random>

namespace convlens {

/// Pseudo-random numbers from a Mersenne Twister. The same seed gives the same numbers with every standard library.
class Random {
  public:
    explicit Random(std::uint32_t seed) : stream_(seed) {}

    /// Returns an integer in [lowest, highest]; lowest <= highest.
    int whole(int lowest, int highest) {
        return lowest + static_cast<int>(stream_() % static_cast<std::uint32_t>(highest - lowest + 1));
    }
    /// Returns a number in [-1, 1) with a resolution of 24 bits.
    float real() { return static_cast<float>(stream_() >> 8U) * 0x1p-23F - 1.0F; }
    /// Returns true or false, both with probability 1/2.
    bool coin() { return whole(0, 1) == 1; }

  private:
    std::mt19937 stream_;
};

}  // namespace convlens
