/// Assembles the source text of a shader.
#include "app/gpu/shader_source.h"

#include <filesystem>

#include "engine/io/file.h"

namespace convlens {
namespace {

Expected<std::string> text_of(std::string_view name, const std::string& folder) {
    if (!folder.empty()) {
        const auto bytes = Bytes::map_file((std::filesystem::path(folder) / name).string());
        if (!bytes) return tl::unexpected(bytes.error());
        return std::string(reinterpret_cast<const char*>(bytes->span().data()), bytes->span().size());
    }
    for (const ShaderFile& file : embedded_shaders())
        if (file.name == name) return std::string(file.text);
    return fail("shader {} is not part of this program", name);
}

}  // namespace

Expected<std::string> shader_source(std::string_view name, const Defines& defines, const std::string& folder) {
    auto text = text_of(name, folder);
    if (!text) return text;
    constexpr std::string_view include = "#include \"";
    for (auto at = text->find(include); at != std::string::npos; at = text->find(include, at)) {
        const auto begin = at + include.size(), end = text->find('"', begin);
        const auto part =
            text_of(std::string_view(*text).substr(begin, end == std::string::npos ? 0 : end - begin), folder);
        if (!part) return part;
        if (part->find(include) != std::string::npos)
            return fail("shader {}: an included file must not include another", name);
        text->replace(at, end + 1 - at, *part);
    }
    std::string source = "#version 430 core\n";
    for (const auto& [key, value] : defines) source += fmt::format("#define {} {}\n", key, value);
    return source + "#line 1\n" + *text;
}

}  // namespace convlens
