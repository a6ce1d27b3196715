/// Draws the features tool: images as points in two spaces (features and pixels), and the nearest neighbors of one
/// image.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/language.h"
#include "app/ui/tools/browser/browser.h"
#include "app/ui/tools/features/features.h"
#include "app/ui/tools/train/train.h"
#include "app/ui/tools/train/train_parts.h"
#include "app/ui/widgets/choice.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/plot.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/document/embedded.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

constexpr std::size_t max_pictures = 256;  ///< Maximum number of cached pictures.
constexpr int picture_side = 160;          ///< Maximum side of a cached picture in pixels.

/// State of the panel. An image number counts the training images first, then the held-out images.
struct FeaturesPanel {
    std::optional<int> hovered;  ///< Number of the image whose point is under the mouse, which is
                                 ///< marked in both spaces.
    std::map<int, std::shared_ptr<const Image>> pictures;  ///< Cached pictures by image number.
    SharedDataSet of;                                      ///< The training data that the cached pictures belong to.
};

/// Returns the color of a class in Dear ImGui's packed format: one of matplotlib's ten default colors (tab10). `alpha`
/// is 0 to 255.
unsigned class_ink(int label, unsigned alpha) {
    constexpr std::array<std::array<unsigned, 3>, 10> colors{{{31, 119, 180},
                                                              {255, 127, 14},
                                                              {44, 160, 44},
                                                              {214, 39, 40},
                                                              {148, 103, 189},
                                                              {140, 86, 75},
                                                              {227, 119, 194},
                                                              {127, 127, 127},
                                                              {188, 189, 34},
                                                              {23, 190, 207}}};
    const auto& c = colors[static_cast<std::size_t>(label) % colors.size()];
    return IM_COL32(c[0], c[1], c[2], alpha);
}

/// An image of the lesson: the data set that contains it, and its index there.
struct Example {
    const DataSet& data;
    int index;
    bool held_out;  ///< Whether it is used only for validation.
    int label() const { return data.labels[static_cast<std::size_t>(index)]; }
};

/// Returns the image with this number, see FeaturesPanel.
Example example(const TrainingShown& t, int number) {
    const int training = t.data.training->size();
    return number < training ? Example{*t.data.training, number, false}
                             : Example{*t.data.validation, number - training, true};
}

/// Returns a picture of image `number`, from the cache if it is there.
std::shared_ptr<const Image> picture(Frame& f, int number) {
    auto& v = f.states.of<FeaturesPanel>();
    if (v.of != lesson_of(f).data.training || v.pictures.size() > max_pictures) v.pictures.clear();
    v.of = lesson_of(f).data.training;
    auto& kept = v.pictures[number];
    if (!kept) {
        const Example e = example(lesson_of(f), number);
        constexpr std::array<float, 3> lo{0, 0, 0}, hi{1, 1, 1};
        kept = std::make_shared<const Image>(
            input_picture(example_tensor(e.data, e.index), 0, picture_side, lo.data(), hi.data()));
    }
    return kept;
}

/// Returns true if the model's prediction for image `number` is wrong; false if there is no prediction, as for training
/// images.
bool is_wrong(const TrainingShown& t, const std::vector<Prediction>& predictions, int number) {
    const auto at = static_cast<std::size_t>(number - t.data.training->size());
    return number >= t.data.training->size() && at < predictions.size() &&
           predictions[at].label != predictions[at].predicted;
}

/// Returns "dog: 17.png, held-out" and, on a second line, the prediction if there is one.
std::string describe(const TrainingShown& t, const std::vector<Prediction>& predictions, int number) {
    const Example e = example(t, number);
    const auto& classes = t.data.training->classes;
    std::string text = classes[static_cast<std::size_t>(e.label())];
    if (!e.data.names.empty()) text += ": " + e.data.names[static_cast<std::size_t>(e.index)];
    text += tr(e.held_out ? ", held-out" : ", training");
    if (e.held_out && static_cast<std::size_t>(e.index) < predictions.size()) {
        const Prediction& p = predictions[static_cast<std::size_t>(e.index)];
        text +=
            tr_format("\nprediction: {}, {:.0f} %", classes[static_cast<std::size_t>(p.predicted)], 100 * p.confidence);
    }
    return text;
}

