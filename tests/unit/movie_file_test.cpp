/// engine/io/gif_writer.h and movie_file.h: what is written is read again; no half file after a failure.
#include "engine/io/movie_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

#include "engine/core/host.h"
#include "engine/io/frames.h"
#include "engine/io/gif.h"
#include "engine/io/gif_writer.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

class MovieFileTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) / fmt::format("movie-{}", process_id());
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& entry : fs::directory_iterator(folder_)) all.push_back(entry.path().filename().string());
        std::ranges::sort(all);
        return all;
    }
    std::string content(const std::string& name) const {
        std::ifstream file(folder_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    fs::path folder_;
};

/// An image of random colors out of `colors`.
Image noise(int width, int height, std::uint32_t colors, std::mt19937& random) {
    Image image(width, height, {0, 0, 0, 255});
    for (std::size_t i = 0; i < image.rgba.size(); i += 4) {
        const std::uint32_t color = static_cast<std::uint32_t>(random()) % colors * 2654435761U;
        for (std::size_t c = 0; c < 3; ++c) image.rgba[i + c] = static_cast<std::uint8_t>(color >> (8 * c));
    }
    return image;
}

/// A square that moves over blocks of gray.
Image moment(int n, int width = 64, int height = 48) {
    Image image(width, height, {0, 0, 0, 255});
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const auto gray = static_cast<std::uint8_t>(x / 16 * 40 + y / 16 * 20);
            const bool square = x / 8 == n % 8 && y / 8 == 2;
            const Rgba color = square ? Rgba{230, 40, 90, 255} : Rgba{gray, gray, gray, 255};
            std::copy(color.begin(), color.end(), image.pixel(x, y));
        }
    return image;
}

std::vector<std::byte> gif_of(const std::vector<Image>& frames, std::vector<bool>* exact = nullptr) {
    GifWriter writer({frames.front().height, frames.front().width});
    auto file = writer.begin();
    for (const Image& frame : frames) {
        const auto part = writer.add(frame, 4);
        file.insert(file.end(), part.begin(), part.end());
        if (exact) exact->push_back(writer.exact());
    }
    const auto end = GifWriter::end();
    file.insert(file.end(), end.begin(), end.end());
    return file;
}

/// Draws all frames of a GIF.
std::vector<Image> frames_of(const std::vector<std::byte>& file) {
    const auto gif = read_gif(file, "written.gif", 1000);
    EXPECT_TRUE(gif) << gif.error().message;
    std::vector<Image> frames;
    if (!gif) return frames;
    Image canvas(gif->width, gif->height);
    for (const GifFrame& frame : gif->frames) {
        const auto drawn = draw_frame(file, frame, canvas, "written.gif");
        EXPECT_TRUE(drawn) << drawn.error().message;
        frames.push_back(canvas);
    }
    return frames;
}

TEST(GifWriter, WritesExactlyWhatWasDrawnWithAnyNumberOfColors) {
    std::mt19937 random(3);
    for (const std::uint32_t colors : {1U, 2U, 3U, 4U, 5U, 17U, 64U, 200U, 256U})
        for (const auto& [width, height] : {std::pair(1, 1), {7, 5}, {300, 200}}) {
            SCOPED_TRACE(fmt::format("{} colors, {} x {}", colors, width, height));
            // Noise gives codes of all lengths; runs give the longest strings.
            std::vector<Image> frames{noise(width, height, colors, random), noise(width, height, colors, random),
                                      Image(width, height, {1, 2, 3, 255}), Image(width, height, {1, 2, 3, 255})};
            frames.push_back(frames.back());
            frames.back().pixel(width / 2, height / 2)[0] = 99;
            std::vector<bool> exact;
            const auto file = gif_of(frames, &exact);
            EXPECT_TRUE(exact.back());
            const auto read = frames_of(file);
            ASSERT_EQ(read.size(), frames.size());
            for (std::size_t i = 0; i < frames.size(); ++i) EXPECT_EQ(read[i].rgba, frames[i].rgba) << i;
        }
}

TEST(GifWriter, StoresOnlyWhatHasChanged) {
    std::vector<Image> frames(20, moment(0, 640, 480));
    for (std::size_t i = 0; i < frames.size(); ++i) frames[i].pixel(20, 30)[1] = static_cast<std::uint8_t>(i);
    const auto file = gif_of(frames);
    EXPECT_LT(file.size(), gif_of({frames.front()}).size() + 20 * 60);
    EXPECT_EQ(frames_of(file).back().rgba, frames.back().rgba);
}

