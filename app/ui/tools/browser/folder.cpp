/// Reads folders and makes thumbnails.
#include "app/ui/tools/browser/folder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <exception>

#include <fmt/format.h>

#include "engine/core/printable.h"
#include "engine/core/sentence.h"
#include "engine/io/frames.h"
#include "engine/io/image_file.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool before(const FolderEntry& a, const FolderEntry& b) {
    if (a.folder != b.folder) return a.folder;
    const std::string x = lower(a.name), y = lower(b.name);
    return x != y ? x < y : a.name < b.name;
}

}  // namespace

FileKind kind_of(const fs::path& path) {
    constexpr std::array<std::string_view, 5> kernels{".npy", ".npz", ".safetensors", ".pth", ".pt"};
    const std::string extension = lower_extension(path);
    if (is_picture_name(path) || is_stream(path)) return FileKind::picture;
    if (std::find(kernels.begin(), kernels.end(), extension) != kernels.end()) return FileKind::kernels;
    if (extension == ".json" || extension == ".zip" || extension == ".onnx") return FileKind::session;
    return FileKind::other;
}

Folder list_folder(const fs::path& path) {
    std::error_code error;
    Folder folder;
    folder.path = path;
    folder.folder = fs::is_directory(path, error);
    auto entry = fs::directory_iterator(folder.path, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        FolderEntry next{entry->path().filename().string(), false, FileKind::other, 0};
        if (next.name.empty() || next.name.front() == '.') continue;
        std::error_code ignored;
        next.folder = entry->is_directory(ignored);
        next.kind = next.folder ? FileKind::other : kind_of(entry->path());
        if (!next.folder && next.kind == FileKind::other) {
            ++folder.others;
            folder.cifar10 = folder.cifar10 || next.name.ends_with(".bin");
            continue;
        }
        if (folder.entries.size() == max_entries) {
            folder.more = true;
            break;
        }
        if (!next.folder) next.bytes = entry->file_size(ignored);
        folder.entries.push_back(std::move(next));
    }
    if (error) folder.error = printable(sentence("{}: the folder cannot be read: {}", path.string(), error.message()));
    std::sort(folder.entries.begin(), folder.entries.end(), before);
    return folder;
}

std::shared_ptr<const Image> thumbnail_of(const fs::path& path, int side) {
    try {
        const auto picture = load_picture(path);
        if (!picture) return nullptr;
        constexpr std::array<float, 3> lo{0, 0, 0}, hi{1, 1, 1};
        return std::make_shared<const Image>(input_picture(picture->color, 0, side, lo.data(), hi.data()));
    } catch (const std::exception&) {  // not enough memory, or a name that is too long
        return nullptr;
    }
}

}  // namespace convlens
