/// The questions of a lecture: their texts, and whether an answer is right.
#include <algorithm>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/lecture/lecture.h"
#include "engine/core/numbers.h"
#include "engine/explain/quiz.h"

namespace convlens {
namespace {

/// Returns the facts after the step that the question belongs to; null while the scene is being loaded.
const LiveFacts* facts_after(const LectureView& v) {
    const ScenePlace place = current_place(v);
    const std::size_t step = place.steps + (place.asked ? 1 : 0);
    return step < v.facts.size() ? &v.facts[step] : nullptr;
}

/// Returns the text of the right answer.
std::string right_answer(const LectureView& v, const SceneQuestion& q) {
    if (q.kernels.empty()) return with_live_values(q.answer, facts_after(v));
    const ScenePlace place = current_place(v);
    const auto shown = current_scene(v)->view_after(place.steps + (place.asked ? 1 : 0)).enlarged;
    const auto at = std::find(q.kernels.begin(), q.kernels.end(), shown.value_or(-1)) - q.kernels.begin();
    return std::string(1, choice_letter(static_cast<int>(at)));
}

/// Returns true if both are the same text or, without spaces and what separates digits in grouped(), the same number.
bool same_answer(std::string a, std::string b) {
    if (a == b) return true;
    // Also U+00A0, which is C2 A0 in UTF-8.
    constexpr std::string_view between(" ,\xC2\xA0");
    for (std::string* text : {&a, &b})
        std::erase_if(*text, [&](char c) { return between.find(c) != std::string_view::npos; });
    const auto x = parse_number<double>(a), y = parse_number<double>(b);
    return x && y ? *x == *y : a == b;
}

/// Returns the text without characters that rich text would interpret.
std::string as_markup(std::string_view text) {
    std::string made;
    for (const char c : text)
        made += std::string_view("*${\\").find(c) == std::string_view::npos ? "" : "\\", made += c;
    return made;
}

}  // namespace

ScenePlace current_place(const LectureView& v) {
    const Scene* scene = current_scene(v);
    if (!scene) return {};
    const auto places = places_of(*scene);
    return places[static_cast<std::size_t>(std::clamp(v.place, 0, static_cast<int>(places.size()) - 1))];
}

const SceneQuestion* current_question(const LectureView& v) {
    const ScenePlace place = current_place(v);
    if (!place.asked && !place.answered) return nullptr;
    return &*current_scene(v)->steps[place.steps - (place.answered ? 1 : 0)].question;
}

std::vector<std::string> choices_of(const LectureView& v, const SceneQuestion& q) {
    std::vector<std::string> choices;
    for (const std::string& choice : q.choices) choices.push_back(with_live_values(choice, facts_after(v)));
    for (std::size_t i = 0; i < q.kernels.size(); ++i)
        choices.push_back(std::string(1, choice_letter(static_cast<int>(i))));
    return choices;
}

std::string question_text(const LectureView& v) {
    const SceneQuestion* q = current_question(v);
    if (!q) return {};
    const LiveFacts* facts = facts_after(v);
    if (current_place(v).asked) {
        std::string text = "**" + with_live_values(q->prompt, facts) + "**";
        const auto choices = choices_of(v, *q);
        for (std::size_t i = 0; q->kernels.empty() && i < choices.size(); ++i)
            text += fmt::format("\n**{}**  {}", choice_letter(static_cast<int>(i)), choices[i]);
        return text;
    }
    const std::string right = right_answer(v, *q), why = with_live_values(q->why, facts);
    const std::string verdict = !v.reply ? tr_format("Answer: **{}**", right)
                                : same_answer(*v.reply, right)
                                    ? tr_format("**Right: {}**", right)
                                    : tr_format("**Not {}, but {}**", as_markup(*v.reply), right);
    return why.empty() ? verdict : verdict + "\n" + why;
}

void answer_question(Frame& f, std::string reply) {
    LectureView& v = f.states.of<LectureView>();
    if (!current_place(v).asked || reply.empty()) return;
    go_forward(f);
    v.reply = std::move(reply);
}

}  // namespace convlens
