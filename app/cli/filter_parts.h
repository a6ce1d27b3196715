/// What the parts of `convlens analyze --part` share.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/commands.h"
#include "engine/core/image.h"
#include "engine/nn/network.h"
#include "engine/view/chart.h"

namespace convlens {

/// What a part has computed.
struct FilterPartResult {
    std::string text;  ///< To print.
    std::string csv;
    std::optional<Chart> chart;
    std::optional<Image> picture;
    Tensor data;
};

/// What it is computed from.
struct FilterPartSubject {
    Network network;  ///< The layers up to the shown one.
    Tensor input;     ///< The shown item.
    int channel = 0;
};

/// Draws pictures in rows of `columns`, with their titles below, each in a square of 256 pixels.
Image picture_sheet(const std::vector<std::pair<std::string, Image>>& pictures, int columns);

/// Compute the parts that are about one kernel.
Expected<FilterPartResult> spectra_of_kernel(const FilterPartSubject& subject, const FiltersCommand& command);
Expected<FilterPartResult> designed_kernel(const FilterPartSubject& subject, const FiltersCommand& command);
Expected<FilterPartResult> algebra_of_kernel(const FilterPartSubject& subject, const FiltersCommand& command);
Expected<FilterPartResult> painted_kernel(const FilterPartSubject& subject, const FiltersCommand& command);

}  // namespace convlens
