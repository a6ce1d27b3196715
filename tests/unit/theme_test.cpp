/// app/ui/widgets/theme.h: text can be read in both themes, in every alphabet of the fonts.
#include "app/ui/widgets/theme.h"

#include <gtest/gtest.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>

namespace convlens {
namespace {

/// Returns the color that is seen where `above` is drawn over an opaque color.
ImVec4 over(const ImVec4& above, const ImVec4& below) {
    const auto mixed = [&](float a, float b) { return a * above.w + b * (1 - above.w); };
    return {mixed(above.x, below.x), mixed(above.y, below.y), mixed(above.z, below.z), 1};
}

/// The relative luminance of WCAG 2.1.
double luminance(const ImVec4& color) {
    const auto linear = [](float v) {
        return v <= 0.04045F ? double{v} / 12.92 : std::pow((double{v} + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.x) + 0.7152 * linear(color.y) + 0.0722 * linear(color.z);
}

/// The contrast ratio of WCAG 2.1, 1 to 21.
double contrast(const ImVec4& a, const ImVec4& b) {
    const double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return std::max(x, y) / std::min(x, y);
}

TEST(Theme, HasTheContrastRatiosThatAreKnown) {
    EXPECT_NEAR(contrast({0, 0, 0, 1}, {1, 1, 1, 1}), 21, 1e-9);
    EXPECT_NEAR(contrast({0.467F, 0.467F, 0.467F, 1}, {1, 1, 1, 1}), 4.48, 0.01);  // #777777
}

TEST(Theme, ShowsTextThatCanBeRead) {
    for (const bool light : {false, true}) {
        SCOPED_TRACE(light ? "light" : "dark");
        const ImGuiStyle style = theme_style(light);
        const auto color = [&](int index) { return style.Colors[index]; };
        const ImVec4 window = over(color(ImGuiCol_WindowBg), {0, 0, 0, 1});
        for (const int ground :
             {ImGuiCol_WindowBg, ImGuiCol_PopupBg, ImGuiCol_MenuBarBg, ImGuiCol_FrameBg, ImGuiCol_FrameBgHovered,
              ImGuiCol_FrameBgActive, ImGuiCol_Button, ImGuiCol_ButtonHovered, ImGuiCol_ButtonActive, ImGuiCol_Header,
              ImGuiCol_HeaderHovered, ImGuiCol_HeaderActive, ImGuiCol_TableHeaderBg, ImGuiCol_TableRowBgAlt})
            EXPECT_GE(contrast(color(ImGuiCol_Text), over(color(ground), window)), 4.5)
                << ImGui::GetStyleColorName(ground);
        for (const int ground : {ImGuiCol_WindowBg, ImGuiCol_PopupBg, ImGuiCol_MenuBarBg}) {
            EXPECT_GE(contrast(color(ImGuiCol_TextDisabled), over(color(ground), window)), 4.5)
                << ImGui::GetStyleColorName(ground);
            EXPECT_GE(contrast(color(ImGuiCol_CheckMark), over(color(ground), window)), 4.5)
                << ImGui::GetStyleColorName(ground);
        }
        // The number of a slider is drawn over its grab, and a field's hint over its ground.
        const ImVec4 frame = over(color(ImGuiCol_FrameBg), window);
        EXPECT_GE(contrast(color(ImGuiCol_Text), over(color(ImGuiCol_SliderGrab), frame)), 4.5);
        EXPECT_GE(contrast(color(ImGuiCol_TextDisabled), frame), 4.5);
        // The focus of the keyboard is not text: 3:1 (WCAG 2.1, 1.4.11).
        EXPECT_GE(contrast(color(ImGuiCol_NavHighlight), window), 3);
    }
}

TEST(Theme, HasTheLettersOfManyNamesOfFiles) {
    ImGuiContext* const before = ImGui::GetCurrentContext();
    ImGuiContext* const own = ImGui::CreateContext();
    ImGui::SetCurrentContext(own);
    load_fonts(1.5F);
    for (const Type type : {Type::body, Type::small, Type::title}) {
        for (const int letter : {0x41, 0xE9, 0x17C, 0x3B1, 0x416, 0x2014})  // A, é, ż, α, Ж, a dash
            EXPECT_NE(font(type)->FindGlyphNoFallback(static_cast<ImWchar>(letter)), nullptr) << letter;
        EXPECT_EQ(font(type)->FindGlyphNoFallback(0x732B), nullptr) << "a cat in Japanese: say so in the guide";
    }
    EXPECT_NEAR(font(Type::body)->FontSize, 24, 0.5);
    ImGui::SetCurrentContext(before);
    ImGui::DestroyContext(own);
}

}  // namespace
}  // namespace convlens
