/// Fuzz target: pictures, header and pixels, and the frames of animations. Formats that are decoded in a child process
/// are decoded here, too.
#include "engine/io/picture_formats.h"
#include "tests/fuzz/read_animation.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto file = std::as_bytes(std::span(data, size));
    convlens::prepare_decoder(file);
    const auto header = convlens::decode_picture_here(file, "fuzz", convlens::header_only, true);
    if (header && static_cast<long>(header->info.width) * header->info.height > 1'000'000) return 0;
    (void)convlens::decode_picture_here(file, "fuzz", 0, true);
    if (!convlens::play_gif(file, "fuzz").repeats) __builtin_trap();
    const auto delays = convlens::webp_delays(file);
    if (delays.size() > file.size() / 24) __builtin_trap();  // the header of a frame
    if (delays.size() > 1) (void)convlens::decode_picture_here(file, "fuzz", 1, true);
    return 0;
}

namespace {

unsigned crc32(std::span<const unsigned char> bytes) {
    unsigned crc = ~0U;
    for (const unsigned char b : bytes) {
        crc ^= b;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(unsigned char* data, std::size_t size, std::size_t max_size);

/// Mutates as usual and then makes the checksums of a PNG's chunks right again: no other file gets past them.
extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
    size = LLVMFuzzerMutate(data, size, max_size);
    if (size < 8 || data[1] != 'P' || seed % 8 == 0) return size;
    for (std::size_t at = 8; at + 12 <= size;) {
        const std::size_t length = std::size_t{data[at]} << 24U | std::size_t{data[at + 1]} << 16U |
                                   std::size_t{data[at + 2]} << 8U | data[at + 3];
        if (length > size - at - 12) break;
        const unsigned crc = crc32({data + at + 4, length + 4});
        for (unsigned i = 0; i < 4; ++i) data[at + 8 + length + i] = static_cast<unsigned char>(crc >> (24 - 8 * i));
        at += 12 + length;
    }
    return size;
}
