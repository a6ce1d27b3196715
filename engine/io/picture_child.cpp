/// Starts a child process and reads its answer: a PictureReply, then a message or the planes of the picture.
#include "engine/io/picture_child.h"

#include <algorithm>
#include <cmath>

#include "engine/core/child_process.h"
#include "engine/core/host.h"
#include "engine/core/memory_limit.h"
#include "engine/core/sentence.h"
#include "engine/io/byte_reader.h"
#include "engine/io/picture_formats.h"
#include "engine/io/picture_reply.h"

namespace convlens {
namespace {

constexpr std::chrono::seconds patience{30};

std::span<std::byte> bytes_of(std::span<float> values) { return std::as_writable_bytes(values); }

}  // namespace

std::vector<std::string> picture_child() { return {program_file().string(), std::string(picture_child_word)}; }

Expected<Picture> decode_in_child(std::vector<std::string> command, std::span<const std::byte> file,
                                  const std::string& format, std::string_view name, int frame) {
    const auto failed = [&](std::string_view how) {
        return fail("{}: the {} can't be decoded: the decoder {}", name, format, how);
    };
    command.insert(command.end(), {std::to_string(frame), std::to_string(memory_limit()), std::string(name)});
    auto child = ChildProcess::start(command, file);
    if (!child) return failed(child.error().message);
    const auto read = [&](std::span<std::byte> into) -> Expected<void> {
        const auto count = child->read(into, patience, Cancel());
        if (!count) return failed(count.error().message);
        if (*count == into.size()) return {};
        const std::string how = child->failure();
        return failed(how.empty() ? sentence("ended without an answer") : how);
    };
    PictureReply reply;
    if (auto ok = read(std::as_writable_bytes(std::span(&reply, 1))); !ok) return tl::unexpected(ok.error());
    if (reply.kind == PictureReply::failure) {
        std::string message(std::min<std::size_t>(reply.message_bytes, 2000), ' ');
        if (auto ok = read(std::as_writable_bytes(std::span(message))); !ok) return tl::unexpected(ok.error());
        return fail("{}", message);
    }
    Picture picture;
    picture.info = {format,     reply.width,       reply.height,        reply.channels,
                    reply.bits, reply.orientation, reply.converted != 0};
    if (auto ok = check_size(picture.info, name); !ok) return tl::unexpected(ok.error());
    if (reply.channels < 1 || reply.channels > 4 || reply.orientation < 1 || reply.orientation > 8)
        return failed(sentence("answered nonsense"));
    if (frame == header_only) return picture;
    try {
        picture.color = Tensor({1, 3, reply.height, reply.width});
        if (reply.channels % 2 == 0) picture.alpha.resize(picture.color.shape().plane());
    } catch (const std::bad_alloc&) {
        return fail("{}: there is not enough memory for {} x {} pixels ({})", name, reply.width, reply.height,
                    memory_in_words());
    }
    for (const std::span<float> values : {std::span<float>(picture.color.values()), std::span<float>(picture.alpha)}) {
        if (auto ok = read(bytes_of(values)); !ok) return tl::unexpected(ok.error());
        if (!std::ranges::all_of(values, [](float v) { return std::isfinite(v); }))
            return failed(sentence("answered nonsense"));
    }
    return picture;
}

}  // namespace convlens
