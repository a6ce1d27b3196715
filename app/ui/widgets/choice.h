/// Choices and tooltips with names that are not texts of the window.
#pragma once

#include <span>
#include <string_view>

#include "app/ui/frame.h"

namespace convlens {

/// Draws a choice() (property.h) whose names are drawn as they are: `shown` has a name for each of `names`, which are
/// those in the UI map. Names of layers, files and devices are both.
bool choice_as_shown(Frame& f, const char* name, std::span<const std::string_view> names,
                     std::span<const std::string_view> shown, int& value, const char* tooltip_text);

/// Shows a tooltip() (property.h) that is not translated: a name of a file or of a layer, an error, or a sentence that
/// has been translated.
void tooltip_as_shown(const char* text);

}  // namespace convlens
