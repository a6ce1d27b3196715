/// Source text of the shaders.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/result.h"

namespace convlens {

/// A file in the folder shaders/.
struct ShaderFile {
    std::string_view name;  ///< "conv2d_matmul.comp"
    std::string_view text;  ///< Its contents.
};

/// Returns the files of shaders/ that the build has embedded in the program.
std::span<const ShaderFile> embedded_shaders();

/// Names and values of the preprocessor macros that a shader is compiled with.
using Defines = std::vector<std::pair<std::string, std::string>>;

/// Returns the complete source of shader `name` for GLSL 4.30: #version, the macros of `defines`, and the text, in
/// which included files replace the #include "..." lines. Reads the files from `folder` or, if that is empty, from
/// embedded_shaders(). Fails if a file does not exist or if an included file includes another.
Expected<std::string> shader_source(std::string_view name, const Defines& defines, const std::string& folder);

}  // namespace convlens
