/// Search for the assets folder and for torch.hub's folders.
#include "app/assets.h"

#include <cstdlib>

namespace convlens {

Assets find_assets() {
    namespace fs = std::filesystem;
    if (const char* chosen = std::getenv("CONVLENS_ASSETS"); chosen && *chosen) return chosen;
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    const fs::path installed = program.parent_path().parent_path() / CONVLENS_INSTALL_ASSETS;
    if (!program.empty() && fs::is_directory(installed, ignored)) return installed;
    if (fs::is_directory(CONVLENS_SOURCE_ASSETS, ignored)) return CONVLENS_SOURCE_ASSETS;
    return fs::path("/usr") / CONVLENS_INSTALL_ASSETS;  // the folder of an installed package, for systems without /proc
}

NetworkPlaces find_network_places() {
    NetworkPlaces places{find_assets(), {}};
    const auto add = [&](const char* variable, const char* below) {
        const char* value = std::getenv(variable);
        if (value && *value)
            places.torch_checkpoints.push_back(std::filesystem::path(value) / below / "hub" / "checkpoints");
    };
    add("TORCH_HOME", "");
    if (!places.torch_checkpoints.empty()) return places;
    add("XDG_CACHE_HOME", "torch");
    add("HOME", ".cache/torch");
    return places;
}

}  // namespace convlens
