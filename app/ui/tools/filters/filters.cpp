/// The tool "Filters": its entry, its request, and the grid that its parts share.
#include "app/ui/tools/filters/filters.h"

#include <imgui.h>

#include <algorithm>
#include <array>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

bool visible(const Frame& f) { return f.view.tool == &filters_tool; }

/// Returns the selected kernel, else that of the pinned value, else the first.
int marked_kernel(const Frame& f) {
    if (f.view.selected) return *f.view.selected;
    return f.view.pin ? f.view.pin->channel : 0;
}

Value want(const Frame& f) {
    if (!visible(f) || !f.shown) return Value();
    FiltersRequest r = f.states.of<FiltersView>().choice;
    if (is_study(r.part)) return Value(FiltersRequest{.part = r.part});
    r.kernels = f.shown->request.view.enlarged ? std::vector<int>() : f.shown->channels;
    if (r.kernels.empty())
        for (int i = 0; i < f.shown->output_shape.c && i < max_filters; ++i) r.kernels.push_back(i);
    if (r.kernels.size() > max_filters) r.kernels.resize(max_filters);
    std::ranges::sort(r.kernels);  // so that sorting the grid of feature maps changes nothing
    r.marked = marked_kernel(f);
    return Value(std::move(r));
}

void report(Frame& f) {
    if (!visible(f)) return;
    const FiltersShown* s = f.shown ? f.shown->answer<FiltersShown>() : nullptr;
    if (!s) return f.map.state("filters", "-");
    const FiltersRequest& r = s->request;
    std::string order;
    for (const int i : s->order) order += fmt::format(" {}", r.kernels[static_cast<std::size_t>(i)]);
    f.map.state("filters", fmt::format("{} {} {}", static_cast<int>(r.part), r.kernels.size(), r.marked));
    f.map.state("filters.order", order.substr(std::min<std::size_t>(order.size(), 1)));
    report_study(f, f.states.of<FiltersView>().study);
    if (!s->marked) return;
    const FilterNumbers& n = s->marked->numbers(r.of);
    f.map.state("filters.marked",
                fmt::format("{} {:.4g} {:.3f} {:.1f}", to_string(n.kind), n.peak, n.frequency, n.orientation));
    if (s->algebra && s->algebra->error.empty())
        f.map.state("filters.algebra", fmt::format("{:.3g} {:.3g} {:.9g} {:.9g}", s->algebra->composition,
                                                   s->algebra->relu, s->algebra->forward, s->algebra->backward));
    if (s->paint)
        f.map.state("filters.paint",
                    s->paint->error.empty()
                        ? fmt::format("{} {} {:.3f} {:.3f}", s->paint->filter.samples, s->paint->filter.test_samples,
                                      s->paint->filter.right, s->paint->filter.test_right)
                        : s->paint->error);
    if (s->spectra)
        f.map.state("filters.spectra", s->spectra->error.empty()
                                           ? fmt::format("{} {:.4f}", s->spectra->side, s->spectra->difference)
                                           : s->spectra->error);
    if (s->design)
        f.map.state("filters.design",
                    fmt::format("{} {} {} {} {} {} {:.4f}", r.design.lowest, r.design.highest, r.design.orientation,
                                r.design.spread, r.design.side, r.design.outside, s->design->filter.error));
    if (s->separable)
        f.map.state("filters.rank",
                    fmt::format("{} {:.4f} {} {}", s->separable->rank,
                                s->separable->errors[static_cast<std::size_t>(s->separable->rank - 1)],
                                s->separable->multiply_adds[static_cast<std::size_t>(s->separable->rank - 1)],
                                s->separable->direct));
}

/// Gives the thread of a part its task.
void submit_study(Frame& f, FilterStudy& study, const FiltersShown& shown) {
    FilterStudyTask task{shown.request.part, {}, nullptr, 0, study.options};
    task.language = current_language();
    const auto& standard = FilterStudyOptions();
    if (task.part != FiltersPart::shift) task.options.shift = standard.shift;
    if (task.part != FiltersPart::aliasing) task.options.aliasing = standard.aliasing, task.options.source = 1;
    if (task.part != FiltersPart::precision) task.options.precision = standard.precision;
    if (task.part == FiltersPart::algorithms) {
        task.options.problem = standard.problem;
    } else {
        task.network.layers.assign(f.shown->network.layers.begin(),
                                   f.shown->network.layers.begin() + f.shown->shown_layer + 1);
        task.input = shown.input;
        task.channel = std::clamp(marked_kernel(f), 0, f.shown->output_shape.c - 1);
    }
    submit(f, study, std::move(task));
}

