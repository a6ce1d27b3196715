/// Parses what the user writes for images, tensors and kernels, and opens them.
#include "engine/open/open.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "engine/core/numbers.h"
#include "engine/core/sentence.h"
#include "engine/document/drawing.h"
#include "engine/document/embedded.h"
#include "engine/io/frames.h"
#include "engine/io/tensor_file.h"
#include "engine/io/zip_archive.h"
#include "engine/open/picture_file.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

bool starts_with(std::string_view text, std::string_view word) { return text.substr(0, word.size()) == word; }

Expected<PatternInput> open_pattern(std::string_view spec, int batch) {
    std::string_view rest = spec.substr(std::string_view("pattern:").size());
    const auto pattern = pattern_from(cut(rest, ':'));
    if (!pattern) return fail("{}: no such pattern, there are {}", spec, fmt::join(pattern_names(), ", "));
    PatternInput input{*pattern, {128, 128}, std::max(batch, 1)};
    if (!rest.empty() || spec.ends_with(':')) {
        const auto width = parse_number<int>(cut(rest, 'x')), height = parse_number<int>(rest);
        if (!width || !height || *width < 1 || *height < 1)
            return fail("{}: expected pattern:NAME:WxH with a width and a height of at least 1", spec);
        input.size = {*height, *width};
    }
    if (input.batch > 1 && *pattern != Pattern::noise)
        return fail("{}: a batch needs the noise pattern, other patterns would repeat the same image", spec);
    return input;
}

Expected<void> check_finite(std::span<const float> values, std::string_view name, std::string_view what) {
    std::size_t bad = 0;
    for (const float v : values) bad += !std::isfinite(v);
    if (bad > 0)
        return fail("{}: {} of the {} {} are NaN or infinite, expected finite numbers", name, bad, values.size(),
                    translated(what));
    return {};
}

/// Returns the values of the array as a tensor of shape `shape`.
Expected<Tensor> tensor_of(const Array& array, std::string_view name, Shape shape) {
    for (const auto extent : array.shape)
        if (extent < 1 || extent > std::numeric_limits<int>::max() / 2)
            return fail("{}: the array is {}, expected at least one value along every axis", name,
                        shape_text(array.shape));
    Tensor tensor(shape);
    std::copy(array.values.begin(), array.values.end(), tensor.data());
    return tensor;
}

int axis(const Array& array, std::size_t i) {
    return static_cast<int>(std::clamp<std::int64_t>(array.shape[i], 0, std::numeric_limits<int>::max()));
}

/// Returns true if `text`, the part before a colon, is a Windows drive letter.
bool is_drive([[maybe_unused]] std::string_view text) {
#ifdef _WIN32
    return text.size() == 1 && std::isalpha(static_cast<unsigned char>(text.front())) != 0;
#else
    return false;
#endif
}

/// Splits "FILE:KEY" at the last colon. If a file named `spec` exists, all of `spec` is the file and the key is empty.
std::pair<fs::path, std::string> split_key(std::string_view spec) {
    std::error_code ignored;
    if (fs::exists(fs::path(spec), ignored)) return {fs::path(spec), {}};
    const auto colon = spec.rfind(':');
    if (colon == std::string_view::npos || is_drive(spec.substr(0, colon))) return {fs::path(spec), {}};
    return {fs::path(spec.substr(0, colon)), std::string(spec.substr(colon + 1))};
}

/// Returns the key of the array that contains the kernels, for a user who gave no key.
Expected<std::string> kernel_key(const TensorFile& file, const fs::path& path) {
    if (file.arrays().size() == 1) return file.arrays()[0].key;
    std::string found, list;
    int matches = 0;
    for (const ArrayInfo& a : file.arrays()) {
        if (a.shape.size() != 4) continue;
        if (++matches == 1) found = a.key;
        if (matches <= 4) list += fmt::format("{}{} {}", list.empty() ? "" : ", ", a.key, shape_text(a.shape));
    }
    if (matches == 1) return found;
    if (file.find("weight") != nullptr) return "weight";
    if (matches == 0)
        return fail("{}: none of its {} arrays has four axes, as kernels do", path.string(), file.arrays().size());
    return fail("{}: it holds {} arrays that could be kernels, name one as FILE:KEY: {}{}", path.string(), matches,
                list, matches > 4 ? ", ..." : "");
}

