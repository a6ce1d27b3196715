/// Origins of pictures that a camera has taken, and of parts of the screen.
#pragma once

#include "engine/document/origin.h"

namespace convlens {

/// Where live frames come from.
enum class LiveSource { camera, screen };

/// Returns the origin of frame number `number` of a source; otherwise like drawing_origin(). Its title is "camera" or
/// "screen".
PictureOrigin live_origin(LiveSource source, int number);

}  // namespace convlens
