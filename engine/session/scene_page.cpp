/// Composes scenes.
#include "engine/session/scene_page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/core/named.h"

namespace convlens {
namespace {

/// By the value of SceneLayout.
constexpr std::array<std::string_view, 4> names{"full", "text", "side_by_side", "number"};

/// The smallest em of a text, and that of a text that is too long for it, as parts of the height.
constexpr float least_em = 1.0F / 30, tiny_em = 1.0F / 90;

/// Lays out a text in at most `height` pixels. If it does not fit in the smallest usual type, it gets `more` pixels
/// and, if even that is not enough, smaller type.
RichLayout fit(const std::string& markup, const Typeface& typeface, float screen, float most, float width, float height,
               float more) {
    RichLayout made = lay_out_to_fit(markup, typeface, most, screen * least_em, width, height);
    if (made.height <= more) return made;
    return lay_out_to_fit(markup, typeface, screen * least_em, screen * tiny_em, width, more);
}

}  // namespace

std::optional<SceneLayout> scene_layout_from(std::string_view name) { return named<SceneLayout>(names, name); }

std::string_view to_string(SceneLayout layout) { return names[static_cast<std::size_t>(layout)]; }

ScenePage compose_scene(const SceneTexts& texts, SceneLayout layout, const Typeface& typeface, float width,
                        float height, float answers) {
    using TextRole = PageText::Role;
    if (height > width && layout != SceneLayout::side_by_side) layout = SceneLayout::full;
    const float margin = std::round(std::min(width, height) / 26), inner = width - 2 * margin;
    ScenePage page;
    float top = margin, bottom = height - margin;
    if (!texts.title.empty()) {
        RichLayout title =
            lay_out_to_fit("**" + texts.title + "**", typeface, height / 14, height / 24, inner, height / 6);
        top = margin * 0.8F + title.height + margin * 0.7F;
        page.texts.push_back({TextRole::title, margin, margin * 0.8F, std::move(title)});
    }
    const float tall = bottom - top, row = answers > 0 ? answers + margin * 0.5F : 0;
    if (layout == SceneLayout::text || layout == SceneLayout::number) {
        const bool big = layout == SceneLayout::number;
        const float column = std::round(width * (big ? 0.37F : 0.34F)), picture = inner - column - margin;
        const float x = big ? margin : width - margin - column;
        page.picture = {big ? width - margin - picture : margin, top, picture, tall};
        RichLayout number;
        if (big && !texts.number.empty())
            number = lay_out_to_fit("**" + texts.number + "**", typeface, height / 6, height / 22, column, tall * 0.4F);
        const float gap = number.height > 0 ? margin * 0.6F : 0;
        RichLayout text = fit(texts.text, typeface, height, height / 20, column, tall - number.height - gap - row,
                              tall - number.height - gap - row);
        const float y = top + std::max(0.0F, (tall - number.height - gap - text.height - row) / 2);
        const float below = y + number.height + gap;
        if (number.height > 0) page.texts.push_back({TextRole::number, x, y, std::move(number)});
        if (answers > 0) page.answers = Area{x, below + text.height + margin * 0.5F, column, answers};
        if (text.height > 0) page.texts.push_back({TextRole::text, x, below, std::move(text)});
        return page;
    }
    if (answers > 0) {
        page.answers = Area{margin, bottom - answers, inner, answers};
        bottom -= row;
    }
    if (!texts.text.empty()) {
        RichLayout text =
            fit(texts.text, typeface, height, height / 23, inner, height * 0.3F, std::min(height * 0.5F, tall * 0.6F));
        bottom -= text.height;
        page.texts.push_back({TextRole::text, margin, bottom, std::move(text)});
        bottom -= margin * 0.6F;
    }
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
