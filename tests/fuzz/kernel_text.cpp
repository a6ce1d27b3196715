/// Fuzz target: kernels as text; what is read must print and read back as itself.
#include "engine/nn/kernel_edit.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto planes = convlens::planes_from_text({reinterpret_cast<const char*>(data), size});
    if (!planes) return 0;
    const auto again = convlens::planes_from_text(convlens::to_text(*planes));
    if (!again || again->size() != planes->size()) __builtin_trap();
    for (std::size_t i = 0; i < planes->size(); ++i)
        if ((*again)[i].values != (*planes)[i].values) __builtin_trap();
    return 0;
}
