/// What a child process that decodes a picture answers first.
#pragma once

#include <cstdint>

namespace convlens {

/// The first bytes of the answer. After a failure follow message_bytes bytes of text; after a picture its planes as
/// floats: red, green, blue and, if `channels` is even, alpha. Both sides are the same program.
struct PictureReply {
    static constexpr std::uint32_t failure = 0x4c494146, picture = 0x54434950;
    std::uint32_t kind = 0;
    std::uint32_t message_bytes = 0;
    std::int32_t width = 0, height = 0, channels = 0, bits = 0, orientation = 1, converted = 0;  ///< As in PictureInfo.
};

}  // namespace convlens
