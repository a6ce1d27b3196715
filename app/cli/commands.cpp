/// `convlens info`: the contents of a file.
#include "app/cli/commands.h"

#include <nlohmann/json.hpp>

#include "app/assets.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"
#include "engine/session/session.h"

namespace convlens {
namespace {

using Json = nlohmann::ordered_json;

/// Describes a file of arrays: its metadata, and the key, dtype and shape of each array.
std::string tensor_info(const TensorFile& file, const std::string& path, bool json) {
    if (json) {
        Json arrays = Json::array();
        for (const ArrayInfo& a : file.arrays())
            arrays.push_back({{"key", a.key}, {"dtype", a.dtype}, {"shape", a.shape}});
        return Json{{"file", path}, {"metadata", file.metadata()}, {"arrays", arrays}}.dump(
            2, ' ', true, Json::error_handler_t::replace);
    }
    std::string text =
        fmt::format("{}: {} array{}", printable(path), file.arrays().size(), file.arrays().size() == 1 ? "" : "s");
    for (const auto& [key, value] : file.metadata())
        text += fmt::format("\n  {}: {}", printable(key, 80), printable(value, 1000));
    for (const ArrayInfo& a : file.arrays())
        text += fmt::format("\n  {:<28} {:<9} {}", a.key.empty() ? "(the array)" : printable(a.key, 200),
                            printable(a.dtype, 40), shape_text(a.shape));
    return text;
}

/// Describes an image file: format, size, channels, bits per channel and EXIF orientation.
std::string picture_info(const PictureInfo& p, const std::string& path, bool json) {
    constexpr const char* kinds[] = {"", "gray", "gray with alpha", "RGB", "RGB with alpha"};
    if (json)
        return Json{{"file", path},
                    {"format", p.format},
                    {"width", p.width},
                    {"height", p.height},
                    {"channels", p.channels},
                    {"bits", p.bits},
                    {"orientation", p.orientation}}
            .dump(2, ' ', true, Json::error_handler_t::replace);
    return fmt::format("{}: {} image, {} x {} pixels, {}, {} bits{}", printable(path), p.format, p.width, p.height,
                       kinds[p.channels], p.bits,
                       p.orientation == 1 ? "" : fmt::format(", rotated upright (EXIF orientation {})", p.orientation));
}

/// Describes a session: its input, network and displayed layer.
Expected<std::string> session_info(const std::string& path, bool json) {
    const auto document = open_session(path, find_network_places());
    if (!document) return tl::unexpected(document.error());
    const std::string input = input_title(document->input), network = network_title(*document);
    if (json)
        return Json{
            {"file", path}, {"format", "session"}, {"input", input}, {"network", network}, {"layer", document->layer}}
            .dump(2, ' ', true, Json::error_handler_t::replace);
    return fmt::format("{}: session: {} on {}{}", printable(path), network, input,
                       document->layer.empty() ? "" : fmt::format(", layer {}", printable(document->layer)));
}

}  // namespace

Expected<std::string> info(const std::string& path, bool json) {
    const auto file = Bytes::map_file(path);
    if (!file) return tl::unexpected(file.error());
    const auto picture = inspect_picture(file->span(), path);
    if (picture) return picture_info(*picture, path, json);
    const auto tensors = TensorFile::parse(*file, path);
    if (tensors) return tensor_info(*tensors, path, json);
    if (path.ends_with(".json") || path.ends_with(".zip"))
        if (auto session = session_info(path, json); session || path.ends_with(".json")) return session;
    const bool named_as_tensors = path.ends_with(".npy") || path.ends_with(".npz") || path.ends_with(".safetensors") ||
                                  path.ends_with(".onnx") || path.ends_with(".pth") || path.ends_with(".pt");
    return tl::unexpected(named_as_tensors ? tensors.error() : picture.error());
}

}  // namespace convlens
