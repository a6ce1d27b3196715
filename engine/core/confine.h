/// Limits for this process before it reads a hostile file.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace convlens {

/// What a process may use from now on.
struct Limits {
    std::size_t memory = std::size_t{2} << 30U;  ///< Address space in bytes.
    unsigned cpu_seconds = 60;                   ///< Processor time, of all threads together.
};

/// Limits the memory, the processor time and the files of this process: it can't write files and leaves no core dump.
/// Its end follows that of the process that started it, on Linux.
void limit_process(const Limits& limits);

/// On Linux on x86-64 and AArch64, forbids this process for ever to open files and connections, to start programs and
/// to make memory executable (seccomp); forbidden calls fail with EPERM. Returns false where the system can't do that.
bool forbid_system_calls();

/// First argument of the program when it is to start another program with limits.
inline constexpr std::string_view run_confined_word = "run-confined";

/// Exit status of that process if the program can't be started.
inline constexpr int status_without_program = 127;

/// Limits this process and forbids it connections where the system can do that, then becomes the program `command`,
/// which is looked up in PATH. Returns status_without_program if it can't.
int become_confined(std::span<const std::string> command);

}  // namespace convlens
