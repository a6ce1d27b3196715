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
    bool folder = true;          ///< The path is a folder.
    std::vector<FolderEntry>
        entries;             ///< Folders first, then supported files, each sorted by name. Hidden files are omitted.
    std::size_t others = 0;  ///< Number of files that are not listed because their type is not supported.
    bool cifar10 = false;    ///< The files that are not listed include CIFAR-10's binary files.
    bool more = false;       ///< There are more than max_entries entries.
    std::string error;       ///< Why the folder cannot be read, or not completely; names the folder.
};

inline constexpr std::size_t max_entries = 5000;

Folder list_folder(const std::filesystem::path& path);

/// An image file scaled down to at most `side` pixels per side; null if it cannot be read.
std::shared_ptr<const Image> thumbnail_of(const std::filesystem::path& path, int side);

}  // namespace convlens
