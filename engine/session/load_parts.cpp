/// Loads the parts that a document names, and replaces loaded parts with their names.
#include "engine/session/load_parts.h"

#include <cmath>
#include <map>

#include "engine/core/memory_limit.h"
#include "engine/document/embedded.h"
#include "engine/io/file_url.h"
#include "engine/open/open_network.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

/// Makes paths that are relative to `folder` absolute, or relative to the current folder if `folder` is not absolute.
/// File URLs become paths.
struct Resolver {
    const fs::path& folder;

    std::string resolved(const std::string& path) const {
        if (auto found = path_of_url(path)) return *found;
        return folder.empty() ? path : (folder / path).lexically_normal().string();
    }

    template <class Word>
    Origin<Word> resolved(const Origin<Word>& origin) const {
        return origin.is_file() ? Origin<Word>::file(resolved(origin.path())) : origin;
    }
};

/// Loads parts by paths relative to `folder`, and reuses those of `before`.
struct Loader : Resolver {
    const NetworkPlaces& places;
    const Document* before;

    Expected<void> load(PictureInput& input) const {
        std::map<std::string, std::shared_ptr<const Picture>> known_pictures;
        if (const auto* known = before ? std::get_if<PictureInput>(&before->input.source) : nullptr)
            for (const auto& p : known->pictures) known_pictures.emplace(p.origin.text(), p.picture);
        std::size_t bytes = 0;
        for (auto& picture : input.pictures) {
            picture.origin = resolved(picture.origin);
            if (const auto same = known_pictures.find(picture.origin.text()); same != known_pictures.end()) {
                picture.picture = same->second;
                continue;
            }
            auto opened = open_picture(picture.origin, places.assets);
            if (!opened) return tl::unexpected(opened.error());
            picture.picture = std::move(*opened);
            known_pictures.emplace(picture.origin.text(), picture.picture);
            const Picture& loaded = *picture.picture;
            if ((bytes += (loaded.color.values().size() + loaded.alpha.size()) * sizeof(float)) > memory_limit())
                return fail("the images of the batch need more than the memory limit ({}); --memory sets it",
                            bytes_in_words(memory_limit()));
        }
        return {};
    }

    Expected<void> load(TensorInput& input) const {
        input.path = resolved(input.path);
        const auto* known = before ? std::get_if<TensorInput>(&before->input.source) : nullptr;
        if (known && known->path == input.path) {
            input = *known;
            return {};
        }
        auto opened = open_tensor(input.path);
        if (!opened) return tl::unexpected(opened.error());
        input = std::move(*opened);
        return {};
    }

    Expected<void> load(PatternInput& /*formula*/) const { return {}; }

    Expected<void> load(LoadedKernels& kernels) const {
        kernels.origin = resolved(kernels.origin);
        const auto bias = kernels.bias;
        const auto* known = before ? std::get_if<LoadedKernels>(&before->kernels.bank) : nullptr;
        if (known && !kernels.weight && bias && known->origin == kernels.origin) {
            kernels = *known;
        } else if (!kernels.weight) {
            auto opened = open_kernels(kernels.origin, places.assets);
            if (!opened) return tl::unexpected(opened.error());
            kernels = std::move(*opened);
        }
        if (!bias || (kernels.bias && *bias == *kernels.bias)) return {};
        if (bias->size() != static_cast<std::size_t>(kernels.weight->shape().n))
            return fail("{}: the session has a bias of {} values, but the file has {} kernels", kernels.origin.text(),
                        bias->size(), kernels.weight->shape().n);
        kernels.bias = bias;
        return {};
    }

    Expected<void> load(LayeredNetwork& network) const {
        network.origin = resolved(network.origin);
        if (!network.architecture) {
            auto read = load_architecture(network.origin.path());
            if (!read) return tl::unexpected(read.error());
            network.architecture = std::make_shared<const Architecture>(std::move(*read));
        }
        const auto* known = before ? std::get_if<LayeredNetwork>(&before->network) : nullptr;
        if (known && *known->architecture == *network.architecture) network.architecture = known->architecture;
        auto* weights = std::get_if<LoadedWeights>(&network.weights);
        if (!weights) return {};
        weights->origin = resolved(weights->origin);
        const auto* same = known ? std::get_if<LoadedWeights>(&known->weights) : nullptr;
        if (weights->parameters) return check(*weights);
        if (same && same->origin == weights->origin && known->architecture == network.architecture) {
            *weights = *same;
            return {};
        }
        auto opened = open_checkpoint(network, weights->origin, places);
        if (!opened) return tl::unexpected(opened.error());
        network.weights = std::move(*opened);
        return {};
    }

