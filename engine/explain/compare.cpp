/// Makes the second document of a comparison, and subtracts the results.
#include "engine/explain/compare.h"

#include <algorithm>
#include <cmath>

#include "engine/core/overloaded.h"

namespace convlens {
namespace {

/// Returns random kernels with the same number of output channels and the same kernel_size as the kernels of `bank`.
RandomKernels shape_of(const decltype(Kernels::bank)& bank) {
    return std::visit(
        Overloaded{[](const EdgeKernels&) {
                       return RandomKernels{static_cast<int>(edge_kernels().size()), edge_kernel_size, 1};
                   },
                   [](const RandomKernels& r) { return r; },
                   [](const LoadedKernels& l) {
                       return RandomKernels{l.weight->shape().n, {l.weight->shape().h, l.weight->shape().w}, 1};
                   }},
        bank);
}

/// Returns the padding with which a kernel of size `mine` gives as many output values as a kernel of size `theirs` with
/// `dilation` and `padding`. Returns nullopt if this is no integer or negative.
std::optional<int> same_padding(int mine, int theirs, int dilation, int padding) {
    const int twice = 2 * padding - dilation * (theirs - 1) + mine - 1;
    if (twice < 0 || twice % 2 != 0) return std::nullopt;
    return twice / 2;
}

/// Makes b one convolution with the kernels of `bank`. If a is also one convolution, b's feature maps get the same size
/// as a's, if possible.
void put_bank(Document& b, const Document& a, decltype(Kernels::bank) bank) {
    const bool one = std::holds_alternative<ConvChain>(a.network);
    const Size2 theirs = shape_of(a.kernels.bank).kernel_size;
    if (!one) choose_network(b, ConvChain{});
    choose_kernels(b, std::move(bank));
    const Size2 mine = shape_of(b.kernels.bank).kernel_size;
    if (!one || a.conv.same) return;
    const auto h = same_padding(mine.h, theirs.h, a.conv.dilation.h, a.conv.padding.h),
               w = same_padding(mine.w, theirs.w, a.conv.dilation.w, a.conv.padding.w);
    if (!h || !w) return;
    b.conv.stride = a.conv.stride;
    b.conv.padding = {*h, *w};
}

/// Replaces the weights of b by random weights of the same shapes.
void draw_weights(Document& b, std::uint32_t seed) {
    if (auto* layered = std::get_if<LayeredNetwork>(&b.network)) {
        layered->weights = RandomWeights{seed};
        return;
    }
    RandomKernels random = shape_of(b.kernels.bank);
    random.seed = seed;
    b.kernels.bank = random;
}

}  // namespace

Expected<Document> make_comparison_document(const Document& a, const CompareTargetChoice& choice,
                                            const Assets& assets) {
    Document b = a;
    switch (choice.kind) {
        case CompareTarget::edges: put_bank(b, a, EdgeKernels{}); break;
        case CompareTarget::random: draw_weights(b, choice.seed); break;
        case CompareTarget::alexnet: {
            auto opened = open_kernels(KnownKernels::alexnet, assets);
            if (!opened) return tl::unexpected(opened.error());
            put_bank(b, a, std::move(*opened));
            b.kernels.gray = GrayKernels::luminance;
            break;
        }
        case CompareTarget::kept:
            if (!choice.kept) return fail("no view is kept as B: press 'Keep as B' first");
            b = *choice.kept;
            break;
        case CompareTarget::layer: b.layer = choice.layer; break;
    }
    b.input = a.input;
    if (!std::holds_alternative<TensorInput>(a.input.source)) {
        b.input.normalize = effective_normalize(a);
        b.input.resize = effective_resize(a);
    }
    b.display = a.display;
    b.display.sort = Sort::index;
    b.display.channels.clear();
    return b;
}

Expected<MapDifference> difference_of(const Activations& a, const Activations& b, int item) {
    const Shape s = a.shape(), t = b.shape();
    if (s.c != t.c || s.h != t.h || s.w != t.w)
        return fail("A - B needs the same shapes: A has {} channels of {} x {} values, B has {} of {} x {}", s.c, s.h,
                    s.w, t.c, t.h, t.w);
    auto left = a.read(item, {0, s.c}, {0, 0, s.w, s.h});
    if (!left) return tl::unexpected(left.error());
    const auto right = b.read(item, {0, s.c}, {0, 0, s.w, s.h});
    if (!right) return tl::unexpected(right.error());
    MapDifference d{std::move(*left), 0, 0, 0};
    double sum = 0;
    for (std::size_t i = 0; i < d.values.size(); ++i) {
        float& v = d.values.values()[i];
        v -= right->values()[i];
        const auto magnitude = static_cast<double>(std::abs(v));
        d.largest = std::max(d.largest, magnitude);
        sum += magnitude;
        if (v == 0) ++d.equal;
    }
    d.mean = d.values.size() > 0 ? sum / static_cast<double>(d.values.size()) : 0;
    return d;
}

}  // namespace convlens
