/// A calm theme for projectors, dark or light, with one accent colour.
#include "app/ui/theme.h"

#include <imgui.h>
#include <imgui_impl_opengl3.h>

#include <filesystem>

namespace convlens {

void apply_theme(bool light, float scale) {
    ImGuiIO& io = ImGui::GetIO();
    io.Fonts->Clear();
    const char* inter = "/usr/share/fonts/opentype/inter/Inter-Regular.otf";
    std::error_code ignored;
    ImFont* font = std::filesystem::exists(inter, ignored) ? io.Fonts->AddFontFromFileTTF(inter, 16.0F * scale) : nullptr;
    if (!font) {
        ImFontConfig config;
        config.SizePixels = 14.0F * scale;
        io.Fonts->AddFontDefault(&config);
    }
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();

    ImGuiStyle style;
    if (light) {
        ImGui::StyleColorsLight(&style);
    } else {
        ImGui::StyleColorsDark(&style);
    }
    style.WindowRounding = 0;
    style.WindowBorderSize = 0;
    style.FrameRounding = 3;
    style.WindowPadding = {8, 8};
    style.ItemSpacing = {8, 6};
    const ImVec4 accent{0.91F, 0.60F, 0.18F, 1.0F};
    style.Colors[ImGuiCol_WindowBg] = light ? ImVec4(0.96F, 0.96F, 0.95F, 1) : ImVec4(0.11F, 0.125F, 0.145F, 1);
    for (const int i : {ImGuiCol_CheckMark, ImGuiCol_SliderGrab, ImGuiCol_SliderGrabActive, ImGuiCol_PlotHistogram})
        style.Colors[i] = accent;
    const ImVec4 field = light ? ImVec4(0.86F, 0.87F, 0.88F, 1) : ImVec4(0.18F, 0.20F, 0.235F, 1);
    const ImVec4 lit = light ? ImVec4(0.78F, 0.80F, 0.83F, 1) : ImVec4(0.25F, 0.28F, 0.33F, 1);
    for (const int i : {ImGuiCol_FrameBg, ImGuiCol_Button, ImGuiCol_Header}) style.Colors[i] = field;
    for (const int i : {ImGuiCol_FrameBgHovered, ImGuiCol_FrameBgActive, ImGuiCol_ButtonHovered, ImGuiCol_ButtonActive,
                        ImGuiCol_HeaderHovered, ImGuiCol_HeaderActive})
        style.Colors[i] = lit;
    style.ScaleAllSizes(scale);
    ImGui::GetStyle() = style;
}

}  // namespace convlens
