/// Parses and converts YUV4MPEG2.
#include "engine/io/y4m.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/numbers.h"
#include "engine/io/picture_formats.h"

namespace convlens {
namespace {

constexpr std::string_view stream_word = "YUV4MPEG2", frame_word = "FRAME";
constexpr std::size_t max_line = 256;

int parts(int size, int shared) { return (size + shared - 1) / shared; }

Expected<void> read_color(std::string_view text, Y4mHeader& header, std::string_view name) {
    struct Kind {
        std::string_view text;
        Size2 subsampling;
        bool mono;
    };
    constexpr Kind kinds[] = {{"420", {2, 2}, false},      {"420jpeg", {2, 2}, false}, {"420mpeg2", {2, 2}, false},
                              {"420paldv", {2, 2}, false}, {"422", {1, 2}, false},     {"444", {1, 1}, false},
                              {"411", {1, 4}, false},      {"440", {2, 1}, false},     {"mono", {1, 1}, true}};
    const auto kind = std::ranges::find(kinds, text, &Kind::text);
    if (kind == std::end(kinds))
        return fail("{}: expected a Y4M video of the colors 420, 422, 444, 411, 440 or mono with 8 bits, found {}",
                    name, text);
    header.subsampling = kind->subsampling;
    header.mono = kind->mono;
    return {};
}

}  // namespace

std::size_t Y4mHeader::frame_bytes() const {
    const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    const std::size_t colors =
        static_cast<std::size_t>(parts(width, subsampling.w)) * static_cast<std::size_t>(parts(height, subsampling.h));
    return mono ? pixels : pixels + 2 * colors;
}

Expected<Y4mHeader> parse_y4m_header(std::string_view line, std::string_view name) {
    Y4mHeader header;
    header.subsampling = {2, 2};  // without C
    if (cut(line, ' ') != stream_word) return fail("{}: expected a Y4M video, found something else", name);
    while (!line.empty()) {
        const std::string_view word = cut(line, ' ');
        if (word.empty()) continue;
        std::string_view value = word.substr(1);
        if (word.front() == 'W') header.width = parse_number<int>(value).value_or(0);
        if (word.front() == 'H') header.height = parse_number<int>(value).value_or(0);
        if (word.front() == 'F') {
            const auto frames = parse_number<int>(cut(value, ':')), seconds = parse_number<int>(value);
            if (frames && seconds && *frames > 0 && *seconds > 0) header.rate = static_cast<double>(*frames) / *seconds;
        }
        if (word.front() == 'C')
            if (auto ok = read_color(value, header, name); !ok) return tl::unexpected(ok.error());
        if (word == "XCOLORRANGE=FULL") header.full_range = true;
    }
    if (auto ok = check_size({"Y4M video", header.width, header.height, 3, 8, 1}, name); !ok)
        return tl::unexpected(ok.error());
    return header;
}

Picture y4m_picture(const Y4mHeader& header, std::span<const std::byte> frame) {
    Picture picture;
    picture.info = {"Y4M", header.width, header.height, header.mono ? 1 : 3, 8, 1};
    picture.color = Tensor({1, 3, header.height, header.width});
    // BT.601: R = Y + 1.402 Cr, B = Y + 1.772 Cb; G from Y = 0.299 R + 0.587 G + 0.114 B.
    const float black = header.full_range ? 0.0F : 16.0F, scale = 1.0F / (header.full_range ? 255.0F : 219.0F),
                color_scale = 1.0F / (header.full_range ? 255.0F : 224.0F);
    const auto width = static_cast<std::size_t>(header.width), height = static_cast<std::size_t>(header.height);
    const auto across = static_cast<std::size_t>(header.subsampling.w),
               down = static_cast<std::size_t>(header.subsampling.h);
    const std::size_t columns = (width + across - 1) / across, rows = (height + down - 1) / down;
    const auto* brightness = reinterpret_cast<const std::uint8_t*>(frame.data());
    const auto limited = [](float value) { return std::min(std::max(value, 0.0F), 1.0F); };
    std::vector<float> red(width), green(width), blue(width);  // what a row's colors add
    for (std::size_t y = 0; y < height; ++y) {
        if (!header.mono && y % down == 0) {
            const std::uint8_t* cb = brightness + width * height + y / down * columns;
            const std::uint8_t* cr = cb + columns * rows;
            for (std::size_t x = 0; x < width; ++x) {
                const float u = (static_cast<float>(cb[x / across]) - 128) * color_scale,
                            v = (static_cast<float>(cr[x / across]) - 128) * color_scale;
                red[x] = 1.402F * v;
                green[x] = -0.344136F * u - 0.714136F * v;
                blue[x] = 1.772F * u;
            }
        }
        const std::uint8_t* from = brightness + y * width;
        float* to[] = {&picture.color.plane(0, 0)[y * width], &picture.color.plane(0, 1)[y * width],
                       &picture.color.plane(0, 2)[y * width]};
        for (std::size_t x = 0; x < width; ++x) {
            const float value = (static_cast<float>(from[x]) - black) * scale;
            to[0][x] = limited(value + red[x]);
            to[1][x] = limited(value + green[x]);
            to[2][x] = limited(value + blue[x]);
        }
    }
    return picture;
}

Expected<Y4mStream> Y4mStream::open(ReadBytes read, std::string name) {
    Y4mStream stream(std::move(read), std::move(name));
    std::string line;
    for (std::byte next{}; line.size() < max_line;) {
        const auto count = stream.read_(std::span(&next, 1));
        if (!count) return tl::unexpected(count.error());
        if (*count == 0) break;
        if (next == std::byte{'\n'}) {
            auto header = parse_y4m_header(line, stream.name_);
            if (!header) return tl::unexpected(header.error());
            stream.header_ = *header;
            return stream;
        }
        line += static_cast<char>(next);
    }
    return fail("{}: expected a Y4M video that begins with a line of at most {} bytes, found none", stream.name_,
                max_line);
}

Expected<std::size_t> Y4mStream::next_line() {
    std::string line(frame_word.size() + 1, ' ');
    auto count = read_(std::as_writable_bytes(std::span(line)));
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) return 0;
    while (*count > 0 && line.back() != '\n' && line.size() < max_line) {
        line += ' ';
        count = read_(std::as_writable_bytes(std::span(line)).last(1));
        if (!count) return tl::unexpected(count.error());
    }
    if (!line.starts_with(frame_word) || line.back() != '\n')
        return fail("{}: expected a line of text that begins with FRAME before each frame of the video, found another",
                    name_);
    return line.size();
}

