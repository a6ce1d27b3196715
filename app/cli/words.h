/// Parsers of the values of options.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/core/image.h"
#include "engine/core/shape.h"
#include "engine/nn/taps.h"

namespace convlens {

// Each function parses the whole `text` and returns nullopt if it is malformed. Sizes of images are written with the
// width first; sizes of hyperparameters with the height first, as in PyTorch.
std::optional<Rect> rect_from(std::string_view text);           ///< "WxH+X+Y", W and H at least 1, X and Y at least 0
std::optional<Size2> picture_size_from(std::string_view text);  ///< "WxH", each at least 1, width first
std::optional<Size2> cell_from(std::string_view text);          ///< "WxH", each 1 to max_picture_side
std::optional<Size2> shift_from(std::string_view text);         ///< "DX,DY"
std::optional<Rgba> color_from(std::string_view text);          ///< "RRGGBB", hexadecimal
std::optional<Size2> positive_pair(std::string_view text);      ///< "N" or "HxW", each at least 1
std::optional<Size2> padding_pair(std::string_view text);       ///< "N" or "HxW", each at least 0
std::optional<PixelPosition> position_from(std::string_view text);  ///< "CHANNEL,Y,X", each at least 0

/// "N" bytes, or "NkB", "NMB", "NGB", "NTB" in powers of 1000; N may have a fraction. Returns bytes, at least 64 MB.
std::optional<std::size_t> memory_from(std::string_view text);

}  // namespace convlens