TEST(GifWriter, GroupsColorsBeyond256WithSmallErrors) {
    Image image(64, 64, {0, 0, 0, 255});
    for (int y = 0; y < 64; ++y)
        for (int x = 0; x < 64; ++x) {
            image.pixel(x, y)[0] = static_cast<std::uint8_t>(x * 4);
            image.pixel(x, y)[1] = static_cast<std::uint8_t>(y * 4);
        }
    std::vector<bool> exact;
    const auto read = frames_of(gif_of({image}, &exact));
    EXPECT_FALSE(exact.front());
    ASSERT_EQ(read.size(), 1U);
    double squares = 0;
    for (std::size_t i = 0; i < image.rgba.size(); ++i)
        squares += std::pow(static_cast<double>(image.rgba[i]) - read[0].rgba[i], 2);
    // 4096 colors in 256 groups of 4x4 neighbors are 2 to 6 away from their means.
    EXPECT_LT(std::sqrt(squares / 4096 / 2), 5.0);
    // One color too many: only two of them are merged.
    std::mt19937 random(5);
    Image more = noise(200, 200, 257, random);
    const IndexedImage indexed = indexed_image(more, {0, 0, 200, 200});
    EXPECT_FALSE(indexed.exact);
    EXPECT_EQ(indexed.colors.size(), 256U);
}

TEST(GifWriter, SurvivesRandomImages) {
    std::mt19937 random(11);
    for (int round = 0; round < 60; ++round) {
        const int width = 1 + static_cast<int>(random() % 40), height = 1 + static_cast<int>(random() % 40);
        std::vector<Image> frames;
        for (int i = 0; i < 4; ++i)
            frames.push_back(noise(width, height, 1 + static_cast<std::uint32_t>(random()) % 256, random));
        const auto read = frames_of(gif_of(frames));
        ASSERT_EQ(read.size(), frames.size());
        for (std::size_t i = 0; i < frames.size(); ++i) ASSERT_EQ(read[i].rgba, frames[i].rgba) << round;
    }
}

TEST_F(MovieFileTest, OfEveryKindIsReadFrameByFrame) {
    constexpr int count = 12;
    struct Kind {
        const char *written, *read;
        double tolerance;  ///< Root of the mean squared error of a channel, 0 to 1.
    };
    for (const Kind& kind : {Kind{"a.gif", "a.gif", 0},
                             {"b.y4m", "b.y4m", 0.004},
                             {"c_%02d.png", "c_%02d.png", 0},
                             {"d.mp4", "d.mp4", 0.06},
                             {"e.webm", "e.webm", 0.06}}) {
        SCOPED_TRACE(kind.written);
        auto movie = MovieFile::create(folder_ / kind.written, {48, 64}, 25);
        ASSERT_TRUE(movie) << movie.error().message;
        Expected<void> ok;
        for (int n = 0; n < count && ok; ++n) ok = movie->add(moment(n), Cancel());
        if (ok) ok = movie->finish(Cancel()).map([](const std::string&) {});
        if (!ok && ok.error().message.find("which is missing") != std::string::npos) {
            std::fprintf(stderr, "skipped %s: ffmpeg is not installed\n", kind.written);
            continue;
        }
        ASSERT_TRUE(ok) << ok.error().message;
        EXPECT_EQ(movie->lossless(), kind.tolerance == 0);
        auto frames = Frames::open(folder_ / kind.read, Cancel());
        ASSERT_TRUE(frames) << frames.error().message;
        EXPECT_EQ(frames->count(), count);
        EXPECT_NEAR(frames->duration(1), 0.04, 1e-6);
        for (int n = 0; n < count; ++n) {
            const auto picture = frames->read(n, Cancel());
            ASSERT_TRUE(picture) << picture.error().message;
            const Image image = moment(n);
            double squares = 0;
            for (int c = 0; c < 3; ++c)
                for (std::size_t i = 0; i < 64 * 48; ++i)
                    squares += std::pow(static_cast<double>((*picture)->color.plane(0, c)[i]) -
                                            image.rgba[i * 4 + static_cast<std::size_t>(c)] / 255.0,
                                        2);
            EXPECT_LE(std::sqrt(squares / (3 * 64 * 48)), kind.tolerance + 1e-6) << n;
        }
    }
}

