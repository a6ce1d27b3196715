/// Reads IDX and CIFAR-10 files, for the fuzz target and for the replay of its corpus.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/train/dataset.h"

namespace convlens {

/// Reads `bytes`; the first of them chooses the format. Returns why they are no data set; empty if they are one.
inline std::string read_dataset(std::span<const std::byte> bytes, std::string_view name) {
    if (bytes.empty()) return std::string(name) + ": it is empty";
    const auto format = std::to_integer<unsigned>(bytes[0]) % 4;
    const auto rest = bytes.subspan(1);
    const std::size_t images = std::min<std::size_t>(rest.size(), 16 + 4 * 28 * 28);
    const auto data = format % 2 == 0 ? parse_idx(rest.first(images), name, rest.subspan(images), name)
                      : format == 1   ? parse_cifar10(rest, name, {})
                                      : parse_cifar10(rest, name, {"cat", "dog"});
    return data ? std::string() : data.error().message;
}

}  // namespace convlens
