/// The files of pictures, for bundles.
#pragma once

#include "engine/open/open.h"

namespace convlens {

/// The bytes of an image file, and its name.
struct PictureFile {
    std::string name;
    std::vector<std::byte> bytes;
};

/// Returns the file of a loaded picture; of one without a file, or of a frame of a video, a PNG. Fails like
/// picture_path() and read_part().
Expected<PictureFile> read_picture(const PictureInput::Named& picture, const Assets& assets);

}  // namespace convlens
