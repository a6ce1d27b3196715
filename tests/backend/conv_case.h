/// Running a case on every backend that a test program is about.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/nn/backend.h"
#include "engine/reference/random_case.h"
#include "engine/reference/reference.h"

namespace convlens::test {

using namespace convlens::reference;

/// A network of one layer.
Network network_of(Operation operation);

/// The backends that a test program is about: every instruction set of the CPU, with `threads` threads, or OpenGL.
std::vector<std::unique_ptr<Backend>> every_backend(int threads);

/// What the layer, or the last layer of the network, makes of the input, through the seam that the program uses.
Expected<Tensor> run(Backend& backend, const Operation& operation, const Tensor& input);
Expected<Tensor> run(Backend& backend, const Network& network, const Tensor& input);

/// Runs the case on each of `backends` and expects the reference's result: to the bit for whole numbers, to 1e-5 of
/// the largest magnitude otherwise.
void expect_reference(const std::vector<std::unique_ptr<Backend>>& backends, const ConvCase& c, Numbers numbers,
                      std::uint32_t seed);

}  // namespace convlens::test
