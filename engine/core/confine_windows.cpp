/// No limits on Windows, where no child process reads files.
#include "engine/core/confine.h"

namespace convlens {

void limit_process(const Limits& /*limits*/) {}

bool forbid_system_calls() { return false; }

int become_confined(std::span<const std::string> /*command*/, std::uint64_t /*file_bytes*/) {
    return status_without_program;
}

}  // namespace convlens
