/// Makes and reads data URLs.
#include "engine/document/embedded.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "engine/core/base64.h"
#include "engine/document/drawing.h"
#include "engine/document/live_origin.h"
#include "engine/io/frames.h"

namespace convlens {
namespace {

constexpr std::string_view data_prefix = "data:image/", name_key = ";name=", base64_key = ";base64,";

/// What stands for pictures that were made in the window: their title, before ":" and a number.
constexpr std::array<std::string_view, 3> made_here{"drawing", "camera", "screen"};

/// Returns the name of a picture that comes with Convlens, or what stands for one; empty for a file.
std::string_view name_of(const PictureOrigin& origin) {
    return origin.word() ? std::string_view(origin.word()->name) : std::string_view();
}

PictureOrigin made_origin(std::string_view title, int number) { return Sample{fmt::format("{}:{}", title, number)}; }

/// Returns the title of a picture that was made in the window; empty for any other.
std::string_view made_title(std::string_view name) {
    const auto found = std::ranges::find(made_here, name.substr(0, name.find(':')));
    return found == made_here.end() || name.size() == found->size() ? std::string_view() : *found;
}

}  // namespace

PictureOrigin embedded_origin(std::string_view name, std::span<const std::byte> file) {
    return Sample{fmt::format("{}png{}{}{}{}", data_prefix, name_key, name, base64_key, to_base64(file))};
}

PictureOrigin drawing_origin(int number) { return made_origin(made_here.front(), number); }

PictureOrigin live_origin(LiveSource source, int number) {
    return made_origin(made_here[source == LiveSource::camera ? 1 : 2], number);
}

bool is_embedded(const PictureOrigin& origin) {
    const std::string_view name = name_of(origin);
    return name.starts_with(data_prefix) || !made_title(name).empty();
}

PictureOrigin stored_origin(const PictureOrigin& origin, const Picture& picture) {
    const std::string_view title = made_title(name_of(origin));
    return title.empty() ? origin : embedded_origin(title, encode_png(image_of(picture)));
}

std::optional<std::vector<std::byte>> embedded_file(const PictureOrigin& origin) {
    const std::string_view url = name_of(origin);
    const std::size_t at = url.find(base64_key);
    return at == url.npos ? std::nullopt : from_base64(url.substr(at + base64_key.size()));
}

std::string picture_title(const PictureOrigin& origin) {
    if (origin.is_file()) {
        const FramePath path = split_frame(origin.path());
        const std::string name = path.file.filename().string();
        if (const auto minus = path.subtracted())
            return fmt::format("{}, frame {} minus frame {}", name, path.frame, *minus);
        return path.frame > 0 ? fmt::format("{}, frame {}", name, path.frame) : name;
    }
    const std::string_view name = name_of(origin);
    if (const std::string_view made = made_title(name); !made.empty()) return std::string(made);
    if (!name.starts_with(data_prefix)) return std::string(name);
    const std::string_view head = name.substr(0, name.find(base64_key));
    const std::size_t at = head.find(name_key);
    return std::string(at == head.npos ? "picture" : head.substr(at + name_key.size()));
}

}  // namespace convlens
