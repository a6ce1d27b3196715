/// Finding autosaves.
#include "app/autosave.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "app/settings.h"
#include "engine/core/numbers.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "autosave-";

/// Whether the program that wrote it is gone.
bool orphaned(const fs::path& file) {
    const std::string stem = file.stem().string();
    if (!stem.starts_with(prefix) || file.extension() != ".json") return false;
    const auto pid = parse_number<int>(std::string_view(stem).substr(prefix.size()));
    return pid && *pid > 0 && ::kill(*pid, 0) != 0 && errno == ESRCH;
}

}  // namespace

fs::path autosave_file() {
    const fs::path settings = settings_file();
    return settings.empty() ? settings : settings.parent_path() / (std::string(prefix) + std::to_string(::getpid()) + ".json");
}

fs::path take_crashed() {
    const fs::path own = autosave_file();
    if (own.empty()) return {};
    std::error_code ignored;
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(own.parent_path(), ignored)) {
        if (!orphaned(entry.path())) continue;
        if (newest.empty() || fs::last_write_time(entry.path(), ignored) > fs::last_write_time(newest, ignored)) newest = entry.path();
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
