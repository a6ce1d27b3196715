/// The results of a network's layers that a backend keeps, by what they were computed from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/nn/graph.h"

namespace convlens {

/// Results of layers. Each result has a key, which stands for the layer and the keys of its inputs: a result is current
/// if the layer is the same as when it was computed and its inputs have the same keys. `Result` is what a backend
/// computes.
template <class Result>
class LayerResults {
  public:
    struct Entry {
        Layer layer;
        std::vector<std::uint64_t> from;  ///< The keys of the inputs.
        std::uint64_t key = 0;
        std::optional<Result> result;  ///< nullopt if it was dropped.
    };

    /// Finds out which entries are current for `network`. `same(entry, layer)` tells whether an entry with the same
    /// inputs has the result of `layer`. Other entries are removed, except those for which `useful(entry, index)`:
    /// their layer or their inputs have changed. It may ask for the entries of earlier layers.
    template <class Same, class Useful>
    void match(const Network& network, const Same& same, const Useful& useful) {
        const std::size_t count = network.layers.size();
        if (entries_.size() < count) entries_.resize(count);
        current_.assign(count, false);
        keys_.assign(count + 1, 0);  // that of the network's input is 0
        for (std::size_t i = 0; i < count; ++i) {
            const Layer& layer = network.layers[i];
            std::optional<Entry>& e = entries_[i];
            current_[i] = e && same_inputs(network, static_cast<int>(i)) && same(*e, layer);
            keys_[i + 1] = current_[i] ? e->key : ++last_key_;
            if (current_[i]) {
                e->layer = layer;
            } else if (e && (!e->result || !useful(*e, static_cast<int>(i)))) {
                e.reset();
            }
        }
    }

    /// Returns true if the entry of layer `index`, which must exist, was computed from the inputs that the layer has
    /// now.
    bool same_inputs(const Network& network, int index) const {
        return entries_[static_cast<std::size_t>(index)]->from == keys_read(network, index);
    }

    /// Returns the current result of layer `index`; null if there is none.
    Result* find(int index) {
        auto& e = entries_[static_cast<std::size_t>(index)];
        return current_[static_cast<std::size_t>(index)] && e->result ? &*e->result : nullptr;
    }
    /// Returns the entry of layer `index` that is not current but useful; null if there is none.
    const Entry* older(int index) const {
        const auto& e = entries_[static_cast<std::size_t>(index)];
        return !current_[static_cast<std::size_t>(index)] && e ? &*e : nullptr;
    }

    /// Returns the layers that must run so that layer `last` has a result, in the order in which they run.
    std::vector<int> missing(const Network& network, int last) {
        std::vector<bool> wanted(static_cast<std::size_t>(last) + 1);
        wanted[static_cast<std::size_t>(last)] = true;
        std::vector<int> run;
        for (int i = last; i >= 0; --i) {
            if (!wanted[static_cast<std::size_t>(i)] || find(i)) continue;
            run.push_back(i);
            for (const int from : inputs_of(network.layers, i))
                if (from >= 0) wanted[static_cast<std::size_t>(from)] = true;
        }
        std::ranges::reverse(run);
        return run;
    }

    /// Stores the result of layer `index`.
    Result& put(const Network& network, int index, Result result) {
        const auto at = static_cast<std::size_t>(index);
        current_[at] = true;
        entries_[at] = Entry{network.layers[at], keys_read(network, index), keys_[at + 1], std::move(result)};
        return *entries_[at]->result;
    }

    /// Drops a result, but not the knowledge that it was current: the results computed from it stay.
    void drop(int index) {
        auto& e = entries_[static_cast<std::size_t>(index)];
        if (e) e->result.reset();
        if (e && !current_[static_cast<std::size_t>(index)]) e.reset();
    }
    /// Removes the entries of layers that the network no longer has.
    void drop_after(std::size_t count) {
        if (entries_.size() > count) entries_.resize(count);
    }
    void clear() { entries_.clear(); }

    /// The entries; those of layers that have not run yet are empty.
    const std::vector<std::optional<Entry>>& entries() const { return entries_; }
    std::vector<std::optional<Entry>>& entries() { return entries_; }

  private:
    std::vector<std::uint64_t> keys_read(const Network& network, int index) const {
        std::vector<std::uint64_t> keys = {};
        for (const int from : inputs_of(network.layers, index))
            keys.push_back(keys_[static_cast<std::size_t>(from + 1)]);
        return keys;
    }

    std::vector<std::optional<Entry>> entries_;
    std::vector<bool> current_;
    std::vector<std::uint64_t> keys_;
    std::uint64_t last_key_ = 0;
};

}  // namespace convlens