Expected<std::shared_ptr<const Tensor>> kernel_tensor(const Array& array, std::string_view name) {
    Shape shape;
    switch (array.shape.size()) {
        case 2: shape = {1, 1, axis(array, 0), axis(array, 1)}; break;
        case 3: shape = {axis(array, 0), 1, axis(array, 1), axis(array, 2)}; break;
        case 4: shape = {axis(array, 0), axis(array, 1), axis(array, 2), axis(array, 3)}; break;
        default:
            return fail("{}: the array is {}, expected kernels of (C_out, C_in, KH, KW), (C_out, KH, KW) or (KH, KW)",
                        name, shape_text(array.shape));
    }
    if (auto ok = check_finite(array.values, name, "weights"); !ok) return tl::unexpected(ok.error());
    auto tensor = tensor_of(array, name, shape);
    if (!tensor) return tl::unexpected(tensor.error());
    return std::make_shared<const Tensor>(std::move(*tensor));
}

Expected<std::shared_ptr<const std::vector<float>>> bias_values(const TensorFile& file, const std::string& key,
                                                                std::string_view name) {
    auto array = file.load(key);
    if (!array) return tl::unexpected(array.error());
    if (array->shape.size() != 1) return fail("{}: the bias is {}, expected one axis", name, shape_text(array->shape));
    if (auto ok = check_finite(array->values, name, "bias values"); !ok) return tl::unexpected(ok.error());
    return std::make_shared<const std::vector<float>>(std::move(array->values));
}

Expected<LoadedKernels> open_kernel_file(const fs::path& path, std::string key, KernelsOrigin origin) {
    const auto file = TensorFile::open(path);
    if (!file) return tl::unexpected(file.error());
    if (key.empty()) {
        auto chosen = kernel_key(*file, path);
        if (!chosen) return tl::unexpected(chosen.error());
        key = *chosen;
    }
    const auto array = file->load(key);
    if (!array) return tl::unexpected(array.error());
    LoadedKernels kernels;
    kernels.origin = std::move(origin);
    const std::string name = key.empty() ? path.string() : fmt::format("{}:{}", path.string(), key);
    auto weight = kernel_tensor(*array, name);
    if (!weight) return tl::unexpected(weight.error());
    kernels.weight = *weight;
    constexpr std::string_view suffix = "weight";
    if (key.size() >= suffix.size() && key.compare(key.size() - suffix.size(), suffix.size(), suffix) == 0) {
        const std::string bias_key = key.substr(0, key.size() - suffix.size()) + "bias";
        if (file->find(bias_key) != nullptr) {
            auto bias = bias_values(*file, bias_key, fmt::format("{}:{}", path.string(), bias_key));
            if (!bias) return tl::unexpected(bias.error());
            kernels.bias = *bias;
        }
    }
    const auto title = file->metadata().find("title");
    kernels.title =
        title != file->metadata().end() ? title->second : path.filename().string() + (key.empty() ? "" : ": " + key);
    if (const auto trained = file->metadata().find("trained_with"); trained != file->metadata().end())
        kernels.trained_with = normalize_from(trained->second).value_or(Normalize::none);
    return kernels;
}

Expected<RandomKernels> open_random(std::string_view spec) {
    std::string_view rest = spec;
    cut(rest, ':');
    std::string_view sizes = cut(rest, ':');
    const auto out = parse_number<int>(cut(sizes, 'x'));
    const auto kernel = size_from(sizes, 1);
    const auto seed =
        rest.empty() && !spec.ends_with(':') ? std::optional<std::uint32_t>(1) : parse_number<std::uint32_t>(rest);
    if (!out || *out < 1 || !kernel || !seed)
        return fail("weights '{}' are not of the form random:OUTxK[:SEED], as in random:7x5:1", spec);
    return RandomKernels{*out, *kernel, *seed};
}

}  // namespace

