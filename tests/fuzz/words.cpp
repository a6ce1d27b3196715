/// Fuzz target: the values of command-line options, and the names of inputs, kernels, networks and layers.
#include <string>
#include <string_view>

#include "app/cli/words.h"
#include "engine/core/printable.h"
#include "engine/document/origin.h"
#include "engine/document/pattern.h"
#include "engine/view/display_options.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace convlens;
    const std::string text(reinterpret_cast<const char*>(data), size);
    (void)rect_from(text);
    (void)picture_size_from(text);
    (void)cell_from(text);
    (void)shift_from(text);
    (void)color_from(text);
    (void)positive_pair(text);
    (void)padding_pair(text);
    (void)position_from(text);
    (void)memory_from(text);
    (void)scale_from(text);
    (void)colormap_from(text);
    (void)channels_from(text);
    (void)KernelsOrigin::parse(text);
    const std::string shown = printable(text);
    if (printable(shown) != shown) __builtin_trap();
    return 0;
}
