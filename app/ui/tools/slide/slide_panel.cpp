/// The sliding window: the kernel slides over the padded input, and the output fills in value by value.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/microscope/terms.h"
#include "app/ui/tools/slide/slide.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/slider_format.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

constexpr ImU32 window_color = IM_COL32(255, 180, 70, 255);
constexpr double values_per_second = 4;  ///< Speed of the animation at 1x.
constexpr double glow_seconds = 2.5;     ///< How long a changed number of the formula is highlighted.

int values_of(const Shape& s) { return std::max(s.h * s.w, 1); }

/// Returns the position of the output value with index `position`, counted row by row.
PixelPosition position_at(const SlideScene& stage, double position) {
    const int i = std::clamp(static_cast<int>(position), 0, values_of(stage.output) - 1);
    return {stage.channel, i / stage.output.w, i % stage.output.w};
}

/// Moves the window to the pinned value if the user has pinned another one, and keeps the window inside the output.
void follow_pin(Frame& f, const SlideScene& stage) {
    SlideView& slide = f.states.of<SlideView>();
    if (f.view.pin && *f.view.pin != position_at(stage, slide.position))
        slide.position = std::clamp(f.view.pin->y, 0, stage.output.h - 1) * stage.output.w +
                         std::clamp(f.view.pin->x, 0, stage.output.w - 1);
    slide.position = std::clamp(slide.position, 0.0, static_cast<double>(values_of(stage.output) - 1));
}

/// Moves the window while the animation runs.
void advance(Frame& f, const SlideScene& stage) {
    SlideView& slide = f.states.of<SlideView>();
    if (!slide.playing) return;
    const int last = values_of(stage.output) - 1;
    if (slide.position >= last) slide.position = 0;  // restarts from the beginning
    slide.position += static_cast<double>(std::min(ImGui::GetIO().DeltaTime, 0.1F)) * values_per_second *
                      static_cast<double>(slide.speed);
    if (slide.position >= last) slide.position = last, slide.playing = false;
}

/// Pauses the animation and moves the window by `values` output values.
void step_by(Frame& f, const SlideScene& stage, double values) {
    f.states.of<SlideView>().playing = false;
    f.states.of<SlideView>().position = std::clamp(std::floor(f.states.of<SlideView>().position) + values, 0.0,
                                                   static_cast<double>(values_of(stage.output) - 1));
}

/// Draws the buttons, the speed and the timeline of the animation.
void transport(Frame& f, const SlideScene& stage) {
    SlideView& slide = f.states.of<SlideView>();
    const int last = values_of(stage.output) - 1;
    if (button(f, "slide.play", slide.playing ? "Pause" : "Play", "Starts or pauses the animation of the window (y)"))
        slide.playing = !slide.playing;
    ImGui::SameLine();
    if (button(f, "slide.back", "<", "Moves the window one step back")) step_by(f, stage, -1);
    ImGui::SameLine();
    if (button(f, "slide.step", ">", "Moves the window one step forward, by the stride")) step_by(f, stage, 1);
    ImGui::SameLine();
    if (button(f, "slide.row", ">>", "Moves the window forward by one output row")) step_by(f, stage, stage.output.w);
    ImGui::SameLine();
    constexpr std::array<std::string_view, 9> names{"0.25x", "0.5x", "1x", "2x", "4x", "8x", "16x", "32x", "64x"};
    int speed = static_cast<int>(std::lround(std::log2(slide.speed))) + 2;
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 5);
    if (choice(f, "slide.speed", names, speed, "Animation speed; 1x is four output values per second"))
        slide.speed = std::exp2(static_cast<float>(speed - 2));
    ImGui::SetNextItemWidth(-1);
    int at = static_cast<int>(slide.position);
    const PixelPosition position = position_at(stage, slide.position);
    if (ImGui::SliderInt(
            "##time", &at, 0, last,
            slider_format(tr_format("output y {}, x {}: value {} of {}", position.y, position.x, at + 1, last + 1))
                .c_str()))
        slide.position = at, slide.playing = false;
    f.map.mark("slide.time");
    tooltip("Timeline: drag it to move the window to any output value");
}

