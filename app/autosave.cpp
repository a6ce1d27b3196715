/// Finds autosave files and those of ended processes.
#include "app/autosave.h"

#include <string>

#include "app/settings.h"
#include "engine/core/host.h"
#include "engine/core/numbers.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "autosave-";
constexpr std::string_view unfinished_prefix =
    ".convlens-";  ///< Prefix of the temporary files that write_file() renames at the end.

/// Returns true if the file's name is `start`, a process id, perhaps "-" and more text, and `ending`, and if that
/// process has ended.
bool orphaned(const fs::path& file, std::string_view start, std::string_view ending) {
    const std::string stem = file.stem().string();
    if (!stem.starts_with(start) || file.extension() != ending) return false;
    std::string_view rest = std::string_view(stem).substr(start.size());
    const auto pid = parse_number<long>(cut(rest, '-'));
    return pid && *pid > 0 && process_has_ended(*pid);
}

bool orphaned(const fs::path& file) { return orphaned(file, prefix, ".json"); }

}  // namespace

fs::path autosave_file() {
    const fs::path settings = settings_file();
    return settings.empty() ? settings
                            : settings.parent_path() / (std::string(prefix) + std::to_string(process_id()) + ".json");
}

fs::path take_crashed() {
    const fs::path own = autosave_file();
    if (own.empty()) return {};
    std::error_code ignored;
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(own.parent_path(), ignored))
        if (orphaned(entry.path(), unfinished_prefix, ".tmp")) fs::remove(entry.path(), ignored);
    for (const auto& entry : fs::directory_iterator(own.parent_path(), ignored)) {
        if (!orphaned(entry.path())) continue;
        if (newest.empty() || fs::last_write_time(entry.path(), ignored) > fs::last_write_time(newest, ignored))
            newest = entry.path();
    }
    if (newest.empty()) return {};
    const fs::path kept = own.parent_path() / "last-session.json";
    fs::rename(newest, kept, ignored);
    if (ignored) return {};
    for (const auto& entry : fs::directory_iterator(own.parent_path(), ignored))
        if (orphaned(entry.path())) fs::remove(entry.path(), ignored);
    return kept;
}

}  // namespace convlens