std::optional<Size2> size_from(std::string_view text, int lowest) {
    const bool pair = text.find('x') != std::string_view::npos;
    const auto h = parse_number<int>(cut(text, 'x'));
    const auto w = pair ? parse_number<int>(text) : h;
    if (!h || !w || *h < lowest || *w < lowest) return std::nullopt;
    return Size2{*h, *w};
}

std::vector<std::string> sample_names(const Assets& assets) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(assets / "images", ignored))
        if (const auto e = entry.path().extension(); e == ".png" || e == ".jpg")
            names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

Expected<fs::path> picture_path(const PictureOrigin& origin, const Assets& assets) {
    if (origin.is_file()) return origin.path();
    const std::string& name = origin.word()->name;
    const auto names = sample_names(assets);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        const std::string known = fmt::format("{}", fmt::join(names, ", "));
        return fail("{}: no such sample, there are {}", origin.text(),
                    known.empty() ? sentence("none: the assets folder is missing") : known);
    }
    std::error_code ignored;
    for (const char* extension : {".png", ".jpg"})
        if (auto path = assets / "images" / (name + extension); fs::exists(path, ignored)) return path;
    return fail("{}: the sample's file is missing", origin.text());
}

Expected<PictureFile> read_picture(const PictureInput::Named& picture, const Assets& assets) {
    constexpr std::size_t max_file_bytes = std::size_t{1} << 30U;
    if (is_embedded(picture.origin)) {
        const std::string name = picture_title(picture.origin) + ".png";
        auto bytes = embedded_file(stored_origin(picture.origin, *picture.picture));
        if (!bytes) return fail("{}: the picture in the data URL is not written in base64", name);
        return PictureFile{name, std::move(*bytes)};
    }
    const FramePath named = split_frame(picture.origin.path());
    if (named.frame > 0 || named.minus || is_stream(named.file))
        return PictureFile{fmt::format("{}-{}.png", named.file.stem().string(), named.frame),
                           encode_png(image_of(*picture.picture))};
    const auto path = picture_path(picture.origin, assets);
    if (!path) return tl::unexpected(path.error());
    const auto bytes = read_part(*path, max_file_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    return PictureFile{path->filename().string(), {bytes->span().begin(), bytes->span().end()}};
}

Expected<std::shared_ptr<const Picture>> open_picture(const PictureOrigin& origin, const Assets& assets) {
    if (is_embedded(origin)) {
        const std::string name = picture_title(origin) + ".png";
        const auto bytes = embedded_file(origin);
        if (!bytes) return fail("{}: the picture in the data URL is not written in base64", name);
        auto picture = decode_picture(*bytes, name);
        if (!picture) return tl::unexpected(picture.error());
        return std::make_shared<const Picture>(std::move(*picture));
    }
    const auto path = picture_path(origin, assets);
    if (!path) return tl::unexpected(path.error());
    std::error_code ignored;
    const FramePath named = split_frame(path->string());
    const bool part = named.frame > 0 || named.minus.has_value();
    if ((part || is_stream(named.file)) && !(part && fs::exists(*path, ignored))) {
        auto frames = Frames::open(named.file, Cancel());
        if (!frames) return tl::unexpected(frames.error());
        auto picture = frames->read(named, Cancel());
        if (!picture) return fail("{}: {}", named.file.filename().string(), picture.error().message);
        return picture;
    }
    auto picture = load_picture(*path);
    if (!picture) return tl::unexpected(picture.error());
    return std::make_shared<const Picture>(std::move(*picture));
}

Expected<decltype(Input::source)> open_input(const std::vector<std::string>& specs, int batch, const Assets& assets) {
    if (specs.size() == 1 && starts_with(specs[0], "pattern:")) {
        auto pattern = open_pattern(specs[0], batch);
        if (!pattern) return tl::unexpected(pattern.error());
        return *pattern;
    }
    if (batch > 1 && static_cast<std::size_t>(batch) != specs.size())
        return specs.size() == 1
                   ? fail("batch is {}, but {} image is named: name as many, or use pattern:noise", batch, specs.size())
                   : fail("batch is {}, but {} images are named: name as many, or use pattern:noise", batch,
                          specs.size());
    PictureInput pictures;
    for (const std::string& spec : specs) {
        if (starts_with(spec, "pattern:")) return fail("{}: a pattern can't be part of a batch of pictures", spec);
        const auto origin = PictureOrigin::parse(spec);
        auto picture = open_picture(origin, assets);
        if (!picture) return tl::unexpected(picture.error());
        pictures.pictures.push_back({origin, std::move(*picture)});
    }
    return pictures;
}

Expected<TensorInput> open_tensor(const fs::path& path) {
    const auto file = TensorFile::open(path);
    if (!file) return tl::unexpected(file.error());
    if (file->arrays().size() != 1)
        return fail("{}: it holds {} arrays, expected one", path.string(), file->arrays().size());
    const auto array = file->load(file->arrays()[0].key);
    if (!array) return tl::unexpected(array.error());
    const std::size_t axes = array->shape.size();
    if (axes < 2 || axes > 4)
        return fail("{}: the array is {}, expected (H, W), (C, H, W) or (N, C, H, W)", path.string(),
                    shape_text(array->shape));
    if (auto ok = check_finite(array->values, path.string(), "values"); !ok) return tl::unexpected(ok.error());
    Shape shape{1, 1, axis(*array, axes - 2), axis(*array, axes - 1)};
    if (axes >= 3) shape.c = axis(*array, axes - 3);
    if (axes == 4) shape.n = axis(*array, 0);
    auto tensor = tensor_of(*array, path.string(), shape);
    if (!tensor) return tl::unexpected(tensor.error());
    return TensorInput{path.string(), std::make_shared<const Tensor>(std::move(*tensor))};
}

Expected<OpenedKernels> open_kernels(std::string_view spec, const Assets& assets) {
    if (spec == "edges" || spec == "edges:luminance") return OpenedKernels{EdgeKernels{}, GrayKernels::luminance};
    if (spec == "edges:sum") return OpenedKernels{EdgeKernels{}, GrayKernels::channel_sum};
    std::error_code missing;
    if (starts_with(spec, "edges:") && !fs::exists(fs::path(spec), missing))
        return fail("weights '{}': edges takes luminance or sum, as in edges:sum", spec);
    if (starts_with(spec, "random:")) {
        auto random = open_random(spec);
        if (!random) return tl::unexpected(random.error());
        return OpenedKernels{*random, GrayKernels::luminance};
    }
    auto loaded = open_kernels(KernelsOrigin::parse(spec), assets);
    if (!loaded) return tl::unexpected(loaded.error());
    return OpenedKernels{std::move(*loaded), GrayKernels::luminance};
}

Expected<LoadedKernels> open_kernels(const KernelsOrigin& origin, const Assets& assets) {
    const fs::path own = assets / "weights" / "alexnet_conv1.safetensors";
    std::error_code ignored;
    // The path of the file that comes with Convlens means the same kernels.
    const bool alexnet = origin == KnownKernels::alexnet || fs::equivalent(fs::path(origin.path()), own, ignored);
    if (!alexnet) {
        const auto [path, key] = split_key(origin.path());
        return open_kernel_file(path, key, origin);
    }
    auto loaded = open_kernel_file(own, "features.0.weight", KnownKernels::alexnet);
    if (loaded) loaded->trained_with = Normalize::imagenet;
    return loaded;
}

Expected<std::shared_ptr<const std::vector<float>>> open_bias(std::string_view spec) {
    const auto [path, given_key] = split_key(spec);
    const auto file = TensorFile::open(path);
    if (!file) return tl::unexpected(file.error());
    std::string key = given_key;
    if (key.empty()) {
        if (file->arrays().size() != 1)
            return fail("{}: it holds {} arrays, name the bias as FILE:KEY", path.string(), file->arrays().size());
        key = file->arrays()[0].key;
    }
    return bias_values(*file, key, spec);
}

}  // namespace convlens
