/// engine/io/frames.h: frame n is frame n, after any sequence of seeks.
#include "engine/io/frames.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <random>

#include "engine/core/host.h"
#include "engine/io/file.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr int width = 32, height = 16, frames = 40;

/// The test program's folder for this test.
class FramesTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) / fmt::format("frames-{}", process_id());
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    fs::path write(const std::string& name, const std::string& bytes) const {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
        return folder_ / name;
    }

    fs::path folder_;
};

/// A video whose frame n has its number in six bits, as black and white blocks of 5 columns.
std::string numbered_video() {
    std::string text = fmt::format("YUV4MPEG2 W{} H{} F25:1 C420jpeg\n", width, height);
    for (int n = 0; n < frames; ++n) {
        text += n % 3 == 0 ? "FRAME\n" : "FRAME Ip\n";
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) text += static_cast<char>((n >> std::min(x / 5, 5) & 1) != 0 ? 235 : 16);
        text += std::string(width * height / 2, static_cast<char>(128));
    }
    return text;
}

int number_in(const Picture& picture) {
    int number = 0;
    for (int bit = 0; bit < 6; ++bit)
        if (picture.color.at(0, 1, height / 2, bit * 5 + 2) > 0.5F) number |= 1 << bit;
    return number;
}

void expect_exact(Frames& stream) {
    std::vector<int> wanted;
    for (int n = 0; n < frames; ++n) wanted.push_back(n);
    std::mt19937 random(7);
    for (int i = 0; i < 30; ++i) wanted.push_back(static_cast<int>(random() % frames));
    for (const int n : wanted) {
        const auto picture = stream.read(n, Cancel());
        ASSERT_TRUE(picture) << picture.error().message;
        ASSERT_EQ(number_in(**picture), n);
    }
}

TEST_F(FramesTest, OfAY4mVideoAreExactAfterAnySeek) {
    const auto path = write("numbered.y4m", numbered_video());
    auto stream = Frames::open(path, Cancel());
    ASSERT_TRUE(stream) << stream.error().message;
    EXPECT_EQ(stream->count(), frames);
    EXPECT_DOUBLE_EQ(stream->duration(3), 0.04);
    expect_exact(*stream);
    const auto beyond = stream->read(frames, Cancel());
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().message, "there is no frame 40: expected 0 to 39");
    EXPECT_FALSE(stream->read(-1, Cancel()));
}

TEST_F(FramesTest, AreSubtractedFromEachOther) {
    auto stream = Frames::open(write("numbered.y4m", numbered_video()), Cancel());
    ASSERT_TRUE(stream) << stream.error().message;
    for (const auto& [frame, minus, other] : {std::tuple<int, std::optional<int>, int>{6, FramePath::frame_before, 5},
                                              {7, FramePath::frame_before, 6},
                                              {7, 2, 2},
                                              {0, FramePath::frame_before, 0}}) {
        const auto a = stream->read(frame, Cancel()), b = stream->read(other, Cancel());
        const auto difference = stream->read(FramePath{"", frame, minus}, Cancel());
        ASSERT_TRUE(a && b && difference);
        const auto x = (*a)->color.values(), y = (*b)->color.values(), d = (*difference)->color.values();
        bool moved = false;
        for (std::size_t i = 0; i < d.size(); ++i) {
            ASSERT_NEAR(double{d[i]}, std::floor(127.5 + 127.5 * (double{x[i]} - double{y[i]}) + 0.5) / 255, 1e-7) << i;
            moved = moved || d[i] != 128.0F / 255;
        }
        EXPECT_EQ(moved, frame != other);
    }
    EXPECT_FALSE(stream->read(FramePath{"", 3, frames}, Cancel()));
    Picture small{{}, Tensor({1, 3, 2, 2}), {}}, out;
    EXPECT_FALSE(difference_picture(small, **stream->read(0, Cancel()), out));
}

TEST(FramePath, IsReadAsItIsWritten) {
    for (const char* text : {"a.gif", "a.gif#frame=3", "a.gif#frame=3&minus=before", "a.gif#frame=0&minus=7",
                             "a#frame=3#frame=0", "a#frame=3#frame=4"}) {
        EXPECT_EQ(with_frame(split_frame(text)), text);
    }
    EXPECT_EQ(split_frame("a.gif#frame=3&minus=before").subtracted(), 2);
    EXPECT_EQ(split_frame("a.gif#frame=3&minus=9").subtracted(), 9);
    for (const char* name :
         {"a#frame=x", "a#frame=-1", "a#frame=1&minus=", "a#frame=1&minus=-1", "a#frame=1&minus=b"}) {
        EXPECT_EQ(split_frame(name).file, name);
    }
}

TEST_F(FramesTest, OfAY4mVideoThatIsCutAreThoseThatAreComplete) {
    const std::string whole = numbered_video();
    auto stream = Frames::open(write("cut.y4m", whole.substr(0, whole.size() - 1)), Cancel());
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->count(), frames - 1);
    EXPECT_FALSE(Frames::open(write("none.y4m", whole.substr(0, 100)), Cancel()));
}

