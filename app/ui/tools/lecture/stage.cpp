/// Draws a scene in lecture mode: its texts, its second view, and the buttons at the lower edge.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cmath>

#include "app/fonts.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/lecture/lecture.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/explain/live_values.h"

namespace convlens {
namespace {

Rgba rgba_of(ImU32 color) {
    const auto part = [&](unsigned shift) { return static_cast<std::uint8_t>(color >> shift & 0xFFU); };
    return {part(IM_COL32_R_SHIFT), part(IM_COL32_G_SHIFT), part(IM_COL32_B_SHIFT), part(IM_COL32_A_SHIFT)};
}

/// Returns the facts for live values; nullopt while the scene is not on screen yet.
std::optional<LiveFacts> facts_of(const Frame& f) {
    if (!f.shown || f.states.of<LectureView>().waiting) return std::nullopt;
    const RenderResult& s = *f.shown;
    const auto& pin = f.view.pin;
    std::optional<double> value;
    if (pin && s.request.probe == pin && static_cast<std::size_t>(pin->channel) < s.probed.size())
        value = static_cast<double>(s.probed[static_cast<std::size_t>(pin->channel)]);
    return live_facts(s.request.document.display, s.network, s.shown_layer, s.input_shape, s.output_shape, value);
}

/// Returns the text of a scene with that of its question below; either may be empty.
std::string with_question(const std::string& text, const std::string& question) {
    return text.empty() || question.empty() ? text + question : text + "\n\n" + question;
}

/// Returns the texts of the current place with its live values.
SceneTexts texts_of(const Frame& f, const Scene& scene) {
    const LectureView& v = f.states.of<LectureView>();
    const std::string text = scene.text_after(current_place(v).steps),
                      question = question_text(v, current_place(v), v.reply);
    const auto named = [](const std::string& t) { return t.find('{') != std::string::npos; };
    std::optional<LiveFacts> facts;
    if (named(scene.title) || named(scene.number) || named(text)) facts = facts_of(f);
    const auto filled = [&](const std::string& t) { return with_live_values(t, facts ? &*facts : nullptr); };
    return {filled(scene.title), filled(scene.number), with_question(filled(text), question)};
}

/// Returns the height of the room for the answers to the question at `place` if it is open; 0 if there is none.
float answers_height(const LectureView& v, const ScenePlace& place, float height) {
    const SceneQuestion* q = question_at(v, place);
    if (!q || !place.asked) return 0;
    return std::round(q->kernels.empty() ? ImGui::GetFrameHeight() * 1.2F : height / 5);
}

/// Returns the longest text for the question at `place`, whatever the audience answers.
std::string longest_question_text(const LectureView& v, const ScenePlace& place) {
    std::string longest = question_text(v, place, std::nullopt);
    if (!place.answered) return longest;
    for (const std::string& reply : choices_of(v, *question_at(v, place), place))
        if (std::string text = question_text(v, place, reply); text.size() > longest.size()) longest = std::move(text);
    return longest;
}

/// Returns what the scene shows at all of its places on a screen of this height.
std::vector<PlaceTexts> places_shown(const LectureView& v, const Scene& scene, float height) {
    std::vector<PlaceTexts> all;
    for (const ScenePlace& place : places_of(scene)) {
        const LiveFacts* const facts = place.steps < v.facts.size() ? &v.facts[place.steps] : nullptr;
        const auto filled = [&](const std::string& t) { return with_live_values(t, facts); };
        all.push_back({filled(scene.number),
                       with_question(filled(scene.text_after(place.steps)), longest_question_text(v, place)),
                       answers_height(v, place, height)});
    }
    return all;
}

/// Composes the scene and draws its texts into images, unless `stage` shows the same already.
void compose(Stage& stage, SceneTexts texts, SceneLayout layout, float width, float height, float answers,
             std::vector<PlaceTexts> places, bool light) {
    if (stage.texts == texts && stage.layout == layout && stage.width == width && stage.height == height &&
        stage.answers == answers && stage.places == places && stage.light == light && !stage.images.empty())
        return;
    stage = {std::move(texts), layout, width, height, answers, std::move(places), light, {}, {}};
    const Typeface& typeface = export_typeface();
    stage.page = compose_place(stage.texts, layout, typeface, width, height, answers, stage.places);
    for (const PageText& text : stage.page.texts) {
        // Letters may reach a little beyond their advance widths.
        constexpr float border = 4;
        auto image = std::make_shared<Image>(static_cast<int>(std::ceil(text.layout.width + 2 * border)),
                                             static_cast<int>(std::ceil(text.layout.height + 2 * border)));
        const Rgba color = rgba_of(text.role == PageText::Role::number ? accent() : ImGui::GetColorU32(ImGuiCol_Text));
        draw_rich_text(*image, text.layout, typeface, border, border, color);
        stage.images.push_back(std::move(image));
    }
    if (stage.images.empty()) stage.images.push_back(nullptr);
}

/// Draws a button with the picture of kernel `channel` and the letter of the choice. Returns true if it was clicked.
bool kernel_button(Frame& f, const std::string& id, int channel, const std::string& letter, float side) {
    const RenderResult& s = *f.shown;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const bool clicked = ImGui::InvisibleButton(id.c_str(), {side, side + ImGui::GetTextLineHeight()});
    f.map.mark(id);
    tooltip(tr_format("Answers {0} (Alt+{0})", letter).c_str());
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddText({at.x, at.y}, ImGui::GetColorU32(ImGuiCol_Text), letter.c_str());
    const ImVec2 a{at.x, at.y + ImGui::GetTextLineHeight()}, b{a.x + side, a.y + side};
    if (s.kernels && s.weight && channel < s.weight->shape().n) {
        const auto columns = static_cast<float>(s.kernel_columns);
        const float rows = std::ceil(static_cast<float>(s.weight->shape().n) / columns);
        const auto column = static_cast<float>(channel % s.kernel_columns),
                   row = static_cast<float>(channel / s.kernel_columns);
        draw.AddImage(texture_id(f.textures.of(s.kernels)), a, b, {column / columns, row / rows},
                      {(column + 1) / columns, (row + 1) / rows});
    }
    if (ImGui::IsItemHovered()) draw.AddRect(a, b, accent(), 0, 0, 2 * hairline());
    return clicked;
}

/// Draws the buttons of the open question, or the field for a number.
void draw_answers(Frame& f, const Area& area) {
    LectureView& v = f.states.of<LectureView>();
    const SceneQuestion* q = current_question(v);
    if (!q || !f.shown) return;
    ImGui::SetNextWindowPos({area.x, area.y});
    ImGui::SetNextWindowSize({area.w, area.h});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
    ImGui::Begin("lecture answers", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoFocusOnAppearing);
    std::string reply;
    const auto choices = choices_of(v, *q, current_place(v));
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const std::string id = fmt::format("lecture.answer.{}", i), letter(1, static_cast<char>('A' + i));
        if (i > 0) ImGui::SameLine();
        const float side = std::min(area.h - ImGui::GetTextLineHeight(),
                                    area.w / static_cast<float>(choices.size()) - ImGui::GetStyle().ItemSpacing.x);
        if (q->kernels.empty()
                ? button(f, id.c_str(), letter.c_str(), tr_format("Answers {0} (Alt+{0})", letter).c_str())
                : kernel_button(f, id, q->kernels[i], letter, std::max(side, 8.0F)))
            reply = choices[i];
    }
    if (choices.empty()) {
        ImGui::SetNextItemWidth(ImGui::GetFontSize() * 8);
        if (ImGui::InputTextWithHint("##answer", tr("a number"), &v.typed, ImGuiInputTextFlags_EnterReturnsTrue))
            reply = cut_text(v.typed, max_scene_title);
        f.map.mark("lecture.typed");
        tooltip("Type the answer and press Enter, or press Page Down to see it");
    }
    ImGui::End();
    ImGui::PopStyleVar();
    if (!reply.empty()) answer_question(f, reply);
}

/// Draws the buttons while the mouse is near the lower edge of the window. Where they would cover the answers of a
/// question, only the edge itself brings them up, and they stay while the mouse is over them.
void edge_controls(Frame& f) {
    const ImVec2 size = ImGui::GetIO().DisplaySize, mouse = ImGui::GetIO().MousePos;
    auto& v = f.states.of<LectureView>();
    const float bar = ImGui::GetFrameHeight() + 2 * ImGui::GetStyle().WindowPadding.y;
    const float from = !current_question(v) ? size.y * 0.85F : v.edge ? size.y - bar : size.y * 0.98F;
    v.edge = mouse.y >= from && mouse.y <= size.y;
    if (!v.edge) return;
    ImGui::SetNextWindowPos({0, size.y}, ImGuiCond_Always, {0, 1});
    ImGui::SetNextWindowSize({size.x, 0});
    ImGui::Begin("lecture controls", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoFocusOnAppearing);
    if (button(f, "lecture.previous", "Previous", "Goes to the previous step or scene (Page Up)")) go_back(f);
    ImGui::SameLine();
    if (button(f, "lecture.next", "Next", "Goes to the next step or scene (Page Down)")) go_forward(f);
    ImGui::SameLine();
    if (button(f, "lecture.return", "Restore", "Restores the scene to its saved state after you explored (Backspace)"))
        restore_place(f);
    ImGui::SameLine();
    if (button(f, "lecture.theme", f.view.light ? "Dark" : "Light",
               "Switches to the other theme: dark suits dark rooms, light suits bright rooms and projectors (Ctrl+L)"))
        f.view.light = !f.view.light;
    ImGui::SameLine();
    if (button(f, "lecture.end", "End (F5)", "Ends lecture mode and shows the panels again")) present(f);
    ImGui::End();
}

/// Draws the number of the scene in the lower right corner.
void place(const LectureView& v, ImVec2 size) {
    const std::string steps = v.place > 0 ? fmt::format(" ({})", v.place + 1) : "";
    const std::string text = fmt::format("{}{} / {}", v.scene + 1, steps, v.lecture->scenes.size());
    ImFont* small = font(Type::small);
    const ImVec2 extent = small->CalcTextSizeA(small->FontSize, 1e6F, 0, text.c_str());
    const float edge = std::round(small->FontSize / 3);
    ImGui::GetBackgroundDrawList()->AddText(small, small->FontSize, {size.x - extent.x - edge, size.y - extent.y},
                                            ImGui::GetColorU32(ImGuiCol_TextDisabled), text.c_str());
}

/// Draws all kernels of the layer as large as they fit. Returns false if there are none.
bool draw_kernels(Frame& f, const Area& area) {
    if (!f.shown || !f.shown->kernels || !f.shown->weight) return false;
    const RenderResult& s = *f.shown;
    const Shape shape = s.weight->shape();
    const float gap = std::round(ImGui::GetFontSize() / 6), count = static_cast<float>(shape.n);
    const float wide = static_cast<float>(shape.w), tall = static_cast<float>(shape.h);
    // Screen pixels per weight with `columns` kernels in a row.
    const auto scale_of = [&](float columns) {
        return std::min((area.w - gap * (columns - 1)) / (columns * wide),
                        (area.h - gap * (std::ceil(count / columns) - 1)) / (std::ceil(count / columns) * tall));
    };
    float columns = 1;
    for (float c = 2; c <= count; ++c)
        if (scale_of(c) > scale_of(columns)) columns = c;
    // Each kernel has the place that its map has in the grid of all channels.
    if (s.output_shape.c == shape.n && s.request.document.display.channels.empty())
        columns = static_cast<float>(s.layout.count == shape.n ? s.layout.columns
                                                               : std::min(s.request.document.display.columns, shape.n));
    const float scale = std::max(scale_of(columns), 0.1F), w = wide * scale, h = tall * scale;
    const float rows = std::ceil(count / columns), all_columns = static_cast<float>(s.kernel_columns);
    const float all_rows = std::ceil(count / all_columns);
    const ImVec2 corner{area.x + (area.w - columns * (w + gap) + gap) / 2,
                        area.y + (area.h - rows * (h + gap) + gap) / 2};
    const ImTextureID texture = texture_id(f.textures.of(s.kernels));
    for (int i = 0; i < shape.n; ++i) {
        const float n = static_cast<float>(i), row = std::floor(n / columns), column = n - row * columns;
        const ImVec2 a{std::round(corner.x + column * (w + gap)), std::round(corner.y + row * (h + gap))};
        const float v = std::floor(n / all_columns), u = n - v * all_columns;
        ImGui::GetBackgroundDrawList()->AddImage(texture, a, {a.x + std::round(w), a.y + std::round(h)},
                                                 {u / all_columns, v / all_rows},
                                                 {(u + 1) / all_columns, (v + 1) / all_rows});
    }
    f.map.mark("second", corner.x, corner.y, corner.x + columns * (w + gap) - gap, corner.y + rows * (h + gap) - gap);
    return true;
}

/// Draws the second view as large as it fits: where its pixels are visible, with a whole number of screen pixels each.
void draw_second(Frame& f, const Area& area, SecondView what) {
    if (what == SecondView::kernels && draw_kernels(f, area)) return;
    const SecondShown* second = f.shown ? f.shown->answer<SecondShown>() : nullptr;
    if (!second || !second->image) return;
    const auto w = static_cast<float>(second->image->width), h = static_cast<float>(second->image->height);
    float scale = std::min(area.w / w, area.h / h);
    constexpr float visible_pixels = 3;
    if (scale > visible_pixels) scale = std::floor(scale);
    const ImVec2 at{std::round(area.x + (area.w - w * scale) / 2), std::round(area.y + (area.h - h * scale) / 2)};
    ImGui::GetBackgroundDrawList()->AddImage(texture_id(f.textures.of(second->image)), at,
                                             {at.x + w * scale, at.y + h * scale});
    f.map.mark("second", at.x, at.y, at.x + w * scale, at.y + h * scale);
}

}  // namespace

