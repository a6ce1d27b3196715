/// engine/session/lecture.h and the lecture that comes with the program.
#include "engine/session/lecture.h"

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.h"
#include "engine/document/evaluate.h"
#include "engine/explain/live_values.h"
#include "engine/session/quiz_lecture.h"

namespace convlens {
namespace {

const NetworkPlaces installed{CONVLENS_SOURCE_ASSETS, {}};

/// A lecture that comes with the program.
struct Shipped {
    const char *file, *title;
    std::size_t scenes;
};

class ShippedLecture : public testing::TestWithParam<Shipped> {};
INSTANTIATE_TEST_SUITE_P(Lecture, ShippedLecture,
                         testing::Values(Shipped{"cnn.json", "Convolutional neural networks", 15},
                                         Shipped{"filters.json", "Image filters by hand", 10},
                                         Shipped{"features.json", "From pixels to features", 9},
                                         Shipped{"linear_system.json", "Convolution as a linear system", 12}),
                         [](const auto& shipped) {
                             const std::string file = shipped.param.file;
                             return file.substr(0, file.find('.'));
                         });

TEST_P(ShippedLecture, HasScenesThatAllCompute) {
    const auto lecture = open_lecture(fmt::format("{}/lectures/{}", CONVLENS_SOURCE_ASSETS, GetParam().file));
    ASSERT_TRUE(lecture) << lecture.error().message;
    EXPECT_EQ(lecture->title, GetParam().title);
    EXPECT_EQ(lecture->scenes.size(), GetParam().scenes);
    auto backend = make_cpu_backend({}).value();
    for (const Scene& scene : lecture->scenes) {
        SCOPED_TRACE(scene.title);
        EXPECT_FALSE(scene.text.empty());
        for (std::size_t step = 0; step <= scene.steps.size(); ++step) {
            SCOPED_TRACE(step);
            const SceneView& view = scene.view_after(step);
            const auto document = load_parts(scene.document_after(step), CONVLENS_SOURCE_ASSETS "/lectures", installed);
            ASSERT_TRUE(document) << document.error().message;
            const auto output = evaluate(*document, *backend, Cancel());
            ASSERT_TRUE(output) << output.error().message;
            const Shape s = output->activations->shape();
            const PixelPosition pin = view.pin.value_or(PixelPosition{});
            EXPECT_TRUE(pin.channel < s.c && pin.y < s.h && pin.x < s.w);
            EXPECT_LT(view.enlarged.value_or(0), s.c);
            const auto slide = view.parts.find("slide");
            EXPECT_LT(slide == view.parts.end() ? 0 : slide->second.number(1e12), static_cast<double>(s.plane()));
            // The facts that are known without running the layers are those of the layers that ran.
            const auto known = live_facts(*document);
            ASSERT_TRUE(known) << known.error().message;
            EXPECT_EQ(known->output, s);
            EXPECT_EQ(known->numbers.parameters(),
                      live_facts(document->display, output->network, output->plan.layer, known->input, s, {})
                          .numbers.parameters());
            if (step == 0) continue;
            const auto& question = scene.steps[step - 1].question;
            if (!question) continue;
            if (!question->kernels.empty()) {
                EXPECT_NE(std::find(question->kernels.begin(), question->kernels.end(), view.enlarged),
                          question->kernels.end());
            }
            // With values filled in, exactly one choice is right.
            std::vector<std::string> choices;
            for (const std::string& choice : question->choices) choices.push_back(with_live_values(choice, &*known));
            if (!choices.empty()) {
                EXPECT_EQ(std::count(choices.begin(), choices.end(), with_live_values(question->answer, &*known)), 1);
            }
        }
    }
}

TEST(Lecture, OfRandomQuestionsComputesAndCanBeSaved) {
    const Lecture quiz = quiz_lecture(12, 3);
    const std::string text = print_lecture(quiz);
    const auto again = parse_lecture(text, "quiz");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(print_lecture(*again), text);
    EXPECT_EQ(print_lecture(quiz_lecture(12, 3)), text);
    EXPECT_NE(print_lecture(quiz_lecture(12, 4)), text);
    auto backend = make_cpu_backend({}).value();
    for (const Scene& scene : again->scenes) {
        SCOPED_TRACE(scene.steps.at(0).question->prompt);
        EXPECT_EQ(places_of(scene), (std::vector<ScenePlace>{{0, true, false}, {1, false, true}}));
        const auto document = load_parts(scene.document, {}, installed);
        ASSERT_TRUE(document) << document.error().message;
        const auto output = evaluate(*document, *backend, Cancel());
        ASSERT_TRUE(output) << output.error().message;
        const SceneQuestion& q = *scene.steps[0].question;
        if (q.kernels.empty()) {
            EXPECT_NE(std::find(q.choices.begin(), q.choices.end(), q.answer), q.choices.end());
        } else {
            EXPECT_NE(std::find(q.kernels.begin(), q.kernels.end(), scene.view.enlarged), q.kernels.end());
        }
    }
}

TEST(Lecture, PrintsAsItReads) {
    auto lecture = open_lecture(CONVLENS_SOURCE_ASSETS "/lectures/cnn.json").value();
    using Part = ScenePart;
    const Part::Object probe{
        {"at", {Part::List{{1.5}, {0.1}, {1e300}, {-3.0}}}}, {"on", {true}}, {"name", {"é \"x\""}}, {"none", {}}};
    lecture.scenes[3].view = {
        "microscope", PixelPosition{3, 4, 5}, 6, 2, 1.5F, {0.25F, 0.75F}, {{"slide", {700.0}}, {"probe_2", {probe}}}};
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

/// A lecture of one scene with these steps.
std::string with_steps(const std::string& steps) {
    return R"({"convlens": "lecture", "version": 1, "scenes": [{"text": "a", "document": {"input": {"images": ["a"]},
        "conv": {"padding": 2, "stride": 2}}, "view": {"slide": 3, "pin": {"channel": 1, "y": 0, "x": 0}}, "steps": )" +
           steps + "}]}";
}

TEST(Lecture, AppliesStepsAsMergePatches) {
    const auto lecture = parse_lecture(
        with_steps(
            R"([{"text": "b"}, {"document": {"conv": {"stride": 4}}, "view": {"slide": 9, "mark": 2}, "seconds": 2},
                       {"text": "c", "document": {"conv": {"padding": null}}, "view": {"pin": null, "zoom": 3,
                        "center": [0.25, 1]}, "ask": {"prompt": "How many?", "answer": "{parameters}", "why": "so"}},
                       {"ask": {"prompt": "Which?", "choices": ["1", "{stride}"], "answer": "{stride}"}},
                       {"view": {"enlarged": 2}, "ask": {"prompt": "Which kernel?", "kernels": [1, 2]}}])"),
        "l.json");
    ASSERT_TRUE(lecture) << lecture.error().message;
    const Scene& s = lecture->scenes[0];
    ASSERT_EQ(s.steps.size(), 5U);
    EXPECT_EQ(s.text_after(0), "a");
    EXPECT_EQ(s.text_after(1), "a\nb");
    EXPECT_EQ(s.text_after(5), "a\nb\nc");
    EXPECT_EQ(s.document_after(1).document, s.document.document);
    EXPECT_EQ(s.document_after(2).document.conv.stride, (Size2{4, 4}));
    EXPECT_EQ(s.document_after(2).document.conv.padding, (Size2{2, 2}));
    EXPECT_EQ(s.document_after(3).document.conv.padding, (Size2{0, 0}));
    EXPECT_EQ(s.view_after(2).mark, 2);
    EXPECT_EQ(s.view_after(2).parts.at("slide").number(), 9);
    EXPECT_TRUE(s.view_after(2).pin);
    EXPECT_FALSE(s.view_after(3).pin);
    EXPECT_EQ(s.view_after(4).zoom, 3);
    EXPECT_EQ(s.view_after(5).center, (std::array<float, 2>{0.25F, 1}));
    const std::string text = print_lecture(*lecture);
    const auto again = parse_lecture(text, "again");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(print_lecture(*again), text);
    EXPECT_EQ(again->scenes[0].view_after(5), s.view_after(5));
    EXPECT_EQ(again->scenes[0].document_after(5).document, s.document_after(5).document);