/// Finds the nearest neighbors of image `number` of the lesson.
void add_example(Frame& f, int number) {
    const Example e = example(lesson_of(f), number);
    AddedPicture added{describe(lesson_of(f), {}, number), picture(f, number),
                       std::make_shared<const Tensor>(example_tensor(e.data, e.index))};
    train(f, command::AddPicture{std::move(added)});
}

/// What one scatter plot shows: a space (of features or of pixels) and the model that is trained in it.
struct Space {
    const char* id;  ///< In the UI map.
    std::string title;
    const FeatureSpace& space;
    const std::vector<Prediction>& predictions;  ///< For the first held-out images; may be empty.
    const std::vector<int>* near;               ///< Numbers of the neighbors of the added image; null if there is none.
    std::optional<std::array<float, 2>> added;  ///< Position of the added image; nullopt if there is none.
};

/// Maps positions on the first two principal components to screen points.
struct Places {
    ImVec2 at;
    float side_x, side_y;
    std::array<float, 2> lo, hi;
    ImVec2 operator()(const std::array<float, 2>& p) const {
        const auto part = [&](std::size_t i) { return (p[i] - lo[i]) / std::max(hi[i] - lo[i], 1e-9F); };
        return {at.x + (0.04F + 0.92F * part(0)) * side_x, at.y + (0.96F - 0.92F * part(1)) * side_y};
    }
};

/// Returns the mapping with which all points of the space fill a plot of this size at `at`.
Places places_of(const Space& s, ImVec2 at, float width, float height) {
    Places p{at, width, height, {1e30F, 1e30F}, {-1e30F, -1e30F}};
    const auto reach = [&](const std::array<float, 2>& point) {
        for (const std::size_t i : {0U, 1U})
            p.lo[i] = std::min(p.lo[i], point[i]), p.hi[i] = std::max(p.hi[i], point[i]);
    };
    for (const auto& point : *s.space.points) reach(point);
    if (s.added) reach(*s.added);
    return p;
}

void draw_points(const Frame& f, const Space& s, const Places& place) {
    const TrainingShown& t = lesson_of(f);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const float em = ImGui::GetFontSize(), r = em * (s.space.points->size() > 800 ? 0.12F : 0.2F),
                line = std::max(1.0F, em / 12);
    const auto ring = [&](const std::array<float, 2>& point, float radius, unsigned foreground) {
        draw.AddCircle(place(point), radius, foreground, 16, line * 2);
    };
    for (int n = 0; n < static_cast<int>(s.space.points->size()); ++n) {
        const ImVec2 c = place((*s.space.points)[static_cast<std::size_t>(n)]);
        const Example e = example(t, n);
        if (!e.held_out) {
            draw.AddCircleFilled(c, r * 0.8F, class_ink(e.label(), 120), 8);
            continue;
        }
        draw.AddRectFilled({c.x - r, c.y - r}, {c.x + r, c.y + r}, class_ink(e.label(), 255));
        if (!is_wrong(t, s.predictions, n)) continue;
        const unsigned foreground = ImGui::GetColorU32(ImGuiCol_Text);
        draw.AddLine({c.x - 1.4F * r, c.y - 1.4F * r}, {c.x + 1.4F * r, c.y + 1.4F * r}, foreground, line);
        draw.AddLine({c.x - 1.4F * r, c.y + 1.4F * r}, {c.x + 1.4F * r, c.y - 1.4F * r}, foreground, line);
    }
    if (s.near)
        for (const int n : *s.near) ring((*s.space.points)[static_cast<std::size_t>(n)], r * 2, accent());
    if (s.added) {
        const ImVec2 c = place(*s.added);
        draw.AddCircleFilled(c, r * 1.6F, accent(), 16);
        ring(*s.added, r * 1.6F, ImGui::GetColorU32(ImGuiCol_Text));
    }
    if (f.states.of<FeaturesPanel>().hovered &&
        static_cast<std::size_t>(*f.states.of<FeaturesPanel>().hovered) < s.space.points->size())
        ring((*s.space.points)[static_cast<std::size_t>(*f.states.of<FeaturesPanel>().hovered)], r * 2.4F,
             ImGui::GetColorU32(ImGuiCol_Text));
}