/// Draws a part of a formula, highlighted for glow_seconds after `changed`, a time on ImGui's clock.
void word(const std::string& text, double changed) {
    const double age = ImGui::GetTime() - changed;
    const float right = ImGui::GetItemRectMax().x + ImGui::CalcTextSize(text.c_str()).x;
    if (right <= ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x) ImGui::SameLine(0, 0);
    const bool lit = age < glow_seconds;
    if (lit) ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(accent()));
    ImGui::TextUnformatted(text.c_str());
    if (lit) ImGui::PopStyleColor();
}

/// Draws PyTorch's formula of the output size, floor((H + 2P - D(K-1) - 1)/S + 1), with the numbers of one axis. With
/// ceil_mode, ceil replaces floor.
void formula(const char* name, const SlideView& slide, int size, int before, int after, int dilation, int kernel,
             int stride, int out) {
    const auto& [kernel_changed, stride_changed, padding_changed, dilation_changed] = slide.changed;
    ImGui::TextUnformatted(
        fmt::format("{} = {}(({} + ", tr(name), slide.last.ceil_mode ? "ceil" : "floor", size).c_str());
    word(before == after ? fmt::format("2*{}", before) : fmt::format("{} + {}", before, after), padding_changed);
    word(" - ", -9);
    word(fmt::format("{}", dilation), dilation_changed);
    word("*(", -9);
    word(fmt::format("{}", kernel), kernel_changed);
    word(" - 1) - 1) / ", -9);
    word(fmt::format("{}", stride), stride_changed);
    const bool left_out =
        slide.last.ceil_mode && (size + before + after - dilation * (kernel - 1) - 1 + stride - 1) / stride + 1 > out;
    word(fmt::format(" + 1){} = {}", left_out ? " - 1" : "", out), -9);
    if (left_out)
        tooltip("With ceil_mode, the last window would start in the padding after the input, so PyTorch drops it");
}

/// Draws the formula of the output size in words, and with the numbers of both axes.
void formulas(Frame& f, const SlideScene& stage) {
    SlideView& slide = f.states.of<SlideView>();
    const WindowShape& w = stage.window;
    const auto differ = [](const Padding& a, const Padding& b) {
        return a.top != b.top || a.bottom != b.bottom || a.left != b.left || a.right != b.right;
    };
    const std::array<bool, 4> changed{w.kernel_size != slide.last.kernel_size, w.stride != slide.last.stride,
                                      differ(w.padding, slide.last.padding), w.dilation != slide.last.dilation};
    for (std::size_t i = 0; i < changed.size(); ++i)
        if (changed[i] && slide.turned >= 0) slide.changed[i] = ImGui::GetTime();
    slide.last = w;
    constexpr Word tooltip_text = "output = floor((input + 2 padding - dilation (kernel_size - 1) - 1) / stride + 1)";
    const bool low = ImGui::GetContentRegionAvail().y < ImGui::GetFontSize() * 16;  // leaves the space to the pictures
    ImGui::PushFont(font(Type::small));
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    if (!low) ImGui::TextWrapped("%s", tr(tooltip_text));
    ImGui::PopStyleColor();
    ImGui::PopFont();
    ImGui::PushFont(font(low ? Type::small : Type::body));
    formula("rows", slide, stage.input.h, w.padding.top, w.padding.bottom, w.dilation.h, w.kernel_size.h, w.stride.h,
            stage.output.h);
    f.map.mark("formula");
    if (low) tooltip(tooltip_text);
    formula("columns", slide, stage.input.w, w.padding.left, w.padding.right, w.dilation.w, w.kernel_size.w, w.stride.w,
            stage.output.w);
    ImGui::PopFont();
}

/// A picture of `size` values, or the visible part of it, drawn at screen point `at` with `scale` pixels per value.
struct Board {
    ImVec2 at;
    float scale;
    Size2 size;
    float top = 0, left = 0;  ///< First visible row and column.
    float rows = static_cast<float>(size.h),
          columns = static_cast<float>(size.w);  ///< Number of visible rows and columns.
    /// Returns the screen point of the upper left corner of value (y, x).
    ImVec2 point(float y, float x) const { return {at.x + (x - left) * scale, at.y + (y - top) * scale}; }
    ImVec2 end() const { return point(top + rows, left + columns); }
};

