/// GIF89a: blocks, colors, and LZW with codes of 3 to 12 bits (https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
#include "engine/io/gif_writer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

namespace convlens {
namespace {

constexpr std::size_t max_colors = 256;

void put(std::vector<std::byte>& file, int value) { file.push_back(static_cast<std::byte>(value & 255)); }

void put16(std::vector<std::byte>& file, int value) {
    put(file, value);
    put(file, value >> 8);
}

void put_text(std::vector<std::byte>& file, std::string_view text) {
    for (const char c : text) put(file, c);
}

/// A color and how many pixels have it.
struct Counted {
    std::array<std::uint8_t, 3> color;
    std::size_t pixels = 0;
};

std::uint32_t key_of(const std::uint8_t* rgb) {
    return static_cast<std::uint32_t>(rgb[0]) << 16U | static_cast<std::uint32_t>(rgb[1]) << 8U | rgb[2];
}

/// Returns the colors of the area in ascending order.
std::vector<Counted> count_colors(const Image& image, const Rect& area) {
    std::vector<std::uint32_t> keys;
    keys.reserve(static_cast<std::size_t>(area.w) * static_cast<std::size_t>(area.h));
    for (int y = 0; y < area.h; ++y)
        for (int x = 0; x < area.w; ++x) keys.push_back(key_of(image.pixel(area.x + x, area.y + y)));
    std::ranges::sort(keys);
    std::vector<Counted> colors;
    for (std::size_t i = 0; i < keys.size();) {
        std::size_t end = i;
        while (end < keys.size() && keys[end] == keys[i]) ++end;
        const std::uint32_t k = keys[i];
        colors.push_back({{static_cast<std::uint8_t>(k >> 16U), static_cast<std::uint8_t>(k >> 8U & 255U),
                           static_cast<std::uint8_t>(k & 255U)},
                          end - i});
        i = end;
    }
    return colors;
}

/// A group of colors, and its sum of squared distances from its mean along the channel where that is largest.
struct Box {
    std::size_t begin = 0, end = 0;
    std::size_t channel = 0;
    double error = 0;
    std::array<double, 3> mean{};
};

Box box_of(std::span<const Counted> colors, std::size_t begin, std::size_t end) {
    Box box{begin, end, 0, 0, {}};
    std::array<double, 3> sum{}, squares{};
    double pixels = 0;
    for (const Counted& c : colors.subspan(begin, end - begin)) {
        const auto n = static_cast<double>(c.pixels);
        pixels += n;
        for (std::size_t i = 0; i < 3; ++i) sum[i] += n * c.color[i], squares[i] += n * c.color[i] * c.color[i];
    }
    for (std::size_t i = 0; i < 3; ++i) {
        box.mean[i] = sum[i] / pixels;
        const double error = end - begin > 1 ? squares[i] - sum[i] * box.mean[i] : 0;
        if (error > box.error) box.error = error, box.channel = i;
    }
    return box;
}

/// Sorts the colors of a box along its channel and splits it at the mean, so that both parts have colors.
std::pair<Box, Box> split(std::span<Counted> colors, const Box& box) {
    const auto part = colors.subspan(box.begin, box.end - box.begin);
    const std::size_t channel = box.channel;
    const auto middle = std::stable_partition(part.begin(), part.end(),
                                              [&](const Counted& c) { return c.color[channel] <= box.mean[channel]; });
    const std::size_t at =
        std::clamp(box.begin + static_cast<std::size_t>(middle - part.begin()), box.begin + 1, box.end - 1);
    return {box_of(colors, box.begin, at), box_of(colors, at, box.end)};
}

/// Packs codes into bytes, lowest bit first, and these into blocks of up to 255.
class CodeWriter {
  public:
    explicit CodeWriter(std::vector<std::byte>& file) : file_(file) {}

    void put(int code, int bits) {
        value_ |= static_cast<std::uint32_t>(code) << static_cast<unsigned>(held_);
        for (held_ += bits; held_ >= 8; held_ -= 8, value_ >>= 8U) add(static_cast<std::byte>(value_ & 255U));
    }
    void finish() {
        if (held_ > 0) add(static_cast<std::byte>(value_ & 255U));
        flush();
        convlens::put(file_, 0);
    }

  private:
    void add(std::byte byte) {
        block_[filled_++] = byte;
        if (filled_ == block_.size()) flush();
    }
    void flush() {
        if (filled_ == 0) return;
        convlens::put(file_, static_cast<int>(filled_));
        file_.insert(file_.end(), block_.begin(), block_.begin() + static_cast<std::ptrdiff_t>(filled_));
        filled_ = 0;
    }

