/// Convolutions to try, and pseudo-random numbers for them.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "engine/core/tensor.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens::reference {

/// Pseudo-random numbers that are the same with every standard library.
class Random {
  public:
    explicit Random(std::uint32_t seed) : stream_(seed) {}

    /// A whole number in [lowest, highest].
    int whole(int lowest, int highest) {
        return lowest + static_cast<int>(stream_() % static_cast<std::uint32_t>(highest - lowest + 1));
    }
    /// A number in [-1, 1), with 24 bits.
    float real() { return static_cast<float>(stream_() >> 8U) * 0x1p-23F - 1.0F; }
    bool coin() { return whole(0, 1) == 1; }

  private:
    std::mt19937 stream_;
};

/// One convolution, without its numbers.
struct ConvCase {
    Shape input;
    int out_channels = 1;
    Size2 kernel{1, 1};
    ConvParams params;
    bool bias = true;
};

/// The case in a line, for messages.
std::string describe(const ConvCase& c);

/// What the numbers are.
enum class Numbers {
    small_integers,  ///< Whole numbers in -4..4: every sum is exact in float, so that results must match to
                     ///< the bit.
    reals,           ///< Uniform in [-1, 1).
};

/// A tensor of such numbers.
Tensor random_tensor(Shape shape, Numbers numbers, Random& random);

/// The case's layer, with random weights and bias.
Conv2d random_layer(const ConvCase& c, Numbers numbers, Random& random);

/// A case that PyTorch accepts, of any of the things that a convolution can be asked for, cheap enough for
/// the reference.
ConvCase random_case(Random& random);

}  // namespace convlens::reference
