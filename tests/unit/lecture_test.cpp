/// engine/session/lecture.h and the lecture that comes with the program.
#include "engine/session/lecture.h"

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.h"
#include "engine/document/evaluate.h"

namespace convlens {
namespace {

const NetworkPlaces places{CONVLENS_SOURCE_ASSETS, {}};

TEST(Lecture, ThatComesWithTheProgramHasScenesThatAllCompute) {
    const auto lecture = open_lecture(CONVLENS_SOURCE_ASSETS "/lectures/cnn.json");
    ASSERT_TRUE(lecture) << lecture.error().message;
    EXPECT_EQ(lecture->title, "Convolutional neural networks");
    EXPECT_EQ(lecture->scenes.size(), 13U);
    auto backend = make_cpu_backend({}).value();
    for (const Scene& scene : lecture->scenes) {
        SCOPED_TRACE(scene.title);
        EXPECT_FALSE(scene.text.empty());
        const auto document = load_parts(scene.document, CONVLENS_SOURCE_ASSETS "/lectures", places);
        ASSERT_TRUE(document) << document.error().message;
        const auto output = evaluate(*document, *backend, Cancel());
        ASSERT_TRUE(output) << output.error().message;
        const Shape s = output->activations->shape();
        const Spot pin = scene.view.pin.value_or(Spot{});
        EXPECT_TRUE(pin.channel < s.c && pin.y < s.h && pin.x < s.w);
        EXPECT_LT(scene.view.enlarged.value_or(0), s.c);
        EXPECT_LT(scene.view.slide, static_cast<double>(s.plane()));
    }
}

TEST(Lecture, PrintsAsItReads) {
    auto lecture = open_lecture(CONVLENS_SOURCE_ASSETS "/lectures/cnn.json").value();
    lecture.scenes[3].view = {"microscope", Spot{3, 4, 5}, 6, 700};
    lecture.scenes[4].title = "A \"new\" title";
    lecture.scenes[4].text = "two\nlines";
    const std::string text = print_lecture(lecture);
    const auto again = parse_lecture(text, "again");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(print_lecture(*again), text);
    EXPECT_EQ(again->scenes[3].view, lecture.scenes[3].view);
    EXPECT_EQ(again->scenes[4].text, "two\nlines");
}

TEST(Lecture, RefusesNonsenseAndNamesTheScene) {
    const auto message = [](const std::string& scenes) {
        const auto lecture =
            parse_lecture(R"({"convlens": "lecture", "version": 1, "scenes": )" + scenes + "}", "l.json");
        return lecture ? std::string() : lecture.error().message;
    };
    const std::string document = R"("document": {"input": {"images": ["a"]}})";
    EXPECT_EQ(message("[{" + document + "}]"), "");
    EXPECT_EQ(message("[]"), "l.json: scenes is []: expected a list of 1 to 1000 scenes");
    EXPECT_EQ(message("[{}]"), "l.json: scene 1: document is missing");
    EXPECT_EQ(message("[3]"), "l.json: scene 1: it is 3: expected an object");
    EXPECT_EQ(message("[{" + document + R"(}, {"document": {}}])"), "l.json: scene 2: document: input is missing");
    EXPECT_EQ(message("[{" + document + R"(, "view": {"tool": "hammer"}}])"),
              "l.json: scene 1: view: tool is \"hammer\": expected one of grid, microscope, slide, kernel, lab, "
              "compare, features, train");
    EXPECT_NE(message("[{" + document + R"(, "view": {"pin": 3}}])"), "");
    EXPECT_NE(message("[{" + document + R"(, "view": {"pin": {"channel": -1, "y": 0, "x": 0}}}])"), "");
    EXPECT_NE(message("[{" + document + R"(, "view": {"slide": -1}}])"), "");
    EXPECT_EQ(parse_lecture(R"({"convlens": "session", "version": 1})", "l").error().message,
              "l: it is no lecture: expected \"convlens\": \"lecture\"");
    EXPECT_EQ(parse_lecture(R"({"convlens": "lecture", "version": 2})", "l").error().message,
              "l: a newer Convlens wrote it: its version is 2, this one reads 1");
}

}  // namespace
}  // namespace convlens
