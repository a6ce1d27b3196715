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
        const PixelPosition pin = scene.view.pin.value_or(PixelPosition{});
        EXPECT_TRUE(pin.channel < s.c && pin.y < s.h && pin.x < s.w);
        EXPECT_LT(scene.view.enlarged.value_or(0), s.c);
        const auto slide = scene.view.parts.find("slide");
        EXPECT_LT(slide == scene.view.parts.end() ? 0 : slide->second.number(1e12), static_cast<double>(s.plane()));
    }
}

TEST(Lecture, PrintsAsItReads) {
    auto lecture = open_lecture(CONVLENS_SOURCE_ASSETS "/lectures/cnn.json").value();
    using Part = ScenePart;
    const Part::Object probe{
        {"at", {Part::List{{1.5}, {0.1}, {1e300}, {-3.0}}}}, {"on", {true}}, {"name", {"é \"x\""}}, {"none", {}}};
    lecture.scenes[3].view = {"microscope", PixelPosition{3, 4, 5}, 6, {{"slide", {700.0}}, {"probe_2", {probe}}}};
    lecture.scenes[4].title = "A \"new\" title";
    lecture.scenes[4].text = "two\nlines";
    const std::string text = print_lecture(lecture);
    const auto again = parse_lecture(text, "again");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(print_lecture(*again), text);
    EXPECT_EQ(again->scenes[3].view, lecture.scenes[3].view);
    EXPECT_EQ(again->scenes[4].text, "two\nlines");
}

TEST(Lecture, KeepsHowASceneIsComposed) {
    const auto read = [](const std::string& members) {
        return parse_lecture(
            R"({"convlens": "lecture", "version": 1, "scenes": [{"document": {"input": {"images": ["a"]}})" + members +
                "}]}",
            "l.json");
    };
    const auto lecture = read(R"(, "layout": "number", "number": "{parameters}", "second": "kernels", "notes": "n")");
    ASSERT_TRUE(lecture) << lecture.error().message;
    const Scene& scene = lecture->scenes[0];
    EXPECT_EQ(scene.layout, SceneLayout::number);
    EXPECT_EQ(scene.number, "{parameters}");
    EXPECT_EQ(scene.second, SecondView::kernels);
    EXPECT_EQ(scene.notes, "n");
    const std::string text = print_lecture(*lecture);
    EXPECT_EQ(print_lecture(*parse_lecture(text, "again")), text);
    EXPECT_EQ(read("")->scenes[0].layout, SceneLayout::full);
    EXPECT_EQ(read(R"(, "layout": "round")").error().message,
              "l.json: scene 1: layout is \"round\": expected full, text, side_by_side or number");
    EXPECT_FALSE(read(R"(, "layout": 3)"));
    EXPECT_FALSE(read(R"(, "second": "third")"));
    EXPECT_FALSE(read(", \"notes\": \"" + std::string(max_scene_text + 1, 'x') + '"'));
}

std::string with_view(const std::string& view) {
    return R"({"convlens": "lecture", "version": 1, "scenes": [{"document": {"input": {"images": ["a"]}}, "view": )" +
           view + "}]}";
}

/// What is printed of a scene's view, without spaces.
std::string view_again(const std::string& view) {
    const auto lecture = parse_lecture(with_view(view), "l.json");
    if (!lecture) return lecture.error().message;
    std::string text = print_lecture(*lecture);
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    const auto at = text.find(R"("view":)");
    return at == std::string::npos ? "" : text.substr(at + 7, text.size() - at - 7 - 3);
}

TEST(Lecture, KeepsThePartsOfToolsThatItDoesNotKnow) {
    EXPECT_EQ(view_again(R"({"slide": 12.0, "tool": "slide"})"), R"({"tool":"slide","slide":12})");
    EXPECT_EQ(view_again(R"({"grid": 1, "enlarged": 3, "tool": "x_9"})"), R"({"tool":"x_9","enlarged":3,"grid":1})");
    EXPECT_EQ(view_again(R"({"a": {"z": [1, [2.5, null], {}], "b": [], "t": "x", "f": false}})"),
              R"({"a":{"b":[],"f":false,"t":"x","z":[1,[2.5,null],{}]}})");
    EXPECT_EQ(view_again(R"({"a": [9007199254740991, 16777217.5, 1e-9]})"),
              R"({"a":[9007199254740991,16777217.5,1e-09]})");
    EXPECT_EQ(view_again("{}"), "");
}

