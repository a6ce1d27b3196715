/// Child processes whose output is read, or whose input is written.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/result.h"

namespace convlens {

/// A program that was started by this one. It is killed when this object is destroyed. All of its messages are dropped.
/// child_process_posix.cpp and child_process_windows.cpp implement it; on Windows and in browsers no program is
/// started.
class ChildProcess {
  public:
    /// Starts `command`, a program, which is looked up in PATH, and its arguments. Its standard input is a copy of
    /// `input` in memory. Fails, with a sentence that begins with the program, if it can't be started.
    static Expected<ChildProcess> start(const std::vector<std::string>& command, std::span<const std::byte> input);

    /// Like start(), but the program reads what write() gives it.
    static Expected<ChildProcess> start_writing(const std::vector<std::string>& command);

    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();

    /// Reads the next bytes of the program's output, until `into` is full or the program has closed its output. Returns
    /// how many bytes were read. Fails if canceled, if the program was stopped, and if it writes nothing for the time
    /// of `patience`; the message is without a subject: "was stopped".
    Expected<std::size_t> read(std::span<std::byte> into, std::chrono::milliseconds patience, const Cancel& cancel);

    /// Writes all `bytes` to the input of a program of start_writing(). Fails if canceled, if the program has ended or
    /// was stopped, and if it reads nothing for the time of `patience`; the message is as for read().
    Expected<void> write(std::span<const std::byte> bytes, std::chrono::milliseconds patience, const Cancel& cancel);

    /// Ends the input, and waits until the program has closed its output. Fails like read(), and if the program failed.
    Expected<void> finish(std::chrono::milliseconds patience, const Cancel& cancel);

    /// Returns the process id.
    long id() const { return id_; }

    /// Waits for the end of a program that has closed its output. Returns how it failed: "was ended by signal 11
    /// (Segmentation fault)"; empty if it succeeded.
    std::string failure();

  private:
    ChildProcess(long id, int input, int output) : id_(id), input_(input), output_(output) {}

    static Expected<ChildProcess> start_reading(const std::vector<std::string>& command, int from, int input);
    bool stopped() const;

    long id_ = 0;                   ///< 0 if the program has ended.
    int input_ = -1, output_ = -1;  ///< This program's ends.
};

}  // namespace convlens
