/// Origins of pictures that a camera has taken.
#pragma once

#include "engine/document/origin.h"

namespace convlens {

/// Returns the origin of frame number `number` of a camera; otherwise like drawing_origin(). Its title is "camera".
PictureOrigin live_origin(int number);

}  // namespace convlens
