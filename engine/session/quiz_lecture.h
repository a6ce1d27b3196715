/// The quiz of the window: a lecture of random questions.
#pragma once

#include <cstdint>

#include "engine/session/lecture.h"

namespace convlens {

/// Returns a lecture of `count` random questions: about shapes, parameters and receptive fields of layers, which run on
/// noise, and which of four kernels of AlexNet's first layer made a feature map. The same seed gives the same lecture.
Lecture quiz_lecture(int count, std::uint32_t seed);

}  // namespace convlens
