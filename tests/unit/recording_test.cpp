/// engine/export/recording.h and engine/document/sweep.h: each frame is the picture of its value.
#include "engine/export/recording.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <fstream>

#include "engine/core/host.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/document/custom_kernels.h"
#include "engine/io/file.h"
#include "engine/nn/rotate_kernel.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

class RecordingTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) / fmt::format("recording-{}", process_id());
        fs::create_directories(folder_);
        backend_ = make_cpu_backend({2, ""}).value();
        document_.input.source = PatternInput{Pattern::zone, {40, 60}, 1};
        choose_kernels(document_, RandomKernels{6, {5, 5}, 3});
    }
    void TearDown() override { fs::remove_all(folder_); }

    /// Records to the end; returns the recording, or the error.
    Expected<Recording> record(const RecordOrder& order, const std::string& name) {
        Recording recording(document_, order, folder_ / name, typeface_);
        for (bool more = true; more;) {
            const auto stepped = recording.step(*backend_, Cancel());
            if (!stepped) return tl::unexpected(stepped.error());
            more = *stepped;
        }
        return recording;
    }
    std::string content(const std::string& name) const {
        std::ifstream file(folder_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }
    std::string error_of(const RecordOrder& order) {
        const auto done = record(order, "refused.gif");
        EXPECT_FALSE(done);
        EXPECT_FALSE(fs::exists(folder_ / "refused.gif"));
        return done ? "" : done.error().message;
    }

    fs::path folder_;
    std::unique_ptr<Backend> backend_;
    Document document_;
    const Typeface typeface_;
};

RecordOrder sweep(const std::string& name, double from, double to) {
    RecordOrder order;
    order.sweeps = {{name, from, to}};
    return order;
}

TEST_F(RecordingTest, OfATrainingHasTheWeightsOfEachMoment) {
    RecordOrder order;
    order.what = Recorded::moments;
    EXPECT_EQ(error_of(order), "nothing was trained that the grid shows: begin a lesson");
    std::vector<int> made;
    RecordedMoments moments;
    moments.count = 9;
    moments.document = [&made](const Document& document, int index) {
        made.push_back(index);
        Document next = document;
        choose_kernels(next, RandomKernels{6, {5, 5}, static_cast<std::uint32_t>(index)});
        return next;
    };
    moments.caption = [](int index) { return fmt::format("step {}", index); };
    const auto record_moments = [&](int frames, const std::string& name) {
        order.frames = frames;
        made.clear();
        Recording recording(document_, order, folder_ / name, typeface_, moments);
        while (recording.step(*backend_, Cancel()).value()) {
        }
        return recording.done();
    };
    EXPECT_EQ(record_moments(5, "a_%d.png"), 5);
    made.erase(made.begin());  // for the size
    EXPECT_EQ(made, (std::vector<int>{0, 2, 4, 6, 8}));
    Document expected = document_;
    choose_kernels(expected, RandomKernels{6, {5, 5}, 4});
    expected.display.cell = {40, 60};
    const Output output = evaluate(expected, *backend_, Cancel()).value();
    Annotations annotations = order.annotations;
    annotations.title = "step 4";
    const auto file = encode_png(export_grid(output, annotations, typeface_, Cancel()).value());
    EXPECT_EQ(content("a_2.png"), std::string(reinterpret_cast<const char*>(file.data()), file.size()));
    EXPECT_EQ(record_moments(1, "b_%d.png"), 1);
    EXPECT_EQ(made.back(), 8) << "one frame is the newest";
    EXPECT_EQ(record_moments(100, "c_%d.png"), 9) << "no moment twice";

    // With a loss, the curve up to the moment is below the same grid.
    for (int i = 0; i < 9; ++i) {
        moments.loss.x.push_back(i);
        moments.loss.y.push_back(1.0 / (1 + i));
    }
    moments.step = [](int index) { return long{index}; };
    EXPECT_EQ(record_moments(3, "d_%d.png"), 3);
    const auto picture = [&](const std::string& name) { return load_picture(folder_ / name).value(); };
    const Picture grid = picture("a_2.png"), curve = picture("d_1.png"), end = picture("d_2.png");
    ASSERT_EQ(curve.info.width, grid.info.width);
    ASSERT_EQ(curve.info.height, grid.info.height + std::clamp(grid.info.width / 5, 120, 400));
    const auto part = [](const Picture& p, int top, int left, int width, int height) {
        std::vector<float> values;
        for (int y = top; y < top + height; ++y)
            for (int x = left; x < left + width; ++x) values.push_back(p.color.at(0, 0, y, x));
        return values;
    };
    const int width = grid.info.width, height = grid.info.height, rest = curve.info.height - height;
    EXPECT_EQ(part(curve, 0, 0, width, height), part(grid, 0, 0, width, height));
    EXPECT_EQ(part(curve, height, 0, width / 3, rest), part(end, height, 0, width / 3, rest)) << "the beginning";
    EXPECT_NE(part(curve, height, 0, width, rest), part(end, height, 0, width, rest)) << "the end";
    order.caption = false;
    EXPECT_EQ(record_moments(1, "e_%d.png"), 1);
    EXPECT_LT(picture("e_0.png").info.height, height + rest) << "no loss without captions";
}

