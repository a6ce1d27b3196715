/// Interpreter of a pickle's opcodes on a stack of values. It does not recurse, and it checks every count before use.
#include "engine/io/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>

#include "engine/core/sentence.h"
#include "engine/io/array_formats.h"
#include "engine/io/byte_reader.h"

namespace convlens {
namespace {

constexpr std::size_t max_values = 1'000'000;  // A state dict needs about 60 per tensor, memo entries included.
constexpr std::size_t max_memo_gap = 256;

class Unpickler {
  public:
    explicit Unpickler(std::span<const std::byte> bytes) : reader_(bytes) {}

    Expected<Pickle> run(std::string_view where);

    using Step = bool (Unpickler::*)();

    // The opcodes. Each returns false and sets problem_ if it can't be executed.
    bool proto() {
        const int version = reader_.byte();
        return (version >= 2 && version <= 5) || reader_.failed() ||
               show_error(sentence("expected pickle protocol 2 to 5, found {}", version));
    }
    bool frame() {
        reader_.skip(8);  // The length of a frame is not needed.
        return true;
    }
    bool stop() {
        stopped_ = true;
        return pop(pickle_.root);
    }
    bool mark() {
        marks_.push_back(stack_.size());
        return charge(1);
    }
    bool none() { return push({}); }
    bool yes() { return push(true); }
    bool no() { return push(false); }
    bool int1() { return push(std::int64_t{reader_.byte()}); }
    bool int2() { return push(std::int64_t{reader_.little<std::uint16_t>()}); }
    bool int4() { return push(std::int64_t{static_cast<std::int32_t>(reader_.little<std::uint32_t>())}); }
    bool long1() { return push(long_integer(reader_.take(reader_.byte()))); }
    bool real() { return push(std::bit_cast<double>(reader_.big<std::uint64_t>())); }
    bool text1() { return text(reader_.byte()); }
    bool text4() { return text(reader_.little<std::uint32_t>()); }
    bool text8() { return text(reader_.little<std::uint64_t>()); }
    bool tuple0() { return push_sequence(0); }
    bool tuple1() { return push_sequence(1); }
    bool tuple2() { return push_sequence(2); }
    bool tuple3() { return push_sequence(3); }
    bool tuple() {
        std::size_t count = 0;
        return pop_mark(count) && push_sequence(count);
    }
    bool dict() {
        const DictRef ref{static_cast<std::uint32_t>(pickle_.dicts.size())};
        pickle_.dicts.emplace_back();
        return push(ref);
    }
    bool append() { return append_values(1); }
    bool appends() {
        std::size_t count = 0;
        return pop_mark(count) && append_values(count);
    }
    bool setitem() { return set_items(2); }
    bool setitems() {
        std::size_t count = 0;
        return pop_mark(count) && set_items(count);
    }
    bool put1() { return put(reader_.byte()); }
    bool put4() { return put(reader_.little<std::uint32_t>()); }
    bool memoize() { return put(memo_size_); }
    bool get1() { return get(reader_.byte()); }
    bool get4() { return get(reader_.little<std::uint32_t>()); }
    bool global() {
        const auto module = line(), name = line();
        return module && name ? push_global(*module, *name)
                              : show_error(sentence("a name is too long or not ended by a line break"));
    }
    bool stack_global() {
        PickleValue name, module;
        if (!pop(name) || !pop(module)) return false;
        const auto* name_text = std::get_if<std::string_view>(&name);
        const auto* module_text = std::get_if<std::string_view>(&module);
        if (name_text == nullptr || module_text == nullptr) return show_error(sentence("expected a name as a string"));
        return push_global(*module_text, *name_text);
    }
    bool reduce();
    bool build();
    bool persistent_id() {
        PickleValue id;
        return pop(id) && push_made(storage_of_id(pickle_, id));
    }

