/// A mutator for zip archives: changes bytes and makes the checksums of stored entries right again.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>

extern "C" std::size_t LLVMFuzzerMutate(unsigned char* data, std::size_t size, std::size_t max_size);

namespace convlens {

/// Reads and writes numbers in little-endian order.
inline std::uint32_t little(const unsigned char* at, int bytes) {
    std::uint32_t value = 0;
    for (int i = bytes; i-- > 0;) value = value << 8U | at[i];
    return value;
}
inline void put_little(unsigned char* at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) at[i] = static_cast<unsigned char>(value >> (8 * i));
}

/// Changes the bytes of the archive. Then, in seven of eight calls, gives every stored entry that lies in the file the
/// CRC-32 of its data, in its local header and in the central directory: readers refuse all others.
/// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7 and 4.3.12
inline std::size_t mutate_zip(unsigned char* data, std::size_t size, std::size_t max_size, unsigned seed) {
    size = LLVMFuzzerMutate(data, size, max_size);
    if (seed % 8 == 0) return size;
    for (std::size_t at = 0; at + 46 <= size; ++at) {
        if (little(data + at, 4) != 0x02014b50U) continue;  // an entry of the central directory
        const std::size_t local = little(data + at + 42, 4);
        if (little(data + at + 10, 2) != 0 || local + 30 > size || little(data + local, 4) != 0x04034b50U) continue;
        const std::size_t begin = local + 30 + little(data + local + 26, 2) + little(data + local + 28, 2);
        const std::size_t bytes = little(data + at + 20, 4);
        if (begin > size || bytes > size - begin) continue;
        const auto crc = static_cast<std::uint32_t>(::crc32(0, data + begin, static_cast<uInt>(bytes)));
        put_little(data + at + 16, crc);
        put_little(data + local + 14, crc);
    }
    return size;
}

}  // namespace convlens
