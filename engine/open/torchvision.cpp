/// Finds torchvision's files and checks its SHA-256.
#include "engine/open/torchvision.h"

#include <algorithm>
#include <regex>

#include "engine/core/sha256.h"
#include "engine/io/file.h"

namespace convlens {

namespace fs = std::filesystem;

Expected<std::optional<fs::path>> find_torchvision_alexnet(const std::vector<fs::path>& folders) {
    return find_torchvision("alexnet", folders);
}

Expected<std::optional<fs::path>> find_torchvision(std::string_view network, const std::vector<fs::path>& folders) {
    const std::regex name(fmt::format("{}(-owt|_rwightman|_google)?-([0-9a-f]{{8}})\\.pth", network));
    for (const fs::path& folder : folders) {
        std::vector<fs::path> found;
        std::error_code ignored;
        for (fs::directory_iterator it(folder, ignored), end; it != end; it.increment(ignored))
            if (std::regex_match(it->path().filename().string(), name)) found.push_back(it->path());
        if (found.empty()) continue;
        const fs::path path = *std::min_element(found.begin(), found.end());
        const std::string stem = path.stem().string(), expected = stem.substr(stem.size() - 8);
        const auto bytes = Bytes::map_file(path);
        if (!bytes) return tl::unexpected(bytes.error());
        const std::string actual = sha256(bytes->span());
        if (!actual.starts_with(expected))
            return fail(
                "{}: expected a file whose SHA-256 begins with {}, as its name says, but it begins with {}: fetch it "
                "again",
                path.string(), expected, actual.substr(0, 8));
        return path;
    }
    return std::nullopt;
}

}  // namespace convlens
