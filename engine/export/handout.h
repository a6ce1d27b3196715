/// Handouts of lectures and quizzes: PDF files and self-contained HTML pages.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/session/scene_page.h"

namespace convlens {

/// A question in a handout. The texts are markup of rich_text.h with values filled in.
struct HandoutQuestion {
    std::string prompt;
    std::vector<std::string> choices;                    ///< May be empty.
    std::vector<std::shared_ptr<const Image>> pictures;  ///< Choices that are pictures, instead of texts.
    std::string answer;                                  ///< In the key: the letter, or the number.
    std::string why;                                     ///< May be empty.
};

/// A page of a handout: a scene, what is said about it, and its questions.
struct HandoutPage {
    SceneTexts texts;
    SceneLayout layout = SceneLayout::full;
    std::shared_ptr<const Image> picture, second;  ///< Null if there is none. Without a picture, the page has no scene.
    std::string notes;                             ///< Markup; may be empty.
    std::vector<HandoutQuestion> questions;
};

/// A handout. The answers are on its last pages.
struct Handout {
    std::string title;
    std::vector<HandoutPage> pages;
};

/// Returns the handout as a PDF file on A4 pages, with vector text. A page that is too long continues on the next one.
std::vector<std::byte> handout_pdf(const Handout& handout, const Typeface& typeface);

/// Returns the handout as an HTML page that needs no other file. Fails if an image is too large for a PNG file.
Expected<std::string> handout_html(const Handout& handout);

/// Returns the questions and the answer key as plain text.
std::string handout_text(const Handout& handout);

}  // namespace convlens
