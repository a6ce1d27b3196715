/// Settings that Convlens remembers between runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace convlens {

/// Settings that are kept between runs.
struct Settings {
    /// Folders from which files were opened, most recent first; at most remembered_folders.
    std::vector<std::string> folders;
    bool reduced_motion = false;  ///< Whether steps of a lecture are shown without animation.
    bool toured = false;          ///< Whether the tour of the window was seen or skipped.
    std::string language;         ///< Code of the language of the window; empty means that of the system.
    friend bool operator==(const Settings&, const Settings&) = default;
};

/// Maximum number of folders in Settings::folders.
inline constexpr std::size_t remembered_folders = 6;

/// Returns the path of the settings file: settings.json in state_folder() (~/.local/state/convlens on Linux). Returns
/// an empty path if the user has no home folder.
std::filesystem::path settings_file();

/// Reads the settings in `file`. Settings that are missing, unreadable or invalid have their default values.
Settings load_settings(const std::filesystem::path& file);

/// Writes the settings to `file` atomically. Does nothing if `file` is empty, and ignores errors, because the program
/// works without the file.
void save_settings(const Settings& settings, const std::filesystem::path& file);

/// Puts `folder` first in settings.folders, without listing it twice, and drops the oldest folder if there are too
/// many.
void remember_folder(Settings& settings, const std::filesystem::path& folder);

}  // namespace convlens
