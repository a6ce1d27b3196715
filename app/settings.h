/// Settings that Convlens remembers between runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace convlens {

struct Settings {
    std::vector<std::string>
        folders;  ///< Folders from which files were opened, most recent first, at most remembered_folders.
    friend bool operator==(const Settings&, const Settings&) = default;
};

inline constexpr std::size_t remembered_folders = 6;

/// Returns the path of the settings file: settings.json in state_folder(). Returns an empty path without a home
/// directory.
std::filesystem::path settings_file();

/// Reads the settings in `file`; missing, unreadable or invalid values keep their defaults.
Settings load_settings(const std::filesystem::path& file);

/// Writes the settings atomically. Does not report failure, because the program works without the file.
void save_settings(const Settings& settings, const std::filesystem::path& file);

/// Moves `folder` to the front of settings.folders.
void remember_folder(Settings& settings, const std::filesystem::path& folder);

}  // namespace convlens