/// Returns the number of the image whose point is nearest to the mouse; nullopt if none is near.
std::optional<int> pointed(const Space& s, const Places& place) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    float best = ImGui::GetFontSize() * 0.8F;
    std::optional<int> found;
    for (std::size_t n = 0; n < s.space.points->size(); ++n) {
        const ImVec2 c = place((*s.space.points)[n]);
        const float d = std::hypot(c.x - mouse.x, c.y - mouse.y);
        if (d < best) best = d, found = static_cast<int>(n);
    }
    return found;
}

/// Shows a tooltip with the image and its prediction.
void show_pointed(Frame& f, int number, const std::vector<Prediction>& predictions) {
    const auto image = picture(f, number);
    const float side = ImGui::GetFontSize() * 9,
                scale = side / static_cast<float>(std::max(image->width, image->height));
    ImGui::BeginTooltip();
    ImGui::Image(texture_id(f.textures.of(image)),
                 {static_cast<float>(image->width) * scale, static_cast<float>(image->height) * scale});
    ImGui::TextUnformatted(describe(lesson_of(f), predictions, number).c_str());
    ImGui::EndTooltip();
}

/// Draws one scatter plot. While the mouse is inside, returns true and sets `hovered` to the image under it; a click
/// finds the neighbors of that image.
bool scatter(Frame& f, const Space& s, float width, float height, std::optional<int>& hovered) {
    ImGui::BeginGroup();
    ImGui::TextUnformatted(s.title.c_str());
    muted_text(s.predictions.empty() ? "the model is not trained yet"
                                     : tr_format("accuracy {:.1f} % on {} held-out images",
                                                 100 * accuracy(s.predictions), s.predictions.size()));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::InvisibleButton(s.id, {width, height});
    f.map.mark(s.id);
    ImGui::GetWindowDrawList()->AddRectFilled(at, {at.x + width, at.y + height}, ImGui::GetColorU32(ImGuiCol_FrameBg));
    const Places place = places_of(s, at, width, height);
    const bool inside = ImGui::IsItemHovered();
    if (inside) {
        hovered = pointed(s, place);
        if (hovered) {
            show_pointed(f, *hovered, s.predictions);
            if (ImGui::IsItemClicked()) add_example(f, *hovered);
        } else {
            tooltip(
                "Each point is an image on the first two principal components: dots are training images, squares are "
                "held-out images, those with a cross are misclassified; hover over a point to see its image, and click "
                "it "
                "to find its nearest neighbors");
        }
    }
    draw_points(f, s, place);
    ImGui::EndGroup();
    return inside;
}

