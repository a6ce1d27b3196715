/// engine/session/scene_page.h and engine/explain/live_values.h.
#include "engine/session/scene_page.h"

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.h"
#include "engine/document/evaluate.h"
#include "engine/explain/live_values.h"
#include "engine/session/scene_places.h"

namespace convlens {
namespace {

const Typeface& page_typeface() {
    static const Typeface typeface(CONVLENS_SOURCE_ASSETS "/fonts/Inter-Regular.otf");
    return typeface;
}

constexpr std::pair<float, float> screens[] = {{1280, 720}, {1920, 1080}, {3840, 2160}, {1024, 768}, {1600, 1200}};
constexpr SceneLayout all_layouts[] = {SceneLayout::full, SceneLayout::text, SceneLayout::side_by_side,
                                       SceneLayout::number};
const SceneTexts usual_page{
    "A title of a few words", "20,000,000",
    "One sentence that says what is to be seen.\nAnother one with a **bold** word and $x_1^2$."};

TEST(ScenePage, FillsTheScreenWithTextThatCanBeRead) {
    for (const auto& [width, height] : screens)
        for (const SceneLayout layout : all_layouts) {
            SCOPED_TRACE(fmt::format("{} on {} x {}", to_string(layout), width, height));
            const ScenePage page = compose_scene(usual_page, layout, page_typeface(), width, height);
            EXPECT_EQ(page.second.has_value(), layout == SceneLayout::side_by_side);
            // Together, pictures and texts cover most of the screen; no half of it is empty.
            float covered = page.picture.w * page.picture.h + (page.second ? page.second->w * page.second->h : 0);
            for (const PageText& text : page.texts) {
                covered += width * text.layout.height * (text.role == PageText::Role::title ? 1.0F : 0.34F);
                EXPECT_GE(text.x, 0);
                EXPECT_LE(text.x + text.layout.width, width);
                EXPECT_LE(text.y + text.layout.height, height);
                float smallest = 1e9F, largest = 0;
                for (const PlacedText& t : text.layout.texts)
                    smallest = std::min(smallest, t.em), largest = std::max(largest, t.em);
                EXPECT_GE(largest, height / 30 - 0.01F);
                EXPECT_GE(smallest, height / 30 * 0.6F);  // scripts are smaller
            }
            EXPECT_GT(covered, width * height * 0.6F);
            EXPECT_LE(page.picture.x + page.picture.w, width);
            EXPECT_LE(page.picture.y + page.picture.h, height);
        }
}

TEST(ScenePage, KeepsTextsAndPicturesApart) {
    const auto overlap = [](const Area& a, const PageText& t) {
        return t.x < a.x + a.w && a.x < t.x + t.layout.width && t.y < a.y + a.h && a.y < t.y + t.layout.height;
    };
    std::string much;
    for (int i = 0; i < 60; ++i) much += "many words that need a lot of room ";
    for (const auto& [width, height] : screens)
        for (const SceneLayout layout : all_layouts)
            for (const SceneTexts& texts : {usual_page, SceneTexts{"T", "N", much}, SceneTexts{}}) {
                const ScenePage page = compose_scene(texts, layout, page_typeface(), width, height);
                const float second = page.second ? page.second->w * page.second->h : 0;
                EXPECT_GT(page.picture.w * page.picture.h + second, width * height * 0.2F);
                for (const PageText& text : page.texts) {
                    EXPECT_FALSE(overlap(page.picture, text)) << to_string(layout);
                    EXPECT_FALSE(page.second && overlap(*page.second, text));
                    EXPECT_LE(text.y + text.layout.height, height + 1);
                }
            }
}

TEST(ScenePage, KeepsTypeAndPictureWhileLinesAreAdded) {
    std::string much;
    for (int i = 0; i < 40; ++i) much += "many words that need a lot of room ";
    const std::vector<PlaceTexts> places{{"64 maps", usual_page.text, 0},
                                         {"20,000,000 maps", usual_page.text + "\n**A question?**", 90},
                                         {"192 maps", usual_page.text + "\n" + much, 0}};
    for (const auto& [width, height] : screens)
        for (const SceneLayout layout : all_layouts) {
            SCOPED_TRACE(fmt::format("{} on {} x {}", to_string(layout), width, height));
            std::optional<ScenePage> first;
            for (const PlaceTexts& place : places) {
                const SceneTexts texts{"A title", place.number, place.text};
                const ScenePage page =
                    compose_place(texts, layout, page_typeface(), width, height, place.answers, places);
                if (!first) first = page;
                ASSERT_EQ(page.texts.size(), first->texts.size());
                for (std::size_t i = 0; i < page.texts.size(); ++i) {
                    EXPECT_FLOAT_EQ(page.texts[i].layout.texts[0].em, first->texts[i].layout.texts[0].em);
                    EXPECT_LE(page.texts[i].y + page.texts[i].layout.height, height);
                }
                EXPECT_EQ(page.answers.has_value(), place.answers > 0);
                if (page.answers) {
                    EXPECT_GE(page.answers->y, page.texts.back().y + page.texts.back().layout.height);
                    EXPECT_LE(page.answers->y + page.answers->h, height);
                    continue;
                }
                EXPECT_FLOAT_EQ(page.picture.h, first->picture.h);
                EXPECT_FLOAT_EQ(page.texts.back().y, first->texts.back().y);
            }
            // Alone, the short text may be larger.
            const ScenePage alone =
                compose_scene({"A title", "64 maps", usual_page.text}, layout, page_typeface(), width, height);
            EXPECT_GT(alone.texts.back().layout.texts[0].em, first->texts.back().layout.texts[0].em);
        }
}

TEST(ScenePage, StacksEverythingOnAPhone) {
    const ScenePage page = compose_scene(usual_page, SceneLayout::text, page_typeface(), 400, 800);
    EXPECT_GT(page.picture.w, 360);
    EXPECT_GT(page.texts.back().y, page.picture.y + page.picture.h);
    EXPECT_EQ(scene_layout_from("side_by_side"), SceneLayout::side_by_side);
    EXPECT_FALSE(scene_layout_from("other"));
}

TEST(LiveValues, AreThoseOfTheEngine) {
    Document document;
    document.input.source = PatternInput{Pattern::noise, {128, 96}, 2};
    document.conv.stride = {2, 2};
    document.conv.padding = {2, 2};
    auto backend = make_cpu_backend({}).value();
    const auto output = evaluate(document, *backend, Cancel()).value();
    const auto facts = live_facts(document.display, output.network, output.plan.layer, output.input->shape(),
                                  output.activations->shape(), 0.25);
    const auto text = [&](std::string_view markup) { return with_live_values(markup, &facts); };
    EXPECT_EQ(text("{input_shape} -> {output_shape}"), "2 × 3 × 128 × 96 -> 2 × 7 × 64 × 48");
    EXPECT_EQ(text("{parameters} {layer_parameters} {kernel_size} {stride} {padding} {dilation}"),
              "532 532 5 × 5 2 2 1");
    EXPECT_EQ(text("{output_size} {output_channels} {batch} {layer} {receptive_field} {value}"),
              "64 × 48 7 2 conv1 5 × 5 0.25");
    EXPECT_EQ(text("{unknown} {"), "{unknown} {");
    EXPECT_EQ(with_live_values("{parameters} {unknown}", nullptr), "… {unknown}");
    for (const std::string_view name : live_value_names()) EXPECT_TRUE(live_value(name, facts)) << name;
}

}  // namespace
}  // namespace convlens