/// Returns the part of a picture of `size` values that fits into `room` pixels. At `zoom` 1 that is the whole picture,
/// with at most `largest` pixels per value. Otherwise the part contains the window, whose upper left corner is `window`
/// and whose size is `extent`, both in values. The part stays in place until the window would leave it.
Board part_of(ImVec2 at, ImVec2 room, Size2 size, float largest, float zoom, ImVec2 window, ImVec2 extent) {
    const auto h = static_cast<float>(size.h), w = static_cast<float>(size.w);
    const float scale = std::min({room.x / w, room.y / h, largest}) * zoom;
    Board b{at, scale, size};
    b.rows = std::min(h, std::floor(room.y / scale));
    b.columns = std::min(w, std::floor(room.x / scale));
    const auto page = [](float seen, float all, float from, float length) {
        const float step = std::max(seen - length, 1.0F);
        return std::clamp(std::floor(from / step) * step, 0.0F, std::max(all - seen, 0.0F));
    };
    b.top = page(b.rows, h, window.y, extent.y);
    b.left = page(b.columns, w, window.x, extent.x);
    return b;
}

float line_width() { return std::max(1.0F, std::round(ImGui::GetFontSize() / 10)); }

/// Draws a rectangle around `h` x `w` values from (y, x) on, `line` pixels thick, with a dark border. It is large
/// enough to be visible even around a single small value.
void outline(const Board& b, float y, float x, float h, float w, ImU32 color, float line) {
    ImVec2 from = b.point(y, x), to = b.point(y + h, x + w);
    const float least = ImGui::GetFontSize() / 3;
    if (to.x - from.x < least) from.x = (from.x + to.x - least) / 2, to.x = from.x + least;
    if (to.y - from.y < least) from.y = (from.y + to.y - least) / 2, to.y = from.y + least;
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRect({from.x - line / 2, from.y - line / 2}, {to.x + line / 2, to.y + line / 2}, IM_COL32(0, 0, 0, 160), 0,
                 0, 2 * line);
    draw.AddRect({from.x - line / 2, from.y - line / 2}, {to.x + line / 2, to.y + line / 2}, color, 0, 0, line);
}

/// Shades the padding to distinguish it from the image.
void shade_padding(const Board& b, const Padding& p) {
    const ImVec2 end = b.end();
    const auto seen = [&](ImVec2 v) { return ImVec2{std::clamp(v.x, b.at.x, end.x), std::clamp(v.y, b.at.y, end.y)}; };
    const ImVec2 from = seen(b.point(static_cast<float>(p.top), static_cast<float>(p.left)));
    const ImVec2 to = seen(b.point(static_cast<float>(b.size.h - p.bottom), static_cast<float>(b.size.w - p.right)));
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImU32 shade = IM_COL32(110, 120, 140, 110);
    draw.AddRectFilled(b.at, {end.x, from.y}, shade);
    draw.AddRectFilled({b.at.x, to.y}, end, shade);
    draw.AddRectFilled({b.at.x, from.y}, {from.x, to.y}, shade);
    draw.AddRectFilled({to.x, from.y}, {end.x, to.y}, shade);
    draw.AddRect(b.at, end, ImGui::GetColorU32(ImGuiCol_TextDisabled));
}

