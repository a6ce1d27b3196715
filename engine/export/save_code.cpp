/// Saves a script and its arrays.
#include "engine/export/code.h"
#include "engine/io/file.h"
#include "engine/io/tensor_file.h"

namespace convlens {

Expected<std::string> save_code(const Document& document, ScriptLibrary library, const std::string& path,
                                const std::filesystem::path& assets, const Code* ending, Existing existing) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    fs::path arrays_file = fs::absolute(fs::path(path), ignored).lexically_normal().replace_extension(".npz");
    if (existing == Existing::kept && !path.ends_with(".npz")) arrays_file = unused_path(arrays_file);
    const auto code = write_code(document, library, arrays_file.string(), assets, ending);
    if (!code) return tl::unexpected(code.error());
    if (!code->arrays.empty()) {
        std::vector<std::pair<std::string, ArrayView>> views;
        for (const auto& [name, parameter] : code->arrays)
            views.emplace_back(name, ArrayView(parameter.shape, parameter.data()));
        const auto bytes = encode_npz(views);
        if (!bytes) return tl::unexpected(bytes.error());
        if (auto ok = write_file(arrays_file, *bytes, existing); !ok) return tl::unexpected(ok.error());
    }
    if (path.ends_with(".py"))
        if (auto ok = write_file(path, std::as_bytes(std::span(code->text)), existing); !ok)
            return tl::unexpected(ok.error());
    return code->text;
}

}  // namespace convlens
