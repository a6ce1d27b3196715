/// Writes frames as a GIF, for the fuzz target and for the replay of its corpus.
#pragma once

#include <span>
#include <vector>

#include "engine/io/gif.h"
#include "engine/io/gif_writer.h"

namespace convlens {

/// Makes up to eight frames of `data`, which begins with their width, height and number of colors. Returns whether they
/// have the same pixels after they were written as a GIF and read again.
inline bool gif_reads_back(std::span<const unsigned char> data) {
    if (data.size() < 4) return true;
    const int width = 1 + data[0] % 64, height = 1 + data[1] % 64, colors = 1 + data[2];
    const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    GifWriter writer({height, width});
    std::vector<std::byte> file = writer.begin();
    const auto append = [&](const std::vector<std::byte>& part) { file.insert(file.end(), part.begin(), part.end()); };
    std::vector<Image> frames;
    for (std::size_t at = 3; at < data.size() && frames.size() < 8; at += pixels) {
        Image image(width, height, {0, 0, 0, 255});
        for (std::size_t i = 0; i < pixels && at + i < data.size(); ++i) {
            const int color = data[at + i] % colors;
            for (std::size_t c = 0; c < 3; ++c)
                image.rgba[i * 4 + c] = static_cast<unsigned char>(static_cast<std::size_t>(color) * (c + 1) * 37);
        }
        append(writer.add(image, 3));
        frames.push_back(std::move(image));
    }
    append(GifWriter::end());
    const auto gif = read_gif(file, "fuzz", 100);
    if (!gif || gif->frames.size() != frames.size() || !writer.exact()) return false;
    Image canvas(width, height);
    for (std::size_t i = 0; i < frames.size(); ++i)
        if (!draw_frame(file, gif->frames[i], canvas, "fuzz") || canvas.rgba != frames[i].rgba) return false;
    return true;
}

}  // namespace convlens