    // A question is a place of its own, before its step.
    const auto stops = places_of(s);
    ASSERT_EQ(stops.size(), 9U);
    EXPECT_EQ(stops[0], (ScenePlace{0, false, false}));
    EXPECT_EQ(stops[3], (ScenePlace{2, true, false}));
    EXPECT_EQ(stops[4], (ScenePlace{3, false, true}));
    EXPECT_EQ(stops[8], (ScenePlace{5, false, true}));
}

TEST(Lecture, RefusesStepsThatAreWrong) {
    const auto message = [](const std::string& steps) {
        const auto lecture = parse_lecture(with_steps(steps), "l.json");
        return lecture ? std::string() : lecture.error().message;
    };
    EXPECT_EQ(message("[]"), "");
    EXPECT_EQ(message("[3]"), "l.json: scene 1: step 1: found 3, expected an object");
    EXPECT_EQ(message(R"([{}, {"document": 3}])"), "l.json: scene 1: step 2: document is 3: expected an object");
    EXPECT_EQ(message(R"([{"documents": {}}])"),
              "l.json: scene 1: step 1: \"documents\" is unknown: expected one of ask, document, seconds, text, view");
    EXPECT_NE(message(R"([{"document": {"conv": {"stride": -1}}}])"), "");
    EXPECT_NE(message(R"([{"document": {"input": null}}])"), "");
    EXPECT_NE(message(R"([{"seconds": 61}])"), "");
    EXPECT_NE(message(R"([{"view": {"zoom": 0}}])"), "");
    EXPECT_NE(message(R"([{"view": {"center": [0.5]}}])"), "");
    EXPECT_NE(message(R"([{"view": {"mark": -1}}])"), "");
    EXPECT_EQ(message(R"([{"ask": {"prompt": "p"}}])"), "l.json: scene 1: step 1: ask: answer is missing");
    EXPECT_EQ(message(R"([{"ask": {"answer": "p"}}])"), "l.json: scene 1: step 1: ask: prompt is missing");
    EXPECT_EQ(message(R"([{"ask": {"prompt": "p", "choices": ["a", "b"], "answer": "c"}}])"),
              "l.json: scene 1: step 1: ask: answer is none of the choices");
    EXPECT_NE(message(R"([{"ask": {"prompt": "p", "choices": ["a"], "answer": "a"}}])"), "");
    EXPECT_NE(message(R"([{"ask": {"prompt": "p", "kernels": [1, 2], "answer": "1"}}])"), "");
    EXPECT_NE(message(R"([{"ask": {"prompt": "p", "kernels": [1, -2]}}])"), "");
    const auto many = [](std::size_t count, const std::string& step) {
        std::string steps = "[" + step;
        for (std::size_t i = 1; i < count; ++i) steps += ", " + step;
        return steps + "]";
    };
    EXPECT_EQ(message(many(max_steps, "{}")), "");
    EXPECT_NE(message(many(max_steps + 1, "{}")), "");
    EXPECT_NE(message(many(5, "{\"text\": \"" + std::string(max_scene_text, 'x') + "\"}")), "");
    // 64 documents of 1.2 MB would be more than the largest file.
    std::string row = "[[[1", values = "[";
    for (int i = 1; i < 1000; ++i) row += ",1";
    row += "]]]";
    for (int i = 0; i < 600; ++i) values += (i > 0 ? "," : "") + row;
    values += "]";
    const std::string kernels =
        R"({"document": {"kernels": {"bank": "values", "title": "t", "weight": )" + values + "}}}";
    EXPECT_EQ(message("[" + kernels + "]"), "");
    std::string changing = "[" + kernels;
    for (int i = 0; i < 63; ++i)
        changing += R"(, {"document": {"conv": {"stride": )" + std::to_string(i % 5 + 1) + "}}}";
    EXPECT_NE(message(changing + "]"), "");
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
