/// Recovery: the document is saved beside its files while one works, and offered again after an accident.
#pragma once

#include "app/ui/tool.h"

namespace convlens {

extern const Tool recovery_tool;

}  // namespace convlens
