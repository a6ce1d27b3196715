/// Finds the AlexNet weights that torchvision downloads.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "engine/core/result.h"

namespace convlens {

/// Finds torchvision's file for AlexNet: alexnet-owt-XXXXXXXX.pth, where XXXXXXXX are the first eight digits of its
/// SHA-256, in the first of `folders` that has one. Returns nullopt if no folder has one. If the content of the file
/// does not have that SHA-256 (an interrupted download, or another file with that name), fails with a message that
/// names the file.
Expected<std::optional<std::filesystem::path>> find_torchvision_alexnet(
    const std::vector<std::filesystem::path>& folders);

}  // namespace convlens