  private:
    bool show_error(std::string problem) {
        problem_ = std::move(problem);
        return false;
    }
    /// Counts `values` more values; returns false and sets problem_ if there are more than max_values.
    bool charge(std::size_t values) {
        if (values > max_values - values_)
            return show_error(sentence("the pickle has more than {} values", max_values));
        values_ += values;
        return true;
    }
    bool push(PickleValue value) {
        if (!charge(1)) return false;
        stack_.push_back(value);
        return true;
    }
    bool push_made(const Expected<PickleValue>& value) {
        return value ? push(*value) : show_error(value.error().message);
    }

    /// Returns the number of values above the last mark; only these may be popped.
    std::size_t available() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
    bool need(std::size_t count) {
        return available() >= count ||
               show_error(sentence("expected {} values on the stack, found {}", count, available()));
    }
    bool pop(PickleValue& value) {
        if (!need(1)) return false;
        value = stack_.back();
        stack_.pop_back();
        return true;
    }
    bool pop_mark(std::size_t& count) {
        if (marks_.empty()) return show_error(sentence("expected a mark on the stack, found none"));
        count = available();
        marks_.pop_back();
        return true;
    }
    std::span<const PickleValue> top(std::size_t count) const { return std::span(stack_).last(count); }
    void drop(std::size_t count) { stack_.resize(stack_.size() - count); }

    bool text(std::uint64_t length) {
        if (length > reader_.rest().size())
            return show_error(
                sentence("a string claims {} bytes, but only {} are left", length, reader_.rest().size()));
        return push(text_of(reader_.take(static_cast<std::size_t>(length))));
    }
    /// Reads a name up to the end of its line; returns nullopt if the line is longer than 1024 bytes or does not end.
    std::optional<std::string_view> line() {
        constexpr std::size_t longest = 1024;
        const std::string_view rest = text_of(reader_.rest()).substr(0, longest);
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        reader_.skip(end + 1);
        return rest.substr(0, end);
    }
    bool push_global(std::string_view module, std::string_view name) {
        const PickleGlobal* global = find_pickle_global(module, name);
        if (global == nullptr)
            return show_error(sentence(
                "it requests {}, which is not allowed: expected a file that torch.save(model.state_dict(), ...) "
                "writes",
                in_quotes(fmt::format("{}.{}", module.substr(0, 80), name.substr(0, 80)))));
        return push(global);
    }
    bool push_sequence(std::size_t count) {
        if (!need(count) || !charge(count)) return false;
        const SequenceRef ref{static_cast<std::uint32_t>(pickle_.sequences.size())};
        const auto values = top(count);
        pickle_.sequences.emplace_back(values.begin(), values.end());
        drop(count);
        return push(ref);
    }
    bool append_values(std::size_t count) {
        if (!need(count + 1) || !charge(count)) return false;
        const auto* list = std::get_if<SequenceRef>(&stack_[stack_.size() - count - 1]);
        if (list == nullptr) return show_error(sentence("expected a list to append to"));
        auto& values = pickle_.sequences[list->index];
        values.insert(values.end(), top(count).begin(), top(count).end());
        drop(count);
        return true;
    }
    bool set_items(std::size_t count) {
        if (!need(count + 1) || !charge(count)) return false;
        const auto* target = std::get_if<DictRef>(&stack_[stack_.size() - count - 1]);
        if (target == nullptr || count % 2 != 0)
            return show_error(sentence("expected a dict and its keys with their values"));
        const auto items = top(count);
        for (std::size_t i = 0; i < count; i += 2) pickle_.dicts[target->index].emplace_back(items[i], items[i + 1]);
        drop(count);
        return true;
    }
    bool put(std::size_t index) {
        // Picklers number memo entries one after the other; only cPickle leaves small gaps.
        if (index > memo_.size() + max_memo_gap)
            return show_error(sentence("memo index {} is far beyond the last one, {}", index, memo_.size()));
        if (reader_.failed() || !need(1)) return reader_.failed();
        if (index >= memo_.size()) {
            if (!charge(index + 1 - memo_.size())) return false;
            memo_.resize(index + 1);
        }
        memo_size_ += memo_[index] ? 0 : 1;
        memo_[index] = stack_.back();
        return true;
    }
    bool get(std::size_t index) {
        if (reader_.failed()) return true;
        if (index >= memo_.size() || !memo_[index]) return show_error(sentence("memo entry {} is empty", index));
        return push(*memo_[index]);
    }
    /// Converts an integer in two's complement, little-endian. An integer of more than 8 bytes becomes a float; seeds
    /// of random generators are that long.
    static PickleValue long_integer(std::span<const std::byte> bytes) {
        const bool negative = !bytes.empty() && (bytes.back() & std::byte{0x80}) != std::byte{0};
        if (bytes.size() <= 8) {
            std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
            for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8U | std::to_integer<std::uint64_t>(bytes[i]);
            return static_cast<std::int64_t>(value);
        }
        double value = negative ? -1 : 0;
        for (std::size_t i = bytes.size(); i-- > 0;) value = value * 256 + std::to_integer<int>(bytes[i]);
        return value;
    }

