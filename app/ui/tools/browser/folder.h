/// Contents of a folder for the file browser.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/image.h"

namespace convlens {

/// File type, by file name.
enum class FileKind { picture, kernels, session, other };
FileKind kind_of(const std::filesystem::path& path);

struct FolderEntry {
    std::string name;
    bool folder = false;
    FileKind kind = FileKind::other;
    std::uintmax_t bytes = 0;
};

struct Folder {
    std::filesystem::path path;  ///< The requested path.
    bool folder = true;          ///< Whether the path is a folder.
    std::vector<FolderEntry>
        entries;             ///< Folders first, then supported files, each sorted by name. Hidden files are omitted.
    std::size_t others = 0;  ///< Number of files that are not listed because their type is not supported.
    bool cifar10 = false;    ///< Whether the files that are not listed include CIFAR-10's binary files.
    bool more = false;       ///< Whether the folder has more than max_entries entries.
    std::string error;       ///< Error message if the folder cannot be read completely; empty if it was read.
};

inline constexpr std::size_t max_entries = 5000;

Folder list_folder(const std::filesystem::path& path);

/// Returns the image file scaled down to at most `side` pixels per side; null if the file cannot be read.
std::shared_ptr<const Image> thumbnail_of(const std::filesystem::path& path, int side);

}  // namespace convlens
