/// Test cases for layers other than Conv2d.
#pragma once

#include <string>
#include <vector>

#include "engine/nn/layers.h"
#include "engine/reference/random_case.h"

namespace convlens::reference {

/// A layer, an input for it, and whether results for small integers must be bit-identical to the reference.
struct LayerCase {
    OperationSpec spec;
    Shape input;
    bool exact = true;
};

/// Returns cases for layers of every kind other than Conv2d. Some are so large that the CPU backend splits their
/// computation into several tiles.
std::vector<LayerCase> layer_cases();

/// Returns the layer with random weights; variances are positive.
Operation with_numbers(const OperationSpec& spec, Numbers numbers, Random& random);

/// Describes the case in one line, for messages.
std::string describe(const LayerCase& c);

}  // namespace convlens::reference
