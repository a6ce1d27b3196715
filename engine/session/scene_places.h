/// The composition of a scene at one of its places, between which its number and its text change.
#pragma once

#include <span>
#include <string>

#include "engine/session/scene_page.h"

namespace convlens {

/// What a scene shows at one of its places.
struct PlaceTexts {
    std::string number, text;  ///< As in SceneTexts.
    float answers = 0;         ///< Height of the room for the buttons of a question in pixels; 0 if there are none.
    friend bool operator==(const PlaceTexts&, const PlaceTexts&) = default;
};

/// Places everything as compose_scene() does, in type so small that the texts of all `places` fit: it is the same at
/// all of them. Where there are no buttons, the picture and the first line stay where they are while lines are added.
ScenePage compose_place(const SceneTexts& texts, SceneLayout layout, const Typeface& typeface, float width,
                        float height, float answers, std::span<const PlaceTexts> places);

}  // namespace convlens
