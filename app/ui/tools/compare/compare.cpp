/// The comparison tool: its request to the worker, the job that answers it, and its actions.
#include "app/ui/tools/compare/compare.h"

#include <utility>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/compare/compare_job.h"

namespace convlens {
namespace {

bool is_comparing(const Frame& f) { return f.view.tool == &compare_tool; }
bool has_picture(const Frame& f) { return f.shown != nullptr; }

/// Makes a copy of the current document B, so that later changes can be compared with it.
void keep_as_b(Frame& f) {
    CompareTargetChoice& b = f.states.of<CompareRequest>().target;
    b.kind = CompareTarget::kept;
    b.kept = f.draft;
}

/// Shows A and B by turns in the same place.
void blink(Frame& f) {
    ComparePage& page = f.states.of<CompareRequest>().page;
    page = page == ComparePage::a ? ComparePage::b : ComparePage::a;
}

// clang-format off
constexpr Action rows[] = {
    {"compare", "Compare kernels, networks or layers", Menu::view, {{{'c', 0}}}, has_picture, [](Frame& f) { toggle_tool(f, compare_tool); }},
    {"compare.blink", "Compare: toggle between A and B", Menu::view, {{{'b', 0}}}, is_comparing, blink},
    {"compare.keep", "Compare: keep current view as B", Menu::view, {{}}, has_picture, keep_as_b},
};
// clang-format on

Value want(const Frame& f) {
    CompareRequest request = f.states.of<CompareRequest>();
    request.language = current_language();
    return is_comparing(f) && request.area.w > 0 ? Value(std::move(request)) : Value();
}

ToolJob job(const BackendChoice& choice) {
    return [comparer = std::make_shared<Comparer>(choice)](const Value& want, const JobContext& c) -> Expected<Value> {
        auto made = comparer->make(c.output, *want.as<CompareRequest>(), c.cancel);
        if (!made) return tl::unexpected(made.error());
        return Value(std::move(*made));
    };
}

/// On Esc, shows all channels again if only one is shown.
bool handle(Frame& f, const Event& event) {
    auto& channel = f.states.of<CompareRequest>().channel;
    if (!std::holds_alternative<Back>(event) || !is_comparing(f) || !channel) return false;
    channel.reset();
    return true;
}

}  // namespace

const Tool compare_tool{
    .id = "compare",
    .middle =
        {"Compare",
         "Compares two sets of kernels, networks or layers on the same image, side by side or in the same place (c)",
         compare_panel},
    .keeps_side = false,
    .actions = rows,
    .want = want,
    .job = job,
    .handle = handle};

}  // namespace convlens
