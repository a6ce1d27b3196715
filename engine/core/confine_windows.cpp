/// No limits on Windows, where no child process reads files.
#include "engine/core/confine.h"

namespace convlens {

void limit_process(const Limits& /*limits*/) {}

bool forbid_system_calls() { return false; }

}  // namespace convlens
