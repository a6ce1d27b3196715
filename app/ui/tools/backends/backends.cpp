/// The backends tool: its actions and its states for tests.
#include "app/ui/tools/backends/backends.h"

#include <GLFW/glfw3.h>

#include "app/ui/frame.h"

namespace convlens {
namespace {

bool has_picture(const Frame& f) { return f.shown != nullptr; }

// clang-format off
constexpr Action rows[] = {
    {"backends", "Compute backend ...", Menu::view, {{{'G', GLFW_MOD_CONTROL}}}, has_picture, [](Frame& f) { f.view.overlay = f.view.overlay == &backends_overlay ? nullptr : &backends_overlay; }},
    {"backend.auto", "Compute backend: automatic", Menu::view, {}, has_picture, [](Frame& f) { f.view.use = BackendUse::automatic; }},
    {"backend.cpu", "Compute backend: CPU", Menu::view, {}, has_picture, [](Frame& f) { f.view.use = BackendUse::cpu; }},
    {"backend.gl", "Compute backend: OpenGL", Menu::view, {}, has_picture, [](Frame& f) { f.view.use = BackendUse::gl; }},
};
// clang-format on

void report(Frame& f) {
    if (!f.shown) return;
    f.map.state("gl_failure", f.shown->gl_failure.empty() ? "-" : f.shown->gl_failure);
    const auto& c = f.shown->comparison;
    f.map.state("comparison", !c                       ? "-"
                              : !c->gl_missing.empty() ? "missing: " + c->gl_missing
                                                       : fmt::format("{:.4f} {:.4f} {:.3g} {:.3g}", c->cpu_ms, c->gl_ms,
                                                                     c->largest_difference, c->largest_magnitude));
}

}  // namespace

const Overlay backends_overlay{.draw = backends_panel};

const Tool backends_tool{.id = "backends", .actions = rows, .report = report};

}  // namespace convlens
