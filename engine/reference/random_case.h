/// Convolutions to try, and pseudo-random numbers for them.
#pragma once

#include <string>

#include "engine/core/random.h"
#include "engine/core/tensor.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens::reference {

using convlens::Random;

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