/// Draws the window of output value (y, x): its outline, a tint on the input values under the kernel's elements, and a
/// thinner outline at the window's next position in the row.
void draw_window(const Board& b, const SlideScene& stage, int y, int x) {
    const WindowShape& w = stage.window;
    const int extent_h = w.dilation.h * (w.kernel_size.h - 1) + 1, extent_w = w.dilation.w * (w.kernel_size.w - 1) + 1;
    const auto box = [&](int row, int column, ImU32 color, float line) {
        outline(b, static_cast<float>(row * w.stride.h), static_cast<float>(column * w.stride.w),
                static_cast<float>(extent_h), static_cast<float>(extent_w), color, line);
    };
    if (x + 1 < stage.output.w) box(y, x + 1, IM_COL32(255, 255, 255, 110), std::max(1.0F, line_width() / 2));
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    if (b.scale >= 3) {
        for (int ky = 0; ky < w.kernel_size.h; ++ky)
            for (int kx = 0; kx < w.kernel_size.w; ++kx) {
                const auto py = static_cast<float>(y * w.stride.h + ky * w.dilation.h),
                           px = static_cast<float>(x * w.stride.w + kx * w.dilation.w);
                draw.AddRectFilled(b.point(py + 0.12F, px + 0.12F), b.point(py + 0.88F, px + 0.88F),
                                   IM_COL32(255, 180, 70, 90));
            }
    }
    box(y, x, window_color, line_width());
}

/// Draws the visible part of the padded input, with the window.
void draw_input(Frame& f, const Board& b, const SlideScene& stage, const PixelPosition& position) {
    const auto h = static_cast<float>(b.size.h), w = static_cast<float>(b.size.w);
    ImGui::PushClipRect({b.at.x - 1, b.at.y - 1}, {b.end().x + 1, b.end().y + 1}, true);
    ImGui::GetWindowDrawList()->AddImage(texture_id(f.textures.of(stage.padded)), b.at, b.end(),
                                         {b.left / w, b.top / h}, {(b.left + b.columns) / w, (b.top + b.rows) / h});
    shade_padding(b, stage.window.padding);
    draw_window(b, stage, position.y, position.x);
    ImGui::PopClipRect();
}

/// Draws the output values up to `position` in their colors, and the following ones dimmed.
void draw_output(Frame& f, const Board& b, const SlideScene& stage, const PixelPosition& position) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImTextureID texture = texture_id(f.textures.of(stage.picture));
    const auto part = [&](float y0, float x0, float y1, float x1) {
        const auto h = static_cast<float>(b.size.h), w = static_cast<float>(b.size.w);
        draw.AddImage(texture, b.point(y0, x0), b.point(y1, x1), {x0 / w, y0 / h}, {x1 / w, y1 / h});
    };
    draw.AddRectFilled(b.at, b.end(), ImGui::GetColorU32(ImGuiCol_FrameBg));
    draw.AddImage(texture, b.at, b.end(), {0, 0}, {1, 1}, IM_COL32(255, 255, 255, 30));
    const auto y = static_cast<float>(position.y), x = static_cast<float>(position.x);
    if (position.y > 0) part(0, 0, y, static_cast<float>(b.size.w));
    part(y, 0, y + 1, x + 1);
    draw.AddRect(b.at, b.end(), ImGui::GetColorU32(ImGuiCol_TextDisabled));
    outline(b, y, x, 1, 1, window_color, line_width());
}

/// Draws the kernel of `channel`, centered at `middle` and rotated by `turn` times 180 degrees.
void draw_kernel(Frame& f, ImVec2 middle, float side, int channel, float turn) {
    const RenderResult& s = *f.shown;
    const int count = s.weight->shape().n, rows = (count + s.kernel_columns - 1) / s.kernel_columns;
    const auto columns = static_cast<float>(s.kernel_columns), all_rows = static_cast<float>(rows);
    const auto column = static_cast<float>(channel % s.kernel_columns),
               row = static_cast<float>(channel / s.kernel_columns);
    const Shape& shape = s.weight->shape();
    const auto longer = static_cast<float>(std::max(shape.h, shape.w)) * 2;
    const float half_w = side * static_cast<float>(shape.w) / longer,
                half_h = side * static_cast<float>(shape.h) / longer;
    const float angle = turn * 3.14159265F, cosine = std::cos(angle), sine = std::sin(angle);
    const auto corner = [&](float x, float y) {
        return ImVec2{middle.x + x * half_w * cosine - y * half_h * sine,
                      middle.y + x * half_w * sine + y * half_h * cosine};
    };
    ImGui::GetWindowDrawList()->AddImageQuad(
        texture_id(f.textures.of(s.kernels)), corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1),
        {column / columns, row / all_rows}, {(column + 1) / columns, row / all_rows},
        {(column + 1) / columns, (row + 1) / all_rows}, {column / columns, (row + 1) / all_rows});
}

