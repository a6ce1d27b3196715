/// Opens decoder libraries with dlopen().
#include <dlfcn.h>

#include "engine/io/decoder_library.h"

namespace convlens {

DecoderLibrary::DecoderLibrary(const char* file) : library_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
    complete_ = library_ != nullptr;
}

void* DecoderLibrary::address_of(const char* name) {
    void* address = library_ ? ::dlsym(library_, name) : nullptr;
    complete_ = complete_ && address != nullptr;
    return address;
}

}  // namespace convlens
