/// Derivatives of single values of a feature map.
#include "engine/attribute/effective_field.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/attribute/target.h"
#include "engine/nn/receptive_fields.h"
#include "engine/train/backpropagation.h"

namespace convlens {
namespace {

constexpr int max_side = 4096;

/// Returns the positions along one axis whose receptive fields lie inside the image, but at most `most` of them, evenly
/// distributed; the one in the middle if there is none.
std::vector<int> places(int outputs, int first, int jump, int size, int inputs, int most) {
    std::vector<int> inside;
    for (int i = 0; i < outputs; ++i)
        if (first + i * jump >= 0 && first + i * jump + size <= inputs) inside.push_back(i);
    if (inside.empty()) return {outputs / 2};
    std::vector<int> some;
    const auto count = std::min(most, static_cast<int>(inside.size()));
    for (int k = 0; k < count; ++k)
        some.push_back(
            inside[inside.size() * (2 * static_cast<std::size_t>(k) + 1) / (2 * static_cast<std::size_t>(count))]);
    return some;
}

}  // namespace

Expected<EffectiveField> effective_field(const Network& network, std::shared_ptr<const Tensor> input, int channel,
                                         int most, const Simd& simd, const Cancel& cancel) {
    const Shape in = input->shape();
    auto target = make_target(network, channel, in);
    if (!target) return tl::unexpected(target.error());
    auto pass = Backpropagation::make(target->network, in, simd);
    if (!pass) return tl::unexpected(pass.error());
    const int last = static_cast<int>(target->network.layers.size());
    const ReceptiveFields fields = receptive_fields(target->network, in, last - 1);
    if (fields.size.h > max_side || fields.size.w > max_side)
        return fail("the receptive field of {}x{} pixels is too large, expected at most {}", fields.size.w,
                    fields.size.h, max_side);
    if (auto ok = pass->forward(std::move(input), cancel); !ok) return tl::unexpected(ok.error());
    const Shape out = pass->value(last).shape();
    const int side = std::max(1, static_cast<int>(std::sqrt(most)));
    const auto rows = places(out.h, fields.top, fields.jump.h, fields.size.h, in.h, side),
               columns = places(out.w, fields.left, fields.jump.w, fields.size.w, in.w, side);
    EffectiveField field{Tensor({1, 1, fields.size.h, fields.size.w}, 0.0F)};
    const int all = static_cast<int>(rows.size() * columns.size());
    for (const int y : rows)
        for (const int x : columns) {
            Tensor one(out, 0.0F);
            one.at(0, target->channel, y, x) = 1;
            const auto gradient = pass->backward(0, std::move(one), ReluRule::gradient, cancel);
            if (!gradient) return tl::unexpected(gradient.error());
            const Rect box = fields.of(y, x);
            for (int c = 0; c < in.c; ++c)
                for (int i = std::max(0, -box.y); i < std::min(box.h, in.h - box.y); ++i)
                    for (int j = std::max(0, -box.x); j < std::min(box.w, in.w - box.x); ++j)
                        field.map.at(0, 0, i, j) += std::abs(gradient->at(0, c, box.y + i, box.x + j));
            cancel.report(static_cast<float>(++field.positions) / static_cast<float>(all));
        }
    const float largest = *std::ranges::max_element(field.map.values());
    if (!(largest > 0)) return field;
    int strong = 0;
    for (float& v : field.map.values()) {
        v /= largest;
        strong += v >= 1 - 0.9545F ? 1 : 0;
    }
    field.side = std::sqrt(strong);
    return field;
}

}  // namespace convlens