Expected<bool> Y4mStream::next(std::vector<std::byte>& frame) {
    const auto line = next_line();
    if (!line) return tl::unexpected(line.error());
    if (*line == 0) return false;
    frame.resize(header_.frame_bytes());
    const auto count = read_(frame);
    if (!count) return tl::unexpected(count.error());
    if (*count != frame.size())
        return fail("{}: the video is cut short: a frame needs {} bytes, found {}", name_, frame.size(), *count);
    return true;
}

std::string y4m_header(Size2 size, double rate) {
    const bool whole = rate == std::round(rate);
    return fmt::format("{} W{} H{} F{}:{} Ip A1:1 C444\n", stream_word, size.w, size.h,
                       std::lround(whole ? rate : rate * 1000), whole ? 1 : 1000);
}

void y4m_frame(const Image& image, std::vector<std::byte>& frame) {
    const std::size_t pixels = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
    frame.resize(frame_word.size() + 1 + 3 * pixels);
    std::ranges::transform(frame_word, frame.begin(), [](char c) { return static_cast<std::byte>(c); });
    frame[frame_word.size()] = std::byte{'\n'};
    std::byte* y = frame.data() + frame_word.size() + 1;
    for (std::size_t i = 0; i < pixels; ++i) {
        const float r = image.rgba[i * 4], g = image.rgba[i * 4 + 1], b = image.rgba[i * 4 + 2];
        const float brightness = 0.299F * r + 0.587F * g + 0.114F * b;
        const auto stored = [](float value) { return static_cast<std::byte>(static_cast<int>(value + 0.5F)); };
        y[i] = stored(16 + brightness * (219.0F / 255));
        y[pixels + i] = stored(128 + (b - brightness) / 1.772F * (224.0F / 255));
        y[2 * pixels + i] = stored(128 + (r - brightness) / 1.402F * (224.0F / 255));
    }
}

}  // namespace convlens
