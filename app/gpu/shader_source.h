/// Source text of the shaders.
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

/// Returns the files of shaders/, which the build embeds into the program.
std::span<const ShaderFile> embedded_shaders();

/// Names and values of the preprocessor macros that a shader is compiled with.
using Defines = std::vector<std::pair<std::string, std::string>>;

/// Returns the complete source of shader `name` for GLSL 4.30: #version, the macros of `defines`, and the text with its
/// #include "..." lines replaced by the included files. Reads the files from `folder` if that is not empty, otherwise
/// from embedded_shaders(). Fails if a file does not exist.
Expected<std::string> shader_source(std::string_view name, const Defines& defines, const std::string& folder);

}  // namespace convlens
