/// Finds the tensors of a PyTorch checkpoint and loads their values.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "engine/core/sentence.h"
#include "engine/io/pth_format.h"

namespace convlens {
namespace {

/// Keys under which training checkpoints store the state dict of the network, the most common first.
constexpr std::array<std::string_view, 4> wrappers = {"state_dict", "model_state_dict", "model", "net"};

/// Index of a tensor in Pickle::tensors, and its key: the path to it.
struct Named {
    std::string key;
    std::uint32_t tensor = 0;
};

/// Collects the tensors of nested dicts and lists. A malformed pickle may nest them in themselves or refer to one of
/// them many times, so depth, number of values, number of tensors and length of the keys are limited.
class Walk {
  public:
    explicit Walk(const Pickle& pickle) : pickle_(pickle) {}

    Expected<std::vector<Named>> run() {
        if (!visit(pickle_.root, "", 0)) return fail("{}", problem_);
        return std::move(found_);
    }

  private:
    static constexpr int max_depth = 16;
    static constexpr std::size_t max_steps = 1'000'000;
    static constexpr std::size_t max_tensors = 65'536;
    static constexpr std::size_t max_key_bytes = std::size_t{16} << 20U;  // Of all keys together.

    bool show_error(std::string problem) {
        problem_ = std::move(problem);
        return false;
    }

    bool visit(const PickleValue& value, const std::string& path, int depth) {
        if (const auto* tensor = std::get_if<TensorRef>(&value)) return add(tensor->index, path);
        const auto* dict = std::get_if<DictRef>(&value);
        const auto* list = std::get_if<SequenceRef>(&value);
        if (dict == nullptr && list == nullptr) return true;
        if (depth == max_depth) return show_error(sentence("its dicts and lists are nested deeper than {}", max_depth));
        return dict != nullptr ? visit_dict(*dict, path, depth + 1) : visit_list(*list, path, depth + 1);
    }

    bool add(std::uint32_t tensor, const std::string& path) {
        key_bytes_ += path.size();
        if (found_.size() == max_tensors) return show_error(sentence("it holds more than {} tensors", max_tensors));
        if (key_bytes_ > max_key_bytes)
            return show_error(sentence("the keys of its tensors have more than {} bytes", max_key_bytes));
        found_.push_back({path, tensor});
        return true;
    }

    /// Counts the values of a dict or list that is about to be traversed.
    bool step(std::size_t values) {
        if (values > max_steps - steps_)
            return show_error(sentence("its dicts and lists hold more than {} values", max_steps));
        steps_ += values;
        return true;
    }

    bool visit_list(SequenceRef list, const std::string& path, int depth) {
        const auto& values = pickle_.sequences[list.index];
        if (!step(values.size())) return false;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (is_leaf(values[i])) continue;
            if (!visit(values[i], joined(path, fmt::format("{}", i)), depth)) return false;
        }
        return true;
    }

    bool visit_dict(DictRef dict, const std::string& path, int depth) {
        const auto& items = pickle_.dicts[dict.index];
        if (!step(items.size())) return false;
        const std::size_t wrapper = path.empty() ? find_wrapper(items) : items.size();
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (is_leaf(items[i].second)) continue;
            if (!visit(items[i].second, i == wrapper ? path : joined(path, key_of(items[i].first, i)), depth))
                return false;
        }
        return true;
    }

    /// Returns the index of the entry whose key is omitted from the path, or items.size().
    static std::size_t find_wrapper(const std::vector<std::pair<PickleValue, PickleValue>>& items) {
        for (const std::string_view wrapper : wrappers) {
            const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) {
                const auto* key = std::get_if<std::string_view>(&item.first);
                return key != nullptr && *key == wrapper && std::holds_alternative<DictRef>(item.second);
            });
            if (found != items.end()) return static_cast<std::size_t>(found - items.begin());
        }
        return items.size();
    }

    /// Returns true for a value that can't contain a tensor. For such values no path is built.
    static bool is_leaf(const PickleValue& value) {
        return !std::holds_alternative<TensorRef>(value) && !std::holds_alternative<DictRef>(value) &&
               !std::holds_alternative<SequenceRef>(value);
    }

    static std::string key_of(const PickleValue& key, std::size_t position) {
        constexpr std::size_t longest = 256;
        if (const auto* text = std::get_if<std::string_view>(&key)) return std::string(text->substr(0, longest));
        if (const auto* number = std::get_if<std::int64_t>(&key)) return fmt::format("{}", *number);
        return fmt::format("#{}", position);
    }

    static std::string joined(const std::string& path, const std::string& key) {
        return path.empty() ? key : path + "." + key;
    }

    const Pickle& pickle_;
    std::vector<Named> found_;
    std::size_t steps_ = 0;
    std::size_t key_bytes_ = 0;
    std::string problem_;
};

/// One tensor and everything that is needed to load it.
struct View {
    PickledTensor tensor;
    std::uint64_t storage_begin = 0;  ///< PickledStorage::begin, counted in numbers.
    NumberType type;
    bool big_endian = false;
    ReadStorage read;
};

Expected<Array> load_view(const View& view) {
    const PickledTensor& tensor = view.tensor;
    const std::size_t size = size_bytes(view.type);
    // The numbers from the tensor's first element to its last.
    std::vector<float> run(static_cast<std::size_t>(tensor.end - tensor.offset));
    std::size_t filled = 0;
    const auto take = [&](std::span<const std::byte> piece) {
        const std::size_t count = piece.size() / size;
        convert_to_float(piece, view.type, view.big_endian, std::span(run).subspan(filled, count));
        filled += count;
    };
    const std::uint64_t first = view.storage_begin + tensor.offset;
    if (!run.empty())
        if (auto done = view.read(first * size, (first + run.size()) * size, take); !done)
            return tl::unexpected(done.error());
    return Array{tensor.shape, in_c_order(std::move(run), tensor.shape, tensor.strides)};
}

}  // namespace

Expected<FoundArrays> tensors_of(const Pickle& pickle, const FindStorage& find_storage, bool big_endian,
                                 std::string_view name) {
    const auto named = Walk(pickle).run();
    if (!named) return fail("{}: {}", name, named.error().message);
    if (named->empty()) return fail("{}: expected a PyTorch checkpoint with tensors, found none in it", name);
    std::vector<ReadStorage> readers(pickle.storages.size());
    FoundArrays found;
    for (const Named& one : *named) {
        const PickledTensor& tensor = pickle.tensors[one.tensor];
        const PickledStorage& storage = pickle.storages[tensor.storage];
        ReadStorage& read = readers[tensor.storage];
        if (!read) {
            auto reader = find_storage(storage);
            if (!reader) return tl::unexpected(reader.error());
            read = std::move(*reader);
        }
        const ArrayInfo info{one.key, std::string(storage.kind->dtype), tensor.shape};
        if (!storage.kind->type) {
            found.arrays.push_back({info,
                                    [where = fmt::format("{}: {}", name, in_quotes(one.key)),
                                     dtype = storage.kind->dtype]() -> Expected<Array> {
                                        return fail("{}: expected real numbers of at most 64 bits, found dtype {}",
                                                    where, dtype);
                                    }});
            continue;
        }
        const auto view =
            std::make_shared<const View>(View{tensor, storage.begin, *storage.kind->type, big_endian, read});
        found.arrays.push_back({info, [view] { return load_view(*view); }});
    }
    return found;
}

}  // namespace convlens
