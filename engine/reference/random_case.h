/// Random convolutions for tests, and random values for their weights and inputs.
#pragma once

#include <string>

#include "engine/core/random.h"
#include "engine/core/tensor.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens::reference {

using convlens::Random;

/// A convolution and the shape of its input, without weights and input values.
struct ConvCase {
    Shape input;
    int out_channels = 1;
    Size2 kernel{1, 1};  ///< kernel_size.
    ConvParams params;
    bool bias = true;  ///< Whether the layer has a bias.
};

/// Describes the case in one line, for the messages of failed tests.
std::string describe(const ConvCase& c);

/// Which random numbers to use as weights and inputs.
enum class Numbers {
    small_integers,  ///< Integers in -4..4. Sums of their products are exact in float, so results must be
                     ///< bit-identical.
    reals,           ///< Uniform in [-1, 1).
};

/// Returns a tensor of shape `shape` with random numbers.
Tensor random_tensor(Shape shape, Numbers numbers, Random& random);

/// Returns the layer that `c` describes, with random weights and bias.
Conv2d random_layer(const ConvCase& c, Numbers numbers, Random& random);

/// Returns a random convolution that can run on its input. All hyper-parameters vary; the case has at most 2,000,000
/// multiply-accumulates, so that the reference implementation is fast enough.
ConvCase random_case(Random& random);

}  // namespace convlens::reference
