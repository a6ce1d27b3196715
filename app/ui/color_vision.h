/// Shows the window as people see it who tell fewer colors apart.
#pragma once

#include <array>

namespace convlens {

/// Kinds of color vision: the usual one, and those without one of the three kinds of cones.
enum class ColorVision {
    usual,
    protanopia,    ///< No cones for long waves: red is dark, and confused with green.
    deuteranopia,  ///< No cones for middle waves: red and green are confused.
    tritanopia,    ///< No cones for short waves: blue and green are confused.
};

/// Returns the matrix, row by row, that simulates a kind of color vision for red, green and blue in linear light.
/// Machado, Oliveira and Fernandes: A Physiologically-based Model for Simulation of Color Vision Deficiency, 2009, for
/// the severity 1.0. Every row adds up to 1: gray stays gray.
const std::array<float, 9>& color_matrix(ColorVision vision);

/// Changes the colors of a frame that OpenGL has drawn. Its functions need the context of the window.
class ColorFilter {
  public:
    ColorFilter() = default;
    ColorFilter(const ColorFilter&) = delete;
    ColorFilter& operator=(const ColorFilter&) = delete;

    /// Replaces the pixels of the framebuffer, of this size, by what people with `vision` see. Returns false if the
    /// driver can't.
    bool apply(ColorVision vision, int width, int height);

    /// Forgets the program, because its context is lost.
    void forget() { *this = {}; }

  private:
    ColorFilter& operator=(ColorFilter&&) = default;

    unsigned program_ = 0, vertices_ = 0, picture_ = 0;  // deleted with the context
};

}  // namespace convlens
