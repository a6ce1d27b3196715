/// What scenes keep of the tool "Filters".
#include <gtest/gtest.h>

#include "app/ui/frame.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/scene_view.h"

namespace convlens {
namespace {

TEST(FiltersScene, BringsThePartAndItsOptionsBack) {
    View view;
    States states;
    view.tool = &filters_tool;
    EXPECT_EQ(scene_now(view, states).parts.count("filters"), 0U) << "nothing but the usual options";
    auto& v = states.of<FiltersView>();
    v.choice.part = FiltersPart::shift, v.choice.rank = 3, v.choice.input = 2;
    v.study.options.shift = {12, 4, true, false, {Strides::blurred, Pools::mean, 7}};
    v.study.options.aliasing = {3, 9};
    v.study.options.source = 2, v.study.options.precision = {false, true};
    v.choice.design = {5, 40, 120, 30, 21, 7};
    v.study.algorithm = 4, v.study.step = 5, v.study.shift = 1.75, v.study.invariance = true;
    const SceneView scene = scene_now(view, states);
    View shown;
    States other;
    show_as(scene, shown, other);
    const auto& found = other.of<FiltersView>();
    EXPECT_EQ(shown.tool, &filters_tool);
    EXPECT_EQ(found.choice, v.choice);
    EXPECT_EQ(found.study.options, v.study.options);
    EXPECT_EQ(found.study.algorithm, 4);
    EXPECT_EQ(found.study.step, 5);
    EXPECT_EQ(found.study.shift, 1.75);
    EXPECT_TRUE(found.study.invariance);
    EXPECT_EQ(scene_now(shown, other).parts, scene.parts);
}

TEST(FiltersScene, ClampsWhatAFileSays) {
    SceneView hostile;
    hostile.tool = "filters";
    hostile.parts["filters"] = ScenePart{ScenePart::Object{{"part", ScenePart{std::string("no such part")}},
                                                           {"rank", ScenePart{-1e300}},
                                                           {"second", ScenePart{1e300}},
                                                           {"taps", ScenePart{4.0}},
                                                           {"steps_per_pixel", ScenePart{3.0}},
                                                           {"lowest", ScenePart{-5.0}},
                                                           {"design_size", ScenePart{1e9}},
                                                           {"stride", ScenePart{true}}}};
    View view;
    States states;
    show_as(hostile, view, states);
    const auto& found = states.of<FiltersView>();
    EXPECT_EQ(found.choice.part, FiltersPart::frequency);
    EXPECT_EQ(found.choice.rank, 1);
    EXPECT_EQ(found.choice.second, 63);
    EXPECT_EQ(found.study.options.shift.down.taps, 5);
    EXPECT_EQ(found.study.options.shift.steps_per_pixel, 4);
    EXPECT_EQ(found.study.options.aliasing.stride, 4);
    EXPECT_EQ(found.choice.design.lowest, 0);
    EXPECT_EQ(found.choice.design.side, max_band_kernel);
}

}  // namespace
}  // namespace convlens