std::optional<Area> draw_stage(Frame& f) {
    LectureView& v = f.states.of<LectureView>();
    const Scene* scene = current_scene(v);
    if (!scene) return std::nullopt;
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    ImDrawList& draw = *ImGui::GetBackgroundDrawList();
    draw.AddRectFilled({0, 0}, size, ImGui::GetColorU32(ImGuiCol_WindowBg));
    compose(v.stage, texts_of(f, *scene), scene->layout, size.x, size.y, answers_height(v, current_place(v), size.y),
            places_shown(v, *scene, size.y), f.view.light);
    for (std::size_t i = 0; i < v.stage.page.texts.size(); ++i) {
        const PageText& text = v.stage.page.texts[i];
        const auto& image = v.stage.images[i];
        const ImVec2 at{std::round(text.x) - 4, std::round(text.y) - 4};
        draw.AddImage(texture_id(f.textures.of(image)), at,
                      {at.x + static_cast<float>(image->width), at.y + static_cast<float>(image->height)});
    }
    if (!v.stage.page.texts.empty()) {
        const PageText& last = v.stage.page.texts.back();
        f.map.mark("caption", last.x, last.y, last.x + last.layout.width, last.y + last.layout.height);
        f.map.state("caption.em", fmt::format("{:.1f}", last.layout.texts.empty() ? 0 : last.layout.texts[0].em));
    }
    if (v.stage.page.second) draw_second(f, *v.stage.page.second, scene->second);
    if (v.stage.page.answers) draw_answers(f, *v.stage.page.answers);
    place(v, size);
    edge_controls(f);
    return v.stage.page.picture;
}

}  // namespace convlens