/// Draws the chosen part.
void draw_part(Frame& f, const FiltersRequest& chosen) {
    const bool study = is_study(chosen.part);
    if (!study && f.shown && !f.shown->weight)
        return ImGui::TextWrapped("%s", tr_format("{} has no kernels: choose a convolution.", f.shown->layer).c_str());
    const FiltersShown* shown = f.shown ? f.shown->answer<FiltersShown>() : nullptr;
    if (!shown || shown->request.part != chosen.part)
        return ImGui::TextDisabled("%s", f.status.error.empty() ? tr("Computing ...") : f.status.error.c_str());
    if (study) {
        FilterStudy& lab = f.states.of<FiltersView>().study;
        constexpr void (*draw_lab[])(Frame&, FilterStudy&) = {shift_part, aliasing_part, border_part, precision_part,
                                                              algorithms_part};
        submit_study(f, lab, *shown);
        return draw_lab[static_cast<int>(chosen.part) - static_cast<int>(FiltersPart::shift)](f, lab);
    }
    if (chosen.part == FiltersPart::spectra) return spectra_part(f, f.states.of<FiltersView>().study, *shown);
    if (chosen.part == FiltersPart::design) return design_part(f, f.states.of<FiltersView>().study, *shown);
    constexpr void (*draw[])(Frame&, const FiltersShown&) = {frequency_part, separability_part, algebra_part,
                                                             paint_part};
    draw[static_cast<int>(chosen.part)](f, *shown);
}

// clang-format off
constexpr Action rows[] = {
    {"filters", "Kernels as filters: frequency response, separability", Menu::view, {{{'u', 0}}}, [](const Frame& f) { return f.shown != nullptr; }, [](Frame& f) { toggle_tool(f, filters_tool); }},
};
// clang-format on

}  // namespace

namespace {

/// Says how many of the kernels are shown if it is not all of them.
void shown_of_all(Frame& f, const FiltersShown& shown) {
    const auto all = static_cast<std::size_t>(shown.weight ? shown.weight->shape().n : 0);
    const std::size_t count = shown.request.kernels.size();
    f.map.state("filters.count", fmt::format("{} of {}", count, all));
    if (count >= all || f.view.presenting) return;
    ImGui::TextDisabled("%s", tr_format("{} of {} kernels", count, all).c_str());
    tooltip("The kernels of the channels in the grid of feature maps, of which the first 64 are shown");
}

/// Draws the grid; see filters_grid().
Size2 draw_filters(Frame& f, const FiltersShown& shown, float width,
                   const std::function<std::string(int position)>& caption) {
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    const GridLayout& layout = shown.layout;
    const float scale = std::min(width / static_cast<float>(layout.width()),
                                 std::max(room.y, ImGui::GetFontSize() * 4) / static_cast<float>(layout.height()));
    const ImVec2 size{static_cast<float>(layout.width()) * scale, static_cast<float>(layout.height()) * scale};
    ImGui::InvisibleButton("filters.grid", size);
    f.map.mark("filters.grid");
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddImage(texture_id(f.textures.of(shown.grid)), at, {at.x + size.x, at.y + size.y});
    const auto frame_of = [&](int cell) {
        const Rect r = layout.cell_rect(cell);
        const float gap = static_cast<float>(layout.gap) / 2;
        const auto x = [&](float v) { return at.x + v * scale; };
        const auto y = [&](float v) { return at.y + v * scale; };
        draw.AddRect({x(static_cast<float>(r.x) - gap), y(static_cast<float>(r.y) - gap)},
                     {x(static_cast<float>(r.x + r.w) + gap), y(static_cast<float>(r.y + r.h) + gap)}, accent(), 0, 0,
                     hairline() * 2);
    };
    for (int cell = 0; cell < layout.count; ++cell) {
        const auto position = static_cast<std::size_t>(shown.order[static_cast<std::size_t>(cell)]);
        if (shown.request.kernels[position] == shown.request.marked) frame_of(cell);
    }
    const Size2 drawn{static_cast<int>(size.y), static_cast<int>(size.x)};
    if (!ImGui::IsItemHovered()) return drawn;
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const auto cell =
        layout.cell_at(static_cast<int>((mouse.x - at.x) / scale), static_cast<int>((mouse.y - at.y) / scale));
    if (!cell) return drawn;
    frame_of(*cell);
    const int position = shown.order[static_cast<std::size_t>(*cell)];
    if (ImGui::IsItemClicked()) f.view.selected = shown.request.kernels[static_cast<std::size_t>(position)];
    tooltip(caption(position).c_str());
    return drawn;
}

}  // namespace

Size2 filters_grid(Frame& f, const FiltersShown& shown, float width,
                   const std::function<std::string(int position)>& caption) {
    ImGui::BeginGroup();
    shown_of_all(f, shown);
    const Size2 drawn = draw_filters(f, shown, width, caption);
    ImGui::EndGroup();
    return drawn;
}

