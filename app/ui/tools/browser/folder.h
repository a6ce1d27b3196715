/// Contents of a folder for the file browser.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/image.h"

namespace convlens {

/// Type of a file.
enum class FileKind {
    picture,  ///< An image, such as .png or .jpg.
    kernels,  ///< Kernels or weights: .npy, .npz, .safetensors, .pth or .pt.
    session,  ///< A session, a lecture or a network: .json or .onnx, or a bundle: .zip.
    other     ///< A type that Convlens does not open.
};

/// Returns the type of a file by the extension of its name, ignoring case. Does not read the file.
FileKind kind_of(const std::filesystem::path& path);

/// A file or a subfolder in a folder.
struct FolderEntry {
    std::string name;                 ///< Name without the path.
    bool folder = false;              ///< Whether it is a subfolder.
    FileKind kind = FileKind::other;  ///< FileKind::other for a subfolder.
    std::uintmax_t bytes = 0;         ///< Size of the file; 0 for a subfolder.
};

/// The contents of a folder.
struct Folder {
    std::filesystem::path path;        ///< The requested path.
    bool folder = true;                ///< Whether the path is a folder.
    std::vector<FolderEntry> entries;  ///< Subfolders first, then files of supported types, each sorted by name,
                                       ///< ignoring case. Names that begin with a dot are left out.
    std::size_t others = 0;            ///< Number of files that are not listed because their type is not supported.
    bool cifar10 = false;              ///< Whether the folder has .bin files, the format of CIFAR-10.
    bool more = false;  ///< Whether the folder has more than max_entries entries, of which some are missing here.
    std::string error;  ///< Error message if the folder cannot be read, or only in part; otherwise empty.
};

/// Maximum number of entries in a Folder.
inline constexpr std::size_t max_entries = 100'000;

/// Reads the folder at `path`. Does not fail: sets Folder::error instead. May take long on a slow disk, so it runs on a
/// worker thread.
Folder list_folder(const std::filesystem::path& path);

/// Returns the image in the file at `path`, scaled down to at most `side` pixels per side; null if it cannot be read.
std::shared_ptr<const Image> thumbnail_of(const std::filesystem::path& path, int side);

}  // namespace convlens
