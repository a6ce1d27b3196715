/// What the CPU backend computes after an edit of some kernels: the changed channels, also in the layers behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <variant>

#include "engine/cpu/channel_part.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/layers_cpu.h"
#include "engine/reference/layer_case.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

bool same_bits(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

bool same_bits(std::span<const ChannelStats> a, std::span<const ChannelStats> b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

/// Expects the same values and statistics in all items, bit by bit.
void expect_same(const Activations& a, const Activations& b) {
    ASSERT_EQ(a.shape(), b.shape());
    ASSERT_TRUE(same_bits(all_values(a).value().values(), all_values(b).value().values()));
    for (int n = 0; n < a.shape().n; ++n) ASSERT_TRUE(same_bits(a.stats(n), b.stats(n)));
}

/// The layer with other numbers in the kernels `channels`.
Conv2d edited(const Conv2d& layer, const std::vector<int>& channels, Random& random) {
    Tensor weight = layer.weight->clone();
    for (const int o : channels)
        for (int c = 0; c < weight.shape().c; ++c)
            for (float& v : weight.plane(o, c)) v = random.real();
    Conv2d result = layer;
    result.weight = std::make_shared<const Tensor>(std::move(weight));
    return result;
}

std::shared_ptr<std::vector<float>> random_values(int count, Random& random) {
    auto values = std::make_shared<std::vector<float>>();
    for (int i = 0; i < count; ++i) values->push_back(0.6F + 0.5F * random.real());
    return values;
}

/// The channels that differ.
std::vector<int> different_channels(const Activations& a, const Activations& b) {
    std::vector<int> found;
    const Shape s = a.shape();
    for (int c = 0; c < s.c; ++c)
        if (!same_bits(a.read(0, {c, 1}, {0, 0, s.w, s.h}).value().values(),
                       b.read(0, {c, 1}, {0, 0, s.w, s.h}).value().values()))
            found.push_back(c);
    return found;
}

TEST(ChannelPart, HasTheSameBitsAsAllChannelsOfEveryLayerThatSeparatesThem) {
    Random random(90);
    std::vector<std::size_t> kinds;
    for (const LayerCase& c : layer_cases()) {
        const Operation layer = with_numbers(c.spec, Numbers::reals, random);
        if (!separates_channels(layer)) continue;
        kinds.push_back(layer.index());
        SCOPED_TRACE(describe(c));
        const Tensor input = random_tensor(c.input, Numbers::reals, random);
        std::vector<int> channels;
        for (int i = 0; i < c.input.c; ++i)
            if (random.coin()) channels.push_back(i);
        for (const Simd& simd : available_simd()) {
            Tensor all(output_shape(c.spec, c.input).value()), part(all.shape(), 77.0F);
            ASSERT_EQ(all.shape().c, c.input.c);
            ChannelPart memory;
            ASSERT_TRUE(layer_forward(layer, simd, input, Cancel{}, all));
            ASSERT_TRUE(channels_forward(layer, simd, input, channels, Cancel{}, part, memory));
            for (int n = 0; n < all.shape().n; ++n)
                for (int i = 0; i < c.input.c; ++i) {
                    const auto plane = part.plane(n, i);
                    if (std::ranges::binary_search(channels, i)) {
                        ASSERT_TRUE(same_bits(plane, all.plane(n, i))) << simd.name << ", channel " << i;
                    } else {
                        ASSERT_TRUE(std::ranges::all_of(plane, [](float v) { return v == 77.0F; })) << i;
                    }
                }
        }
    }
    std::ranges::sort(kinds);
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    EXPECT_EQ(kinds.size(), 22U) << "12 activations, 4 pools, 3 paddings, BatchNorm2d, Upsample and Dropout";
}

TEST(ChannelPart, IsNoneOfLayersThatMixChannels) {
    Random random(91);
    for (const LayerCase& c : layer_cases()) {
        const Operation layer = with_numbers(c.spec, Numbers::reals, random);
        if (!separates_channels(layer) || c.input.c < 2) continue;
        SCOPED_TRACE(describe(c));
        Tensor input = random_tensor(c.input, Numbers::reals, random);
        const Shape s = output_shape(c.spec, c.input).value();
        Tensor before(s), after(s);
        ASSERT_TRUE(layer_forward(layer, available_simd().front(), input, Cancel{}, before));
        for (int n = 0; n < c.input.n; ++n) std::ranges::fill(input.plane(n, 0), 3.0F);
        ASSERT_TRUE(layer_forward(layer, available_simd().front(), input, Cancel{}, after));
        for (int n = 0; n < s.n; ++n)
            for (int i = 1; i < s.c; ++i) ASSERT_TRUE(same_bits(before.plane(n, i), after.plane(n, i)));
    }
}

/// The key of the network's input must not be taken for "no earlier version".
TEST(ChannelUpdate, FollowsALayerThatReadsAnotherLayer) {
    Random random(94);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 3, 30, 40}, Numbers::reals, random));
    const Conv2d conv = random_layer({{1, 3, 30, 40}, 9, {3, 3}, {}, true}, Numbers::reals, random),
                 edit = edited(conv, {2}, random);
    const auto network = [](const Conv2d& first, std::vector<int> inputs) {
        return Network{{Layer{"conv", first}, Layer{"relu", ReLU{}, std::move(inputs)}, Layer{"pool", AvgPool2d{}}}};
    };
    const auto backend = make_cpu_backend({2, ""}).value();
    const Network steps[] = {network(conv, {}), network(conv, {-1}), network(conv, {}),   network(edit, {-1}),
                             network(edit, {}), network(conv, {}),   network(conv, {-1}), network(edit, {})};
    for (const int last : {1, 2, 1, 2})
        for (const Network& step : steps) {
            const auto fresh = make_cpu_backend({2, ""}).value();
            expect_same(*backend->forward(step, input, last, Cancel{}).value(),
                        *fresh->forward(step, input, last, Cancel{}).value());
        }
}

