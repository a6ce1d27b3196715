/// Opens no decoder libraries: builds for Windows have none.
#include "engine/io/decoder_library.h"

namespace convlens {

DecoderLibrary::DecoderLibrary(const char* /*file*/) {}

void* DecoderLibrary::address_of(const char* /*name*/) { return nullptr; }

}  // namespace convlens