/// Draws the images with these numbers in a row, each framed in the color of its class.
void picture_row(Frame& f, const char* id, const std::string& title, const std::vector<int>& numbers,
                 const std::vector<Prediction>& predictions, float side) {
    ImGui::BeginGroup();
    muted_text(title);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0) ImGui::SameLine(0, ImGui::GetStyle().ItemInnerSpacing.x);
        if (ImGui::GetContentRegionAvail().x < side) break;
        const ImVec2 at = ImGui::GetCursorScreenPos();
        ImGui::Dummy({side, side});
        f.map.mark(fmt::format("{}.{}", id, i));
        ImDrawList& draw = *ImGui::GetWindowDrawList();
        draw.AddImage(texture_id(f.textures.of(picture(f, numbers[i]))), at, {at.x + side, at.y + side});
        const float line = std::max(2.0F, ImGui::GetFontSize() / 5);
        draw.AddRect({at.x + line / 2, at.y + line / 2}, {at.x + side - line / 2, at.y + side - line / 2},
                     class_ink(example(lesson_of(f), numbers[i]).label(), 255), 0, 0, line);
        if (ImGui::IsItemHovered()) f.states.of<FeaturesPanel>().hovered = numbers[i];
        tooltip(describe(lesson_of(f), predictions, numbers[i]).c_str());
    }
    ImGui::EndGroup();
}

/// Draws the color and the name of each class.
void legend(Frame& f) {
    const auto& classes = lesson_of(f).data.training->classes;
    const float em = ImGui::GetFontSize();
    for (std::size_t i = 0; i < classes.size(); ++i) {
        if (i > 0) same_line_if_fits(em + ImGui::CalcTextSize(classes[i].c_str()).x);
        const ImVec2 at = ImGui::GetCursorScreenPos();
        ImGui::GetWindowDrawList()->AddRectFilled({at.x, at.y + em * 0.2F}, {at.x + em * 0.7F, at.y + em * 0.9F},
                                                  class_ink(static_cast<int>(i), 255));
        ImGui::Dummy({em * 0.7F, em});
        ImGui::SameLine(0, em * 0.3F);
        ImGui::TextUnformatted(classes[i].c_str());
    }
}

/// Draws the buttons that add an image, and a hint until one has been added.
void adding(Frame& f) {
    const TrainingShown& t = lesson_of(f);
    if (button(f, "features.add", "Add an image ...",
               "Adds an image file to both plots and finds its nearest neighbors"))
        open_browser(f, BrowserTask::example);
    ImGui::SameLine();
    const auto* pictures = std::get_if<PictureInput>(&f.draft.input.source);
    ImGui::BeginDisabled(!pictures);
    if (button(f, "features.add_shown", "Add current image",
               "Adds the current image to both plots and finds its nearest neighbors")) {
        const auto& named = pictures->pictures[std::min(static_cast<std::size_t>(std::max(f.draft.display.item, 0)),
                                                        pictures->pictures.size() - 1)];
        constexpr std::array<float, 3> lo{0, 0, 0}, hi{1, 1, 1};
        const std::shared_ptr<const Tensor> tensor(named.picture, &named.picture->color);
        AddedPicture added{is_embedded(named.origin) ? picture_title(named.origin) : named.origin.text(),
                           std::make_shared<const Image>(input_picture(*tensor, 0, picture_side, lo.data(), hi.data())),
                           tensor};
        train(f, command::AddPicture{std::move(added)});
    }
    ImGui::EndDisabled();
    if (!t.added) return muted_text("Or click a point: its nearest neighbors in each space appear here.");
}

/// Returns the neighbors of the last added image; null until they are found.
const Neighbors* found_neighbors(const TrainingShown& t) {
    const auto& near = t.features.neighbors;
    return t.added && near && near->of == t.added->tensor ? near.get() : nullptr;
}

/// Draws the added image and its nearest neighbors in both spaces, with pictures of `side` pixels.
void neighbors(Frame& f, float side) {
    const TrainingShown& t = lesson_of(f);
    const Neighbors* near = found_neighbors(t);
    if (!near) return;
    f.map.state("features.near",
                t.added->title + "; " +
                    fmt::format("{}; {}", fmt::join(near->by_features, " "), fmt::join(near->by_pixels, " ")));
    ImGui::BeginGroup();
    muted_text("the image");
    const Image& image = *t.added->image;
    const float scale = 2 * side / static_cast<float>(std::max(image.width, image.height));
    ImGui::Image(texture_id(f.textures.of(t.added->image)),
                 {static_cast<float>(image.width) * scale, static_cast<float>(image.height) * scale});
    f.map.mark("features.added");
    tooltip_as_shown(t.added->title.c_str());
    ImGui::EndGroup();
    ImGui::SameLine();
    ImGui::BeginGroup();
    picture_row(f, "features.near", "nearest by features", near->by_features, t.predictions, side);
    picture_row(f, "pixels.near", "nearest by pixels", near->by_pixels, t.pixel_predictions, side);
    ImGui::EndGroup();
}

