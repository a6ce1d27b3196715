/// Outputs and gradients of the layers that normalize a value by those of other channels at its position. A Block is
/// that of LayerGradient.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/nn/layers.h"

namespace convlens {

/// Calls body(i) for value i of channel 0 of each position and lane; the value of channel c is c * stride later.
template <class Block, class Body>
void for_positions(const Block& b, const Body& body) {
    for (std::size_t i = 0; i < b.plane() * Block::lanes; ++i) body(i);
}

/// Mean and 1 / standard deviation of the channels at one position.
struct ChannelMoments {
    double mean = 0, inverse = 0;
};

template <class Block>
ChannelMoments moments(const Block& b, const LayerNorm2dSpec& s, std::size_t i) {
    const std::size_t stride = b.plane() * Block::lanes;
    const auto count = static_cast<double>(b.channels());
    ChannelMoments m;
    for (std::size_t c = 0; c < b.channels(); ++c) m.mean += static_cast<double>(b.input[c * stride + i]) / count;
    double variance = 0;
    for (std::size_t c = 0; c < b.channels(); ++c) {
        const double difference = static_cast<double>(b.input[c * stride + i]) - m.mean;
        variance += difference * difference / count;
    }
    m.inverse = 1 / std::sqrt(variance + static_cast<double>(s.eps));
    return m;
}

template <class Block>
void normalize_channels(const Block& b, const LayerNorm2dSpec& s) {
    const std::size_t stride = b.plane() * Block::lanes;
    for_positions(b, [&](std::size_t i) {
        const ChannelMoments m = moments(b, s, i);
        for (std::size_t c = 0; c < b.channels(); ++c)
            b.made[c * stride + i] = static_cast<float>((static_cast<double>(b.input[c * stride + i]) - m.mean) *
                                                            m.inverse * static_cast<double>(b.array(s.affine, c, 1)) +
                                                        static_cast<double>(b.array(s.affine, b.channels() + c, 0)));
    });
}

/// The formula is that of GroupNorm, with the channels at one position as the group.
template <class Block>
void normalize_channels_backward(const Block& b, const LayerNorm2dSpec& s) {
    const std::size_t stride = b.plane() * Block::lanes;
    const auto count = static_cast<double>(b.channels());
    std::vector<double> normal(b.channels()), weight(b.channels()), bias(b.channels());
    for_positions(b, [&](std::size_t i) {
        const ChannelMoments m = moments(b, s, i);
        double sum = 0, products = 0;
        const auto gradient = [&](std::size_t c) { return static_cast<double>(b.output_gradient[c * stride + i]); };
        const auto scaled = [&](std::size_t c) { return gradient(c) * static_cast<double>(b.array(s.affine, c, 1)); };
        for (std::size_t c = 0; c < b.channels(); ++c) {
            normal[c] = (static_cast<double>(b.input[c * stride + i]) - m.mean) * m.inverse;
            sum += scaled(c), products += scaled(c) * normal[c];
            weight[c] += gradient(c) * normal[c], bias[c] += gradient(c);
        }
        for (std::size_t c = 0; c < b.channels(); ++c)
            b.input_gradient[c * stride + i] =
                static_cast<float>((scaled(c) - sum / count - normal[c] * products / count) * m.inverse);
    });
    if (!s.affine || b.array_gradient.empty()) return;
    for (std::size_t c = 0; c < b.channels(); ++c) {
        b.array_gradient[c] += static_cast<float>(weight[c]);
        b.array_gradient[b.channels() + c] += static_cast<float>(bias[c]);
    }
}

template <class Block>
void softmax(const Block& b) {
    const std::size_t stride = b.plane() * Block::lanes;
    for_positions(b, [&](std::size_t i) {
        float largest = b.input[i];
        for (std::size_t c = 1; c < b.channels(); ++c) largest = std::max(largest, b.input[c * stride + i]);
        double sum = 0;
        for (std::size_t c = 0; c < b.channels(); ++c) {
            b.made[c * stride + i] = std::exp(b.input[c * stride + i] - largest);
            sum += static_cast<double>(b.made[c * stride + i]);
        }
        for (std::size_t c = 0; c < b.channels(); ++c)
            b.made[c * stride + i] = static_cast<float>(static_cast<double>(b.made[c * stride + i]) / sum);
    });
}

template <class Block>
void softmax_backward(const Block& b) {
    const std::size_t stride = b.plane() * Block::lanes;
    for_positions(b, [&](std::size_t i) {
        const auto gradient = [&](std::size_t c) { return static_cast<double>(b.output_gradient[c * stride + i]); };
        const auto output = [&](std::size_t c) { return static_cast<double>(b.output[c * stride + i]); };
        double sum = 0;
        for (std::size_t c = 0; c < b.channels(); ++c) sum += gradient(c) * output(c);
        for (std::size_t c = 0; c < b.channels(); ++c)
            b.input_gradient[c * stride + i] = static_cast<float>((gradient(c) - sum) * output(c));
    });
}

/// Calls body(index of the value, those of the first and behind the last value around it, their distance, the sum of
/// their squares) for every value.
template <class Block, class Body>
void for_neighbors(const Block& b, const LocalResponseNorm& s, const Body& body) {
    const std::size_t stride = b.plane() * Block::lanes;
    for (std::size_t c = 0; c < b.channels(); ++c) {
        const ChannelRange around = s.around(static_cast<int>(c), static_cast<int>(b.channels()));
        const auto first = static_cast<std::size_t>(around.first), end = first + static_cast<std::size_t>(around.count);
        for (std::size_t i = 0; i < stride; ++i) {
            double squares = 0;
            for (std::size_t j = first; j < end; ++j) {
                const auto x = static_cast<double>(b.input[j * stride + i]);
                squares += x * x;
            }
            body(c * stride + i, first * stride + i, end * stride + i, stride, squares);
        }
    }
}

template <class Block>
void respond(const Block& b, const LocalResponseNorm& s) {
    for_neighbors(b, s, [&](std::size_t at, std::size_t, std::size_t, std::size_t, double squares) {
        b.made[at] = static_cast<float>(static_cast<double>(b.input[at]) / s.divisor(squares));
    });
}

/// With d = k + alpha * squares / size, the output x d^-beta has the derivative d^-beta by x itself, and in addition
/// -2 alpha beta / size * x x' d^(-beta - 1) by each value x' around it.
template <class Block>
void respond_backward(const Block& b, const LocalResponseNorm& s) {
    std::vector<double> sums(b.values());
    for_neighbors(b, s, [&](std::size_t at, std::size_t first, std::size_t end, std::size_t stride, double squares) {
        const double divisor = s.divisor(squares), g = static_cast<double>(b.output_gradient[at]) / divisor;
        const double d = static_cast<double>(s.k) + static_cast<double>(s.alpha) * squares / s.size;
        sums[at] += g;
        const double by_square = -2 * static_cast<double>(s.alpha) * static_cast<double>(s.beta) / s.size *
                                 static_cast<double>(b.input[at]) * g / d;
        for (std::size_t j = first; j < end; j += stride) sums[j] += by_square * static_cast<double>(b.input[j]);
    });
    for (std::size_t i = 0; i < sums.size(); ++i) b.input_gradient[i] = static_cast<float>(sums[i]);
}

}  // namespace convlens
