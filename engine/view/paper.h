/// Backgrounds of exported pictures, and matching colors for text.
#pragma once

#include "engine/core/image.h"

namespace convlens {

/// The background of an exported picture.
enum class Paper { white, dark, transparent };

/// Colors of the background (`paper`), of text on it (`foreground`), and of less important text and lines (`faint`).
struct PaperColors {
    Rgba paper, foreground, faint;
};

/// Returns the colors for `paper`.
constexpr PaperColors paper_colors(Paper paper) {
    switch (paper) {
        case Paper::dark: return {{24, 28, 34, 255}, {236, 238, 240, 255}, {150, 156, 164, 255}};
        case Paper::transparent:
            return {{0, 0, 0, 0}, {96, 100, 106, 255}, {120, 124, 130, 255}};  // readable on white and on black
        case Paper::white: break;
    }
    return {{255, 255, 255, 255}, {28, 30, 34, 255}, {104, 108, 116, 255}};
}

}  // namespace convlens
