/// render and info.
#include "app/cli/commands.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/evaluate.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"

namespace convlens {
namespace {

using Json = nlohmann::ordered_json;

Expected<void> write_data(const std::string& path, const Output& output) {
    const bool npz = path.ends_with(".npz");
    const auto values = all_values(*output.activations);
    if (!values) return tl::unexpected(values.error());
    if (!npz) return write_file(path, encode_npy(*values));
    const auto bytes = encode_npz({{output.plan.layers[static_cast<std::size_t>(output.plan.layer)].name, *values}});
    if (!bytes) return tl::unexpected(bytes.error());
    return write_file(path, *bytes);
}

std::string stats_text(const Output& output, const Backend& backend) {
    const Shape s = output.activations->shape();
    Json channels = Json::array();
    const auto stats = output.activations->stats(output.document.look.item);
    for (std::size_t c = 0; c < stats.size(); ++c)
        channels.push_back({{"channel", c}, {"min", stats[c].min}, {"max", stats[c].max}, {"mean", stats[c].mean}, {"mean_abs", stats[c].mean_abs}});
    const std::string& layer = output.plan.layers[static_cast<std::size_t>(output.plan.layer)].name;
    const Json all{{"network", network_title(output.document)}, {"layer", layer}, {"shape", {s.n, s.c, s.h, s.w}}, {"backend", backend.name()}, {"milliseconds", output.forward_ms}, {"channels", channels}};
    return all.dump(2);
}

/// Every array of a file as (key, dtype, shape).
std::string tensor_info(const TensorFile& file, const std::string& path, bool json) {
    if (json) {
        Json arrays = Json::array();
        for (const ArrayInfo& a : file.arrays()) arrays.push_back({{"key", a.key}, {"dtype", a.dtype}, {"shape", a.shape}});
        return Json{{"file", path}, {"metadata", file.metadata()}, {"arrays", arrays}}.dump(2, ' ', false, Json::error_handler_t::replace);
    }
    std::string text = fmt::format("{}: {} array{}", path, file.arrays().size(), file.arrays().size() == 1 ? "" : "s");
    for (const auto& [key, value] : file.metadata()) text += fmt::format("\n  {}: {}", key, value);
    for (const ArrayInfo& a : file.arrays())
        text += fmt::format("\n  {:<28} {:<9} {}", a.key.empty() ? "(the array)" : a.key, a.dtype, shape_text(a.shape));
    return text;
}

std::string picture_info(const PictureInfo& p, const std::string& path, bool json) {
    constexpr const char* kinds[] = {"", "grey", "grey with alpha", "RGB", "RGB with alpha"};
    if (json)
        return Json{{"file", path}, {"format", p.format}, {"width", p.width}, {"height", p.height}, {"channels", p.channels}, {"bits", p.bits}, {"orientation", p.orientation}}.dump(2, ' ', false, Json::error_handler_t::replace);
    return fmt::format("{}: {} image, {} x {} pixels, {}, {} bits{}", path, p.format, p.width, p.height, kinds[p.channels], p.bits,
                       p.orientation == 1 ? "" : fmt::format(", turned upright (EXIF orientation {})", p.orientation));
}

}  // namespace

Expected<void> render(const Document& document, const RenderOptions& options, const BackendOptions& backend_options) {
    auto backend = make_backend(backend_options);
    if (!backend) return tl::unexpected(backend.error());
    const auto output = evaluate(document, **backend, Cancel());
    if (!output) return tl::unexpected(output.error());
    const int items = output->activations->shape().n;
    if (document.look.item >= items) return fail("item {} is not there: the batch has items 0 to {}", document.look.item, items - 1);
    if (!options.out.empty()) {
        const auto image = output->activations->render_grid(document.look, Cancel());
        if (!image) return tl::unexpected(image.error());
        if (auto ok = write_file(options.out, encode_png(*image)); !ok) return ok;
    }
    if (!options.data.empty())
        if (auto ok = write_data(options.data, *output); !ok) return ok;
    if (options.stats) fmt::print("{}\n", stats_text(*output, **backend));
    return {};
}

Expected<std::string> info(const std::string& path, bool json) {
    const auto file = Bytes::map_file(path);
    if (!file) return tl::unexpected(file.error());
    const auto picture = inspect_picture(file->span(), path);
    if (picture) return picture_info(*picture, path, json);
    const auto tensors = TensorFile::parse(*file, path);
    if (tensors) return tensor_info(*tensors, path, json);
    const bool named_as_tensors = path.ends_with(".npy") || path.ends_with(".npz") || path.ends_with(".safetensors") ||
                                  path.ends_with(".pth") || path.ends_with(".pt");
    return tl::unexpected(named_as_tensors ? tensors.error() : picture.error());
}

}  // namespace convlens
