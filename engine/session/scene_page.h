/// The composition of a scene: where its title, text and pictures are on a screen or on a page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/view/rich_text.h"

namespace convlens {

/// How a scene fills the screen.
enum class SceneLayout {
    full,          ///< The picture over the whole width, the text below it.
    text,          ///< The picture on the left, the text in a column on the right.
    side_by_side,  ///< The picture and the second view beside each other, the text below them.
    number,        ///< A short text in very large type and the text below it on the left, the picture on the right.
};

/// Returns the layout called `name`: "full", "text", "side_by_side" or "number"; nullopt for any other text.
std::optional<SceneLayout> scene_layout_from(std::string_view name);
std::string_view to_string(SceneLayout layout);

/// A rectangle in pixels; y increases downward.
struct Area {
    float x = 0, y = 0, w = 0, h = 0;
};

/// A text of a scene at its place.
struct PageText {
    enum class Role { title, number, text };
    Role role = Role::text;
    float x = 0, y = 0;  ///< Upper left corner.
    RichLayout layout;
};

/// A composed scene.
struct ScenePage {
    Area picture;
    std::optional<Area> second;
    std::vector<PageText> texts;
    std::optional<Area> answers;  ///< Room for the buttons of a question.
};

/// What a scene shows. The texts are markup of rich_text.h, with values already filled in.
struct SceneTexts {
    std::string title, number, text;
    friend bool operator==(const SceneTexts&, const SceneTexts&) = default;
};

/// Places everything on a screen of width x height pixels. The type of titles and texts grows with the height: a text
/// has at least 1/30 of it, unless it is so long that it would leave less than half of the height to the picture. On a
/// screen higher than wide, `text` and `number` are laid out like `full`. Keeps `answers` pixels of height free below
/// the text.
ScenePage compose_scene(const SceneTexts& texts, SceneLayout layout, const Typeface& typeface, float width,
                        float height, float answers = 0);

}  // namespace convlens
