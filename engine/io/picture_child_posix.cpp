/// The child process that decodes a picture.
#ifdef __linux__
#include <malloc.h>
#endif
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "engine/core/confine.h"
#include "engine/core/memory_limit.h"
#include "engine/core/numbers.h"
#include "engine/io/picture_child.h"
#include "engine/io/picture_formats.h"
#include "engine/io/picture_reply.h"

namespace convlens {
namespace {

/// Returns all bytes of standard input.
std::vector<std::byte> read_input() {
    std::vector<std::byte> bytes;
    const off_t size = ::lseek(STDIN_FILENO, 0, SEEK_END);
    ::lseek(STDIN_FILENO, 0, SEEK_SET);
    if (size > 0) bytes.resize(static_cast<std::size_t>(size));
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t got = ::read(STDIN_FILENO, bytes.data() + at, bytes.size() - at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        at += static_cast<std::size_t>(got);
    }
    return bytes;
}

bool write_all(int to, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(to, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
    return std::as_bytes(std::span(&value, 1));
}

int answer(int to, const Expected<Picture>& picture) {
    PictureReply reply;
    if (!picture) {
        const std::string& message = picture.error().message;
        reply.kind = PictureReply::failure;
        reply.message_bytes = static_cast<std::uint32_t>(message.size());
        return write_all(to, bytes_of(reply)) && write_all(to, std::as_bytes(std::span(message))) ? 0 : 1;
    }
    const PictureInfo& info = picture->info;
    reply = {PictureReply::picture, 0,         info.width,       info.height,
             info.channels,         info.bits, info.orientation, info.converted ? 1 : 0};
    return write_all(to, bytes_of(reply)) && write_all(to, std::as_bytes(std::span(picture->color.values()))) &&
                   write_all(to, std::as_bytes(std::span(picture->alpha)))
               ? 0
               : 1;
}

}  // namespace

int run_picture_child(std::span<const std::string> arguments) {
    if (arguments.size() != 3) return 2;
    for (int inherited = STDERR_FILENO + 1; inherited < 1024; ++inherited) ::close(inherited);
    const std::size_t memory = parse_number<std::size_t>(arguments[1]).value_or(std::size_t{1} << 30U);
    set_memory_limit(memory);
#ifdef __linux__
    ::mallopt(M_ARENA_MAX, 1);  // each would reserve addresses
#endif
    // Decoders may print messages.
    const int to = ::dup(STDOUT_FILENO), nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, STDOUT_FILENO);
    const std::vector<std::byte> file = read_input();
    prepare_decoder(file);
    limit_process({memory / 2 + file.size() + (std::size_t{1} << 30U), 60});
    forbid_system_calls();
    const int status =
        answer(to, decode_picture_here(file, arguments[2], parse_number<int>(arguments[0]).value_or(0), true));
    ::_exit(status);  // no destructors: they may need what is forbidden
}

}  // namespace convlens
