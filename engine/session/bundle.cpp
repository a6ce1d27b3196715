/// Packs a session or a lecture and its parts into one zip file, and an autosave and its weights into another one.
#include "engine/session/bundle.h"

#include <algorithm>

#include "engine/document/embedded.h"
#include "engine/io/file.h"
#include "engine/io/file_url.h"
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
    /// `replaced`: the bundle whose files keep their paths, or empty.
    explicit Files(fs::path replaced = {}) : replaced_(std::move(replaced)) {}

    /// Stores a file called `name`, which was read from the path `from`, in a folder of the bundle, unless it is there
    /// already. Returns its path in the bundle, as "images/0-cat.png".
    std::string add(const char* folder, std::string name, std::vector<std::byte> bytes, const std::string& from = {}) {
        std::string path =
            replaced_.empty() ? "" : fs::path(from).lexically_normal().lexically_relative(replaced_).generic_string();
        if (!path.starts_with(fmt::format("{}/", folder))) path.clear();
        name = plain(std::move(name), from);
        for (const File& file : files_)
            if (file.folder == folder && file.name == name && file.bytes == bytes) return file.path;
        const auto used = [&](const std::string& p) {
            return std::ranges::any_of(files_, [&](const File& file) { return file.path == p; });
        };
        if (used(path)) path.clear();
        for (auto n = std::ranges::count(files_, folder, &File::folder); path.empty(); ++n)
            if (std::string free = fmt::format("{}/{}-{}", folder, n, name);
                !used(free) && (replaced_.empty() || !archive_has(replaced_, free)))
                path = std::move(free);
        files_.push_back({folder, std::move(name), path, std::move(bytes)});
        return path;
    }

    bool empty() const { return files_.empty(); }

    /// Writes the bundle with `text`, the session or the lecture, under the path `name`.
    Expected<void> write(const fs::path& to, const char* name, const std::string& text,
                         Existing existing = Existing::replaced) const {
        std::vector<ZipInput> inputs;
        std::size_t bytes = text.size();
        for (const File& file : files_) {
            inputs.emplace_back(file.path, file.bytes);
            bytes += file.bytes.size();
        }
        if (bytes > max_archive_bytes)
            return fail("{}: the bundle would have {} bytes, more than {}", to.filename().string(), bytes,
                        max_archive_bytes);
        inputs.emplace_back(name, std::as_bytes(std::span(text)));
        const auto zip = encode_zip(inputs, to.filename().string());
        if (!zip) return tl::unexpected(zip.error());
        return write_file(to, *zip, existing);
    }

  private:
    struct File {
        std::string folder, name, path;
        std::vector<std::byte> bytes;
    };

    /// Returns a name that JSON can hold and that names no frame of a video, without the number that a bundle has given
    /// to the file.
    static std::string plain(std::string name, const std::string& from) {
        const auto number = name.find_first_not_of("0123456789");
        if (is_in_archive(from) && number != 0 && number < name.size() && name[number] == '-')
            name.erase(0, number + 1);
        const bool text = is_utf8(name);
        std::ranges::replace_if(
            name,
            [&](char c) {
                return std::string_view("/\\#%").find(c) != std::string_view::npos ||
                       (!text && static_cast<unsigned char>(c) > 127);
            },
            '_');
        return name;
    }

    fs::path replaced_;
    std::vector<File> files_;
};

/// Whether a bundle contains the samples that it names, too.
enum class Samples { stored, named };

