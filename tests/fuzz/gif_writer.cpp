/// Fuzz target: frames that are written as a GIF and read again have the same pixels.
#include "engine/io/gif_writer.h"

#include <cstdlib>

#include "engine/io/gif.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 4) return 0;
    const int width = 1 + data[0] % 64, height = 1 + data[1] % 64, colors = 1 + data[2];
    const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    convlens::GifWriter writer({height, width});
    std::vector<std::byte> file = writer.begin();
    const auto append = [&](const std::vector<std::byte>& part) { file.insert(file.end(), part.begin(), part.end()); };
    std::vector<convlens::Image> frames;
    for (std::size_t at = 3; at < size && frames.size() < 8; at += pixels) {
        convlens::Image image(width, height, {0, 0, 0, 255});
        for (std::size_t i = 0; i < pixels && at + i < size; ++i) {
            const unsigned color = data[at + i] % static_cast<unsigned>(colors);
            for (std::size_t c = 0; c < 3; ++c)
                image.rgba[i * 4 + c] = static_cast<unsigned char>(color * (c + 1) * 37);
        }
        append(writer.add(image, 3));
        frames.push_back(std::move(image));
    }
    append(convlens::GifWriter::end());
    const auto gif = convlens::read_gif(file, "fuzz", 100);
    if (!gif || gif->frames.size() != frames.size() || !writer.exact()) std::abort();
    convlens::Image canvas(width, height);
    for (std::size_t i = 0; i < frames.size(); ++i)
        if (!convlens::draw_frame(file, gif->frames[i], canvas, "fuzz") || canvas.rgba != frames[i].rgba) std::abort();
    return 0;
}