    std::vector<std::byte>& file_;
    std::array<std::byte, 255> block_{};
    std::size_t filled_ = 0;
    std::uint32_t value_ = 0;
    int held_ = 0;
};

/// Compresses the indices, each of which has `bits` bits.
void pack(std::vector<std::byte>& file, std::span<const std::uint8_t> indices, int bits) {
    constexpr int max_codes = 4096;
    const int first_bits = std::max(bits, 2), clear = 1 << first_bits, end = clear + 1;
    put(file, first_bits);
    CodeWriter codes(file);
    // The code of the pixels of another code, followed by one pixel; 0 if there is none, because 0 is a single pixel.
    const auto width = static_cast<std::size_t>(clear);
    std::vector<std::uint16_t> longer(max_codes * width);
    int code_bits = first_bits + 1, count = end + 1, current = -1;
    codes.put(clear, code_bits);
    for (const std::uint8_t index : indices) {
        if (current < 0) {
            current = index;
            continue;
        }
        std::uint16_t& next = longer[static_cast<std::size_t>(current) * width + index];
        if (next != 0) {
            current = next;
            continue;
        }
        codes.put(current, code_bits);
        next = static_cast<std::uint16_t>(count);
        // A reader learns this code one code later, and reads more bits from then on.
        if (count == 1 << code_bits) ++code_bits;
        current = index;
        if (++count < max_codes) continue;
        codes.put(clear, code_bits);
        std::ranges::fill(longer, std::uint16_t{0});
        code_bits = first_bits + 1;
        count = end + 1;
    }
    if (current >= 0) {
        codes.put(current, code_bits);
        if (count == 1 << code_bits && code_bits < 12) ++code_bits;
    }
    codes.put(end, code_bits);
    codes.finish();
}

/// Returns the smallest rectangle outside of which two images of the same size are equal; one pixel if all are equal.
Rect changed_area(const Image& before, const Image& after) {
    int left = after.width, right = 0, top = after.height, bottom = 0;
    for (int y = 0; y < after.height; ++y) {
        const std::uint8_t *a = before.pixel(0, y), *b = after.pixel(0, y);
        if (std::memcmp(a, b, static_cast<std::size_t>(after.width) * 4) == 0) continue;
        top = std::min(top, y);
        bottom = y + 1;
        const auto differs = [&](int x) {
            return std::memcmp(a + std::ptrdiff_t{4} * x, b + std::ptrdiff_t{4} * x, 4) != 0;
        };
        for (int x = 0; x < left; ++x)
            if (differs(x)) left = x;
        for (int x = after.width - 1; x >= right; --x)
            if (differs(x)) right = x + 1;
    }
    return bottom == 0 ? Rect{0, 0, 1, 1} : Rect{left, top, right - left, bottom - top};
}

}  // namespace

IndexedImage indexed_image(const Image& image, const Rect& area) {
    std::vector<Counted> colors = count_colors(image, area);
    IndexedImage result;
    result.exact = colors.size() <= max_colors;
    std::vector<Box> boxes;
    if (result.exact) {
        for (std::size_t i = 0; i < colors.size(); ++i) boxes.push_back(box_of(colors, i, i + 1));
    } else {
        boxes.push_back(box_of(colors, 0, colors.size()));
        while (boxes.size() < max_colors) {
            const auto worst = std::ranges::max_element(boxes, {}, &Box::error);
            const auto [low, high] = split(colors, *worst);
            *worst = low;
            boxes.push_back(high);
        }
    }
    std::vector<std::pair<std::uint32_t, std::uint8_t>> index_of;
    for (const Box& box : boxes) {
        const auto index = static_cast<std::uint8_t>(result.colors.size());
        std::array<std::uint8_t, 3> mean{};
        for (std::size_t i = 0; i < 3; ++i) mean[i] = static_cast<std::uint8_t>(box.mean[i] + 0.5);
        result.colors.push_back(mean);
        for (std::size_t i = box.begin; i < box.end; ++i) index_of.emplace_back(key_of(colors[i].color.data()), index);
    }
    std::ranges::sort(index_of);
    result.indices.reserve(static_cast<std::size_t>(area.w) * static_cast<std::size_t>(area.h));
    std::pair<std::uint32_t, std::uint8_t> last = index_of.front();  // neighbors often have the same color
    for (int y = 0; y < area.h; ++y)
        for (int x = 0; x < area.w; ++x) {
            const std::uint32_t key = key_of(image.pixel(area.x + x, area.y + y));
            if (key != last.first)
                last = *std::ranges::lower_bound(index_of, key, {}, &std::pair<std::uint32_t, std::uint8_t>::first);
            result.indices.push_back(last.second);
        }
    return result;
}

std::vector<std::byte> GifWriter::begin() const {
    std::vector<std::byte> file;
    put_text(file, "GIF89a");
    put16(file, size_.w);
    put16(file, size_.h);
    put_text(file, std::string_view("\x70\0\0", 3));  // 8 bits per color, no colors for all frames
    put_text(file, std::string_view("!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0", 19));  // forever
    return file;
}

std::vector<std::byte> GifWriter::add(const Image& frame, int hundredths) {
    const bool first = last_.rgba.empty();
    const Rect area = first ? Rect{0, 0, size_.w, size_.h} : changed_area(last_, frame);
    const IndexedImage indexed = indexed_image(frame, area);
    exact_ = exact_ && indexed.exact;
    last_ = frame;
    std::vector<std::byte> file;
    put_text(file, "!\xf9\x04\x04");  // the frame stays when the next one is drawn
    put16(file, std::clamp(hundredths, 0, 65535));
    put16(file, 0);
    put_text(file, ",");
    for (const int v : {area.x, area.y, area.w, area.h}) put16(file, v);
    const int bits = std::max(1, static_cast<int>(std::bit_width(indexed.colors.size() - 1)));
    put(file, 0x80 | (bits - 1));
    for (std::size_t i = 0; i < std::size_t{1} << static_cast<unsigned>(bits); ++i)
        for (std::size_t c = 0; c < 3; ++c) put(file, i < indexed.colors.size() ? indexed.colors[i][c] : 0);
    pack(file, indexed.indices, bits);
    return file;
}

std::vector<std::byte> GifWriter::end() { return {std::byte{';'}}; }

}  // namespace convlens
