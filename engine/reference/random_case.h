/// Random convolutions for tests, and pseudo-random numbers for them.
#pragma once

#include <string>

#include "engine/core/random.h"
#include "engine/core/tensor.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens::reference {

using convlens::Random;

/// The parameters of one convolution, without weights and input values.
struct ConvCase {
    Shape input;
    int out_channels = 1;
    Size2 kernel{1, 1};
    ConvParams params;
    bool bias = true;
};

/// Describes the case in one line, for messages.
std::string describe(const ConvCase& c);

/// The kind of random numbers.
enum class Numbers {
    small_integers,  ///< Integers in -4..4: every sum is exact in float, so results must be bit-identical.
    reals,           ///< Uniform in [-1, 1).
};

/// Returns a tensor of random numbers.
Tensor random_tensor(Shape shape, Numbers numbers, Random& random);

/// Returns the layer that `c` describes, with random weights and bias.
Conv2d random_layer(const ConvCase& c, Numbers numbers, Random& random);

/// Returns a case that PyTorch accepts, with any supported hyper-parameters, small enough for the reference.
ConvCase random_case(Random& random);

}  // namespace convlens::reference
