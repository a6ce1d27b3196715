/// Reading and writing of whole files: mapping, reading, writing to a temporary file and renaming.
#include "engine/io/file.h"

#include <atomic>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/core/host.h"
#include "engine/core/sentence.h"
#include "engine/io/new_file.h"
#include "engine/io/system_file.h"

namespace convlens {
namespace {

std::string folder_of(const std::filesystem::path& path) {
    if (path.has_parent_path()) return path.parent_path().string();
    std::error_code ignored;
    return std::filesystem::current_path(ignored).string();
}

tl::unexpected<Error> cannot_read(const std::filesystem::path& path, const std::string& reason) {
    return fail("{}: cannot be read from {}: {}", path.filename().string(), folder_of(path), reason);
}

tl::unexpected<Error> cannot_write(const std::filesystem::path& path, const std::string& reason) {
    return fail("{}: cannot be written to {}: {}", path.filename().string(), folder_of(path), reason);
}

/// A regular file opened for reading, and its size.
struct Source {
    SystemFile file;
    std::size_t size = 0;
};

/// Opens the file at `path`; if not `links`, only a file that is no link.
Expected<Source> open_source(const std::filesystem::path& path, bool links = true) {
    SystemFile file = links ? SystemFile::open(path) : SystemFile::open_own(path);
    if (!file) return cannot_read(path, last_reason());
    const PathKind kind = file.kind();
    if (kind == PathKind::folder) return cannot_read(path, sentence("it is a folder"));
    if (kind == PathKind::other) return cannot_read(path, sentence("it is not a regular file"));
    const auto size = file.size();
    if (kind == PathKind::missing || !size) return cannot_read(path, last_reason());
    return Source{std::move(file), static_cast<std::size_t>(*size)};
}

/// Creates a temporary file in the folder of `path` and stores its path in `name`.
SystemFile create_beside(const std::filesystem::path& path, std::filesystem::path& name) {
    static std::atomic<unsigned> counter = 0;
    for (;;) {
        name = path.parent_path() / fmt::format(".convlens-{}-{}.tmp", process_id(), counter++);
        SystemFile file = SystemFile::create(name);
        if (file || !exists_already()) return file;
    }
}

}  // namespace

Expected<Bytes> Bytes::map_file(const std::filesystem::path& path) { return map(path, true); }
Expected<Bytes> Bytes::map_own_file(const std::filesystem::path& path) { return map(path, false); }

Expected<Bytes> Bytes::map(const std::filesystem::path& path, bool links) {
    auto source = open_source(path, links);
    if (!source) return tl::unexpected(source.error());
    Bytes bytes;
    const std::size_t size = source->size;
    if (size == 0) return bytes;
    bytes.owner_ = source->file.map(size);
    if (!bytes.owner_) return cannot_read(path, last_reason());
    bytes.view_ = {static_cast<const std::byte*>(bytes.owner_.get()), size};
    bytes.mapped_ = true;
    return bytes;
}

bool Bytes::intact() const { return !mapped_ || !was_shortened(owner_.get()); }

void Bytes::release_pages() const {
    if (mapped_) release_pages_of(view_);
}

Expected<Bytes> Bytes::read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    auto source = open_source(path);
    if (!source) return tl::unexpected(source.error());
    if (source->size > max_bytes)
        return cannot_read(path, sentence("its {} bytes exceed the limit of {}", source->size, max_bytes));
    const std::shared_ptr<std::byte[]> data(new (std::nothrow) std::byte[source->size]);
    if (!data) return cannot_read(path, sentence("there is not enough memory for its {} bytes", source->size));
    std::size_t filled = 0;
    while (filled < source->size) {
        const auto got = source->file.read({data.get() + filled, source->size - filled});
        if (!got) return cannot_read(path, last_reason());
        if (*got == 0) break;
        filled += *got;
    }
    Bytes bytes;
    bytes.view_ = {data.get(), filled};
    bytes.owner_ = data;
    return bytes;
}

