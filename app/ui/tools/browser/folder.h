/// What the file browser shows of a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/image.h"

namespace convlens {

/// What a file is to Convlens, by its name.
enum class FileKind { picture, kernels, session, other };
FileKind kind_of(const std::filesystem::path& path);

struct FolderEntry {
    std::string name;
    bool folder = false;
    FileKind kind = FileKind::other;
    std::uintmax_t bytes = 0;
};

struct Folder {
    std::filesystem::path path;        ///< As it was asked for.
    bool folder = true;                ///< It is one, not a file or nothing.
    std::vector<FolderEntry> entries;  ///< Folders first, then files that can be opened; each by name. No hidden ones.
    std::size_t others = 0;            ///< Files that are not listed because Convlens can't open them.
    bool cifar10 = false;              ///< CIFAR-10's binary files are among the others.
    bool more = false;                 ///< There are more than max_entries.
    std::string error;                 ///< Why it can't be read, or can't to its end: one sentence that names it.
};

inline constexpr std::size_t max_entries = 5000;

Folder list_folder(const std::filesystem::path& path);

/// A picture file reduced to at most `side` pixels a side; null when it can't be read.
std::shared_ptr<const Image> thumbnail_of(const std::filesystem::path& path, int side);

}  // namespace convlens
