/// Test cases for layers other than Conv2d.
#pragma once

#include <string>
#include <vector>

#include "engine/nn/layers.h"
#include "engine/reference/random_case.h"

namespace convlens::reference {

/// A layer and an input on which it can run.
struct LayerCase {
    OperationSpec spec;
    Shape input;
    bool exact = true;  ///< Whether results must be bit-identical to those of the reference implementation if weights
                        ///< and input are small integers.
};

/// Returns cases for all kinds of layers except Conv2d, always the same ones. Some inputs are so large that the CPU
/// backend divides the work into several tiles.
std::vector<LayerCase> layer_cases();

/// Returns a layer with random weights. The values of running_var are positive.
Operation with_numbers(const OperationSpec& spec, Numbers numbers, Random& random);

/// Describes the case in one line, for the messages of failed tests.
std::string describe(const LayerCase& c);

}  // namespace convlens::reference
