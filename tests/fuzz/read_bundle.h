/// Everything that can be read of a bundle without the disk, for the fuzz target and for the replay of its corpus.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/io/byte_reader.h"
#include "engine/io/zip_archive.h"
#include "tests/fuzz/read_session.h"

namespace convlens {

/// Reads the first entries of the archive, then the lecture or the session in it like read_lecture() and
/// read_session().
inline ReadSession read_bundle(std::span<const std::byte> file, std::string_view name) {
    constexpr std::size_t most = 1'000'000;
    const Bytes packed = Bytes::copy_of(file);
    const auto archive = ZipArchive::open(packed, name);
    if (!archive) return {archive.error().message, false};
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(archive->size(), 16); ++i)
        if (const auto entry = archive->entry(i)) (void)read_entry(packed, name, entry->path, most);
    const bool lecture = archive->find(bundle_lecture).has_value();
    const auto text = read_entry(packed, name, lecture ? bundle_lecture : bundle_session, most);
    if (!text) return {text.error().message, false};
    return (lecture ? read_lecture : read_session)(text_of(text->span()), name);
}

}  // namespace convlens
