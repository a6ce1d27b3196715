/// Pictures without a file, such as drawings: their origins, and their text as data URLs.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/document/document.h"

namespace convlens {

/// Returns the origin of a picture that contains the picture: a Sample whose name is a data URL (RFC 2397),
/// "data:image/png;name=pasted;base64,...". `file` has the bytes of an image file. `name` has only letters and digits.
PictureOrigin embedded_origin(std::string_view name, std::span<const std::byte> file);

/// Returns the origin of the drawing number `number` of this process: a Sample named "drawing:NUMBER". It does not
/// contain the picture: to_spec() replaces it by an embedded_origin() of the picture's pixels. Different drawings need
/// different numbers, as documents are compared by origins.
PictureOrigin drawing_origin(int number);

/// Returns true if the picture is embedded, or a drawing.
bool is_embedded(const PictureOrigin& origin);

/// Returns the origin as sessions store it: of a drawing, an embedded_origin() that contains `picture`; any other as it
/// is.
PictureOrigin stored_origin(const PictureOrigin& origin, const Picture& picture);

/// Returns the image file that an embedded origin contains; nullopt if the data URL is not base64.
std::optional<std::vector<std::byte>> embedded_file(const PictureOrigin& origin);

/// Returns a title: "drawing", "pasted", "cat" for a sample, "cat.png" for a file, "clip.gif, frame 12" for a frame.
std::string picture_title(const PictureOrigin& origin);

}  // namespace convlens
