/// Plays a GIF, for the fuzz target and for the replay of its corpus.
#pragma once

#include <algorithm>
#include <string_view>

#include "engine/io/gif_player.h"

namespace convlens {

/// How many frames of a GIF were drawn, and whether the first one is the same when the animation begins again.
struct PlayedGif {
    std::size_t frames = 0;
    bool repeats = true;
};

/// Draws up to 16 frames of at most a million pixels, then the first one again.
inline PlayedGif play_gif(std::span<const std::byte> file, std::string_view name) {
    auto gif = is_gif(file) ? read_gif(file, name, 16) : fail("{}: it is no GIF", name);
    const auto small = [](int w, int h) { return w > 0 && h > 0 && static_cast<long>(w) * h <= 1'000'000; };
    if (!gif || !small(gif->width, gif->height) ||
        !std::all_of(gif->frames.begin(), gif->frames.end(),
                     [&](const GifFrame& f) { return small(f.area.w, f.area.h); }))
        return {};
    PlayedGif played;
    const std::size_t count = gif->frames.size();
    GifPlayer player(Bytes::copy_of(file), std::string(name), std::move(*gif));
    Tensor first;
    for (; played.frames < count; ++played.frames) {
        auto picture = player.read(played.frames, Cancel());
        if (!picture) return played;
        if (played.frames == 0) first = std::move(picture->color);
    }
    const auto again = player.read(0, Cancel());
    played.repeats = again && std::equal(first.values().begin(), first.values().end(), again->color.values().begin(),
                                         again->color.values().end());
    return played;
}

}  // namespace convlens
