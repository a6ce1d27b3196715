/// Reads and writes settings as a small JSON file.
#include "app/settings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/core/host.h"
#include "engine/io/file.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 1 << 16;

}  // namespace

fs::path settings_file() {
    const fs::path folder = state_folder();
    return folder.empty() ? folder : folder / "settings.json";
}

Settings load_settings(const fs::path& file) {
    Settings settings;
    if (file.empty()) return settings;
    const auto bytes = Bytes::read_file(file, largest_file);
    if (!bytes) return settings;
    const auto text = bytes->span();
    const auto* first = reinterpret_cast<const char*>(text.data());
    const auto json = nlohmann::json::parse(first, first + text.size(), nullptr, false);
    if (!json.is_object()) return settings;
    if (json.contains("reduced_motion") && json["reduced_motion"].is_boolean())
        settings.reduced_motion = json["reduced_motion"];
    if (json.contains("toured") && json["toured"].is_boolean()) settings.toured = json["toured"];
    if (json.contains("language") && json["language"].is_string()) settings.language = json["language"];
    if (!json.contains("folders") || !json["folders"].is_array()) return settings;
    for (const auto& folder : json["folders"])
        if (folder.is_string() && settings.folders.size() < remembered_folders) settings.folders.push_back(folder);
    return settings;
}

void save_settings(const Settings& settings, const fs::path& file) {
    if (file.empty()) return;
    std::error_code ignored;
    fs::create_directories(file.parent_path(), ignored);
    const nlohmann::json json{{"folders", settings.folders},
                              {"toured", settings.toured},
                              {"reduced_motion", settings.reduced_motion},
                              {"language", settings.language}};
    const std::string text = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    (void)write_file(file, std::as_bytes(std::span(text)));
}

void remember_folder(Settings& settings, const fs::path& folder) {
    auto& folders = settings.folders;
    std::erase(folders, folder.string());
    folders.insert(folders.begin(), folder.string());
    if (folders.size() > remembered_folders) folders.resize(remembered_folders);
}

}  // namespace convlens
