/// Checks values of feature maps against double precision.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/nn/backend.h"

namespace convlens {

/// Result of check_values().
struct CheckedValues {
    int checked = 0;    ///< Number of values that were compared.
    int right = 0;      ///< Number of those whose error is at most `tolerance`.
    double worst = 0;   ///< Largest error, relative to the largest magnitude in the output of the layer.
    std::string where;  ///< Where it is: "conv1, item 0, channel 3, row 4, column 5"; empty if all errors are 0.

    static constexpr double tolerance = 1e-5;  ///< Largest error that is right.
};

/// Computes `count` values again in double precision, from the terms that explain() finds, and compares them with what
/// `backend` has computed. The values are at random positions, which depend only on `seed`, in the outputs of all
/// layers up to `layer` by turns. `backend` should have run `network` on `input` up to that layer before. Fails if
/// `backend` fails, or if canceled.
Expected<CheckedValues> check_values(const Network& network, const std::shared_ptr<const Tensor>& input, int layer,
                                     int count, std::uint32_t seed, Backend& backend, const Cancel& cancel);

/// Returns the result as a sentence: "checked 10000 of 10000 values in double precision: all are right, the largest
/// error is 2.1e-07 of the largest value".
std::string to_string(const CheckedValues& checked);

}  // namespace convlens
