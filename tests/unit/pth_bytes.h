/// Checkpoints made by hand for the tests of engine/io/pth_format.h, and what is expected of messages.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/io/tensor_file.h"

namespace convlens::pth {

inline const std::filesystem::path folder = CONVLENS_TEST_DATA "/golden/checkpoints";

using Shape64 = std::vector<std::int64_t>;
using Floats = std::vector<float>;

inline Bytes bytes_of(std::string_view text) { return Bytes::copy_of(std::as_bytes(std::span(text))); }

inline std::string text_at(const std::filesystem::path& path) {
    const auto bytes = Bytes::map_file(path);
    if (!bytes) ADD_FAILURE() << bytes.error().message;
    return bytes ? std::string(reinterpret_cast<const char*>(bytes->span().data()), bytes->span().size()) : "";
}

inline TensorFile opened(const std::string& name) {
    auto file = TensorFile::open(folder / name);
    if (!file) ADD_FAILURE() << file.error().message;
    return file ? std::move(*file) : TensorFile();
}

inline TensorFile parsed(const std::string& text) {
    auto file = TensorFile::parse(bytes_of(text), "test");
    if (!file) ADD_FAILURE() << file.error().message;
    return file ? std::move(*file) : TensorFile();
}

inline Array loaded(const TensorFile& file, const std::string& key) {
    auto array = file.load(key);
    if (!array) ADD_FAILURE() << array.error().message;
    return array ? std::move(*array) : Array();
}

inline std::vector<std::string> keys_of(const TensorFile& file) {
    std::vector<std::string> keys;
    for (const ArrayInfo& info : file.arrays()) keys.push_back(info.key);
    return keys;
}

inline void expect_sentence(const std::string& message, std::string_view name) {
    EXPECT_TRUE(message.starts_with(fmt::format("{}: ", name))) << message;
    EXPECT_GT(message.size(), name.size() + 10) << message;
    EXPECT_LT(message.size(), 400U) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_FALSE(message.ends_with('.')) << message;
}

/// The message with which `text` is refused, when it is opened or when an array of it is loaded; "" when it
/// is read.
inline std::string refusal(const std::string& text, std::string_view name = "test") {
    const auto file = TensorFile::parse(bytes_of(text), name);
    std::string message = file ? "" : file.error().message;
    if (file)
        for (const ArrayInfo& info : file->arrays())
            if (const auto array = file->load(info.key); !array) message = array.error().message;
    if (!message.empty()) expect_sentence(message, name);
    return message;
}

inline void expect_refusal(const std::string& text, std::string_view part) {
    const std::string message = refusal(text);
    EXPECT_NE(message.find(part), std::string::npos) << '"' << message << "\" lacks \"" << part << '"';
}

template <class T>
inline std::string raw(std::initializer_list<T> values) {
    std::string bytes;
    for (const T value : values) {
        char one[sizeof(T)];
        std::memcpy(one, &value, sizeof(T));
        bytes.append(one, sizeof(T));
    }
    return bytes;
}

// Pieces of a pickle, by the opcodes' description in Python's pickletools.
inline std::string text(std::string_view value) {
    return fmt::format("X{}{}", raw({static_cast<std::uint32_t>(value.size())}), value);
}
inline std::string integer(std::int32_t value) { return fmt::format("J{}", raw({value})); }
inline std::string global(std::string_view module, std::string_view name) {
    return fmt::format("c{}\n{}\n", module, name);
}
inline std::string tuple(const std::vector<std::string>& values) { return fmt::format("({}t", fmt::join(values, "")); }
inline std::string integers(const std::vector<std::int32_t>& values) {
    std::string parts;
    for (const std::int32_t value : values) parts += integer(value);
    return "(" + parts + "t";
}
inline std::string dict(const std::vector<std::pair<std::string, std::string>>& items) {
    std::string parts;
    for (const auto& [key, value] : items) parts += text(key) + value;
    return "}(" + parts + "u";
}
inline std::string storage(std::string_view kind, std::string_view key, std::int32_t count,
                           const std::string& view = "") {
    return tuple({text("storage"), global("torch", kind), text(key), text("cpu"), integer(count), view}) + "Q";
}
inline std::string tensor(const std::string& storage, std::int32_t offset, const std::vector<std::int32_t>& shape,
                          const std::vector<std::int32_t>& strides) {
    return global("torch._utils", "_rebuild_tensor_v2") +
           tuple({storage, integer(offset), integers(shape), integers(strides), "\x89", "N"}) + "R";
}
inline std::string pickle(const std::string& value) { return "\x80\x02" + value + "."; }

/// The stream before PyTorch 1.6, of a pickled value and of storages: (key, count, bytes).
struct Stored {
    std::string key;
    std::uint64_t count;
    std::string bytes;
};
inline std::string legacy(const std::string& value, const std::vector<Stored>& storages) {
    std::string keys, data;
    for (const Stored& s : storages) {
        keys += text(s.key);
        data += raw({s.count}) + s.bytes;
    }
    return pickle(std::string("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")) + pickle(integer(1001)) +
           pickle("}") + pickle(value) + pickle("](" + keys + "e") + data;
}
/// One tensor "w" of six numbers, as given.
inline std::string legacy_w(const std::string& w) {
    return legacy(dict({{"w", w}}), {{"7", 6, raw({0.0F, 1.0F, 2.0F, 3.0F, 4.0F, 5.0F})}});
}
inline const std::string six = storage("FloatStorage", "7", 6);

inline std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = ~0U;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

/// A zip archive of stored entries, by PKWARE's APPNOTE.TXT.
inline std::string zip(const std::vector<std::pair<std::string, std::string>>& entries) {
    std::string file, directory;
    for (const auto& [name, data] : entries) {
        const auto size = static_cast<std::uint32_t>(data.size());
        const std::string facts = raw<std::uint16_t>({20, 0, 0, 0, 33}) +
                                  raw<std::uint32_t>({crc32(data), size, size}) +
                                  raw<std::uint16_t>({static_cast<std::uint16_t>(name.size()), 0});
        directory += std::string("PK\x01\x02") + raw<std::uint16_t>({20}) + facts + raw<std::uint16_t>({0, 0, 0}) +
                     raw<std::uint32_t>({0, static_cast<std::uint32_t>(file.size())}) + name;
        file += "PK\x03\x04" + facts + name + data;
    }
    const auto count = static_cast<std::uint16_t>(entries.size());
    return file + directory + "PK\x05\x06" + raw<std::uint16_t>({0, 0, count, count}) +
           raw<std::uint32_t>({static_cast<std::uint32_t>(directory.size()), static_cast<std::uint32_t>(file.size())}) +
           raw<std::uint16_t>({0});
}

}  // namespace convlens::pth