/// Draws the switch between cross-correlation and convolution, with an animated rotation of the kernel, and the button
/// that loads the Sobel example.
void flip_switch(Frame& f, const SlideScene& stage) {
    SlideView& slide = f.states.of<SlideView>();
    const bool one_convolution = std::holds_alternative<ConvChain>(f.draft.network);
    const float goal = one_convolution && f.draft.conv.flip ? 1 : 0;
    if (slide.turned < 0) slide.turned = goal;
    const float step = ImGui::GetIO().DeltaTime * 2;
    slide.turned = slide.turned < goal ? std::min(goal, slide.turned + step) : std::max(goal, slide.turned - step);
    if (!one_convolution || !f.shown->kernels || !f.shown->weight || stage.channel >= f.shown->weight->shape().n)
        return;
    const float side = ImGui::GetFontSize() * 3.6F;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({side, side});
    draw_kernel(f, {at.x + side / 2, at.y + side / 2}, side * (1 - 0.28F * std::sin(slide.turned * 3.14159265F)),
                stage.channel, slide.turned);
    f.map.mark("slide.kernel");
    tooltip("The kernel as it is applied to the input");
    ImGui::SameLine();
    ImGui::BeginGroup();
    if (ImGui::Checkbox(tr_label("flip the kernel").c_str(), &f.draft.conv.flip))
        slide.turned = std::clamp(slide.turned, 0.001F, 0.999F);
    f.map.mark("slide.flip");
    tooltip(
        "Rotates the kernel by 180 degrees for mathematical convolution; off is cross-correlation, as in PyTorch (f)");
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::PushTextWrapPos(ImGui::GetWindowContentRegionMax().x);
    ImGui::TextUnformatted(tr(f.draft.conv.flip ? "convolution: the kernel is rotated by 180 degrees"
                                                : "cross-correlation: the kernel is applied unchanged"));
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
    ImGui::EndGroup();
    same_line_if_fits(button_width("Example: Sobel x"));
    if (button(f, "slide.sobel", "Example: Sobel x",
               "Loads a 5x5 step edge (each row is 0, 0, 1, 1, 1) and the Sobel x kernel: cross-correlation, as in "
               "PyTorch, gives rows of 4, 4, 0; true convolution gives -4, -4, 0")) {
        f.draft.input = {};
        f.draft.input.source = PatternInput{Pattern::step, {5, 5}, 1};
        f.draft.input.gray = true;
        choose_network(f.draft, ConvChain{});
        auto sobel = std::make_shared<Tensor>(Shape{1, 1, 3, 3});
        std::ranges::copy(std::array{-1.0F, 0.0F, 1.0F, -2.0F, 0.0F, 2.0F, -1.0F, 0.0F, 1.0F}, sobel->data());
        choose_kernels(f.draft,
                       LoadedKernels{KnownKernels::own, "Sobel x", std::move(sobel), nullptr, Normalize::none});
        f.draft.conv.padding = {0, 0};
        f.states.of<SlideView>().position = 0;
        f.states.of<SlideView>().playing = false;
        f.view.pin = PixelPosition{0, 0, 0};
        f.view.selected = 0;
    }
}