/// The factors of PReLU change behind the backend's back: what it computes then is different, what it keeps is not.
TEST(ChannelUpdate, ComputesOnlyTheChangedChannelsOfTheLayersBehind) {
    Random random(92);
    const auto input = std::make_shared<const Tensor>(random_tensor({2, 3, 30, 40}, Numbers::reals, random));
    Conv2d conv = random_layer({{2, 3, 30, 40}, 9, {3, 3}, {}, true}, Numbers::reals, random);
    const auto factors = random_values(9, random);
    PReLU prelu{{9}, factors};
    const auto network = [&] {
        return Network{{Layer{"conv", conv}, Layer{"prelu", prelu}, Layer{"pool", AvgPool2d{}}}};
    };
    const auto backend = make_cpu_backend({2, ""}).value();
    for (const int last : {1, 2}) {
        backend->forget();
        const auto first = backend->forward(network(), input, last, Cancel{}).value();
        std::vector<int> changed;
        for (const int channel : {4, 7, 4, 0, 0, 8, 2}) {
            for (float& f : *factors) f *= 0.875F;
            conv = edited(conv, {channel}, random);
            changed.push_back(channel);
            std::ranges::sort(changed);
            changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
            const auto now = backend->forward(network(), input, last, Cancel{}).value();
            EXPECT_EQ(different_channels(*first, *now), changed) << "after layer " << last;
        }
        conv = edited(conv, {0, 1, 2, 3, 5}, random);
        const auto all = backend->forward(network(), input, last, Cancel{}).value();
        EXPECT_EQ(different_channels(*first, *all).size(), 9U) << "more than half have changed: all are computed";
        conv = edited(conv, {3}, random);
        for (float& f : *factors) f *= 0.875F;
        const auto again = backend->forward(network(), input, last, Cancel{}).value();
        EXPECT_EQ(different_channels(*all, *again), std::vector<int>{3});
    }
}

