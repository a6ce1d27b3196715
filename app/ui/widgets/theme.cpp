/// The theme of Dear ImGui, dark or light, with one accent color.
#include "app/ui/widgets/theme.h"

#include <imgui.h>
#include <imgui_impl_opengl3.h>
#include <imgui_internal.h>

#include <algorithm>

#include "app/fonts.h"

namespace convlens {
namespace {

/// Gives digits and signs the same width, so that numbers below each other are aligned.
void make_figures_tabular(ImFont& font) {
    constexpr const char figures[] = "0123456789+-";
    float widest = 0;
    for (const char* c = figures; *c; ++c)
        widest = std::max(widest, font.FindGlyph(static_cast<ImWchar>(*c))->AdvanceX);
    for (const char* c = figures; *c; ++c) {
        auto& glyph = const_cast<ImFontGlyph&>(
            *font.FindGlyph(static_cast<ImWchar>(*c)));  // the glyphs are not const: load_fonts() has just made them
        const float shift = (widest - glyph.AdvanceX) / 2;
        glyph.X0 += shift;
        glyph.X1 += shift;
        glyph.AdvanceX = widest;
        font.IndexAdvanceX[*c] = widest;
    }
}

/// The letters that file names and texts may have, as far as the typeface has them: Latin, Greek, Cyrillic,
/// punctuation. Others are drawn as question marks.
constexpr ImWchar letters[] = {0x20,   0x24F,  0x370,  0x3FF,  0x400,  0x4FF,  0x1E00, 0x1EFF,
                               0x2010, 0x205E, 0x2190, 0x2193, 0x2212, 0x2212, 0};

const ImVec4 dark_accent{0.93F, 0.63F, 0.22F, 1.0F}, light_accent{0.62F, 0.32F, 0.02F, 1.0F};

}  // namespace

void load_fonts(float scale) {
    ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
    atlas.Clear();
    const std::filesystem::path file = find_font();
    for (const float size : {16.0F, 13.0F, 21.0F}) {
        ImFont* loaded =
            !file.empty() ? atlas.AddFontFromFileTTF(file.string().c_str(), size * scale, nullptr, letters) : nullptr;
        if (!loaded) {
            ImFontConfig config;
            config.SizePixels = size * scale * 0.87F;
            atlas.AddFontDefault(&config);
        }
    }
    atlas.Build();
    for (ImFont* loaded : atlas.Fonts) make_figures_tabular(*loaded);
}

ImFont* font(Type type) { return ImGui::GetIO().Fonts->Fonts[static_cast<int>(type)]; }

unsigned accent() { return ImGui::GetColorU32(ImGuiCol_CheckMark); }

ImGuiStyle theme_style(bool light) {
    ImGuiStyle style;
    if (light) {
        ImGui::StyleColorsLight(&style);
    } else {
        ImGui::StyleColorsDark(&style);
    }
    style.WindowRounding = 0;
    style.WindowBorderSize = 0;
    style.PopupRounding = 4;
    style.FrameRounding = 3;
    style.GrabRounding = 2;
    style.WindowPadding = {12, 8};
    style.FramePadding = {8, 4};
    style.ItemSpacing = {8, 6};
    style.ItemInnerSpacing = {6, 4};
    style.ScrollbarSize = 12;
    style.GrabMinSize = 8;
    const ImVec4 accent_color = light ? light_accent : dark_accent;
    const auto set = [&](std::initializer_list<int> which, ImVec4 color) {
        for (const int i : which) style.Colors[i] = color;
    };
    set({ImGuiCol_CheckMark, ImGuiCol_SliderGrabActive, ImGuiCol_PlotHistogram, ImGuiCol_NavHighlight}, accent_color);
    // A slider's number is drawn over its grab and must stay readable.
    set({ImGuiCol_SliderGrab}, ImVec4(accent_color.x, accent_color.y, accent_color.z, 0.5F));
    set({ImGuiCol_WindowBg}, light ? ImVec4(0.965F, 0.965F, 0.96F, 1) : ImVec4(0.11F, 0.125F, 0.145F, 1));
    set({ImGuiCol_PopupBg}, light ? ImVec4(1, 1, 1, 1) : ImVec4(0.15F, 0.165F, 0.19F, 1));
    set({ImGuiCol_MenuBarBg}, light ? ImVec4(0.91F, 0.915F, 0.92F, 1) : ImVec4(0.09F, 0.10F, 0.12F, 1));
    set({ImGuiCol_TextDisabled}, light ? ImVec4(0.36F, 0.38F, 0.41F, 1) : ImVec4(0.62F, 0.65F, 0.69F, 1));
    set({ImGuiCol_FrameBg, ImGuiCol_Button, ImGuiCol_Header},
        light ? ImVec4(0.86F, 0.87F, 0.88F, 1) : ImVec4(0.18F, 0.20F, 0.235F, 1));
    set({ImGuiCol_FrameBgHovered, ImGuiCol_FrameBgActive, ImGuiCol_ButtonHovered, ImGuiCol_ButtonActive,
         ImGuiCol_HeaderHovered, ImGuiCol_HeaderActive},
        light ? ImVec4(0.78F, 0.80F, 0.83F, 1) : ImVec4(0.26F, 0.29F, 0.34F, 1));
    set({ImGuiCol_Separator}, light ? ImVec4(0.80F, 0.81F, 0.83F, 1) : ImVec4(0.22F, 0.24F, 0.28F, 1));
    return style;
}

void apply_theme(bool light, float scale) {
    load_fonts(scale);
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();
    ImGui::GetStyle() = theme_style(light);
    ImGui::GetStyle().ScaleAllSizes(scale);
}

}  // namespace convlens
