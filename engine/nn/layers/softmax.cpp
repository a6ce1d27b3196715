/// nn.Softmax over the channels: explanation of a value.
#include "engine/nn/layers/softmax.h"

#include <algorithm>
#include <cmath>

namespace convlens {

void LayerTraits<Softmax>::break_down(const Softmax& /*layer*/, const Shape& /*input*/, const PixelPosition& at,
                                      Breakdown& b) {
    b.rule = TermRule::softmax;
    double largest = -HUGE_VAL, sum = 0;
    for (const Term& t : b.terms) largest = std::max(largest, static_cast<double>(t.value));
    for (Term& t : b.terms) sum += t.product = std::exp(static_cast<double>(t.value) - largest);
    for (Term& t : b.terms) b.subtotals.push_back(t.product /= sum);
    b.total = b.subtotals[static_cast<std::size_t>(at.channel)];
}

}  // namespace convlens
