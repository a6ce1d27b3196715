/// A file that appears when it is complete.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "engine/core/result.h"
#include "engine/io/system_file.h"

namespace convlens {

/// A file that is written in parts, like write_file(): a temporary file in the same folder, which commit() renames to
/// its path. Unless that has succeeded, the destructor removes the temporary file, and a file at the path is unchanged.
class NewFile {
  public:
    /// Creates the temporary file. Fails like write_file().
    static Expected<NewFile> create(const std::filesystem::path& path);

    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&& other) = delete;
    ~NewFile();

    /// Appends `bytes`.
    Expected<void> write(std::span<const std::byte> bytes);

    /// Waits until what was written is on the disk, and closes the file, which still has its temporary name.
    Expected<void> close();

    /// Closes the file if it is open, and gives it its name.
    Expected<void> commit();

    /// Like commit(), but fails if there is something with that name.
    Expected<void> commit_new();

    /// Like commit(), but under the first unused_path() for its path, which it returns.
    Expected<std::string> commit_unused();

    /// Returns the path of the temporary file, into which another program may write, too.
    const std::filesystem::path& temporary() const { return temporary_; }

  private:
    NewFile(SystemFile file, std::filesystem::path path, std::filesystem::path temporary);

    SystemFile file_;
    std::filesystem::path path_, temporary_;  ///< temporary_ is empty if nothing is to be removed.
};

}  // namespace convlens
