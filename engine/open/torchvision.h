/// Finds the weights that torchvision downloads.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace convlens {

/// Returns the path of torchvision's file for AlexNet, alexnet-owt-XXXXXXXX.pth, in the first of `folders` that has
/// one; nullopt if none has. XXXXXXXX are the first eight hexadecimal digits of the file's SHA-256. If the content does
/// not have that SHA-256 (an interrupted download, or another file with that name), fails with a message that names the
/// file.
Expected<std::optional<std::filesystem::path>> find_torchvision_alexnet(
    const std::vector<std::filesystem::path>& folders);

/// Returns the path of torchvision's file for `network`, such as resnet18-XXXXXXXX.pth for "resnet18"; otherwise like
/// find_torchvision_alexnet().
Expected<std::optional<std::filesystem::path>> find_torchvision(std::string_view network,
                                                                const std::vector<std::filesystem::path>& folders);

}  // namespace convlens
