/// Finds and applies the differences of weight tensors.
#include "engine/document/stored_document.h"

#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace convlens {
namespace {

constexpr std::size_t least_shared = 8;  ///< At most one value in so many may differ.

/// Calls part(pointer, bytes) for each loaded part of the document.
template <class Part>
void for_each_part(const Document& d, Part part) {
    const auto tensor = [&](const std::shared_ptr<const Tensor>& t) {
        if (t) part(static_cast<const void*>(t.get()), t->size() * sizeof(float));
    };
    const auto values = [&](const SharedValues& v) {
        if (v) part(static_cast<const void*>(v.get()), v->size() * sizeof(float));
    };
    if (const auto* input = std::get_if<PictureInput>(&d.input.source))
        for (const auto& [origin, picture] : input->pictures)
            if (picture)
                part(static_cast<const void*>(picture.get()),
                     (picture->color.size() + picture->alpha.size()) * sizeof(float));
    if (const auto* input = std::get_if<TensorInput>(&d.input.source)) tensor(input->tensor);
    if (const auto* kernels = std::get_if<LoadedKernels>(&d.kernels.bank))
        tensor(kernels->weight), values(kernels->bias);
    const auto* network = std::get_if<LayeredNetwork>(&d.network);
    const auto* weights = network ? std::get_if<LoadedWeights>(&network->weights) : nullptr;
    if (weights && weights->parameters)
        for (const auto& [name, parameter] : *weights->parameters) tensor(parameter.tensor), values(parameter.values);
}

/// Returns the indices at which two tensors of the same shape differ, or nullopt if too many do.
std::optional<std::vector<std::size_t>> differences(const Tensor& a, const Tensor& b) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (std::memcmp(a.data() + i, b.data() + i, sizeof(float)) == 0) continue;  // 0 and -0 differ
        if (indices.size() >= a.size() / least_shared) return std::nullopt;
        indices.push_back(i);
    }
    return indices;
}

const LoadedKernels* loaded_kernels(const Document& d) { return std::get_if<LoadedKernels>(&d.kernels.bank); }

const ParameterMap* parameters(const Document& d) {
    const auto* network = std::get_if<LayeredNetwork>(&d.network);
    const auto* weights = network ? std::get_if<LoadedWeights>(&network->weights) : nullptr;
    return weights ? weights->parameters.get() : nullptr;
}

void set_parameters(Document& d, ParameterMap map) {
    std::get<LoadedWeights>(std::get<LayeredNetwork>(d.network).weights).parameters =
        std::make_shared<const ParameterMap>(std::move(map));
}

}  // namespace

std::size_t bytes_only_in(const Document& a, const Document& b) {
    std::set<const void*> shared;
    for_each_part(b, [&](const void* part, std::size_t) { shared.insert(part); });
    std::size_t bytes = 0;
    for_each_part(a, [&](const void* part, std::size_t size) {
        if (shared.insert(part).second) bytes += size;
    });
    return bytes;
}

StoredDocument::StoredDocument(Document document, const Document& neighbor) : document_(std::move(document)) {
    // Returns true if `tensor` is stored as a patch.
    const auto patched = [&](const std::string& name, const std::shared_ptr<const Tensor>& tensor,
                             const std::shared_ptr<const Tensor>& near) {
        if (!tensor || !near || tensor == near || tensor->shape() != near->shape()) return false;
        auto indices = differences(*tensor, *near);
        if (!indices) return false;
        Patch patch{name, std::move(*indices), {}};
        for (const std::size_t i : patch.indices) patch.values.push_back(tensor->data()[i]);
        patches_.push_back(std::move(patch));
        return true;
    };
    const LoadedKernels *kernels = loaded_kernels(document_), *near_kernels = loaded_kernels(neighbor);
    if (kernels && near_kernels && patched("", kernels->weight, near_kernels->weight))
        std::get<LoadedKernels>(document_.kernels.bank).weight = nullptr;
    const ParameterMap *all = parameters(document_), *near = parameters(neighbor);
    if (all && near && all != near) {
        ParameterMap rest = *all;
        for (auto& [name, parameter] : rest)
            if (const auto at = near->find(name);
                at != near->end() && patched(name, parameter.tensor, at->second.tensor))
                parameter.tensor = nullptr;
        set_parameters(document_, std::move(rest));
    }
    bytes_ = sizeof(StoredDocument) + bytes_only_in(document_, neighbor);
    for (const Patch& patch : patches_)
        bytes_ += sizeof(Patch) + patch.values.size() * (sizeof(float) + sizeof(std::size_t));
}

Document StoredDocument::restore(const Document& neighbor) const {
    Document document = document_;
    std::optional<ParameterMap> map;
    for (const Patch& patch : patches_) {
        const bool kernels = patch.parameter.empty();
        Tensor tensor =
            (kernels ? loaded_kernels(neighbor)->weight : parameters(neighbor)->at(patch.parameter).tensor)->clone();
        for (std::size_t i = 0; i < patch.indices.size(); ++i) tensor.data()[patch.indices[i]] = patch.values[i];
        auto shared = std::make_shared<const Tensor>(std::move(tensor));
        if (kernels) {
            std::get<LoadedKernels>(document.kernels.bank).weight = std::move(shared);
        } else {
            if (!map) map = *parameters(document_);
            map->at(patch.parameter).tensor = std::move(shared);
        }
    }
    if (map) set_parameters(document, std::move(*map));
    return document;
}

}  // namespace convlens
