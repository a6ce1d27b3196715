/// Sweeps: one number of a document that moves from one value to another.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/document/evaluate.h"

namespace convlens {

/// A number that can be swept; a row of the table in sweep.cpp.
struct SweepNumber {
    std::string_view name;    ///< As typed and as drawn above the grid: "stride".
    std::string_view words;   ///< What it is, without a final period.
    bool whole = true;        ///< Whether it has only whole values.
    double from = 0, to = 1;  ///< What a panel offers.
    /// Changes `document`. `base` is the output of the document before the sweep. Fails with a sentence that does not
    /// begin with the name if the document has no such number; a value that is out of range may also fail later, in
    /// evaluate().
    Expected<void> (*put)(Document& document, double value, const Output& base) = nullptr;
};

/// Returns all numbers that can be swept.
std::span<const SweepNumber> sweep_numbers();

/// Returns the row of this name; null if there is none.
const SweepNumber* find_sweep(std::string_view name);

/// A number and the values between which it moves.
struct Sweep {
    std::string name;
    double from = 0, to = 1;
    friend bool operator==(const Sweep&, const Sweep&) = default;

    /// Returns the value at `t`, 0 to 1; rounded if the number has only whole values.
    double at(double t) const;
};

/// Parses "NAME=FROM:TO". Fails with a sentence that lists the names.
Expected<Sweep> sweep_from(std::string_view text);

/// Returns the document of `base` with the values of all sweeps at `t`, 0 to 1. Fails with a sentence that begins with
/// the name of the number.
Expected<Document> swept(const Output& base, std::span<const Sweep> sweeps, double t);

}  // namespace convlens
