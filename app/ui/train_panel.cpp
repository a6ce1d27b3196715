/// Kernels that learn while the class watches: lessons, play and pause, curves, the time line.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "app/ui/cells.h"
#include "app/ui/panels.h"
#include "app/ui/property.h"
#include "app/ui/theme.h"
#include "app/ui/training.h"
#include "engine/nn/kernel_bank.h"

namespace convlens {
namespace {

void muted(const std::string& text) {
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextWrapped("%s", text.c_str());
    ImGui::PopStyleColor();
}

void begin(Frame& f, Lesson lesson) {
    const LessonRequest request{lesson, f.view.train.kernel, f.view.train.fashion, f.view.train.seed, f.draft};
    f.requests.training = [request](Training& t) { t.begin(request); };
}

void lessons(Frame& f) {
    TrainView& v = f.view.train;
    section("LESSONS");
    std::vector<std::string_view> names;
    for (const NamedKernel& k : edge_kernels()) names.push_back(k.name);
    if (v.kernel < 0) v.kernel = static_cast<int>(std::find(names.begin(), names.end(), "Sobel x") - names.begin()) % static_cast<int>(names.size());
    // A choice and the button that begins with it, in one line where both can be read.
    const auto choice_width = [](const char* title) {
        const float rest = ImGui::GetContentRegionAvail().x - button_width(title) - ImGui::GetStyle().ItemSpacing.x;
        ImGui::SetNextItemWidth(rest > ImGui::GetFontSize() * 7 ? rest : -1);
    };
    choice_width("Learn filter");
    choice(f, "train.kernel", names, v.kernel, "The hidden filter: the lesson sees the picture and what the filter makes of it, never the filter");
    same_line_if_fits(button_width("Learn filter"));
    if (button(f, "train.filter", "Learn filter", "A random kernel learns the hidden filter from what that makes of this picture, by gradient descent")) begin(f, Lesson::filter);
    constexpr std::array<std::string_view, 2> data{"bars, crosses", "Fashion-MNIST"};
    int which = v.fashion ? 1 : 0;
    choice_width("LargeNet");
    if (choice(f, "train.data", data, which, "What LargeNet learns to tell apart: drawn bars and crosses, or ten kinds of clothes (Debian's package dataset-fashion-mnist)")) v.fashion = which == 1;
    same_line_if_fits(button_width("LargeNet"));
    if (button(f, "train.largenet", "LargeNet", "The notebook's network learns; its filters and maps change in the grid")) begin(f, Lesson::largenet);
    if (button(f, "train.patterns", "Filters from this image", "64 filters of 11x11 out of patches of the picture, without labels: whitening and clustering (Coates and Ng 2012)")) begin(f, Lesson::patterns);
}

struct Line {
    unsigned ink;
    std::vector<std::pair<double, float>> points;  ///< Step and value.
};

/// Lines from left to right, scaled to what they hold.
void plot(Frame& f, const char* id, const std::vector<Line>& lines, double mark, const std::string& title, const char* meaning) {
    const float em = ImGui::GetFontSize(), width = ImGui::GetContentRegionAvail().x, height = em * 5;
    ImGui::PushFont(font(Type::small));
    ImGui::TextDisabled("%s", title.c_str());
    ImGui::PopFont();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({width, height});
    f.map.mark(id);
    tip(meaning);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled(at, {at.x + width, at.y + height}, ImGui::GetColorU32(ImGuiCol_FrameBg));
    double x0 = 1e30, x1 = -1e30;
    float y0 = 1e30F, y1 = -1e30F;
    for (const Line& l : lines)
        for (const auto& [x, y] : l.points)
            if (std::isfinite(y)) x0 = std::min(x0, x), x1 = std::max(x1, x), y0 = std::min(y0, y), y1 = std::max(y1, y);
    if (x1 < x0) return;
    if (y1 <= y0) y1 = y0 + 1;
    const double span = x1 > x0 ? x1 - x0 : 1;
    const auto place = [&](double x, float y) { return ImVec2{at.x + 2 + static_cast<float>((x - x0) / span) * (width - 4), at.y + height - 3 - (y - y0) / (y1 - y0) * (height - 6)}; };
    const float line = std::max(1.0F, em / 10);
    for (const Line& l : lines) {
        std::vector<ImVec2> points;
        for (const auto& [x, y] : l.points)
            if (std::isfinite(y)) points.push_back(place(x, y));
        draw.AddPolyline(points.data(), static_cast<int>(points.size()), l.ink, 0, line);
    }
    if (mark >= x0 && mark <= x1) draw.AddLine({place(mark, y0).x, at.y}, {place(mark, y0).x, at.y + height}, accent(), line);
    ImFont* small = font(Type::small);
    draw.AddText(small, small->FontSize, {at.x + 4, at.y + 1}, ImGui::GetColorU32(ImGuiCol_TextDisabled), fmt::format("{:.3g}", y1).c_str());
    draw.AddText(small, small->FontSize, {at.x + 4, at.y + height - small->FontSize - 1}, ImGui::GetColorU32(ImGuiCol_TextDisabled), fmt::format("{:.3g}", y0).c_str());
}

constexpr unsigned training_ink = IM_COL32(95, 150, 245, 255), validation_ink = IM_COL32(230, 130, 60, 255);

void curves(Frame& f, const TrainingShown& t) {
    std::vector<std::pair<double, float>> losses;
    for (const Curve::Point& p : t.view.losses.points()) losses.emplace_back(p.step, std::log10(std::max(p.value, 1e-9F)));
    const double mark = t.view.time_line.empty() ? -1 : static_cast<double>(t.view.time_line[t.moment].step);
    plot(f, "train.loss", {{training_ink, losses}}, mark, "log10 of the loss of each batch", "Lower is better; the line is the moment on screen");
    if (t.view.epochs.empty() || t.lesson != Lesson::largenet) return;
    std::vector<std::pair<double, float>> training, validation;
    for (const EpochResult& e : t.view.epochs) training.emplace_back(e.step, e.training_accuracy), validation.emplace_back(e.step, e.validation_accuracy);
    const EpochResult& e = t.view.epochs.back();
    plot(f, "train.accuracy", {{training_ink, training}, {validation_ink, validation}}, mark,
         fmt::format("right: training {:.1f} %, validation {:.1f} %", 100 * e.training_accuracy, 100 * e.validation_accuracy), "The share of pictures that are told right, after each epoch: blue in training, orange on pictures that were never trained on");
}

/// Kernel, target and difference of the first lesson, on one scale.
void filters(Frame& f, const TrainingShown& t) {
    if (!t.target || !t.learned) return;
    const Size2 size{t.target->shape().h, t.target->shape().w};
    float largest = 0, worst = 0;
    for (std::size_t i = 0; i < t.target->size(); ++i) {
        largest = std::max({largest, std::abs(t.target->data()[i]), std::abs(t.learned->data()[i])});
        worst = std::max(worst, std::abs(t.target->data()[i] - t.learned->data()[i]));
    }
    const float gap = ImGui::GetFontSize() / 2, cell = std::floor((ImGui::GetContentRegionAvail().x - 2 * gap) / static_cast<float>(3 * size.w));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float title = ImGui::GetFontSize();
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    constexpr const char* names[] = {"learned", "hidden", "difference"};
    for (int part = 0; part < 3; ++part) {
        const float x0 = at.x + static_cast<float>(part) * (cell * static_cast<float>(size.w) + gap);
        ImFont* small = font(Type::small);
        draw.AddText(small, small->FontSize, {x0, at.y}, ImGui::GetColorU32(ImGuiCol_TextDisabled), names[part]);
        std::vector<double> numbers;
        for (std::size_t i = 0; i < t.target->size(); ++i) {
            const auto learned = static_cast<double>(t.learned->data()[i]), hidden = static_cast<double>(t.target->data()[i]);
            numbers.push_back(part == 0 ? learned : part == 1 ? hidden : learned - hidden);
        }
        const int digits = fitting_digits(numbers, cell, true);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const float x = x0 + static_cast<float>(i % static_cast<std::size_t>(size.w)) * cell, y = at.y + title + static_cast<float>(i / static_cast<std::size_t>(size.w)) * cell;
            const unsigned ground = signed_color(numbers[i], static_cast<double>(largest));
            draw.AddRectFilled({x, y}, {x + cell - 1, y + cell - 1}, ground);
            if (digits >= 0) number_in(x, y, cell - 1, short_number(numbers[i], digits, true), ground);
        }
    }
    ImGui::Dummy({1, title + cell * static_cast<float>(size.h)});
    f.map.mark("train.filters");
    ImGui::TextUnformatted(fmt::format("largest error {:.4f}", worst).c_str());
}

void controls(Frame& f, const TrainingShown& t) {
    const bool trains = t.lesson != Lesson::patterns;
    if (button(f, "train.play", t.playing ? "Pause" : "Play", "Learn on, or stop for a while")) f.requests.training = t.playing ? [](Training& training) { training.pause(); } : [](Training& training) { training.play(); };
    same_line_if_fits(button_width("Step"));
    if (button(f, "train.step", "Step", "One batch, or one round")) f.requests.training = [](Training& training) { training.single_step(); };
    if (trains) {
        same_line_if_fits(button_width("Reset"));
        if (button(f, "train.reset", "Reset", "Back to the first, random weights")) f.requests.training = [](Training& training) { training.reset(); };
    }
    same_line_if_fits(button_width("End"));
    if (button(f, "train.end", "End", "End the lesson; 'Use these' keeps its weights before")) f.requests.training = [](Training& training) { training.stop(); };
    if (button(f, "train.use", "Use these weights", "The weights on screen become the document's: one step that can be undone")) f.requests.use_trained = true;
}

void options(Frame& f, const TrainingShown& t) {
    TrainingOptions o = t.view.options;
    bool changed = false;
    label("learning rate", "How far each step goes along the gradient; too large a rate diverges");
    float rate = std::log10(std::max(o.optimizer.learning_rate, 1e-6F));
    if (ImGui::SliderFloat("##rate", &rate, -5, 1, fmt::format("{:.3g}", o.optimizer.learning_rate).c_str())) o.optimizer.learning_rate = std::pow(10.0F, rate), changed = true;
    f.map.mark("train.rate");
    if (o.optimizer.optimizer == Optimizer::sgd) {
        label("momentum", "How much of the last step goes on in the next one");
        if (ImGui::SliderFloat("##momentum", &o.optimizer.momentum, 0, 0.99F, "%.2f")) changed = true;
        f.map.mark("train.momentum");
    }
    if (number_row(f, "batch size", o.batch_size, 1, 256, 64, "How many pictures one step learns from")) o.batch_size = std::clamp(o.batch_size, 1, 4096), changed = true;
    if (changed) f.requests.training = [o](Training& training) { training.set_options(o); };
}

void time_line(Frame& f, const TrainingShown& t) {
    const TimeLine& line = t.view.time_line;
    if (line.empty()) return;
    int at = static_cast<int>(t.moment);
    const int last = static_cast<int>(line.size()) - 1;
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##moment", &at, 0, std::max(last, 1), fmt::format("after step {}", line[t.moment].step).c_str())) f.requests.training = [index = static_cast<std::size_t>(std::clamp(at, 0, last))](Training& training) { training.show_moment(index); };
    f.map.mark("train.time");
    tip("The time line: drag back to any moment; grid and kernels are exactly of that moment");
    if (button(f, "train.replay", "Watch again", "Shows the moments one after the other")) f.requests.training = [](Training& training) { training.replay(); };
    same_line_if_fits(button_width("Go on from here"));
    ImGui::BeginDisabled(t.live);
    if (button(f, "train.from_here", "Go on from here", "Forget what was learnt after this moment and learn on from it")) f.requests.training = [](Training& training) { training.go_on_from_here(); };
    ImGui::EndDisabled();
}

}  // namespace

void train_panel(Frame& f) {
    lessons(f);
    const TrainingShown& t = f.training;
    if (t.preparing) return muted("Preparing the lesson ...");
    if (t.lesson == Lesson::none) return muted("Choose a lesson: kernels, maps and curves change while it learns.");
    section("LESSON");
    ImGui::TextWrapped("%s", t.title.c_str());
    controls(f, t);
    if (t.lesson == Lesson::patterns) {
        muted(fmt::format("round {} of {}{}", t.patterns.round, t.patterns.rounds, t.patterns.finished ? ": finished" : ""));
        return;
    }
    muted(fmt::format("step {}, epoch {:.1f}, loss {:.4g}", t.view.step, t.view.epoch, t.view.loss));
    if (!t.view.message.empty()) ImGui::TextWrapped("%s", t.view.message.c_str());
    time_line(f, t);
    filters(f, t);
    curves(f, t);
    options(f, t);
}

}  // namespace convlens
