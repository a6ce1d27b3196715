/// The table of tools, one row per tool.
#include <algorithm>
#include <string_view>

#include "app/ui/frame.h"
#include "app/ui/tool.h"

namespace convlens {

extern const Tool grid_tool, graph_tool, kernels_tool, microscope_tool, slide_tool, lab_tool, compare_tool,
    maximize_tool, attribute_tool, filters_tool, features_tool, histogram_tool, kernel_editor_tool, draw_tool,
    video_tool, camera_tool, train_tool, browser_tool, export_tool, record_tool, backends_tool, lecture_tool,
    recovery_tool, link_tool, verify_tool, closing_tool, tour_tool, presenter_tool, speech_tool;

namespace {

/// In the order of their tabs.
constexpr const Tool* table[] = {
    &grid_tool,           //
    &graph_tool,          //
    &kernels_tool,        //
    &microscope_tool,     //
    &slide_tool,          //
    &lab_tool,            //
    &compare_tool,        //
    &maximize_tool,       //
    &attribute_tool,      //
    &filters_tool,        //
    &features_tool,       //
    &histogram_tool,      //
    &kernel_editor_tool,  //
    &draw_tool,           //
    &video_tool,          //
    &camera_tool,         //
    &train_tool,          //
    &browser_tool,        //
    &export_tool,         //
    &record_tool,         //
    &backends_tool,       //
    &lecture_tool,        //
    &speech_tool,         //
    &recovery_tool,       //
    &link_tool,           //
    &verify_tool,         //
    &closing_tool,        //
    &tour_tool,           //
    &presenter_tool,      //
};

}  // namespace

std::span<const Tool* const> tools() { return table; }

const Tool* find_tool(std::string_view id) {
    const auto found = std::ranges::find(table, id, &Tool::id);
    return found == std::end(table) ? nullptr : *found;
}

void toggle_tool(Frame& f, const Tool& tool) { f.view.tool = f.view.tool == &tool ? &grid_tool : &tool; }

}  // namespace convlens
