/// app/ui/tool.h and app/ui/actions.h: what the tables of tools and actions must keep.
#include "app/ui/tool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "app/ui/frame.h"
#include "app/ui/scene_view.h"
#include "app/ui/tools/attribute/attribute.h"
#include "app/ui/tools/maximize/maximize.h"
#include "app/ui/tools/slide/slide.h"
#include "app/ui/tools/train/train.h"

namespace convlens {
namespace {

TEST(Tools, HaveNamesOfTheirOwnThatFindThem) {
    std::set<std::string> names;
    for (const Tool* tool : tools()) {
        const std::string id = tool->id;
        EXPECT_TRUE(names.insert(id).second) << id;
        EXPECT_TRUE(std::ranges::all_of(id, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; })) << id;
        EXPECT_EQ(find_tool(id), tool);
    }
    EXPECT_EQ(find_tool("no_such_tool"), nullptr);
}

TEST(Tools, HaveAllOfAPartOrNothing) {
    for (const Tool* tool : tools()) {
        for (const Panel& panel : {tool->middle, tool->side}) {
            EXPECT_EQ(panel.title == nullptr, panel.draw == nullptr) << tool->id;
            EXPECT_EQ(panel.title == nullptr, panel.tooltip_text == nullptr) << tool->id;
        }
        EXPECT_EQ(tool->want == nullptr, tool->job == nullptr) << tool->id;
        EXPECT_EQ(tool->scene_part == nullptr, tool->show_part == nullptr) << tool->id;
    }
}

TEST(Actions, ShareNoShortcutAndNoName) {
    std::set<std::string> chords, names;
    for (const Action& action : actions()) {
        EXPECT_TRUE(names.insert(action.id).second) << action.id;
        for (const Chord& chord : action.chords)
            if (chord.key != 0) {
                EXPECT_TRUE(chords.insert(to_string(chord)).second) << to_string(chord);
            }
    }
}

TEST(Actions, AreFoundByTheirShortcuts) {
    for (const Action& action : actions())
        for (const Chord& chord : action.chords)
            if (chord.key != 0) {
                EXPECT_EQ(action_for(chord), &action) << action.id;
            }
    EXPECT_EQ(action_for({}), nullptr);
}

TEST(Scenes, BringTheViewBack) {
    View view;
    States states;
    view.tool = &slide_tool;
    view.pin = PixelPosition{3, 4, 5};
    view.grid.enlarged = 3;
    states.of<SlideView>().position = 12.75;
    const SceneView scene = scene_now(view, states);
    EXPECT_EQ(scene.tool, "slide");

    View shown;
    States other;
    other.of<SlideView>().playing = true;
    show_as(scene, shown, other);
    EXPECT_EQ(shown.tool, &slide_tool);
    EXPECT_EQ(shown.side, &microscope_tool);
    EXPECT_EQ(shown.pin, view.pin);
    EXPECT_EQ(shown.selected, 3);
    EXPECT_EQ(shown.grid.enlarged, 3);
    EXPECT_EQ(other.of<SlideView>().position, 12);
    EXPECT_FALSE(other.of<SlideView>().playing);
}

TEST(Scenes, BringTheOptionsOfAttributionBack) {
    View view;
    States states;
    view.tool = &attribute_tool;
    auto& v = states.of<AttributeView>();
    EXPECT_EQ(scene_now(view, states).parts.count("attribute"), 0U);  // nothing but the usual options
    v.fooling = true, v.random_from = "features.3", v.seed = 7, v.epsilon = 12, v.several = false;
    const SceneView scene = scene_now(view, states);
    View shown;
    States other;
    show_as(scene, shown, other);
    const auto& found = other.of<AttributeView>();
    EXPECT_EQ(shown.tool, &attribute_tool);
    EXPECT_TRUE(found.fooling);
    EXPECT_EQ(found.random_from, "features.3");
    EXPECT_EQ(found.seed, 7);
    EXPECT_EQ(found.epsilon, 12);
    EXPECT_FALSE(found.several);
    SceneView hostile = scene;
    hostile.parts["attribute"] =
        ScenePart{ScenePart::Object{{"seed", ScenePart{-1e300}}, {"epsilon", ScenePart{1e300}}}};
    show_as(hostile, shown, other);
    EXPECT_EQ(found.seed, 1);
    EXPECT_EQ(found.epsilon, 64);
    EXPECT_FALSE(found.fooling);
}

TEST(Scenes, BringTheOptionsOfOptimalInputsBack) {
    View view;
    States states;
    view.tool = &maximize_tool;
    auto& v = states.of<MaximizeView>();
    EXPECT_EQ(scene_now(view, states).parts.count("maximize"), 0U);
    v.of_others.spectrum = v.of_others.correlated_colors = false;
    v.of_others.low_pass = 0, v.of_others.jitter = maximize_jitter, v.of_others.weight_decay = maximize_decay;
    v.of_others.objective = Objective::channel, v.of_others.seed = 9;
    v.of_first.spectrum = true, v.of_first.weight_decay = 0;
    const SceneView scene = scene_now(view, states);
    View shown;
    States other;
    show_as(scene, shown, other);
    EXPECT_EQ(other.of<MaximizeView>().of_others, v.of_others);
    EXPECT_EQ(other.of<MaximizeView>().of_first, v.of_first);
    show_as(SceneView(), shown, other);
    EXPECT_EQ(other.of<MaximizeView>().of_others, MaximizeOptions());
    EXPECT_EQ(other.of<MaximizeView>().of_first, MaximizeView::plain());
}

TEST(Scenes, NameAToolThatStandsBesideTheGrid) {
    View view;
    States states;
    view.side = &train_tool;
    const SceneView scene = scene_now(view, states);
    EXPECT_EQ(scene.tool, "train");
    View shown;
    show_as(scene, shown, states);
    EXPECT_EQ(shown.tool, &grid_tool);
    EXPECT_EQ(shown.side, &train_tool);
}

TEST(Scenes, OfAnUnknownToolShowTheGrid) {
    SceneView scene;
    scene.tool = "from_the_future";
    View view;
    States states;
    view.tool = &slide_tool;
    show_as(scene, view, states);
    EXPECT_EQ(view.tool, &grid_tool);
    EXPECT_EQ(view.side, &kernels_tool);
}

TEST(View, LosesWhatTheOutputDoesNotHave) {
    RenderResult shown;
    shown.stats.resize(4);
    shown.output_shape = {1, 4, 10, 20};
    View view;
    view.selected = 3;
    view.grid.enlarged = 4;
    view.pin = PixelPosition{0, 9, 19};
    view.hover = PixelPosition{0, 10, 0};
    clamp_view(view, shown);
    EXPECT_EQ(view.selected, 3);
    EXPECT_FALSE(view.grid.enlarged);
    EXPECT_TRUE(view.pin);
    EXPECT_FALSE(view.hover);
}

}  // namespace
}  // namespace convlens