TEST_F(RecordingTest, OfASweepHasThePictureOfEachValue) {
    RecordOrder order = sweep("stride", 1, 4);
    order.annotations.title = "Six kernels";
    const auto done = record(order, "stride_%d.png");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->frames(), 4);
    EXPECT_EQ(done->rate(), 2);
    EXPECT_TRUE(done->lossless());
    for (int stride = 1; stride <= 4; ++stride) {
        Document expected = document_;
        expected.conv.stride = {stride, stride};
        expected.display.cell = {40, 60};  // of stride 1, so that all pictures have the same size
        const auto output = evaluate(expected, *backend_, Cancel());
        ASSERT_TRUE(output);
        Annotations annotations;
        annotations.title = fmt::format("Six kernels, stride {}", stride);
        const auto image = export_grid(*output, annotations, typeface_, Cancel());
        ASSERT_TRUE(image);
        const auto bytes = encode_png(*image);
        const std::string file = content(fmt::format("stride_{}.png", stride - 1));
        ASSERT_EQ(file.size(), bytes.size());
        EXPECT_EQ(std::memcmp(file.data(), bytes.data(), bytes.size()), 0) << stride;
    }
}

TEST_F(RecordingTest, HasTheSizeAndTheBytesOfTheTimeBefore) {
    RecordOrder order = sweep("rotation", 0, 360);
    order.frames = 5;
    order.size = {300, 400};
    order.annotations.colorbar = true;
    const auto first = record(order, "first.gif"), second = record(order, "second.gif");
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->size(), (Size2{300, 400}));
    EXPECT_EQ(content("first.gif"), content("second.gif"));
    auto frames = Frames::open(folder_ / "first.gif", Cancel());
    ASSERT_TRUE(frames);
    EXPECT_EQ(frames->count(), 5);
    const auto picture = frames->read(2, Cancel());
    ASSERT_TRUE(picture);
    EXPECT_EQ((*picture)->info.width, 400);
    EXPECT_EQ((*picture)->info.height, 300);
    order.back = true;
    const auto back = record(order, "back.gif");
    ASSERT_TRUE(back);
    EXPECT_EQ(back->frames(), 8);  // 5 there, 3 back: the first one follows again
}

TEST_F(RecordingTest, RotatesKernelsExactlyByQuarters) {
    const auto base = evaluate(document_, *backend_, Cancel());
    ASSERT_TRUE(base);
    const std::vector<Sweep> sweeps{{"rotation", 0, 90}};
    for (const double t : {0.0, 1.0}) {
        const auto moved = swept(*base, sweeps, t);
        ASSERT_TRUE(moved) << moved.error().message;
        const auto& weight = *std::get<LoadedKernels>(moved->kernels.bank).weight;
        const auto original = custom_kernels(document_, base->network, 0);
        ASSERT_TRUE(original);
        for (int o = 0; o < 6; ++o) {
            const auto planes = kernel_planes(*original->weight, o);
            const auto expected = t == 0 ? planes : changed(planes, KernelChange::rotate).value();
            EXPECT_EQ(kernel_planes(weight, o), expected) << o;
        }
    }
    // In between, a smooth kernel rotates smoothly: that of 30 degrees is close to the one that its formula gives.
    const KernelPlane plane = gaussian_derivative_plane({11, 11}, 2, 10);
    const KernelPlane by_formula = gaussian_derivative_plane({11, 11}, 2, 40), by_values = rotated(plane, 30);
    double error = 0, size = 0;
    for (std::size_t i = 0; i < plane.values.size(); ++i) {
        error += std::pow(static_cast<double>(by_formula.values[i]) - by_values.values[i], 2);
        size += std::pow(static_cast<double>(by_formula.values[i]), 2);
    }
    EXPECT_LT(std::sqrt(error / size), 0.1);
}

TEST_F(RecordingTest, OfTheWindowFillsTheMap) {
    document_.input.source = PatternInput{Pattern::zone, {6, 8}, 1};
    document_.conv.padding = {2, 2};
    RecordOrder order;
    order.what = Recorded::window;
    order.channel = 2;
    const auto done = record(order, "window_%02d.png");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->frames(), 48);
    EXPECT_EQ(files(), 48U);
    // The map of the last picture is that of the microscope: nothing is left to come.
    const auto first = load_picture(folder_ / "window_00.png"), last = load_picture(folder_ / "window_47.png");
    ASSERT_TRUE(first && last);
    const Rgba empty = paper_colors(Paper::white).faint;
    const auto pixels_to_come = [&](const Picture& p) {
        int count = 0;
        for (std::size_t i = 0; i < p.color.shape().plane(); ++i) {
            bool same = true;
            for (int c = 0; c < 3; ++c)
                same = same && std::lround(p.color.plane(0, c)[i] * 255) == empty[static_cast<std::size_t>(c)];
            count += same ? 1 : 0;
        }
        return count;
    };
    EXPECT_GT(pixels_to_come(*first), pixels_to_come(*last) + 10'000);
    order.frames = 12;  // every second value of every second row
    EXPECT_EQ(record(order, "coarse.gif").value().frames(), 12);
    order.channel = 6;
    EXPECT_EQ(error_of(order), "channel 6 does not exist: the layer has channels 0 to 5");
}