/// Returns false if the points are available. Otherwise draws an introduction with a button, or the progress, and
/// returns true.
bool waiting(Frame& f) {
    const TrainingShown& t = lesson_of(f);
    if (t.preparing) return ImGui::TextDisabled("%s", tr("Reading the images ...")), true;
    if (t.lesson != Lesson::features) {
        ImGui::TextWrapped("%s", tr("A trained network turns an image into features that describe it better than its "
                                    "pixels do. Here a small "
                                    "model is trained on the features, the same model is trained on the pixels, and "
                                    "the images are plotted as "
                                    "points in both spaces."));
        if (button(f, "features.begin", "Train on features",
                   "Starts the lesson with the data set that is chosen under Lessons on the right"))
            begin_lesson(f, Lesson::features);
        return true;
    }
    if (t.features.features.points && t.features.pixels.points) return false;
    const FeatureView& v = t.features;
    ImGui::TextWrapped("%s", lesson_title(t.lesson, t.title).c_str());
    ImGui::ProgressBar(static_cast<float>(v.pictures_done) / static_cast<float>(std::max(v.pictures, 1)), {-1, 0},
                       v.pictures_done < v.pictures
                           ? tr_format("features of {} of {} images", v.pictures_done, v.pictures).c_str()
                           : tr("computing the principal components"));
    f.map.mark("features.progress");
    tooltip("Number of images whose features are computed; this is done once for each image");
    return true;
}

}  // namespace

void features_panel(Frame& f) {
    if (f.view.side != &train_tool && lesson_of(f).lesson == Lesson::features) f.view.side = &train_tool;
    if (waiting(f)) return;
    const TrainingShown& t = lesson_of(f);
    const FeatureView& v = t.features;
    ImGui::BeginChild("features.scroll");
    legend(f);
    const float em = ImGui::GetFontSize(), gap = ImGui::GetStyle().ItemSpacing.x, side = em * 4.2F;
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const bool beside = room.x > em * 24;
    const float width = std::floor(beside ? (room.x - gap) / 2 : room.x);
    const float height = std::max(em * 10, room.y - 2 * side - em * 13);
    const Neighbors* near = found_neighbors(t);
    const Space features{"features.plot",
                         tr_format("{}: {} features", v.features.title, v.features.dimensions),
                         v.features,
                         t.predictions,
                         near ? &near->by_features : nullptr,
                         near ? std::optional(near->at_features) : std::nullopt};
    const Space pixels{"pixels.plot",
                       tr_format("{} pixel values (32x32)", v.pixels.dimensions),
                       v.pixels,
                       t.pixel_predictions,
                       near ? &near->by_pixels : nullptr,
                       near ? std::optional(near->at_pixels) : std::nullopt};
    std::optional<int> hovered;
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width);
    bool inside = scatter(f, features, width, height, hovered);
    ImGui::PopTextWrapPos();
    if (beside) ImGui::SameLine();
    inside |= scatter(f, pixels, width, height, hovered);
    f.states.of<FeaturesPanel>().hovered = hovered;
    f.map.state("features.hovered", hovered ? fmt::format("{}", *hovered) : "-");
    adding(f);
    neighbors(f, side);
    ImGui::EndChild();
    if (inside && hovered)
        f.map.state("features.pointed", std::string(cut_text(describe(t, t.predictions, *hovered), 40)));
}

}  // namespace convlens
