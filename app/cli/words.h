/// What the values of options are written as.
#pragma once

#include <optional>
#include <string_view>

#include "engine/core/image.h"
#include "engine/core/shape.h"
#include "engine/nn/taps.h"

namespace convlens {

// Each is the value that all of `text` spells, none where it does not.
std::optional<Rect> rect_from(std::string_view text);               ///< "WxH+X+Y"
std::optional<Size2> picture_size_from(std::string_view text);      ///< "WxH", unlike hyper-parameters width first.
std::optional<Size2> cell_from(std::string_view text);              ///< "WxH" of a picture that can be written at all.
std::optional<Size2> shift_from(std::string_view text);             ///< "DX,DY"
std::optional<Rgba> color_from(std::string_view text);              ///< "RRGGBB"
std::optional<Size2> positive_pair(std::string_view text);          ///< "N" or "HxW", of at least 1.
std::optional<Size2> padding_pair(std::string_view text);           ///< "N" or "HxW", of at least 0.
std::optional<PixelPosition> position_from(std::string_view text);  ///< "CHANNEL,Y,X"

}  // namespace convlens
