/// Recovery: saves the document automatically while the user works, and offers to restore it after a crash.
#pragma once

#include "app/ui/tool.h"

namespace convlens {

/// The tool's entry in the table of tools.
extern const Tool recovery_tool;

}  // namespace convlens
