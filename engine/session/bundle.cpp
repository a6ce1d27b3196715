/// Packs a session and its parts into one zip file, and an autosave and its weights into another one.
#include "engine/session/bundle.h"

#include "engine/core/overloaded.h"
#include "engine/io/file.h"
#include "engine/io/tensor_file.h"
#include "engine/io/zip_archive.h"
#include "engine/open/picture_file.h"
#include "engine/session/session.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

/// The files of a bundle, collected until they are written.
class Files {
  public:
    /// Stores `bytes` under `path` and returns `path`.
    std::string add(const std::string& path, std::vector<std::byte> bytes) {
        files_.emplace_back(path, std::move(bytes));
        return path;
    }

    bool empty() const { return files_.empty(); }

    Expected<void> write(const fs::path& to) const {
        std::vector<ZipInput> inputs(files_.begin(), files_.end());
        const auto zip = encode_zip(inputs, to.filename().string());
        if (!zip) return tl::unexpected(zip.error());
        return write_file(to, *zip);
    }

  private:
    std::vector<std::pair<std::string, std::vector<std::byte>>> files_;
};

Expected<void> add_pictures(PictureInput& input, Files& files, const NetworkPlaces& places) {
    for (std::size_t i = 0; i < input.pictures.size(); ++i) {
        auto file = read_picture(input.pictures[i], places.assets);
        if (!file) return tl::unexpected(file.error());
        input.pictures[i].origin =
            PictureOrigin::file(files.add(fmt::format("images/{}-{}", i, file->name), std::move(file->bytes)));
    }
    return {};
}

/// Returns the kernels if they have more than max_inline_values numbers, else null.
LoadedKernels* large_kernels(Document& document) {
    auto* loaded = std::get_if<LoadedKernels>(&document.kernels.bank);
    return loaded && loaded->weight->size() > max_inline_values ? loaded : nullptr;
}

/// Returns the weights of a network if they have more than max_inline_values numbers, else null.
LoadedWeights* large_weights(Document& document) {
    auto* network = std::get_if<LayeredNetwork>(&document.network);
    auto* weights = network ? std::get_if<LoadedWeights>(&network->weights) : nullptr;
    if (!weights) return nullptr;
    std::size_t count = 0;
    for (const auto& [name, parameter] : *weights->parameters) count += parameter.data().size();
    return count > max_inline_values ? weights : nullptr;
}

void add_kernels(LoadedKernels* loaded, Files& files) {
    if (!loaded || loaded->origin == KnownKernels::alexnet) return;
    loaded->origin = KernelsOrigin::file(
        files.add("weights/kernels.safetensors",
                  encode_safetensors(
                      {{"weight", *loaded->weight}},
                      {{"title", loaded->title}, {"trained_with", std::string(to_string(loaded->trained_with))}})));
}

void add_weights(LoadedWeights* weights, Files& files) {
    if (!weights || weights->origin == KnownCheckpoint::convlens) return;
    std::vector<std::pair<std::string, ArrayView>> arrays;
    for (const auto& [name, parameter] : *weights->parameters)
        arrays.emplace_back(name, ArrayView(parameter.shape, parameter.data()));
    weights->origin = CheckpointOrigin::file(
        files.add("weights/network.safetensors", encode_safetensors(arrays, {{"title", weights->title}})));
}

/// Adds the session itself, and writes the bundle.
Expected<void> write_bundle(const Document& document, Files files, const fs::path& path, const SceneView& view) {
    const std::string text = print_session(document, {}, view);
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    files.add(bundle_session, {first, first + text.size()});
    return files.write(path);
}

}  // namespace

Expected<void> save_bundle(const Document& original, const fs::path& path, const NetworkPlaces& places,
                           const SceneView& view) {
    Document document = original;
    Files files;
    if (auto* pictures = std::get_if<PictureInput>(&document.input.source))
        if (auto ok = add_pictures(*pictures, files, places); !ok) return ok;
    if (auto* tensor = std::get_if<TensorInput>(&document.input.source))
        tensor->path = files.add("input.npy", encode_npy(*tensor->tensor));
    add_kernels(large_kernels(document), files);
    if (auto* network = std::get_if<LayeredNetwork>(&document.network)) {
        if (!known_architecture(network->origin))
            network->origin = NetworkOrigin::file("network.json");  // its layers are in the session
        add_weights(large_weights(document), files);
    }
    return write_bundle(document, std::move(files), path, view);
}

Expected<void> save_autosave(const Document& original, const fs::path& json) {
    fs::path zip = json;
    zip.replace_extension(".zip");
    std::error_code ignored;
    Document document = with_absolute_paths({original}, fs::current_path(ignored)).document;
    Files files;
    if (auto* kernels = large_kernels(document); kernels && kernels->origin == KnownKernels::own)
        add_kernels(kernels, files);
    if (auto* weights = large_weights(document); weights && weights->origin == KnownCheckpoint::own)
        add_weights(weights, files);
    const bool bundle = !files.empty();
    const auto written = bundle ? write_bundle(document, std::move(files), zip, {}) : save_session(document, json);
    if (written) fs::remove(bundle ? json : zip, ignored);
    return written;
}

Expected<Document> open_autosave(const fs::path& path, const NetworkPlaces& places) {
    auto document = open_session(path, places);
    if (!document) return document;
    std::error_code ignored;
    const std::string inside = fs::absolute(path, ignored).lexically_normal().string();
    const auto own = [&](const auto& origin) { return origin.is_file() && origin.path().starts_with(inside); };
    if (auto* kernels = std::get_if<LoadedKernels>(&document->kernels.bank); kernels && own(kernels->origin))
        kernels->origin = KnownKernels::own;
    auto* network = std::get_if<LayeredNetwork>(&document->network);
    auto* weights = network ? std::get_if<LoadedWeights>(&network->weights) : nullptr;
    if (weights && own(weights->origin)) weights->origin = KnownCheckpoint::own, weights->report = nullptr;
    return document;
}

}  // namespace convlens