    /// Checks the arrays stored in the session itself.
    static Expected<void> check(const LoadedWeights& weights) {
        for (const auto& [name, parameter] : *weights.parameters)
            for (const float value : parameter.data())
                if (!std::isfinite(value)) return fail("the session's {} has a value that is not finite", name);
        return {};
    }
};

/// Replaces loaded parts with their names; paths become relative to `folder`, and those that JSON can't hold file URLs.
struct SpecMaker {
    const fs::path& folder;

    std::string relative(const std::string& path) const {
        std::error_code ignored;
        const fs::path absolute = fs::absolute(path, ignored).lexically_normal();
        if (!is_utf8(path)) return file_url(absolute);
        if (folder.empty()) return path;
        std::string text = absolute.lexically_proximate(folder.lexically_normal()).generic_string();
        const bool plain = text.find('/') == std::string::npos;
        return plain ? "./" + text : text;
    }

    template <class Word>
    Origin<Word> relative(const Origin<Word>& origin) const {
        return origin.is_file() ? Origin<Word>::file(relative(origin.path())) : origin;
    }

    void unload(PictureInput& input) const {
        for (auto& [origin, picture] : input.pictures) {
            if (picture) origin = stored_origin(origin, *picture);
            origin = relative(origin);
            picture = nullptr;
        }
    }

    void unload(TensorInput& input) const { input = {relative(input.path), nullptr}; }

    void unload(PatternInput& /*formula*/) const {}

    void unload(LoadedKernels& kernels) const {
        const bool small = kernels.weight && kernels.weight->size() <= max_inline_values;
        kernels.origin = relative(kernels.origin);
        if (kernels.origin == KnownKernels::own || (small && kernels.origin.is_file())) return;
        kernels = {kernels.origin, "", nullptr, kernels.bias, Normalize::none};
    }

    void unload(LayeredNetwork& network) const {
        // Its layers are stored in the session, so the name of the file does not matter.
        if (network.origin == KnownNetwork::own) network.origin = NetworkOrigin::file("own");
        network.origin = relative(network.origin);
        auto* weights = std::get_if<LoadedWeights>(&network.weights);
        if (!weights) return;
        std::size_t count = 0;
        if (weights->parameters)
            for (const auto& [name, parameter] : *weights->parameters) count += parameter.data().size();
        weights->origin = relative(weights->origin);
        weights->report = nullptr;
        if (weights->origin == KnownCheckpoint::own || (count <= max_inline_values && weights->origin.is_file()))
            return;
        *weights = {weights->origin, "", nullptr, nullptr};
    }
};

}  // namespace

DocumentSpec to_spec(const Document& document, const fs::path& folder) {
    DocumentSpec result{document};
    Document& d = result.document;
    const SpecMaker unloader{folder};
    std::visit([&](auto& part) { unloader.unload(part); }, d.input.source);
    if (auto* kernels = std::get_if<LoadedKernels>(&d.kernels.bank)) unloader.unload(*kernels);
    if (auto* network = std::get_if<LayeredNetwork>(&d.network)) unloader.unload(*network);
    return result;
}

DocumentSpec with_absolute_paths(DocumentSpec spec, const fs::path& folder) {
    const Resolver resolver{folder};
    Document& d = spec.document;
    if (auto* input = std::get_if<PictureInput>(&d.input.source))
        for (auto& picture : input->pictures) picture.origin = resolver.resolved(picture.origin);
    if (auto* input = std::get_if<TensorInput>(&d.input.source)) input->path = resolver.resolved(input->path);
    if (auto* kernels = std::get_if<LoadedKernels>(&d.kernels.bank))
        kernels->origin = resolver.resolved(kernels->origin);
    if (auto* network = std::get_if<LayeredNetwork>(&d.network)) {
        network->origin = resolver.resolved(network->origin);
        if (auto* weights = std::get_if<LoadedWeights>(&network->weights))
            weights->origin = resolver.resolved(weights->origin);
    }
    return spec;
}

Expected<Document> load_parts(DocumentSpec spec, const fs::path& folder, const NetworkPlaces& places,
                              const Document* before) {
    Document& d = spec.document;
    const Loader loader{{folder}, places, before};
    const auto load = [&](auto& part) { return loader.load(part); };
    if (auto ok = std::visit(load, d.input.source); !ok) return tl::unexpected(ok.error());
    if (auto* kernels = std::get_if<LoadedKernels>(&d.kernels.bank))
        if (auto ok = loader.load(*kernels); !ok) return tl::unexpected(ok.error());
    if (auto* network = std::get_if<LayeredNetwork>(&d.network))
        if (auto ok = loader.load(*network); !ok) return tl::unexpected(ok.error());
    return std::move(d);
}

}  // namespace convlens