void captioned(Frame& f, const char* id, const std::string& title, const std::shared_ptr<const Image>& picture,
               float side, const char* tooltip_text) {
    ImGui::BeginGroup();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float scale = side / static_cast<float>(std::max(picture->width, picture->height));
    const ImVec2 size{static_cast<float>(picture->width) * scale, static_cast<float>(picture->height) * scale};
    ImGui::Dummy({side, size.y});
    f.map.mark(id);
    tooltip(tooltip_text);
    ImGui::GetWindowDrawList()->AddImage(texture_id(f.textures.of(picture)), at, {at.x + size.x, at.y + size.y});
    ImGui::PushFont(font(Type::small));
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + side);
    ImGui::TextDisabled("%s", tr(title).c_str());
    ImGui::PopTextWrapPos();
    ImGui::PopFont();
    ImGui::EndGroup();
}

void filters_panel(Frame& f) {
    FiltersRequest& choice = f.states.of<FiltersView>().choice;
    struct Part {
        FiltersPart part;
        const char *id, *title, *tooltip_text;
    };
    static constexpr Part parts[] = {
        {FiltersPart::frequency, "filters.frequency", "Frequency response",
         "Shows by how much each kernel multiplies waves of every frequency and direction"},
        {FiltersPart::spectra, "filters.spectra", "Spectra",
         "Shows the spectrum of the image, the response of the selected kernel, and the spectrum of its output: the "
         "product of both"},
        {FiltersPart::design, "filters.design", "Design",
         "Draw the frequencies that should pass: the kernel that comes closest to them follows"},
        {FiltersPart::separability, "filters.separability", "Separability",
         "Writes each kernel as a sum of few products of a column and a row, which cost fewer multiply-adds"},
        {FiltersPart::algebra, "filters.algebra", "Algebra",
         "Shows with numbers what holds for convolutions: two in a row are one, a ReLU between them breaks that, the "
         "adjoint, rotated and dilated kernels"},
        {FiltersPart::paint, "filters.paint", "Paint a filter",
         "Fits the kernel that answers where you paint yes, and not where you paint no"},
        {FiltersPart::shift, "filters.shift", "Shifts",
         "Shifts the image and compares the output of each layer with its shifted output"},
        {FiltersPart::aliasing, "filters.aliasing", "Aliasing",
         "Shows what strides and pooling make of fine patterns, with and without a low-pass filter before"},
        {FiltersPart::borders, "filters.borders", "Borders",
         "Compares padding with zeros, reflected, repeated and periodic values, and how far it reaches"},
        {FiltersPart::precision, "filters.precision", "Precision",
         "Computes the network with bfloat16, float16 and int8, and measures the noise"},
        {FiltersPart::algorithms, "filters.algorithms", "Algorithms",
         "Computes one convolution by direct sums, im2col, FFT and Winograd's algorithm: steps, costs and times"},
    };
    float width = 0;
    for (const auto& p : parts) width += button_width(p.title) + ImGui::GetStyle().ItemSpacing.x;
    if (f.view.presenting) {  // a scene shows only the pictures
    } else if (width > ImGui::GetContentRegionAvail().x) {
        std::vector<std::string_view> titles;
        for (const auto& p : parts) titles.emplace_back(p.title);
        int index = static_cast<int>(std::ranges::find(parts, choice.part, &Part::part) - std::begin(parts));
        ImGui::SetNextItemWidth(ImGui::GetFontSize() * 12);
        if (convlens::choice(f, "filters.part", titles, index, "What is shown about the kernels or the network"))
            choice.part = parts[index].part;
    } else {
        for (const auto& p : parts) {
            if (&p != parts) ImGui::SameLine();
            if (tab(f, p.id, p.title, p.tooltip_text, p.part == choice.part)) choice.part = p.part;
        }
    }
    // In a small window, the part scrolls rather than shrinks.
    const float least = f.view.presenting ? 0 : ImGui::GetFontSize() * 30;
    if (least > ImGui::GetContentRegionAvail().y) ImGui::SetNextWindowContentSize({0, least});
    ImGui::BeginChild("filters.body");
    draw_part(f, choice);
    fade_edges();
    ImGui::EndChild();
}

const Tool filters_tool{
    .id = "filters",
    .middle = {"Filters",
               "Shows kernels as linear filters: what they do to waves of every frequency, and how cheaply they can be "
               "computed (u)",
               filters_panel},
    .keeps_side = false,
    .actions = rows,
    .want = want,
    .job = make_filters_job,
    .poll = [](Frame& f) { poll(f, f.states.of<FiltersView>().study); },
    .busy =
        [](States& states) {
            const auto& worker = states.of<FiltersView>().study.worker;
            return worker && worker->busy();
        },
    .scene_part = filters_scene_part,
    .show_part = show_filters_part,
    .report = report};

}  // namespace convlens
