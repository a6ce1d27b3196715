/// The input panel: the source of the input and its preprocessing.
#include <imgui.h>

#include <algorithm>
#include <array>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/panels/panels.h"
#include "app/ui/tools/browser/browser.h"
#include "app/ui/tools/microscope/terms.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"

namespace convlens {
namespace {

/// Draws the input with the receptive field of the explained value.
void thumbnail(Frame& f) {
    if (!f.shown || !f.shown->input) return;
    const Image& image = *f.shown->input;
    const float width = ImGui::GetContentRegionAvail().x, height = ImGui::GetFontSize() * 8;
    const float scale = std::min(width / static_cast<float>(image.width), height / static_cast<float>(image.height));
    const ImVec2 at = ImGui::GetCursorScreenPos(),
                 size{static_cast<float>(image.width) * scale, static_cast<float>(image.height) * scale};
    ImGui::Dummy(size);
    f.map.mark("thumbnail");
    const Shape& shape = f.shown->input_shape;
    const ValueExplanation* why = explanation_of(f);
    draw_boxed(f.textures.of(f.shown->input), at.x, at.y, size.x, size.y, {shape.h, shape.w},
               why && (f.view.hover || f.view.pin) ? why->explanation->boxes.front() : Rect{});
    tooltip("The network's input, scaled to fit; the box is the receptive field of the hovered or pinned value");
}

/// Returns the title of the shown batch item.
std::string title(const Frame& f) {
    const auto* pictures = std::get_if<PictureInput>(&f.draft.input.source);
    const int item = f.draft.display.item;
    if (!pictures || pictures->pictures.size() < 2 || item < 0 ||
        static_cast<std::size_t>(item) >= pictures->pictures.size())
        return input_title(f.draft.input);
    Input one;
    one.source = PictureInput{{pictures->pictures[static_cast<std::size_t>(item)]}};
    return tr_format("{} ({} of {})", input_title(one), item + 1, pictures->pictures.size());
}

/// Returns the steps of the preprocessing that are on, as a text after "Preprocess".
std::string prepared(const Input& in) {
    std::string text;
    const auto add = [&](bool active, const char* word) {
        if (active) text += fmt::format("{}{}", text.empty() ? ": " : ", ", tr(word));
    };
    add(in.crop.has_value(), "crop");
    add(in.resize.has_value(), "resize");
    add(in.shift != Size2{}, "shift");
    add(in.gray, "gray");
    add(in.normalize.has_value(), "normalize");
    return text;
}

/// State: the names of the images that come with the program.
struct Samples {
    /// nullopt before the folder is read; empty while it is being read.
    std::optional<std::vector<std::string>> names;
};

/// Starts a job that reads the names.
void read_samples(Frame& f) {
    f.states.of<Samples>().names.emplace();
    enqueue(
        f,
        [assets = f.assets]() -> Expected<Done> {
            return [names = sample_names(assets)](Frame& frame) { frame.states.of<Samples>().names = names; };
        },
        Saves::nothing);
}

/// Draws the list of the images that come with the program, in a popup.
void samples(Frame& f) {
    if (!ImGui::BeginPopup("samples")) return;
    if (!f.states.of<Samples>().names) read_samples(f);
    for (const std::string& name : *f.states.of<Samples>().names) {
        if (ImGui::Selectable(name.c_str())) load(f, Opens::images, input_job({"sample:" + name}));
        f.map.mark("sample." + name);
    }
    ImGui::EndPopup();
}

/// Draws the list of the test patterns, in a popup.
void patterns(Frame& f) {
    if (!ImGui::BeginPopup("patterns")) return;
    for (const auto name : pattern_names()) {
        if (ImGui::Selectable(tr_label(name).c_str()))
            load(f, Opens::images, input_job({fmt::format("pattern:{}:256x256", name)}));
        f.map.mark(fmt::format("pattern.{}", name));
    }
    ImGui::EndPopup();
}

/// Draws the size and batch size of a test pattern.
void pattern(Frame& f, PatternInput& p) {
    pair_row(f, "size", p.size, 1, 512, 128, "Height and width of the pattern in pixels");
    if (p.pattern != Pattern::noise) return;
    number_row(f, "batch", p.batch, 1, 64, 1, "Batch size N: number of independent noise images");
    f.draft.display.item = std::clamp(f.draft.display.item, 0, std::max(p.batch - 1, 0));
}

/// Returns the rows and columns of the input before preprocessing.
Size2 source_size(const Input& input) {
    if (const auto* p = std::get_if<PatternInput>(&input.source)) return p->size;
    const auto* pictures = std::get_if<PictureInput>(&input.source);
    if (!pictures) return {1, 1};
    const Shape& s = pictures->pictures.front().picture->color.shape();
    return {s.h, s.w};
}

/// Draws the options of the preprocessing.
void prepare(Frame& f) {
    Input& in = f.draft.input;
    const Size2 size = source_size(in);
    bool crop = in.crop.has_value();
    if (check_row(f, "crop", crop, "Crops the image to a rectangle"))
        in.crop = crop ? std::optional(Rect{0, 0, size.w, size.h}) : std::nullopt;
    if (in.crop) {
        number_row(f, "left", in.crop->x, 0, 2048, 0, "First column of the crop rectangle");
        number_row(f, "top", in.crop->y, 0, 2048, 0, "First row of the crop rectangle");
        number_row(f, "width", in.crop->w, 1, 2048, 224, "Number of columns of the crop rectangle");
        number_row(f, "height", in.crop->h, 1, 2048, 224, "Number of rows of the crop rectangle");
    }
    bool resize = in.resize.has_value();
    if (check_row(f, "resize", resize, "Resizes the image, after cropping, to a given size"))
        in.resize = resize ? std::optional(in.crop ? Size2{in.crop->h, in.crop->w} : size) : std::nullopt;
    if (in.resize) pair_row(f, "to size", *in.resize, 1, 1024, 224, "Height and width after resizing, in pixels");
    check_row(f, "gray", in.gray,
              "Converts the image to 0.299 R + 0.587 G + 0.114 B: one channel, or three equal channels if the kernels "
              "expect three");
    constexpr Words<4> rules{"as trained", "none", "imagenet", "half"};
    int rule = in.normalize ? static_cast<int>(*in.normalize) + 1 : 0;
    if (choice_row(
            f, "normalize", rules, rule,
            "Normalizes the pixels: 'none' keeps [0,1], 'imagenet' uses ImageNet's mean and standard deviation, 'half' "
            "is (x - 0.5) / 0.5, and 'as trained' uses the normalization that the kernels were trained with"))
        in.normalize = rule == 0 ? std::nullopt : std::optional(static_cast<Normalize>(rule - 1));
    pair_row(f, "shift", in.shift, -64, 64, 0,
             "Shifts the image down and to the right; uncovered edges are filled with black");
    const auto* pictures = std::get_if<PictureInput>(&in.source);
    const bool transparent = pictures && std::any_of(pictures->pictures.begin(), pictures->pictures.end(),
                                                     [](const auto& p) { return !p.picture->alpha.empty(); });
    if (!transparent) return;
    label("background", "Background color behind transparent pixels");
    std::array<float, 3> color{static_cast<float>(in.background[0]) / 255, static_cast<float>(in.background[1]) / 255,
                               static_cast<float>(in.background[2]) / 255};
    if (ImGui::ColorEdit3("##background", color.data(), ImGuiColorEditFlags_NoInputs))
        for (std::size_t i = 0; i < 3; ++i) in.background[i] = static_cast<std::uint8_t>(color[i] * 255 + 0.5F);
    f.map.mark("background");
    tooltip("Background color behind transparent pixels");
}

}  // namespace

void source_panel(Frame& f) {
    section("INPUT");
    ImGui::TextWrapped("%s", title(f).c_str());
    thumbnail(f);
    if (button(f, "open", "Open ...",
               "Opens images, or kernels in .npy, .npz, .safetensors, .pth or .pt files; you can also drop files on "
               "the window (Ctrl+O)"))
        open_browser(f, BrowserTask::open);
    same_line_if_fits(button_width("Samples"));
    if (button(f, "samples", "Samples", "Opens one of the images that come with Convlens")) ImGui::OpenPopup("samples");
    samples(f);
    same_line_if_fits(button_width("Patterns"));
    if (button(f, "patterns", "Patterns",
               "Opens a synthetic test image: impulse, step, zone plate, bars, noise, checker or Siemens star"))
        ImGui::OpenPopup("patterns");
    patterns(f);
    if (auto* p = std::get_if<PatternInput>(&f.draft.input.source)) pattern(f, *p);
    if (f.shown && f.shown->output_shape.n > 1)
        number_row(f, "item", f.draft.display.item, 0, f.shown->output_shape.n - 1, 0,
                   "Index of the displayed batch item; press [ and ] to step through the batch");
    if (std::holds_alternative<TensorInput>(f.draft.input.source)) {
        ImGui::TextDisabled("%s", tr("Tensor values are used unchanged."));
    } else if (ImGui::CollapsingHeader(
                   fmt::format("{}{}###prepare", tr("Preprocess"), prepared(f.draft.input)).c_str())) {
        f.map.mark("prepare");
        prepare(f);
    } else {
        f.map.mark("prepare");
        tooltip("Preprocessing of the image: crop, resize, gray, normalize and shift");
    }
}

}  // namespace convlens
