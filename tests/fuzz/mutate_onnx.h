/// A mutator for protobuf: changes fields of messages instead of bytes, so that most results are still protobuf.
#pragma once

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "engine/io/protobuf.h"

extern "C" std::size_t LLVMFuzzerMutate(unsigned char* data, std::size_t size, std::size_t max_size);

namespace convlens {

/// Returns `message` with one change in it or in a message inside it: a field left out, repeated, moved to the front,
/// or with another value.
inline std::vector<std::byte> mutate_message(std::span<const std::byte> message, std::minstd_rand& random, int depth) {
    std::vector<ProtoField> fields;
    ProtoReader reader(message);
    for (ProtoField field; reader.next(field);) fields.push_back(field);
    if (fields.empty()) return {message.begin(), message.end()};
    const std::size_t chosen = random() % fields.size();
    std::vector<std::byte> inside;
    ProtoField& field = fields[chosen];
    const bool deeper = field.wire == ProtoWire::bytes && depth < 6 && random() % 8 != 0;
    if (deeper) {
        inside = mutate_message(field.bytes, random, depth + 1);
        if (inside.size() == field.bytes.size() && random() % 2 == 0 && !inside.empty())
            inside[random() % inside.size()] = static_cast<std::byte>(random());
        field.bytes = inside;
    } else {
        constexpr std::uint64_t limits[] = {
            0, 1, 2, 3, 7, 8, 255, 65536, 1U << 20U, (1U << 31U) - 1, 1ULL << 40U, ~0ULL, ~0ULL - 1};
        switch (random() % 4) {
            case 0: fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(chosen)); break;
            case 1: fields.push_back(fields[random() % fields.size()]); break;
            case 2: std::swap(fields[chosen], fields[random() % fields.size()]); break;
            default:
                field.value = limits[random() % std::size(limits)];
                if (field.wire == ProtoWire::bytes) field.bytes = fields[random() % fields.size()].bytes;
        }
    }
    ProtoWriter writer;
    for (const ProtoField& f : fields) {
        if (f.wire == ProtoWire::varint) writer.integer(f.number, static_cast<std::int64_t>(f.value));
        if (f.wire == ProtoWire::bytes) writer.content(f.number, f.bytes);
        if (f.wire == ProtoWire::fixed32)
            writer.real(f.number, std::bit_cast<float>(static_cast<std::uint32_t>(f.value)));
    }
    return writer.bytes();
}

/// Changes one field of the file. Every fourth call changes bytes.
inline std::size_t mutate_onnx(unsigned char* data, std::size_t size, std::size_t max_size, unsigned seed) {
    std::minstd_rand random(seed);
    if (random() % 4 == 0) return LLVMFuzzerMutate(data, size, max_size);
    const auto changed = mutate_message(std::as_bytes(std::span(data, size)), random, 0);
    if (changed.empty() || changed.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
    std::memcpy(data, changed.data(), changed.size());
    return changed.size();
}

}  // namespace convlens
