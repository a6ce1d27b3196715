/// Convolutions to try, and every place where they can run.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "engine/nn/conv2d.h"

namespace convlens::test {

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

/// What a failing test prints.
std::string describe(const ConvCase& c);

/// What the numbers are.
enum class Numbers {
    small_integers,  ///< Whole numbers in -4..4: every sum is exact in float, so that results must match to
                     ///< the bit.
    reals,           ///< Uniform in [-1, 1).
};

Tensor random_tensor(Shape shape, Numbers numbers, Random& random);

/// The case's layer, with random weights and bias.
Conv2d random_layer(const ConvCase& c, Numbers numbers, Random& random);

/// A case that PyTorch accepts, of any of the things that a convolution can be asked for, cheap enough for a
/// test.
ConvCase random_case(Random& random);

/// A network of one layer.
Network network_of(Operation operation);

/// The back ends that a test program is about: every instruction set of the CPU, with `threads` threads, or OpenGL.
std::vector<std::unique_ptr<Backend>> every_backend(int threads);

/// What the layer, or the last layer of the network, makes of the input, through the seam that the program uses.
Expected<Tensor> run(Backend& backend, const Operation& operation, const Tensor& input);
Expected<Tensor> run(Backend& backend, const Network& network, const Tensor& input);

/// Runs the case on each of `backends` and expects the reference's result: to the bit for whole numbers, to
/// 1e-5 of the largest magnitude otherwise.
void expect_reference(const std::vector<std::unique_ptr<Backend>>& backends, const ConvCase& c,
                      Numbers numbers, std::uint32_t seed);

}  // namespace convlens::test