Expected<void> add_pictures(PictureInput& input, Files& files, const NetworkPlaces& places, Samples samples) {
    for (auto& picture : input.pictures) {
        if (samples == Samples::named && !picture.origin.is_file() && !is_embedded(picture.origin)) continue;
        auto file = read_picture(picture, places.assets);
        if (!file) return tl::unexpected(file.error());
        picture.origin = PictureOrigin::file(
            files.add("images", std::move(file->name), std::move(file->bytes), picture.origin.path()));
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
    auto bytes =
        encode_safetensors({{"weight", *loaded->weight}},
                           {{"title", loaded->title}, {"trained_with", std::string(to_string(loaded->trained_with))}});
    loaded->origin =
        KernelsOrigin::file(files.add("weights", "kernels.safetensors", std::move(bytes), loaded->origin.path()));
}

void add_weights(LoadedWeights* weights, Files& files) {
    if (!weights || weights->origin == KnownCheckpoint::convlens) return;
    std::vector<std::pair<std::string, ArrayView>> arrays;
    for (const auto& [name, parameter] : *weights->parameters)
        arrays.emplace_back(name, ArrayView(parameter.shape, parameter.data()));
    auto bytes = encode_safetensors(arrays, {{"title", weights->title}});
    weights->origin =
        CheckpointOrigin::file(files.add("weights", "network.safetensors", std::move(bytes), weights->origin.path()));
}

/// A loaded document, and the same one with paths in the bundle.
struct Packed {
    Document loaded, packed;
};

/// Adds the parts of a loaded document to a bundle, except those that `before` has already added.
Expected<Packed> pack(const Document& document, Files& files, const NetworkPlaces& places, Samples samples,
                      const Packed* before = nullptr) {
    Packed result{document, document};
    Document& d = result.packed;
    if (before && before->loaded.input.source == d.input.source) {
        d.input.source = before->packed.input.source;
    } else if (auto* pictures = std::get_if<PictureInput>(&d.input.source)) {
        if (auto ok = add_pictures(*pictures, files, places, samples); !ok) return tl::unexpected(ok.error());
    } else if (auto* tensor = std::get_if<TensorInput>(&d.input.source)) {
        tensor->path = files.add("tensors", "input.npy", encode_npy(*tensor->tensor), tensor->path);
    }
    if (before && before->loaded.kernels.bank == d.kernels.bank)
        d.kernels.bank = before->packed.kernels.bank;
    else
        add_kernels(large_kernels(d), files);
    auto* network = std::get_if<LayeredNetwork>(&d.network);
    if (before && before->loaded.network == d.network) {
        d.network = before->packed.network;
    } else if (network) {
        if (!known_architecture(network->origin))
            network->origin = NetworkOrigin::file("network.json");  // its layers are in the session
        auto* weights = std::get_if<LoadedWeights>(&network->weights);
        if (auto* large = large_weights(d))
            add_weights(large, files);
        else if (weights && weights->origin.is_file())  // its arrays are in the session, too
            weights->origin = CheckpointOrigin::file(fs::path(weights->origin.path()).filename().string());
    }
    return result;
}

}  // namespace

Expected<void> save_bundle(const Document& document, const fs::path& path, const NetworkPlaces& places,
                           const SceneView& view) {
    Files files;
    const auto packed = pack(document, files, places, Samples::stored);
    if (!packed) return tl::unexpected(packed.error());
    return files.write(path, bundle_session, print_session(packed->packed, {}, view));
}

Expected<Lecture> save_lecture_bundle(Lecture lecture, const fs::path& folder, const fs::path& path,
                                      const NetworkPlaces& places, Existing existing) {
    Files files(folder == folder_of_lecture(path) ? folder : fs::path());
    std::optional<Packed> last;
    const auto pack_spec = [&](DocumentSpec& spec) -> Expected<void> {
        const auto loaded = load_parts(spec, folder, places, last ? &last->loaded : nullptr);
        if (!loaded) return tl::unexpected(loaded.error());
        auto packed = pack(*loaded, files, places, Samples::named, last ? &*last : nullptr);
        if (!packed) return tl::unexpected(packed.error());
        spec = to_spec(packed->packed, {});
        last = std::move(*packed);
        return {};
    };
    for (std::size_t i = 0; i < lecture.scenes.size(); ++i) {
        Scene& scene = lecture.scenes[i];
        auto done = pack_spec(scene.document);
        for (std::size_t step = 0; done && step < scene.steps.size(); ++step)
            done = pack_spec(scene.steps[step].document);
        if (!done) return fail("{}: scene {}: {}", path.filename().string(), i + 1, done.error().message);
    }
    const auto text = checked_text(lecture, path.filename().string());
    if (!text) return tl::unexpected(text.error());
    if (auto written = files.write(path, bundle_lecture, *text, existing); !written)
        return tl::unexpected(written.error());
    return lecture;
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
    const auto written =
        bundle ? files.write(zip, bundle_session, print_session(document, {})) : save_session(document, json);
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
