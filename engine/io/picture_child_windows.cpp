/// No child process decodes pictures on Windows.
#include "engine/io/picture_child.h"

namespace convlens {

int run_picture_child(std::span<const std::string> /*arguments*/) { return 2; }

}  // namespace convlens