Bytes Bytes::copy_of(std::span<const std::byte> source) {
    auto data = std::make_shared<std::vector<std::byte>>(source.begin(), source.end());
    Bytes bytes;
    bytes.view_ = *data;
    bytes.owner_ = std::move(data);
    return bytes;
}

NewFile::NewFile(SystemFile file, std::filesystem::path path, std::filesystem::path temporary)
    : file_(std::move(file)), path_(std::move(path)), temporary_(std::move(temporary)) {}

NewFile::NewFile(NewFile&& other) noexcept
    : file_(std::move(other.file_)),
      path_(std::exchange(other.path_, {})),
      temporary_(std::exchange(other.temporary_, {})) {}

NewFile::~NewFile() {
    if (temporary_.empty()) return;
    file_.close();
    remove_file(temporary_);
}

Expected<NewFile> NewFile::create(const std::filesystem::path& given) {
    // What a link points to is written, not the link replaced by a file.
    std::error_code ignored;
    const std::filesystem::path target =
        std::filesystem::is_symlink(given, ignored) ? std::filesystem::canonical(given, ignored) : given;
    const std::filesystem::path& path = target.empty() ? given : target;
    const PathKind kind = path_kind(path);
    // Renaming a file to the path of a device or a pipe would replace the device or pipe with the file.
    if (kind == PathKind::folder) return cannot_write(path, sentence("it is a folder"));
    if (kind == PathKind::other) return cannot_write(path, sentence("it is not a regular file"));
    std::filesystem::path temporary;
    SystemFile file = create_beside(path, temporary);
    if (!file) return cannot_write(path, last_reason());
    file.copy_rights_of(path);
    return NewFile(std::move(file), path, std::move(temporary));
}

Expected<void> NewFile::write(std::span<const std::byte> bytes) {
    if (!file_.write_all(bytes)) return cannot_write(path_, last_reason());
    return {};
}

Expected<void> NewFile::close() {
    if (file_ && (!file_.sync() || !file_.close())) return cannot_write(path_, last_reason());
    return {};
}

Expected<void> NewFile::commit() {
    if (auto ok = close(); !ok) return ok;
    if (!replace_file(temporary_, path_)) return cannot_write(path_, last_reason());
    temporary_.clear();
    return {};
}

Expected<void> NewFile::commit_new() {
    if (auto ok = close(); !ok) return ok;
    if (!rename_to_new(temporary_, path_)) return cannot_write(path_, last_reason());
    temporary_.clear();
    return {};
}

Expected<std::string> NewFile::commit_unused() {
    if (auto ok = close(); !ok) return tl::unexpected(ok.error());
    for (std::string tried;;) {
        std::string free = unused_path(path_);
        if (rename_to_new(temporary_, free)) {
            temporary_.clear();
            return free;
        }
        const std::string reason = last_reason();
        if (free == tried || path_kind(free) == PathKind::missing) return cannot_write(path_, reason);
        tried = std::move(free);
    }
}

Expected<void> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes, Existing existing) {
    auto file = NewFile::create(path);
    if (!file) return tl::unexpected(file.error());
    if (auto ok = file->write(bytes); !ok) return ok;
    return existing == Existing::kept ? file->commit_new() : file->commit();
}

Expected<std::string> save_unused(const std::filesystem::path& path,
                                  const std::function<Expected<void>(const std::string& path)>& save) {
    for (std::string tried;;) {
        std::string free = unused_path(path);
        auto saved = save(free);
        if (saved) return free;
        if (free == tried || path_kind(free) == PathKind::missing) return tl::unexpected(std::move(saved.error()));
        tried = std::move(free);
    }
}

Expected<std::string> write_new_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    return save_unused(path, [&](const std::string& free) { return write_file(free, bytes, Existing::kept); });
}

std::string unused_path(const std::filesystem::path& path) {
    std::error_code ignored;
    std::filesystem::path base = path, next = path;
    base.replace_extension();
    // A link that leads nowhere is in the way, too.
    for (int i = 2; std::filesystem::exists(std::filesystem::symlink_status(next, ignored)); ++i)
        next = fmt::format("{}-{}{}", base.string(), i, path.extension().string());
    return next.string();
}

}  // namespace convlens
