/// The search for the assets folder.
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
    return CONVLENS_SOURCE_ASSETS;
}

}  // namespace convlens