TEST(ChannelUpdate, UpdatesALayerThatACanceledEditDidNotReach) {
    Random random(93);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 3, 30, 40}, Numbers::reals, random));
    Conv2d conv = random_layer({{1, 3, 30, 40}, 9, {3, 3}, {}, true}, Numbers::reals, random);
    const auto factors = random_values(9, random);
    const PReLU prelu{{9}, factors};
    const auto network = [&] { return Network{{Layer{"conv", conv}, Layer{"prelu", prelu}}}; };
    const auto backend = make_cpu_backend({2, ""}).value();
    const auto first = backend->forward(network(), input, 1, Cancel{}).value();
    for (float& f : *factors) f *= 0.5F;
    const std::atomic<bool> quit = true, newer = false;
    std::atomic<float> progress = 0;
    const Cancel stopped(quit, newer, Cancel::Clock::now(), progress);
    conv = edited(conv, {5}, random);
    EXPECT_FALSE(backend->forward(network(), input, 1, stopped));
    ASSERT_TRUE(backend->forward(network(), input, 0, Cancel{})) << "the convolution alone, as if canceled after it";
    const auto second = backend->forward(network(), input, 1, Cancel{}).value();
    EXPECT_EQ(different_channels(*first, *second), std::vector<int>{5});
    // Two edits of the convolution that the PReLU has not seen: it is computed again.
    conv = edited(conv, {1}, random);
    ASSERT_TRUE(backend->forward(network(), input, 0, Cancel{}));
    conv = edited(conv, {2}, random);
    const auto third = backend->forward(network(), input, 1, Cancel{}).value();
    EXPECT_EQ(different_channels(*first, *third).size(), 9U);
    expect_same(*third, *make_cpu_backend({1, ""}).value()->forward(network(), input, 1, Cancel{}).value());
}

TEST(ChannelUpdate, IsRightForEditsInAnyOrderOfNetworksWithManyKindsOfLayers) {
    Random random(94);
    auto input = std::make_shared<const Tensor>(random_tensor({2, 3, 20, 30}, Numbers::reals, random));
    Conv2d a = random_layer({{2, 3, 20, 30}, 9, {3, 3}, {}, true}, Numbers::reals, random),
           b = random_layer({{2, 9, 10, 15}, 7, {3, 3}, {}, true}, Numbers::reals, random);
    BatchNorm2d norm{{9, 1e-5F, true},
                     random_values(9, random),
                     random_values(9, random),
                     random_values(9, random),
                     random_values(9, random)};
    PReLU prelu{{9}, random_values(9, random)};
    const auto used = make_cpu_backend({2, ""}).value();
    std::vector<std::shared_ptr<const Activations>> held;
    for (int step = 0; step < 150; ++step) {
        const int what = random.whole(0, 14);
        if (what == 0) input = std::make_shared<const Tensor>(random_tensor({2, 3, 20, 30}, Numbers::reals, random));
        if (what == 1) norm.bias = random_values(9, random);
        if (what == 2) prelu.weight = random_values(9, random);
        if (what == 3) b = edited(b, {random.whole(0, 6)}, random);
        if (what == 4) a = edited(a, {0, 2, 3, 5, 6, 7}, random);
        if (what > 4) a = edited(a, {random.whole(0, 8)}, random);
        if (what > 12) a = edited(a, {random.whole(0, 8)}, random);
        // The sum reads two versions of the same channels.
        const Network network{{Layer{"a", a}, Layer{"norm", norm}, Layer{"prelu", prelu}, Layer{"sum", Add{}, {2, 1}},
                               Layer{"tanh", Tanh{}}, Layer{"pool", MaxPool2d{}, {2}}, Layer{"sigmoid", Sigmoid{}},
                               Layer{"b", b}}};
        const auto last = random.whole(0, 7);
        if (random.whole(0, 4) == 0) {
            const std::atomic<bool> quit = true, newer = false;
            std::atomic<float> progress = 0;
            static_cast<void>(used->forward(network, input, last, Cancel(quit, newer, Cancel::Clock::now(), progress)));
        }
        if (random.whole(0, 4) == 0) {
            ASSERT_TRUE(used->forward(network, input, random.whole(0, 7), Cancel{}));
        }
        const auto fresh = make_cpu_backend({1, ""}).value()->forward(network, input, last, Cancel{}).value(),
                   found = used->forward(network, input, last, Cancel{}).value();
        SCOPED_TRACE(fmt::format("step {}, layer {}", step, last));
        ASSERT_NO_FATAL_FAILURE(expect_same(*fresh, *found));
        if (random.coin()) held.push_back(found);
        if (held.size() > 3 || (what == 14 && !held.empty())) held.erase(held.begin(), held.begin() + 1);
    }
}

}  // namespace
}  // namespace convlens::test
