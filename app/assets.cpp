/// Finds the assets folder and torch.hub's folders.
#include "app/assets.h"

#include "engine/core/host.h"

namespace convlens {

Assets find_assets() {
    namespace fs = std::filesystem;
    if (const auto chosen = environment_variable("CONVLENS_ASSETS")) return fs::path(*chosen);
    std::error_code ignored;
    const fs::path program = program_file();
#ifdef _WIN32
    if (const fs::path beside = program.parent_path() / "assets"; fs::is_directory(beside, ignored)) return beside;
#endif
    const fs::path installed = program.parent_path().parent_path() / CONVLENS_INSTALL_ASSETS;
    if (!program.empty() && fs::is_directory(installed, ignored)) return installed;
    if (fs::is_directory(CONVLENS_SOURCE_ASSETS, ignored)) return CONVLENS_SOURCE_ASSETS;
    return fs::path("/usr") / CONVLENS_INSTALL_ASSETS;  // where packages install them
}

NetworkPlaces find_network_places() {
    NetworkPlaces places{find_assets(), {}};
    const auto add = [&](const char* variable, const char* below) {
        if (const auto value = environment_variable(variable))
            places.torch_checkpoints.push_back(std::filesystem::path(*value) / below / "hub" / "checkpoints");
    };
    add("TORCH_HOME", "");
    if (!places.torch_checkpoints.empty()) return places;
    add("XDG_CACHE_HOME", "torch");
#ifdef _WIN32
    add("USERPROFILE", ".cache/torch");
#else
    add("HOME", ".cache/torch");
#endif
    return places;
}

}  // namespace convlens
