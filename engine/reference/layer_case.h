/// Layers besides Conv2d to try.
#pragma once

#include <string>
#include <vector>

#include "engine/nn/layers.h"
#include "engine/reference/random_case.h"

namespace convlens::reference {

/// A layer, an input for it, and whether small whole numbers must come out to the bit.
struct LayerCase {
    OperationSpec spec;
    Shape input;
    bool exact = true;
};

/// Layers of every kind, and large ones that make several tiles.
std::vector<LayerCase> layer_cases();

/// The layer with random weights; variances are positive.
Operation with_numbers(const OperationSpec& spec, Numbers numbers, Random& random);

/// The case in a line, for messages.
std::string describe(const LayerCase& c);

}  // namespace convlens::reference
