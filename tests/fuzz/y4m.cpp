/// Fuzz target: Y4M videos, header and frames.
#include "engine/io/y4m.h"

#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto read = [data, size, at = std::size_t{0}](std::span<std::byte> into) mutable {
        const std::size_t count = std::min(into.size(), size - at);
        std::memcpy(into.data(), data + at, count);
        at += count;
        return convlens::Expected<std::size_t>(count);
    };
    auto stream = convlens::Y4mStream::open(read, "fuzz");
    if (!stream || stream->header().frame_bytes() > 1'000'000) return 0;
    std::vector<std::byte> frame;
    for (auto more = stream->next(frame); more && *more; more = stream->next(frame))
        (void)convlens::y4m_picture(stream->header(), frame);
    return 0;
}
