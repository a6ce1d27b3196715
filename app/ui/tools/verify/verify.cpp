/// The verify tool: computes random values of the layers on screen again in double precision.
#include "app/ui/frame.h"
#include "app/ui/tool.h"
#include "engine/explain/check_values.h"

namespace convlens {
namespace {

constexpr int values_to_check = 10000;

/// What the user has asked to check.
struct Verify {
    int asked = 0;      ///< Number of requests so far, which is also the seed of the positions; 0: none.
    int answered = 0;   ///< The last request whose answer was shown.
    Document document;  ///< The document of the last request.
};

/// The request to the worker.
struct VerifyRequest {
    int number = 0;
    friend bool operator==(const VerifyRequest&, const VerifyRequest&) = default;
};

/// The worker's answer.
struct Verified {
    int number = 0;
    CheckedValues values;
};

void ask(Frame& f) {
    auto& v = f.states.of<Verify>();
    ++v.asked;
    v.document = f.draft;
}

// clang-format off
constexpr Action rows[] = {
    {"verify", "Check the values in double precision", Menu::help, {}, [](const Frame& f) { return f.shown != nullptr; }, ask},
};
// clang-format on

/// Asks until the answer is there or the document changes.
Value want(const Frame& f) {
    const auto& v = f.states.of<Verify>();
    return v.asked > v.answered && v.document == f.draft ? Value(VerifyRequest{v.asked}) : Value();
}

ToolJob job(const BackendChoice&) {
    return [](const Value& want, const JobContext& c) -> Expected<Value> {
        const int number = want.as<VerifyRequest>()->number;
        auto values = check_values(c.output.network, c.output.input, c.output.plan.layer, values_to_check,
                                   static_cast<std::uint32_t>(number), c.backend, c.cancel);
        if (!values) return tl::unexpected(values.error());
        return Value(Verified{number, std::move(*values)});
    };
}

void poll(Frame& f) {
    const Verified* done = f.shown ? f.shown->answer<Verified>() : nullptr;
    auto& v = f.states.of<Verify>();
    if (!done || done->number <= v.answered) return;
    v.answered = done->number;
    const std::string text = to_string(done->values);
    if (done->values.right == done->values.checked)
        f.requests.note = text;
    else
        f.requests.error = text;
}

}  // namespace

extern const Tool verify_tool;  // the table of tools, app/ui/tools.cpp, has the other declaration
const Tool verify_tool{.id = "verify", .actions = rows, .want = want, .job = job, .poll = poll};

}  // namespace convlens
