/// Functions shared by the activations of all backends.
#include "engine/nn/backend.h"

#include <algorithm>

namespace convlens {

Expected<Tensor> all_values(const Activations& activations) {
    const Shape s = activations.shape();
    const Rect whole{0, 0, s.w, s.h};
    if (s.n == 1) return activations.read(0, {0, s.c}, whole);
    Tensor result(s);
    for (int n = 0; n < s.n; ++n) {
        const auto item = activations.read(n, {0, s.c}, whole);
        if (!item) return tl::unexpected(item.error());
        std::copy(item->values().begin(), item->values().end(), result.plane(n, 0).data());
    }
    return result;
}

}  // namespace convlens
