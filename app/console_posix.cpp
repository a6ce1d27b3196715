/// Opens missing standard streams. Terminals accept UTF-8 and escape sequences.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "app/console.h"

namespace convlens {

Console::Console() {
    // A file that is opened gets the lowest free number: messages for a closed stderr would be written into it.
    for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(file, F_GETFD) < 0 && errno == EBADF) static_cast<void>(::open("/dev/null", O_RDWR));
}

Console::~Console() = default;

void Console::leave() {}

void Console::report(const Error& error) const { fmt::print(stderr, "convlens: {}\n", error.message); }

}  // namespace convlens
