/// The text of the shaders.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/result.h"

namespace convlens {

struct ShaderFile {
    std::string_view name;  ///< "conv2d_tiled.comp"
    std::string_view text;
};

/// The files of shaders/ as they were when the program was built.
std::span<const ShaderFile> embedded_shaders();

/// Names and values that a shader is compiled with.
using Defines = std::vector<std::pair<std::string, std::string>>;

/// The complete source of shader `name` for GLSL 4.30: version, defines, text with its #include "..." lines
/// replaced by the files they name. Read from `folder` if that is not empty, else from embedded_shaders().
/// Fails when a file is not there.
Expected<std::string> shader_source(std::string_view name, const Defines& defines, const std::string& folder);

}  // namespace convlens
