/// The weights that torchvision publishes, where its downloads lie.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "engine/core/result.h"

namespace convlens {

/// torchvision's file for AlexNet: alexnet-owt-XXXXXXXX.pth, XXXXXXXX being the first eight digits of its SHA-256, in
/// the first of `folders` that has one. None where no folder has one. Fails, naming the file, when its content does not
/// have that SHA-256: an interrupted download, or another file of that name.
Expected<std::optional<std::filesystem::path>> find_torchvision_alexnet(
    const std::vector<std::filesystem::path>& folders);

}  // namespace convlens