TEST_F(RecordingTest, OfAVideoHasItsFrames) {
    std::string video = "YUV4MPEG2 W32 H24 F10:1 Cmono\n";
    for (int n = 0; n < 7; ++n) video += "FRAME\n" + std::string(32 * 24, static_cast<char>(16 + 30 * n));
    std::ofstream(folder_ / "clip.y4m", std::ios::binary) << video;
    auto input = Frames::open(folder_ / "clip.y4m", Cancel());
    ASSERT_TRUE(input);
    document_.input.source =
        PictureInput{{{PictureOrigin::file((folder_ / "clip.y4m").string()), input->read(0, Cancel()).value()}}};
    document_.display.scale = {ScaleMode::fixed, -1, 1};
    RecordOrder order;
    order.what = Recorded::frames;
    order.first = 2;
    const auto done = record(order, "clip_%d.png");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->frames(), 5);
    EXPECT_NEAR(done->rate(), 10, 1e-9);
    EXPECT_NE(content("clip_0.png"), content("clip_4.png"));
    document_.input.source = PatternInput{Pattern::zone, {40, 60}, 1};
    EXPECT_EQ(error_of(order), "the input is zone 60x40: expected a video, an animation or numbered pictures");
}

TEST_F(RecordingTest, RefusesWhatCantMove) {
    EXPECT_EQ(error_of({}), "nothing moves: name a number to sweep");
    EXPECT_EQ(error_of(sweep("crop-x", 0, 9)),
              "crop-x: the input is not cropped: set a crop, whose position then moves");
    EXPECT_EQ(error_of(sweep("speed", 0, 9)).substr(0, 31), "speed: there is no such number;");
    EXPECT_EQ(error_of(sweep("channel", 3, 9)), "channel: channel 6 does not exist: the layer has channels 0 to 5");
    EXPECT_NE(error_of(sweep("stride", 0, 3)).find("stride 0: "), std::string::npos);
    EXPECT_NE(error_of(sweep("gain", 0, 3)).find("above 0"), std::string::npos);
    RecordOrder many = sweep("rotation", 0, 9);
    many.frames = 200'000;
    EXPECT_EQ(error_of(many), "a recording has 1 to 100000 frames, not 200000");
    EXPECT_EQ(files(), 0U);
    for (const char* text : {"stride", "stride=1", "stride=1:", "stride=a:b", "speed=1:2", "stride=1:inf"})
        EXPECT_FALSE(sweep_from(text)) << text;
    EXPECT_EQ(sweep_from("gain=0.5:2").value(), (Sweep{"gain", 0.5, 2}));
}

TEST_F(RecordingTest, EveryNumberMovesADocument) {
    choose_kernels(document_, RandomKernels{6, {5, 5}, 9});
    document_.input.crop = Rect{0, 0, 20, 20};
    document_.input.source = PatternInput{Pattern::noise, {40, 60}, 3};
    document_.conv.padding = {7, 7};
    const auto base = evaluate(document_, *backend_, Cancel());
    ASSERT_TRUE(base) << base.error().message;
    for (const SweepNumber& number : sweep_numbers()) {
        const double to = number.name == "channel" ? 5 : number.name == "item" ? 2 : number.name == "layer" ? 0 : 3;
        const std::vector<Sweep> sweeps{{std::string(number.name), number.name == "channel" ? 4.0 : 1.0, to}};
        const auto moved = swept(*base, sweeps, 1);
        if (number.name == "layer") continue;  // there is only one
        ASSERT_TRUE(moved) << number.name << ": " << moved.error().message;
        EXPECT_FALSE(*moved == document_) << number.name;
        const auto output = evaluate(*moved, *backend_, Cancel(), &*base);
        EXPECT_TRUE(output) << number.name << ": " << output.error().message;
    }
}

TEST_F(RecordingTest, ThatIsCanceledLeavesNothing) {
    std::atomic<bool> quit = false;
    const std::atomic<bool> newer = false;
    std::atomic<float> progress = 0;
    {
        Recording recording(document_, sweep("stride", 1, 8), folder_ / "a.gif", typeface_);
        const Cancel cancel(quit, newer, {}, progress);
        for (int i = 0; i < 3; ++i) ASSERT_TRUE(recording.step(*backend_, cancel));
        EXPECT_EQ(recording.done(), 3);
        quit = true;
        const auto stopped = recording.step(*backend_, cancel);
        ASSERT_FALSE(stopped);
        EXPECT_TRUE(stopped.error().canceled);
    }
    EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace convlens
