/// Packs a session and its parts into one zip file.
#include "engine/session/bundle.h"

#include "engine/core/overloaded.h"
#include "engine/io/file.h"
#include "engine/io/tensor_file.h"
#include "engine/io/zip_archive.h"
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
    constexpr std::size_t max_file_bytes = std::size_t{1} << 30U;
    for (std::size_t i = 0; i < input.pictures.size(); ++i) {
        PictureOrigin& origin = input.pictures[i].origin;
        const auto file = picture_path(origin, places.assets);
        if (!file) return tl::unexpected(file.error());
        const auto bytes = read_part(*file, max_file_bytes);
        if (!bytes) return tl::unexpected(bytes.error());
        origin = PictureOrigin::file(files.add(fmt::format("images/{}-{}", i, file->filename().string()),
                                               {bytes->span().begin(), bytes->span().end()}));
    }
    return {};
}

void add_kernels(Kernels& kernels, Files& files) {
    auto* loaded = std::get_if<LoadedKernels>(&kernels.bank);
    if (!loaded || loaded->origin == KnownKernels::alexnet || loaded->weight->size() <= max_inline_values) return;
    loaded->origin = KernelsOrigin::file(files.add(
        "weights/kernels.safetensors", encode_safetensors({{"weight", *loaded->weight}}, {{"title", loaded->title}})));
}

void add_weights(LayeredNetwork& network, Files& files) {
    if (!known_architecture(network.origin))
        network.origin = NetworkOrigin::file("network.json");  // its layers are in the session
    auto* weights = std::get_if<LoadedWeights>(&network.weights);
    if (!weights || weights->origin == KnownCheckpoint::convlens) return;
    std::size_t count = 0;
    for (const auto& [name, parameter] : *weights->parameters) count += parameter.data().size();
    if (weights->origin == KnownCheckpoint::own && count <= max_inline_values) return;
    std::vector<std::pair<std::string, ArrayView>> arrays;
    for (const auto& [name, parameter] : *weights->parameters)
        arrays.emplace_back(name, ArrayView(parameter.shape, parameter.data()));
    weights->origin = CheckpointOrigin::file(
        files.add("weights/network.safetensors", encode_safetensors(arrays, {{"title", weights->title}})));
}

}  // namespace

Expected<void> save_bundle(const Document& original, const fs::path& path, const NetworkPlaces& places) {
    Document document = original;
    Files files;
    if (auto* pictures = std::get_if<PictureInput>(&document.input.source))
        if (auto ok = add_pictures(*pictures, files, places); !ok) return ok;
    if (auto* tensor = std::get_if<TensorInput>(&document.input.source))
        tensor->path = files.add("input.npy", encode_npy(*tensor->tensor));
    add_kernels(document.kernels, files);
    if (auto* network = std::get_if<LayeredNetwork>(&document.network)) add_weights(*network, files);
    const std::string text = print_session(document, {});
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    files.add(bundle_session, {first, first + text.size()});
    return files.write(path);
}

}  // namespace convlens
