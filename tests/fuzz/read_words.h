/// Everything that is done with short texts, for the fuzz target and for the replay of its corpus: the values of
/// options, names of inputs, kernels, networks, layers and frames, and addresses of files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "app/cli/words.h"
#include "engine/core/printable.h"
#include "engine/document/origin.h"
#include "engine/document/pattern.h"
#include "engine/document/sweep.h"
#include "engine/io/file_url.h"
#include "engine/io/frame_names.h"
#include "engine/view/display_options.h"

namespace convlens {

/// Whether the name of a frame that `text` is says the same after it was written and read again.
inline bool frame_reads_back(const std::string& text) {
    const FramePath named = split_frame(text), again = split_frame(with_frame(named));
    return named.file.native() == again.file.native() && named.frame == again.frame && named.minus == again.minus;
}

/// Whether an absolute path, in which several slashes count as one, is the same after it was written as a file URL and
/// read again.
inline bool url_reads_back(const std::filesystem::path& path) {
    return path_of_url(file_url(path)) == path.generic_string();
}

/// Reads `text` in every way. Returns what is wrong with that; empty if nothing is.
inline std::string words_problem(const std::string& text) {
    (void)rect_from(text);
    (void)picture_size_from(text);
    (void)cell_from(text);
    (void)shift_from(text);
    (void)color_from(text);
    (void)positive_pair(text);
    (void)padding_pair(text);
    (void)position_from(text);
    (void)memory_from(text);
    (void)scale_from(text);
    (void)colormap_from(text);
    (void)channels_from(text);
    (void)KernelsOrigin::parse(text);
    const std::string shown = printable(text);
    if (printable(shown) != shown) return "what printable() returns is not printable";
    if (const auto sweep = sweep_from(text); sweep && !find_sweep(sweep->name)) return "an unknown sweep was read";
    if (minus_from(text).value_or(0) < FramePath::frame_before) return "a negative frame was read";
    if (!frame_reads_back(text)) return "the name of a frame does not read back";
    (void)numbered_file(pattern_of(text), 7);
    (void)numbered_file(text, 7);
    if (!url_reads_back("/" + text.substr(0, text.find('\0')))) return "a path does not read back from its URL";
    for (const std::string& path : paths_in(text).value_or(std::vector<std::string>()))
        if (!std::filesystem::path(path).is_absolute()) return "a path is not absolute";
    return {};
}

}  // namespace convlens
