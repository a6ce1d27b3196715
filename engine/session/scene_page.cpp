/// Composes scenes; scene_places.h, too.
#include "engine/session/scene_page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/core/named.h"
#include "engine/session/scene_places.h"

namespace convlens {
namespace {

/// By the value of SceneLayout.
constexpr std::array<std::string_view, 4> names{"full", "text", "side_by_side", "number"};

/// The smallest em of a text, and that of a text that is too long for it, as parts of the height.
constexpr float least_em = 1.0F / 30, tiny_em = 1.0F / 90;

/// Returns the largest em, from `most` down to `least`, with which the text fits into width x height pixels; `least` if
/// none does.
float fitting_em(const std::string& markup, const Typeface& typeface, float most, float least, float width,
                 float height) {
    float em = most;
    const auto fits = [&](const RichLayout& made) { return made.height <= height && made.width <= width; };
    while (em > least && !fits(lay_out(markup, typeface, em, width))) em = std::max(em * 0.94F, least);
    return em;
}

/// Returns the largest em with which the text needs at most `height` pixels. If it does not fit in the smallest usual
/// type, it gets `more` pixels and, if even that is not enough, smaller type.
float fit(const std::string& markup, const Typeface& typeface, float screen, float most, float width, float height,
          float more) {
    const float usual = fitting_em(markup, typeface, most, screen * least_em, width, height);
    if (lay_out(markup, typeface, usual, width).height <= more) return usual;
    return fitting_em(markup, typeface, screen * least_em, screen * tiny_em, width, more);
}

std::string bold(const std::string& markup) { return "**" + markup + "**"; }

/// The size of a type that is the same at all places of a scene.
struct TypeSize {
    float em = 0, highest = 0;  ///< The em, and the height of the highest text in this type.
};

/// Returns the largest type in which the numbers of all places fit into width x height pixels.
TypeSize number_size(const std::vector<PlaceTexts>& places, const Typeface& typeface, float screen, float width,
                     float height) {
    TypeSize size{screen / 6, 0};
    for (const PlaceTexts& place : places)
        if (!place.number.empty())
            size.em = fitting_em(bold(place.number), typeface, size.em, screen / 22, width, height);
    for (const PlaceTexts& place : places)
        if (!place.number.empty())
            size.highest = std::max(size.highest, lay_out(bold(place.number), typeface, size.em, width).height);
    return size;
}

/// Returns the largest type in which the texts of all places fit: room_of() returns `height` and `more` of fit(). The
/// highest text is one of a place without buttons.
template <class Room>
TypeSize text_size(const std::vector<PlaceTexts>& places, const Typeface& typeface, float screen, float most,
                   float width, const Room& room_of) {
    TypeSize size{most, 0};
    for (const PlaceTexts& place : places) {
        const auto [height, more] = room_of(place);
        size.em = std::min(size.em, fit(place.text, typeface, screen, most, width, height, more));
    }
    for (const PlaceTexts& place : places)
        if (!(place.answers > 0))
            size.highest = std::max(size.highest, lay_out(place.text, typeface, size.em, width).height);
    return size;
}

}  // namespace

std::optional<SceneLayout> scene_layout_from(std::string_view name) { return named<SceneLayout>(names, name); }

std::string_view to_string(SceneLayout layout) { return names[static_cast<std::size_t>(layout)]; }

ScenePage compose_scene(const SceneTexts& texts, SceneLayout layout, const Typeface& typeface, float width,
                        float height, float answers) {
    return compose_place(texts, layout, typeface, width, height, answers, {});
}

ScenePage compose_place(const SceneTexts& texts, SceneLayout layout, const Typeface& typeface, float width,
                        float height, float answers, std::span<const PlaceTexts> others) {
    using TextRole = PageText::Role;
    if (height > width && layout != SceneLayout::side_by_side) layout = SceneLayout::full;
    const float margin = std::round(std::min(width, height) / 26), inner = width - 2 * margin;
    std::vector<PlaceTexts> places(others.begin(), others.end());
    places.push_back({texts.number, texts.text, answers});
    ScenePage page;
    float top = margin, bottom = height - margin;
    if (!texts.title.empty()) {
        RichLayout title = lay_out_to_fit(bold(texts.title), typeface, height / 14, height / 24, inner, height / 6);
        top = margin * 0.8F + title.height + margin * 0.7F;
        page.texts.push_back({TextRole::title, margin, margin * 0.8F, std::move(title)});
    }
    const float tall = bottom - top;
    const auto row_of = [&](float buttons) { return buttons > 0 ? buttons + margin * 0.5F : 0; };
    if (layout == SceneLayout::text || layout == SceneLayout::number) {
        const bool big = layout == SceneLayout::number;
        const float column = std::round(width * (big ? 0.37F : 0.34F)), picture = inner - column - margin;
        const float x = big ? margin : width - margin - column;
        page.picture = {big ? width - margin - picture : margin, top, picture, tall};
        const TypeSize number = big ? number_size(places, typeface, height, column, tall * 0.4F) : TypeSize{};
        const float gap = number.highest > 0 ? margin * 0.6F : 0, rest = tall - number.highest - gap;
        const TypeSize size = text_size(places, typeface, height, height / 20, column, [&](const PlaceTexts& place) {
            return std::pair(rest - row_of(place.answers), rest - row_of(place.answers));
        });
        RichLayout text = lay_out(texts.text, typeface, size.em, column);
        const float y = top + std::max(0.0F, (rest - std::max(size.highest, text.height + row_of(answers))) / 2);
        const float below = y + number.highest + gap;
        if (big && !texts.number.empty())
            page.texts.push_back({TextRole::number, x, y, lay_out(bold(texts.number), typeface, number.em, column)});
        if (answers > 0) page.answers = Area{x, below + text.height + margin * 0.5F, column, answers};
        if (text.height > 0) page.texts.push_back({TextRole::text, x, below, std::move(text)});
        return page;
    }
    if (answers > 0) page.answers = Area{margin, bottom - answers, inner, answers};
    const TypeSize size = text_size(places, typeface, height, height / 23, inner, [&](const PlaceTexts& place) {
        const float room = tall - row_of(place.answers);
        return std::pair(height * 0.3F, std::min(height * 0.5F, room * 0.6F));
    });
    RichLayout text = lay_out(texts.text, typeface, size.em, inner);
    bottom -= std::max(size.highest, text.height + row_of(answers));
    if (text.height > 0) page.texts.push_back({TextRole::text, margin, bottom, std::move(text)});
    if (bottom < height - margin) bottom -= margin * 0.6F;
    page.picture = {margin, top, inner, std::max(bottom - top, 1.0F)};
    if (layout == SceneLayout::side_by_side) {
        const bool upright = height > width;
        Area& picture = page.picture;
        page.second = picture;
        float Area::*extent = upright ? &Area::h : &Area::w;
        float Area::*start = upright ? &Area::y : &Area::x;
        picture.*extent = std::floor((picture.*extent - margin) / 2);
        (*page.second).*extent = picture.*extent;
        // The second view comes first: the input is on the left of what is computed from it.
        picture.*start += picture.*extent + margin;
    }
    return page;
}

}  // namespace convlens
