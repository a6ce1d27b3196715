/// Fuzz target: IDX and CIFAR-10 files; the first byte chooses.
#include <algorithm>

#include "engine/train/dataset.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    if (bytes.empty()) return 0;
    const auto rest = bytes.subspan(1);
    const std::size_t half = std::min<std::size_t>(rest.size(), 16 + 4 * 28 * 28);
    if (data[0] % 2 == 0)
        static_cast<void>(convlens::parse_idx(rest.first(half), "images", rest.subspan(half), "labels"));
    else
        static_cast<void>(convlens::parse_cifar10(
            rest, "cifar", data[0] % 4 == 1 ? std::vector<std::string>{} : std::vector<std::string>{"cat", "dog"}));
    return 0;
}
