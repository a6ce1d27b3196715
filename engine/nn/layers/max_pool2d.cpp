/// The largest value under a window.
#include "engine/nn/layers/max_pool2d.h"

#include <cmath>

namespace convlens {

using Traits = LayerTraits<MaxPool2d>;

void Traits::break_down(const MaxPool2d& /*layer*/, const Shape& /*input*/, const Spot& /*at*/, Breakdown& b) {
    b.rule = Rule::maximum;
    for (std::size_t i = 0; i < b.terms.size(); ++i)
        if (!b.terms[i].padding() &&
            (b.winner < 0 || b.terms[i].value > b.terms[static_cast<std::size_t>(b.winner)].value))
            b.winner = static_cast<int>(i);
    b.add_up();
    b.total = b.winner < 0 ? -HUGE_VAL : static_cast<double>(b.terms[static_cast<std::size_t>(b.winner)].value);
}

}  // namespace convlens