TEST_F(MovieFileTest, HasTheSameBytesEachTime) {
    for (const std::string ending : {".gif", ".y4m", ".mp4", ".webm"}) {
        for (const std::string name : {"first", "second"}) {
            auto movie = MovieFile::create(folder_ / (name + ending), {48, 64}, 12.5);
            ASSERT_TRUE(movie);
            Expected<void> ok;
            for (int n = 0; n < 10 && ok; ++n) ok = movie->add(moment(n), Cancel());
            if (ok) ok = movie->finish(Cancel()).map([](const std::string&) {});
            if (!ok) break;  // ffmpeg is not installed
        }
        EXPECT_EQ(content("first" + ending), content("second" + ending)) << ending;
    }
}

TEST_F(MovieFileTest, LeavesNothingBehindUnlessItIsFinished) {
    for (const char* name : {"a.gif", "b.y4m", "c_%d.png", "d.mp4", "e.webm"}) {
        SCOPED_TRACE(name);
        auto movie = MovieFile::create(folder_ / name, {48, 64}, 25);
        ASSERT_TRUE(movie) << movie.error().message;
        for (int n = 0; n < 3; ++n) (void)movie->add(moment(n), Cancel());
    }
    EXPECT_EQ(names(), std::vector<std::string>());
    std::ofstream(folder_ / "old.gif") << "old";
    {
        auto movie = MovieFile::create(folder_ / "old.gif", {48, 64}, 25);
        ASSERT_TRUE(movie);
        ASSERT_TRUE(movie->add(moment(0), Cancel()));
    }
    EXPECT_EQ(content("old.gif"), "old");
    EXPECT_EQ(names(), std::vector<std::string>{"old.gif"});
}

TEST_F(MovieFileTest, RefusesInASentence) {
    for (const char* name : {"a.avi", "b.png", "c", "d_%s.png"}) EXPECT_FALSE(is_movie(name)) << name;
    for (const char* name : {"a.GIF", "b_%d.png", "c.webm", "d.mp4", "e.y4m"}) EXPECT_TRUE(is_movie(name)) << name;
    const auto named = MovieFile::create(folder_ / "a.avi", {48, 64}, 25);
    ASSERT_FALSE(named);
    EXPECT_TRUE(named.error().message.starts_with("a.avi: expected a name that ends in .gif")) << named.error().message;
    EXPECT_FALSE(MovieFile::create(folder_ / "missing" / "a.gif", {48, 64}, 25));
    EXPECT_FALSE(MovieFile::create(folder_ / "wide.gif", {1, 70000}, 25));
    EXPECT_EQ(movie_size("a.mp4", {47, 63}), (Size2{48, 64}));
    EXPECT_EQ(movie_size("a.gif", {47, 63}), (Size2{47, 63}));
}

TEST_F(MovieFileTest, KeepsTheTimeOfAGifRightOnTheWhole) {
    auto movie = MovieFile::create(folder_ / "a.gif", {48, 64}, 30);
    ASSERT_TRUE(movie);
    for (int n = 0; n < 30; ++n) ASSERT_TRUE(movie->add(moment(n), Cancel()));
    ASSERT_TRUE(movie->finish(Cancel()));
    auto frames = Frames::open(folder_ / "a.gif", Cancel());
    ASSERT_TRUE(frames);
    double seconds = 0;
    for (int n = 0; n < 30; ++n) seconds += frames->duration(n);
    EXPECT_NEAR(seconds, 1, 1e-9);
}

TEST_F(MovieFileTest, KeepsAFileThatAppearsWhileItIsWritten) {
    for (const char* name : {"new.gif", "new.y4m"}) {
        auto movie = MovieFile::create(folder_ / name, {8, 8}, 10, Existing::kept);
        ASSERT_TRUE(movie);
        ASSERT_TRUE(movie->add(Image(8, 8, {1, 2, 3, 255}), Cancel()));
        std::ofstream(folder_ / name) << "of another program";
        const auto written = movie->finish(Cancel());
        ASSERT_TRUE(written) << written.error().message;
        EXPECT_NE(*written, (folder_ / name).string());
        EXPECT_TRUE(fs::file_size(*written) > 20);
        EXPECT_EQ(fs::file_size(folder_ / name), 18U);
    }
}

}  // namespace
}  // namespace convlens
