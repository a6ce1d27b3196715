/// Everything that can be read of a file of arrays, for the fuzz targets and for the replay of their corpora.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/io/number_type.h"
#include "engine/io/tensor_file.h"

namespace convlens {

/// Opens `file` and loads every array of it that has no more than four million values. The messages of what
/// failed.
inline std::vector<std::string> read_arrays(std::span<const std::byte> file, std::string_view name) {
    constexpr std::uint64_t max_values = 4'000'000;
    std::vector<std::string> messages;
    const auto opened = TensorFile::parse(Bytes::copy_of(file), name);
    if (!opened) return {opened.error().message};
    for (const ArrayInfo& info : opened->arrays()) {
        if (count_of(info.shape).value_or(max_values + 1) > max_values) continue;
        const auto array = opened->load(info.key);
        if (!array) messages.push_back(array.error().message);
    }
    return messages;
}

}  // namespace convlens
