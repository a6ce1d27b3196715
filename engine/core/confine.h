/// Limits for this process before it reads a hostile file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace convlens {

/// What a process may use from now on.
struct Limits {
    std::size_t memory = std::size_t{2} << 30U;  ///< Address space in bytes.
    unsigned cpu_seconds = 60;                   ///< Processor time, of all threads together.
    std::uint64_t file = 0;                      ///< Size in bytes of each file that it writes; 0: it writes none.
};

/// Limits the memory, the processor time and the files of this process, which leaves no core dump.
/// Its end follows that of the process that started it, on Linux.
void limit_process(const Limits& limits);

/// On Linux on x86-64 and AArch64, forbids this process for ever to open files and connections, to start programs and
/// to make memory executable (seccomp); forbidden calls fail with EPERM. Returns false where the system can't do that.
bool forbid_system_calls();

/// First argument of the program when it is to start another program with limits.
inline constexpr std::string_view run_confined_word = "run-confined";

/// The same, if that program may write files.
inline constexpr std::string_view run_encoder_word = "run-encoder";

/// Exit status of that process if the program can't be started.
inline constexpr int status_without_program = 127;

/// Limits this process and forbids it connections where the system can do that, then becomes the program `command`,
/// which is looked up in PATH. It may write files of at most `file_bytes`. Returns status_without_program if it can't.
int become_confined(std::span<const std::string> command, std::uint64_t file_bytes = 0);

/// Size of the largest file of a program that may write files, in bytes.
inline constexpr std::uint64_t max_encoded_bytes = std::uint64_t{16} << 30U;

}  // namespace convlens
