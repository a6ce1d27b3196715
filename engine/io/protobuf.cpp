/// Reading of protobuf fields.
#include "engine/io/protobuf.h"

namespace convlens {

std::uint64_t ProtoReader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        const std::uint64_t byte = reader_.byte();
        if (reader_.failed()) return 0;
        if (shift == 63 && byte > 1) break;  // more than 64 bits
        value |= (byte & 127U) << shift;
        if (byte < 128) return value;
    }
    failed_ = true;
    return 0;
}

bool ProtoReader::next(ProtoField& field) {
    if (failed() || at_end()) return false;
    const std::uint64_t tag = varint();
    constexpr std::uint64_t max_number = (1U << 29U) - 1;
    if (failed() || tag >> 3U == 0 || tag >> 3U > max_number) return !(failed_ = true);
    field = {static_cast<std::uint32_t>(tag >> 3U), static_cast<ProtoWire>(tag & 7U), 0, {}};
    switch (field.wire) {
        case ProtoWire::varint: field.value = varint(); break;
        case ProtoWire::fixed64: field.value = reader_.little<std::uint64_t>(); break;
        case ProtoWire::fixed32: field.value = reader_.little<std::uint32_t>(); break;
        case ProtoWire::bytes: {
            const std::uint64_t count = varint();
            if (count > reader_.rest().size()) failed_ = true;
            if (!failed()) field.bytes = reader_.take(static_cast<std::size_t>(count));
            break;
        }
        default: failed_ = true;  // groups, which protobuf no longer has, and invalid types
    }
    return !failed();
}

}  // namespace convlens