TEST_F(FramesTest, OfAVideoThatFfmpegReadsAreExactAfterAnySeek) {
    const auto from = write("numbered.y4m", numbered_video());
    const auto to = folder_ / "numbered.mp4";
    // Frames that refer to later ones, and few whole ones, as cameras write them.
    const std::string command = fmt::format(
        "ffmpeg -nostdin -v error -i '{}' -c:v mpeg4 -bf 2 -g 12 -q:v 2 '{}' 2>/dev/null", from.string(), to.string());
    if (std::system(command.c_str()) != 0) GTEST_SKIP() << "ffmpeg is not installed";
    auto stream = Frames::open(to, Cancel());
    ASSERT_TRUE(stream) << stream.error().message;
    EXPECT_EQ(stream->count(), frames);
    EXPECT_NEAR(stream->duration(0), 0.04, 1e-9);
    expect_exact(*stream);
}

TEST_F(FramesTest, OfAFileThatIsNoVideoAreASentence) {
    const auto path = write("letter.mp4", "this is a letter");
    const auto stream = Frames::open(path, Cancel());
    ASSERT_FALSE(stream);
    EXPECT_TRUE(stream.error().message.starts_with("letter.mp4: ")) << stream.error().message;
    EXPECT_NE(stream.error().message.find("ffmpeg"), std::string::npos) << stream.error().message;
    const auto missing = Frames::open(folder_ / "nothing.mp4", Cancel());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().message, "nothing.mp4: there is no such file");
}

TEST_F(FramesTest, OfNumberedPicturesAreInOrder) {
    for (int n = 1; n <= 12; ++n)
        write(fmt::format("f_{:03}.pgm", n), fmt::format("P5\n1 1\n255\n{}", static_cast<char>(n)));
    auto stream = Frames::open(folder_ / "f_%03d.pgm", Cancel());
    ASSERT_TRUE(stream) << stream.error().message;
    EXPECT_EQ(stream->count(), 12);
    for (const int n : {11, 0, 5, 5, 4}) {
        const auto picture = stream->read(n, Cancel());
        ASSERT_TRUE(picture) << picture.error().message;
        EXPECT_NEAR((*picture)->color.at(0, 0, 0, 0) * 255, n + 1, 1e-4);
    }
    EXPECT_EQ(pattern_of("a/f_012.png"), fs::path("a/f_%03d.png"));
    EXPECT_EQ(pattern_of("shot7b.png"), fs::path("shot%db.png"));
    EXPECT_EQ(pattern_of("cat.png"), fs::path());
    const auto none = Frames::open(folder_ / "g_%d.pgm", Cancel());
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().message, "g_%d.pgm: there is neither g_0.pgm nor g_1.pgm");
    for (const char* name : {"a%s.png", "a%n.png", "a%.png", "a%3d.png", "a%", "%%d.png"})
        EXPECT_FALSE(is_stream(name)) << name;
}

/// Each format of animation against its first frame as a picture, and against the golden frames of the script.
TEST_F(FramesTest, OfAnimationsBeginWithThePicture) {
    for (const char* name : {"moving.gif", "moving.webp"}) {
        const fs::path path = fs::path(CONVLENS_TEST_DATA "/golden/pictures") / name;
        auto stream = Frames::open(path, Cancel());
        ASSERT_TRUE(stream) << stream.error().message;
        EXPECT_EQ(stream->count(), std::string(name) == "moving.gif" ? 3 : 2);
        const auto still = load_picture(path);
        if (!still) continue;  // built without libwebp
        std::vector<std::vector<float>> first;
        std::vector<CountedVector<float>> opacity;
        for (int n = 0; n < stream->count(); ++n) {
            const auto picture = stream->read(n, Cancel());
            ASSERT_TRUE(picture) << picture.error().message;
            const auto values = (*picture)->color.values();
            first.emplace_back(values.begin(), values.end());
            opacity.push_back((*picture)->alpha);
        }
        EXPECT_TRUE(std::ranges::equal(first[0], still->color.values())) << name;
        EXPECT_TRUE(first[0] != first[1] || opacity[0] != opacity[1]) << name;
        for (int n = stream->count() - 1; n >= 0; --n) {
            const auto picture = stream->read(n, Cancel());
            ASSERT_TRUE(picture);
            EXPECT_TRUE(std::ranges::equal((*picture)->color.values(), first[static_cast<std::size_t>(n)])) << n;
        }
    }
}

TEST_F(FramesTest, OfAStillPictureAreOne) {
    const auto path = write("still.pgm", std::string("P5\n1 1\n255\n\x33"));
    auto stream = Frames::open(path, Cancel());
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->count(), 1);
    EXPECT_FLOAT_EQ(stream->read(0, Cancel()).value()->color.at(0, 0, 0, 0), 0.2F);
    EXPECT_FALSE(stream->read(1, Cancel()));
}

}  // namespace
}  // namespace convlens