TEST(Lecture, RefusesPartsThatNoToolWrites) {
    const auto message = [](const std::string& view) {
        const auto lecture = parse_lecture(with_view(view), "l.json");
        return lecture ? std::string() : lecture.error().message;
    };
    const auto many = [](int count) {
        std::string view = "{";
        for (int i = 0; i < count; ++i) view += fmt::format("{}\"part_{}\": {}", i > 0 ? ", " : "", i, i);
        return view + "}";
    };
    EXPECT_EQ(message(many(64)), "");
    EXPECT_EQ(message(many(65)), "l.json: scene 1: view: it has the states of more than 64 tools");
    EXPECT_EQ(message(R"({"a": ")" + std::string(65534, 'x') + "\"}"), "");
    EXPECT_EQ(message(R"({"a": ")" + std::string(65535, 'x') + "\"}"),
              "l.json: scene 1: view: a has 65537 bytes: expected 65536 at most");
    EXPECT_EQ(message(R"({"Slide": 1})"),
              "l.json: scene 1: view: \"Slide\" is not a tool name: expected 1 to 40 characters of a-z, 0-9 and _");
    EXPECT_NE(message(R"({"": 1})"), "");
    EXPECT_NE(message("{\"" + std::string(41, 'a') + "\": 1}"), "");
    EXPECT_EQ(message("{\"" + std::string(40, 'a') + "\": 1}"), "");
    EXPECT_NE(message(R"({"a": [[[[[[1]]]]]]})"), "");
    EXPECT_NE(message(R"({"a": 1, "a": 2})"), "");
}

TEST(Lecture, IsNotSavedLargerThanItCanBeOpened) {
    Document document;
    choose_kernels(document, LoadedKernels{KnownKernels::own, "large",
                                           std::make_shared<const Tensor>(Shape{1024, 64, 16, 16}, 0.0F), nullptr,
                                           Normalize::none});
    const Lecture lecture{"Large", {Scene{"", "", to_spec(document, {}), {}}}};
    const auto path = std::filesystem::temp_directory_path() / "convlens-large-lecture.json";
    const auto saved = save_lecture(lecture, path);
    ASSERT_FALSE(saved);
    EXPECT_TRUE(saved.error().message.starts_with("convlens-large-lecture.json: with its edited weights the lecture "))
        << saved.error().message;
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Lecture, GivesAStandardForPartsThatAreNotThere) {
    const ScenePart part{ScenePart::Object{{"x", {2.0}}, {"on", {true}}, {"list", {ScenePart::List{{1.0}}}}}};
    EXPECT_EQ(part["x"].number(7), 2);
    EXPECT_EQ(part["y"].number(7), 7);
    EXPECT_EQ(part["on"].number(7), 7);
    EXPECT_TRUE(part["on"].flag());
    EXPECT_EQ(part["x"].text("t"), "t");
    EXPECT_EQ(part["list"].list().size(), 1U);
    EXPECT_TRUE(part["x"]["z"].list().empty());
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
    EXPECT_EQ(message("[3]"), "l.json: scene 1: found 3, expected an object");
    EXPECT_EQ(message("[{" + document + R"(}, {"document": {}}])"), "l.json: scene 2: document: input is missing");
    EXPECT_EQ(message("[{" + document + R"(, "view": {"tool": "A hammer"}}])"),
              "l.json: scene 1: view: tool is \"A hammer\": expected 1 to 40 characters of a-z, 0-9 and _");
    EXPECT_NE(message("[{" + document + R"(, "view": {"tool": 3}}])"), "");
    EXPECT_NE(message("[{" + document + R"(, "view": {"pin": 3}}])"), "");
    EXPECT_NE(message("[{" + document + R"(, "view": {"pin": {"channel": -1, "y": 0, "x": 0}}}])"), "");
    EXPECT_EQ(parse_lecture(R"({"convlens": "session", "version": 1})", "l").error().message,
              "l: it is not a lecture: expected \"convlens\": \"lecture\"");
    EXPECT_EQ(parse_lecture(R"({"convlens": "lecture", "version": 2})", "l").error().message,
              "l: a newer Convlens wrote it: its version is 2, this one reads 1");
}

TEST(Lecture, IsNotSavedIfItCouldNotBeOpenedAgain) {
    const auto path = std::filesystem::path(testing::TempDir()) / "limits.json";
    std::filesystem::remove(path);
    const Scene scene{std::string(max_scene_title, 't'), std::string(max_scene_text, 'x'), {}, {}};
    ASSERT_TRUE(save_lecture({"Full", {scene}}, path));
    EXPECT_TRUE(open_lecture(path));
    std::filesystem::remove(path);
    Scene long_title = scene, long_text = scene;
    long_title.title += 't';
    long_text.text += 'x';
    for (const Lecture& lecture : {Lecture{"Title", {scene, long_title}}, Lecture{"Text", {scene, long_text}},
                                   Lecture{"Scenes", std::vector<Scene>(max_scenes + 1)}}) {
        const auto saved = save_lecture(lecture, path);
        ASSERT_FALSE(saved) << lecture.title;
        EXPECT_TRUE(saved.error().message.starts_with("limits.json: ")) << saved.error().message;
        EXPECT_FALSE(std::filesystem::exists(path));
    }
}

}  // namespace
}  // namespace convlens
