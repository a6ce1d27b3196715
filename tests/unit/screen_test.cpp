/// engine/io/screen_frame.h: golden bytes of all layouts. engine/io/screen_device.h: a real X server, if Xvfb is
/// installed.
#include <gtest/gtest.h>

#ifdef __linux__
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <cstdlib>
#include <string>
#include <thread>

#include "engine/io/camera_frame.h"
#include "engine/io/live_frames.h"
#include "engine/io/screen_device.h"

namespace convlens {
namespace {

/// A frame of the screen with one row.
CameraFrame frame_of(const PixelLayout& layout, int width, const std::vector<int>& bytes) {
    CameraFrame frame{{false, {1, width}, 0}, bytes.size(), {}, 0, 1, layout};
    for (const int b : bytes) frame.bytes.push_back(static_cast<std::byte>(b));
    return frame;
}

/// Returns red, green and blue of each pixel, multiplied by `largest`.
std::vector<double> colors(const CameraFrame& frame, const std::vector<double>& largest) {
    Picture picture;
    const auto done = camera_picture(frame, false, "screen", picture);
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    std::vector<double> values;
    for (int x = 0; done && x < frame.mode.size.w; ++x)
        for (int c = 0; c < 3; ++c)
            values.push_back(picture.color.at(0, c, 0, x) * largest[static_cast<std::size_t>(c)]);
    return values;
}

void expect_colors(const CameraFrame& frame, const std::vector<double>& largest, const std::vector<double>& expected) {
    const auto found = colors(frame, largest);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-4) << i;
}

TEST(ScreenFrame, OfEachLayoutHasItsColors) {
    const std::vector<double> eight{255, 255, 255};
    // 0x00102030 and 0xffc8643c: what is no color's does not count.
    expect_colors(frame_of({32, false, 0xff0000, 0xff00, 0xff}, 2, {0x30, 0x20, 0x10, 0, 0x3c, 0x64, 0xc8, 0xff}),
                  eight, {16, 32, 48, 200, 100, 60});
    expect_colors(frame_of({32, true, 0xff0000, 0xff00, 0xff}, 2, {0, 0x10, 0x20, 0x30, 0xff, 0xc8, 0x64, 0x3c}), eight,
                  {16, 32, 48, 200, 100, 60});
    expect_colors(frame_of({32, false, 0xff, 0xff00, 0xff0000}, 1, {0x10, 0x20, 0x30, 0}), eight, {16, 32, 48});
    expect_colors(frame_of({32, false, 0xff000000, 0xff00, 0xff}, 1, {0x30, 0x20, 0, 0xfe}), eight, {254, 32, 48});
    // Three bytes per pixel, and a byte at the end of the row.
    expect_colors(frame_of({24, false, 0xff0000, 0xff00, 0xff}, 2, {0x30, 0x20, 0x10, 0x3c, 0x64, 0xc8, 9}), eight,
                  {16, 32, 48, 200, 100, 60});
    expect_colors(frame_of({24, true, 0xff0000, 0xff00, 0xff}, 2, {0x10, 0x20, 0x30, 0xc8, 0x64, 0x3c, 9}), eight,
                  {16, 32, 48, 200, 100, 60});
    // 5, 6 and 5 bits: 10110 010011 00101 is 0xb265; 5, 5 and 5 bits: 0 10110 01001 00101 is 0x5925.
    expect_colors(frame_of({16, false, 0xf800, 0x7e0, 0x1f}, 2, {0x65, 0xb2, 0xff, 0xff}), {31, 63, 31},
                  {22, 19, 5, 31, 63, 31});
    expect_colors(frame_of({16, true, 0xf800, 0x7e0, 0x1f}, 1, {0xb2, 0x65}), {31, 63, 31}, {22, 19, 5});
    expect_colors(frame_of({16, false, 0x7c00, 0x3e0, 0x1f}, 1, {0x25, 0x59}), {31, 31, 31}, {22, 9, 5});
    // Ten bits per color: 1023, 512 and 1 are 0x3ff80001 with the colors from the highest bits on.
    expect_colors(frame_of({32, false, 0x3ff00000, 0xffc00, 0x3ff}, 1, {1, 0, 0xf8, 0x3f}), {1023, 1023, 1023},
                  {1023, 512, 1});
}

TEST(ScreenFrame, KeepsTheMemoryOfThePicture) {
    Picture picture;
    const auto frame = frame_of({32, false, 0xff0000, 0xff00, 0xff}, 2, std::vector<int>(8, 255));
    ASSERT_TRUE(camera_picture(frame, false, "screen", picture));
    EXPECT_EQ(picture.color.at(0, 2, 0, 1), 1.0F);
    const float* memory = picture.color.data();
    ASSERT_TRUE(camera_picture(frame, false, "screen", picture));
    EXPECT_EQ(picture.color.data(), memory);
}

TEST(ScreenFrame, OfAnotherLayoutOrCutShortIsRefused) {
    const auto refused = [](const PixelLayout& layout, int width, int bytes) {
        Picture picture;
        const auto done = camera_picture(frame_of(layout, width, std::vector<int>(static_cast<std::size_t>(bytes), 1)),
                                         false, "screen", picture);
        return done ? std::string() : done.error().message;
    };
    EXPECT_EQ(refused({8, false, 0xe0, 0x1c, 3}, 1, 4), "screen: it has 8 bits per pixel: expected 16, 24 or 32");
    EXPECT_EQ(refused({32, false, 0xff0000, 0xff00, 0}, 1, 4),
              "screen: its colors have the bits ff0000, ff00 and 0: expected three different parts of a pixel");
    EXPECT_NE(refused({32, false, 0xff0000, 0xff00, 0x1ff}, 1, 4), "");  // overlap
    EXPECT_NE(refused({32, false, 0xf0f000, 0xf00, 0xff}, 1, 4), "");    // a gap
    EXPECT_NE(refused({16, false, 0xff0000, 0xff00, 0xff}, 1, 4), "");   // beyond the pixel
    EXPECT_NE(refused({32, false, 0xffffff00, 0xf0, 0xf}, 1, 4), "");    // more than 16 bits
    EXPECT_EQ(refused({}, 2, 7), "screen: the frame is cut short: expected 8 bytes, found 7");
}

TEST(ScreenRegion, IsMovedIntoTheScreen) {
    const Size2 screen{600, 800};
    EXPECT_EQ(inside_screen({10, 20, 30, 40}, screen), (Rect{10, 20, 30, 40}));
    EXPECT_EQ(inside_screen({-10, -20, 30, 40}, screen), (Rect{0, 0, 30, 40}));
    EXPECT_EQ(inside_screen({790, 590, 30, 40}, screen), (Rect{770, 560, 30, 40}));
    EXPECT_EQ(inside_screen({5, 5, 5000, 5000}, screen), (Rect{0, 0, 800, 600}));
    EXPECT_EQ(inside_screen({2000000000, -2000000000, 0, -5}, screen), (Rect{799, 0, 1, 1}));
    EXPECT_EQ(inside_screen({1, 1, 1, 1}, {}), (Rect{0, 0, 1, 1}));
}

#if defined(__linux__)

/// An X server without a display, whose background is white.
class Server {
  public:
    explicit Server(const char* screen) {
        int ends[2];
        if (::pipe(ends) != 0) return;
        id_ = ::fork();
        if (id_ == 0) {
            const int none = ::open("/dev/null", O_WRONLY);
            ::dup2(none, 2);
            const std::string end = std::to_string(ends[1]);
            ::execlp("Xvfb", "Xvfb", "-displayfd", end.c_str(), "-wr", "-screen", "0", screen, "-nolisten", "tcp",
                     "-noreset", nullptr);
            ::_exit(127);
        }
        ::close(ends[1]);
        char c = 0;
        while (::read(ends[0], &c, 1) == 1 && c != '\n')
            display_ += display_.empty() ? std::string(":") + c : std::string(1, c);
        ::close(ends[0]);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() { end(); }

    /// ":5"; empty if there is no Xvfb.
    const std::string& display() const { return display_; }
    void end() {
        if (id_ <= 0) return;
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
        id_ = -1;
    }

  private:
    pid_t id_ = -1;
    std::string display_;
};

/// Returns why the screen can't be opened; empty if it can.
std::string problem_of(const std::string& display) {
    const auto stream = ScreenStream::open(display);
    return stream ? std::string() : stream.error().message;
}

class ScreenStreamTest : public testing::Test {
  protected:
    void SetUp() override {
        ::unsetenv("WAYLAND_DISPLAY");
        if (problem_of("no display") != "there is no X11 display") GTEST_SKIP() << problem_of("no display");
        if (Server("64x48x24").display().empty()) GTEST_SKIP() << "there is no Xvfb";
    }
};

TEST_F(ScreenStreamTest, ReadsScreensOfAllDepths) {
    for (const char* depth : {"15", "16", "24", "30"}) {
        const Server server((std::string("64x48x") + depth).c_str());
        if (server.display().empty() && depth == std::string("30")) continue;  // not of every Xvfb
        auto stream = ScreenStream::open(server.display());
        ASSERT_TRUE(stream) << depth << ": " << stream.error().message;
        EXPECT_EQ(stream->size(), (Size2{48, 64}));
        CameraFrame frame;
        const auto taken = stream->take({60, 40, 31, 17}, frame);
        ASSERT_TRUE(taken) << depth << ": " << taken.error().message;
        EXPECT_TRUE(*taken);
        EXPECT_EQ(frame.mode.size, (Size2{17, 31}));
        EXPECT_EQ(frame.number, 1U);
        Picture picture;
        ASSERT_TRUE(camera_picture(frame, false, "screen", picture)) << depth;
        for (const float value : picture.color.values()) ASSERT_EQ(value, 1.0F) << depth;
        EXPECT_FALSE(stream->take({60, 40, 31, 17}, frame).value()) << "nothing has changed";
        EXPECT_TRUE(stream->take({0, 0, 31, 17}, frame).value()) << "the region has moved";
        EXPECT_EQ(frame.number, 2U);
    }
}

TEST_F(ScreenStreamTest, RefusesWhatHasNoColors) {
    const Server server("64x48x8");
    EXPECT_EQ(problem_of(server.display()),
              "its pixels are numbers of colors in a table: expected a screen with more colors");
}

TEST_F(ScreenStreamTest, SaysThatItDoesNotReadWayland) {
    const Server server("64x48x24");
    ::setenv("WAYLAND_DISPLAY", "wayland-0", 1);
    EXPECT_EQ(problem_of(server.display()), "Convlens can't read it on Wayland yet: expected a session with X11");
    ::unsetenv("WAYLAND_DISPLAY");
    EXPECT_EQ(problem_of(server.display()), "");
}

TEST_F(ScreenStreamTest, SurvivesTheEndOfTheServer) {
    Server server("64x48x24");
    auto stream = ScreenStream::open(server.display());
    ASSERT_TRUE(stream);
    CameraFrame frame;
    ASSERT_TRUE(stream->take({0, 0, 8, 8}, frame));
    server.end();
    for (int i = 0; i < 3; ++i) {
        const auto taken = stream->take({0, 0, 8, 8}, frame);
        ASSERT_FALSE(taken);
        EXPECT_EQ(taken.error().message, "the X server has ended the connection");
    }
    EXPECT_EQ(problem_of(server.display()), "there is no X11 display");
}

#endif

}  // namespace
}  // namespace convlens
