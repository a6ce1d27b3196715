/// Starts no programs on Windows.
#include "engine/core/child_process.h"

namespace convlens {

Expected<ChildProcess> ChildProcess::start(const std::vector<std::string>& command, std::span<const std::byte> /*in*/) {
    return fail("{} is not started on this system", command.front());
}

Expected<ChildProcess> ChildProcess::start_writing(const std::vector<std::string>& command) {
    return fail("{} is not started on this system", command.front());
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept = default;
ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept = default;
ChildProcess::~ChildProcess() = default;

Expected<std::size_t> ChildProcess::read(std::span<std::byte> /*into*/, std::chrono::milliseconds /*patience*/,
                                         const Cancel& /*cancel*/) {
    return fail("was not started");
}

Expected<void> ChildProcess::write(std::span<const std::byte> /*bytes*/, std::chrono::milliseconds /*patience*/,
                                   const Cancel& /*cancel*/) {
    return fail("was not started");
}

Expected<void> ChildProcess::finish(std::chrono::milliseconds /*patience*/, const Cancel& /*cancel*/) {
    return fail("was not started");
}

std::string ChildProcess::failure() { return "was not started"; }

}  // namespace convlens
