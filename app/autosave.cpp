/// Finds autosave files and those of ended processes.
#include "app/autosave.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "app/settings.h"
#include "engine/core/host.h"
#include "engine/core/numbers.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view session_prefix = "autosave-", lecture_prefix = "lecture-";
constexpr std::string_view unfinished_prefix =
    ".convlens-";  ///< Prefix of the temporary files that write_file() renames at the end.

/// Returns true if the file's name is `start`, a process id, perhaps "-" and more text, and `ending`, and if that
/// process has ended.
bool orphaned(const fs::path& file, std::string_view start, std::string_view ending) {
    const std::string stem = file.stem().string();
    if (!stem.starts_with(start) || file.extension() != ending) return false;
    std::string_view rest = std::string_view(stem).substr(start.size());
    const auto pid = parse_number<long>(cut(rest, '-'));
    // This process has no files yet: one with its id is of an earlier process.
    return pid && *pid > 0 && (*pid == process_id() || process_has_ended(*pid));
}

/// Returns the newest file of an ended process whose name starts with `start` and has one of the endings; an empty path
/// if there is none.
fs::path newest_orphan(const fs::path& folder, std::string_view start,
                       std::initializer_list<std::string_view> endings) {
    std::error_code ignored;
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (std::ranges::none_of(endings, [&](auto ending) { return orphaned(entry.path(), start, ending); })) continue;
        if (newest.empty() || fs::last_write_time(entry.path(), ignored) > fs::last_write_time(newest, ignored))
            newest = entry.path();
    }
    return newest;
}

/// Renames `file` to `kept` if there is one. Returns `kept` if it exists then, otherwise an empty path.
fs::path keep(const fs::path& file, const fs::path& kept) {
    std::error_code ignored;
    if (!file.empty()) fs::rename(file, kept, ignored);
    return fs::exists(kept, ignored) ? kept : fs::path();
}

}  // namespace

AutosaveFiles autosave_files() {
    const fs::path settings = settings_file();
    if (settings.empty()) return {};
    const auto file = [&](std::string_view start) {
        return settings.parent_path() / (std::string(start) + std::to_string(process_id()) + ".json");
    };
    return {file(session_prefix), file(lecture_prefix)};
}

AutosaveFiles take_crashed() {
    const fs::path folder = settings_file().parent_path();
    if (folder.empty()) return {};
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
        if (orphaned(entry.path(), unfinished_prefix, ".tmp")) fs::remove(entry.path(), ignored);
    const fs::path json = folder / "last-session.json", zip = folder / "last-session.zip";
    fs::path session = newest_orphan(folder, session_prefix, {".json", ".zip"});
    if (!session.empty()) fs::remove(session.extension() == zip.extension() ? json : zip, ignored);
    session = keep(
        session, session.extension() == zip.extension() || (session.empty() && fs::exists(zip, ignored)) ? zip : json);
    for (fs::path older; !(older = newest_orphan(folder, session_prefix, {".json", ".zip"})).empty();)
        if (!fs::remove(older, ignored)) break;
    const fs::path last_lecture = folder / "last-lecture.json";
    const bool waits = fs::exists(last_lecture, ignored);
    return {session, keep(waits ? fs::path() : newest_orphan(folder, lecture_prefix, {".json"}), last_lecture)};
}

}  // namespace convlens
