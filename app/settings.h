/// What Convlens remembers from one start to the next.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace convlens {

struct Settings {
    std::vector<std::string>
        folders;  ///< Folders that were opened from, the last one first, remembered_folders at most.
    friend bool operator==(const Settings&, const Settings&) = default;
};

inline constexpr std::size_t remembered_folders = 6;

/// $XDG_STATE_HOME/convlens/settings.json, or ~/.local/state/convlens/settings.json; empty without a home.
std::filesystem::path settings_file();

/// The settings in `file`; what is missing, unreadable or nonsense is left at its default.
Settings load_settings(const std::filesystem::path& file);

/// Writes them, whole or not at all. Failure is not reported: the program works without.
void save_settings(const Settings& settings, const std::filesystem::path& file);

/// Puts `folder` first.
void remember_folder(Settings& settings, const std::filesystem::path& folder);

}  // namespace convlens