/// Draws the input and the output side by side, and handles the mouse on them.
void boards(Frame& f, const SlideScene& stage) {
    const float em = ImGui::GetFontSize();
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    const Size2 in{stage.input.h + stage.window.padding.top + stage.window.padding.bottom,
                   stage.input.w + stage.window.padding.left + stage.window.padding.right};
    const Size2 out{stage.output.h, stage.output.w};
    const float title = em * 1.4F, between = em * 2;
    const float half = (room.x - between) / 2, height = std::max(room.y - title - em / 2, em * 10);
    const auto scale_of = [&](Size2 s) {
        return std::min({half / static_cast<float>(s.w), height / static_cast<float>(s.h), em * 4});
    };
    const PixelPosition position = position_at(stage, f.states.of<SlideView>().position);
    const WindowShape& w = stage.window;
    const auto reach = [](int dilation, int kernel) { return static_cast<float>(dilation * (kernel - 1) + 1); };
    const ImVec2 extent{reach(w.dilation.w, w.kernel_size.w), reach(w.dilation.h, w.kernel_size.h)};
    float& zoom = f.states.of<SlideView>().zoom;
    const float easy = std::clamp(em * 0.6F / scale_of(in), 1.0F,
                                  64.0F);  // makes a value large enough to tell it from its neighbors
    const Board input =
        part_of({at.x, at.y + title}, {half, height}, in, em * 4, zoom > 0 ? zoom : easy,
                {static_cast<float>(position.x * w.stride.w), static_cast<float>(position.y * w.stride.h)}, extent);
    const Board output{{at.x + half + between, at.y + title}, scale_of(out), out};
    std::string from =
        stage.input_channel < 0 ? tr("padded input") : tr_format("padded input, channel {}", stage.input_channel);
    if (input.rows < static_cast<float>(in.h) || input.columns < static_cast<float>(in.w))
        from += tr_format(", {:.0f} x {:.0f} of {} x {}", input.rows, input.columns, in.h, in.w);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddText(at, ImGui::GetColorU32(ImGuiCol_TextDisabled), from.c_str());
    draw.AddText({output.at.x, at.y}, ImGui::GetColorU32(ImGuiCol_TextDisabled),
                 tr_format("{}, channel {}", stage.layer, stage.channel).c_str());
    draw_input(f, input, stage, position);
    draw_output(f, output, stage, position);
    ImGui::SetCursorScreenPos(output.at);
    ImGui::InvisibleButton(
        "slide.output", {std::max(output.end().x - output.at.x, 1.0F), std::max(output.end().y - output.at.y, 1.0F)});
    f.map.mark("slide.output");
    if (ImGui::IsItemActive()) {
        const ImVec2 mouse = ImGui::GetIO().MousePos;
        const int y = std::clamp(static_cast<int>((mouse.y - output.at.y) / output.scale), 0, out.h - 1),
                  x = std::clamp(static_cast<int>((mouse.x - output.at.x) / output.scale), 0, out.w - 1);
        f.states.of<SlideView>().position = y * out.w + x;
        f.states.of<SlideView>().playing = false;
    }
    tooltip("Output values computed so far; click or drag to move the window there");
    ImGui::SetCursorScreenPos(input.at);
    ImGui::InvisibleButton("slide.input",
                           {std::max(input.end().x - input.at.x, 1.0F), std::max(input.end().y - input.at.y, 1.0F)});
    f.map.mark("slide.input");
    tooltip("The window on the padded input; use the wheel to zoom and double-click to reset the zoom");
    if (ImGui::IsItemHovered()) take_wheel();
    const float wheel = ImGui::IsItemHovered() ? ImGui::GetIO().MouseWheel : 0;
    if (wheel != 0) zoom = std::clamp((zoom > 0 ? zoom : easy) * std::pow(1.25F, wheel), 1.0F, 64.0F);
    if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(0)) zoom = 0;
}

}  // namespace

void slide_panel(Frame& f) {
    auto& slide = f.states.of<SlideView>();
    if (std::exchange(slide.drawn, ImGui::GetFrameCount()) < ImGui::GetFrameCount() - 1) slide.playing = false;
    const SlideScene* stage = f.shown ? f.shown->answer<SlideScene>() : nullptr;
    if (!stage) {
        ImGui::TextDisabled("%s", tr("Computing ..."));
        return;
    }
    if (!stage->padded || !stage->picture) {
        ImGui::TextWrapped(
            "%s",
            tr_format("Layer {} has no sliding window: select a convolution or pooling layer.", stage->layer).c_str());
        return;
    }
    follow_pin(f, *stage);
    advance(f, *stage);
    ImGui::BeginChild("slide");
    if (!f.view.presenting) {
        transport(f, *stage);
        formulas(f, *stage);
        flip_switch(f, *stage);
    }
    boards(f, *stage);
    ImGui::EndChild();
    f.view.pin = position_at(*stage, slide.position);
    f.requests.redraw |= slide.playing || (slide.turned > 0 && slide.turned < 1);
}

}  // namespace convlens
