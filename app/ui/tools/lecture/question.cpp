/// The questions of a lecture: their texts, and whether an answer is right.
#include <algorithm>
#include <set>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/lecture/lecture.h"
#include "engine/core/numbers.h"
#include "engine/explain/quiz.h"

namespace convlens {
namespace {

/// Returns the facts after the step that the question at `place` belongs to; null while the scene is being loaded.
const LiveFacts* facts_after(const LectureView& v, const ScenePlace& place) {
    const std::size_t step = place.steps + (place.asked ? 1 : 0);
    return step < v.facts.size() ? &v.facts[step] : nullptr;
}

/// Returns the numbers that the text may be: with a space, U+00A0, a comma or a point between groups of three digits,
/// and with a point or a comma before decimals. "1.640" may be two.
std::set<double> numbers_of(std::string text) {
    for (std::size_t at; (at = text.find("\u00A0")) != std::string::npos;) text.replace(at, 2, " ");
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    std::set<double> numbers;
    for (const char mark : {' ', ',', '.'}) {
        std::string plain;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool between = text[i] == mark && i > 0 && i + 3 < text.size() && is_digit(text[i - 1]) &&
                                 std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                             text.begin() + static_cast<std::ptrdiff_t>(i) + 4, is_digit) &&
                                 (i + 4 == text.size() || !is_digit(text[i + 4]));
            if (!between && text[i] != ' ') plain += text[i] == ',' ? '.' : text[i];
        }
        if (const auto number = parse_number<double>(plain)) numbers.insert(*number);
    }
    return numbers;
}

/// Returns true if both are the same text, apart from spaces, or may be the same number.
bool same_answer(std::string a, std::string b) {
    const auto x = numbers_of(a), y = numbers_of(b);
    for (std::string* text : {&a, &b}) std::erase(*text, ' ');
    return a == b || std::ranges::any_of(x, [&](double number) { return y.contains(number); });
}

/// Returns the text without characters that rich text would interpret.
std::string as_markup(std::string_view text) {
    std::string made;
    for (const char c : text)
        made += std::string_view("*${\\").find(c) == std::string_view::npos ? "" : "\\", made += c;
    return made;
}

/// Returns the text of the right answer.
std::string right_answer(const LectureView& v, const SceneQuestion& q, const ScenePlace& place) {
    if (q.kernels.empty()) return with_live_values(q.answer, facts_after(v, place));
    const auto shown = current_scene(v)->view_after(place.steps + (place.asked ? 1 : 0)).enlarged;
    const auto at = std::find(q.kernels.begin(), q.kernels.end(), shown.value_or(-1)) - q.kernels.begin();
    return std::string(1, choice_letter(static_cast<int>(at)));
}

}  // namespace

ScenePlace current_place(const LectureView& v) {
    const Scene* scene = current_scene(v);
    if (!scene) return {};
    const auto places = places_of(*scene);
    return places[static_cast<std::size_t>(std::clamp(v.place, 0, static_cast<int>(places.size()) - 1))];
}

const SceneQuestion* current_question(const LectureView& v) { return question_at(v, current_place(v)); }

const SceneQuestion* question_at(const LectureView& v, const ScenePlace& place) {
    if (!place.asked && !place.answered) return nullptr;
    return &*current_scene(v)->steps[place.steps - (place.answered ? 1 : 0)].question;
}

std::vector<std::string> choices_of(const LectureView& v, const SceneQuestion& q, const ScenePlace& place) {
    std::vector<std::string> choices;
    for (const std::string& choice : q.choices) choices.push_back(with_live_values(choice, facts_after(v, place)));
    for (std::size_t i = 0; i < q.kernels.size(); ++i)
        choices.push_back(std::string(1, choice_letter(static_cast<int>(i))));
    return choices;
}

std::string question_text(const LectureView& v, const ScenePlace& place, const std::optional<std::string>& reply) {
    const SceneQuestion* q = question_at(v, place);
    if (!q) return {};
    const LiveFacts* facts = facts_after(v, place);
    if (place.asked) {
        std::string text = "**" + with_live_values(q->prompt, facts) + "**";
        const auto choices = choices_of(v, *q, place);
        for (std::size_t i = 0; q->kernels.empty() && i < choices.size(); ++i)
            text += fmt::format("\n**{}**  {}", choice_letter(static_cast<int>(i)), choices[i]);
        return text;
    }
    const std::string right = right_answer(v, *q, place), why = with_live_values(q->why, facts);
    const std::string verdict = !reply ? tr_format("Answer: **{}**", right)
                                : same_answer(*reply, right)
                                    ? tr_format("**Right: {}**", right)
                                    : tr_format("**Not {}, but {}**", as_markup(*reply), right);
    return why.empty() ? verdict : verdict + "\n" + why;
}

void answer_question(Frame& f, std::string reply) {
    LectureView& v = f.states.of<LectureView>();
    if (!current_place(v).asked || reply.empty()) return;
    go_forward(f);
    v.reply = std::move(reply);
}

}  // namespace convlens
