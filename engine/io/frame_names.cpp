/// Reads and makes names of files with frames.
#include "engine/io/frame_names.h"

#include <algorithm>
#include <cctype>

#include "engine/core/numbers.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

/// A name with a place for a number: "frame_%04d.png".
struct Numbered {
    std::string before, after;
    int digits = 0;  ///< At least; leading zeros fill them.

    fs::path file(const fs::path& folder, int number) const {
        return folder / fmt::format("{}{:0{}}{}", before, number, digits, after);
    }
};

std::optional<Numbered> numbered(const fs::path& path) {
    const std::string name = path.filename().string();
    const std::size_t at = name.find('%');
    if (at == std::string::npos) return std::nullopt;
    std::size_t end = at + 1;
    int digits = 0;
    if (end < name.size() && name[end] == '0') ++end;
    if (end < name.size() && name[end] >= '1' && name[end] <= '9') digits = name[end++] - '0';
    if (end >= name.size() || name[end] != 'd' || (digits > 0) != (name[at + 1] == '0')) return std::nullopt;
    return Numbered{name.substr(0, at), name.substr(end + 1), digits};
}

}  // namespace

std::string lower_extension(const fs::path& path) {
    std::string extension = path.extension().string();
    std::ranges::transform(extension, extension.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

bool is_picture_name(const fs::path& path) {
    constexpr std::string_view extensions[] = {".png", ".jpg",  ".jpeg", ".bmp",  ".tga",  ".psd", ".ppm",
                                               ".pgm", ".pnm",  ".hdr",  ".jpe",  ".jfif", ".gif", ".webp",
                                               ".tif", ".tiff", ".heic", ".heif", ".avif", ".jxl", ".exr"};
    return std::ranges::find(extensions, lower_extension(path)) != std::end(extensions);
}

bool is_stream(const fs::path& path) {
    constexpr std::string_view videos[] = {".y4m", ".mp4", ".m4v", ".mkv",  ".webm", ".mov",
                                           ".avi", ".mpg", ".ogv", ".mpeg", ".wmv",  ".3gp"};
    return std::ranges::find(videos, lower_extension(path)) != std::end(videos) || numbered(path).has_value();
}

bool may_have_frames(const fs::path& path) {
    const std::string extension = lower_extension(path);
    return extension == ".gif" || extension == ".webp" || is_stream(path);
}

fs::path pattern_of(const fs::path& path) {
    const std::string stem = path.stem().string();
    const auto digit = [&](std::size_t i) { return stem[i] >= '0' && stem[i] <= '9'; };
    std::size_t end = stem.size();
    while (end > 0 && !digit(end - 1)) --end;
    std::size_t begin = end;
    while (begin > 0 && digit(begin - 1)) --begin;
    const std::size_t digits = end - begin;
    if (digits == 0 || digits > 9 || stem.find('%') != std::string::npos) return {};
    const bool filled = digits > 1;
    return path.parent_path() / (stem.substr(0, begin) + (filled ? fmt::format("%0{}d", digits) : "%d") +
                                 stem.substr(end) + path.extension().string());
}

fs::path numbered_file(const fs::path& path, int number) {
    const auto pattern = numbered(path);
    return pattern ? pattern->file(path.parent_path(), number) : fs::path();
}

fs::path existing_numbered_file(const fs::path& path) {
    const auto pattern = numbered(path);
    if (!pattern) return {};
    std::error_code error;
    fs::path first;
    const fs::path folder = path.parent_path();
    for (fs::directory_iterator entry(folder.empty() ? "." : folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        const std::size_t around = pattern->before.size() + pattern->after.size();
        if (name.size() <= around || !name.starts_with(pattern->before) || !name.ends_with(pattern->after)) continue;
        const std::string_view digits = std::string_view(name).substr(pattern->before.size(), name.size() - around);
        const bool number = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
        if (number && (first.empty() || entry->path() < first)) first = entry->path();
    }
    return first;
}

std::optional<int> minus_from(std::string_view text) {
    if (text == "before") return FramePath::frame_before;
    const auto frame = parse_number<int>(text);
    return frame && *frame >= 0 ? frame : std::nullopt;
}

FramePath split_frame(const std::string& path) {
    constexpr std::string_view key = "#frame=", minus_key = "&minus=";
    const std::size_t at = path.rfind(key);
    if (at == std::string::npos) return {path};
    std::string_view number = std::string_view(path).substr(at + key.size());
    FramePath split{path.substr(0, at)};
    if (const std::size_t minus = number.find(minus_key); minus != number.npos) {
        split.minus = minus_from(number.substr(minus + minus_key.size()));
        if (!split.minus) return {path};
        number = number.substr(0, minus);
    }
    split.frame = parse_number<int>(number).value_or(-1);
    return split.frame >= 0 ? split : FramePath{path};
}

std::string with_frame(const FramePath& path) {
    if (!path.minus) {
        const std::string file = path.file.string();
        const bool plain = path.frame == 0 && split_frame(file).file == path.file;  // not a file called "a#frame=1"
        return plain ? file : fmt::format("{}#frame={}", file, path.frame);
    }
    const std::string minus = *path.minus == FramePath::frame_before ? "before" : fmt::format("{}", *path.minus);
    return fmt::format("{}#frame={}&minus={}", path.file.string(), path.frame, minus);
}

}  // namespace convlens