    ByteReader reader_;
    Pickle pickle_;
    std::vector<PickleValue> stack_;
    std::vector<std::size_t> marks_;  ///< Sizes of the stack at the marks.
    std::vector<std::optional<PickleValue>> memo_;
    std::size_t memo_size_ = 0;  ///< Number of memo entries in use.
    std::size_t values_ = 0;     ///< Number of values built so far; see charge().
    bool stopped_ = false;
    std::string problem_;
};

bool Unpickler::reduce() {
    PickleValue arguments, callable;
    if (!pop(arguments) || !pop(callable)) return false;
    const auto* global = std::get_if<const PickleGlobal*>(&callable);
    const auto* tuple = std::get_if<SequenceRef>(&arguments);
    if (global == nullptr || tuple == nullptr)
        return show_error(sentence("expected a name and a tuple of its arguments"));
    std::size_t copied = 0;
    if (!charge(pickle_.sequences[tuple->index].size())) return false;
    const std::vector<PickleValue> values = pickle_.sequences[tuple->index];
    const auto result = call_pickle_global(pickle_, **global, values, copied);
    return charge(copied) && push_made(result);
}

bool Unpickler::build() {
    // Python sets attributes of an OrderedDict (_metadata) or of a Parameter here. They change no value: ignored.
    PickleValue state;
    if (!pop(state) || !need(1)) return false;
    return std::holds_alternative<DictRef>(stack_.back()) || std::holds_alternative<TensorRef>(stack_.back()) ||
           show_error(sentence("attributes are set on an object that is neither an OrderedDict nor a Parameter"));
}

struct Opcode {
    unsigned char byte;
    std::string_view name;
    Unpickler::Step step;  ///< Null for opcodes that are rejected.
};

/// All opcodes, with the names of Python's pickletools.
constexpr std::array<Opcode, 68> opcodes = {{
    {0x80, "PROTO", &Unpickler::proto},
    {0x95, "FRAME", &Unpickler::frame},
    {'.', "STOP", &Unpickler::stop},
    {'(', "MARK", &Unpickler::mark},
    {'N', "NONE", &Unpickler::none},
    {0x88, "NEWTRUE", &Unpickler::yes},
    {0x89, "NEWFALSE", &Unpickler::no},
    {'K', "BININT1", &Unpickler::int1},
    {'M', "BININT2", &Unpickler::int2},
    {'J', "BININT", &Unpickler::int4},
    {0x8a, "LONG1", &Unpickler::long1},
    {'G', "BINFLOAT", &Unpickler::real},
    {'X', "BINUNICODE", &Unpickler::text4},
    {0x8c, "SHORT_BINUNICODE", &Unpickler::text1},
    {0x8d, "BINUNICODE8", &Unpickler::text8},
    {'U', "SHORT_BINSTRING", &Unpickler::text1},
    {'T', "BINSTRING", &Unpickler::text4},
    {')', "EMPTY_TUPLE", &Unpickler::tuple0},
    {0x85, "TUPLE1", &Unpickler::tuple1},
    {0x86, "TUPLE2", &Unpickler::tuple2},
    {0x87, "TUPLE3", &Unpickler::tuple3},
    {'t', "TUPLE", &Unpickler::tuple},
    {']', "EMPTY_LIST", &Unpickler::tuple0},
    {'a', "APPEND", &Unpickler::append},
    {'e', "APPENDS", &Unpickler::appends},
    {'}', "EMPTY_DICT", &Unpickler::dict},
    {'s', "SETITEM", &Unpickler::setitem},
    {'u', "SETITEMS", &Unpickler::setitems},
    {'q', "BINPUT", &Unpickler::put1},
    {'r', "LONG_BINPUT", &Unpickler::put4},
    {0x94, "MEMOIZE", &Unpickler::memoize},
    {'h', "BINGET", &Unpickler::get1},
    {'j', "LONG_BINGET", &Unpickler::get4},
    {'c', "GLOBAL", &Unpickler::global},
    {0x93, "STACK_GLOBAL", &Unpickler::stack_global},
    {'R', "REDUCE", &Unpickler::reduce},
    {'b', "BUILD", &Unpickler::build},
    {'Q', "BINPERSID", &Unpickler::persistent_id},
    {'0', "POP", nullptr},
    {'1', "POP_MARK", nullptr},
    {'2', "DUP", nullptr},
    {'F', "FLOAT", nullptr},
    {'I', "INT", nullptr},
    {'L', "LONG", nullptr},
    {'P', "PERSID", nullptr},
    {'S', "STRING", nullptr},
    {'V', "UNICODE", nullptr},
    {'d', "DICT", nullptr},
    {'l', "LIST", nullptr},
    {'g', "GET", nullptr},
    {'p', "PUT", nullptr},
    {'i', "INST", nullptr},
    {'o', "OBJ", nullptr},
    {'B', "BINBYTES", nullptr},
    {'C', "SHORT_BINBYTES", nullptr},
    {0x81, "NEWOBJ", nullptr},
    {0x82, "EXT1", nullptr},
    {0x83, "EXT2", nullptr},
    {0x84, "EXT4", nullptr},
    {0x8b, "LONG4", nullptr},
    {0x8e, "BINBYTES8", nullptr},
    {0x8f, "EMPTY_SET", nullptr},
    {0x90, "ADDITEMS", nullptr},
    {0x91, "FROZENSET", nullptr},
    {0x92, "NEWOBJ_EX", nullptr},
    {0x96, "BYTEARRAY8", nullptr},
    {0x97, "NEXT_BUFFER", nullptr},
    {0x98, "READONLY_BUFFER", nullptr},
}};

/// The index in `opcodes` for each byte; opcodes.size() if the byte is not an opcode.
constexpr auto places = [] {
    std::array<std::size_t, 256> table{};
    table.fill(opcodes.size());
    for (std::size_t i = 0; i < opcodes.size(); ++i) table[opcodes[i].byte] = i;
    return table;
}();

Expected<Pickle> Unpickler::run(std::string_view where) {
    while (!stopped_) {
        const std::size_t at = reader_.offset();
        const unsigned char byte = reader_.byte();
        if (reader_.failed()) return fail("{}: the pickle ends at byte {} without the opcode STOP", where, at);
        const std::size_t place = places[byte];
        if (place == opcodes.size())
            return fail("{}: the pickle has at byte {} the unknown opcode {:#04x}", where, at, byte);
        const Opcode& opcode = opcodes[place];
        if (opcode.step == nullptr)
            return fail("{}: the pickle has at byte {} the opcode {}, which a state_dict does not need", where, at,
                        opcode.name);
        const bool done = (this->*opcode.step)();
        if (reader_.failed())
            return fail("{}: the pickle ends within the opcode {} at byte {}", where, opcode.name, at);
        if (!done) return fail("{}: the pickle can't be read at byte {} ({}): {}", where, at, opcode.name, problem_);
    }
    pickle_.bytes = reader_.offset();
    return std::move(pickle_);
}

}  // namespace

Expected<Pickle> unpickle(std::span<const std::byte> bytes, std::string_view where) {
    return Unpickler(bytes).run(where);
}

}  // namespace convlens
