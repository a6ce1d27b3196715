/// What the CPU backend promises beside right results: threads, canceling, caching, limits, bounds.
#include "engine/cpu/cpu_backend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/reference/reference.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

bool same_bits(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

bool same_bits(std::span<const ChannelStats> a, std::span<const ChannelStats> b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(ChannelStats)) == 0;
}

/// A job that is asked to stop.
struct Stopped {
    std::atomic<bool> quit{true};
    std::atomic<bool> newer{false};
    std::atomic<float> progress{0.0F};
    Cancel cancel{quit, newer, Cancel::Clock::now(), progress};
};

ConvCase alexnet_like() {
    ConvCase c{{1, 3, 120, 90}, 64, {11, 11}, {}, true};
    c.params.stride = {4, 4};
    c.params.padding = {2, 2};
    return c;
}

TEST(CpuBackend, GivesTheSameBitsWithAnyNumberOfThreads) {
    const MoreThreadsThanCores nine(9);
    std::vector<ConvCase> cases{alexnet_like(),
                                {{4, 3, 40, 70}, 7, {5, 5}, {}, true},
                                {{1, 8, 33, 17}, 8, {3, 3}, {}, false},
                                {{1, 64, 8, 420}, 2, {3, 3}, {}, true}};
    cases[2].params.groups = 8;
    Random random(30);
    for (int i = 0; i < 30; ++i) cases.push_back(random_case(random));
    std::vector<std::vector<std::unique_ptr<Backend>>> by_threads;
    for (const int threads : {1, 2, 3, 8}) by_threads.push_back(every_backend(threads));
    for (const ConvCase& c : cases) {
        const Tensor input = random_tensor(c.input, Numbers::reals, random);
        const Conv2d layer = random_layer(c, Numbers::reals, random);
        for (std::size_t isa = 0; isa < available_simd().size(); ++isa) {
            const auto shared = std::make_shared<const Tensor>(input.clone());
            const Tensor alone = run(*by_threads[0][isa], layer, input).value();
            const auto stats = by_threads[0][isa]->forward(network_of(layer), shared, 0, Cancel{}).value();
            for (const auto& backends : by_threads) {
                SCOPED_TRACE(backends[isa]->name() + ": " + describe(c));
                ASSERT_TRUE(same_bits(run(*backends[isa], layer, input).value(), alone));
                const auto other = backends[isa]->forward(network_of(layer), shared, 0, Cancel{}).value();
                for (int n = 0; n < c.input.n; ++n) ASSERT_TRUE(same_bits(stats->stats(n), other->stats(n)));
            }
        }
    }
}

TEST(CpuBackend, GivesTheSameBitsInEveryItemOfABatchOfEqualImages) {
    Random random(31);
    const ConvCase c{{1, 3, 21, 37}, 9, {3, 4}, {}, true};
    const Tensor image = random_tensor(c.input, Numbers::reals, random);
    const Conv2d layer = random_layer(c, Numbers::reals, random);
    Tensor batch({5, 3, 21, 37});
    for (int n = 0; n < 5; ++n) std::copy(image.values().begin(), image.values().end(), batch.plane(n, 0).data());
    for (const auto& backend : every_backend(2)) {
        const Tensor alone = run(*backend, layer, image).value(), all = run(*backend, layer, batch).value();
        for (int n = 0; n < 5; ++n)
            EXPECT_EQ(std::memcmp(all.plane(n, 0).data(), alone.data(), alone.size() * sizeof(float)), 0) << n;
    }
}

TEST(CpuBackend, StopsWhenAskedToAndIsStillRightAfterwards) {
    Random random(32);
    const ConvCase c = alexnet_like();
    const auto input = std::make_shared<const Tensor>(random_tensor(c.input, Numbers::small_integers, random));
    const Network network = network_of(random_layer(c, Numbers::small_integers, random));
    const Reference reference = reference_conv2d(std::get<Conv2d>(network.layers[0].operation), *input);
    for (const auto& backend : every_backend(2)) {
        SCOPED_TRACE(backend->name());
        const Stopped stopped;
        const auto none = backend->forward(network, input, 0, stopped.cancel);
        ASSERT_FALSE(none);
        EXPECT_TRUE(none.error().canceled);
        const auto activations = backend->forward(network, input, 0, Cancel{});
        ASSERT_TRUE(activations);
        const Shape s = (*activations)->shape();
        const Tensor output = (*activations)->read(0, {0, s.c}, {0, 0, s.w, s.h}).value();
        EXPECT_EQ(relative_error(output.values(), reference), 0.0);
    }
}

TEST(CpuBackend, KeepsItsResultsWhenAnEditOfOneKernelIsCanceled) {
    Random random(48);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 3, 40, 50}, Numbers::small_integers, random));
    const Conv2d layer = random_layer({{1, 3, 40, 50}, 16, {5, 5}, {}, true}, Numbers::small_integers, random);
    Conv2d edited = layer;
    Tensor weight = layer.weight->clone();
    weight.at(7, 1, 2, 3) += 1;
    edited.weight = std::make_shared<const Tensor>(std::move(weight));
    for (const auto& backend : every_backend(2)) {
        SCOPED_TRACE(backend->name());
        const auto before = backend->forward(network_of(layer), input, 0, Cancel{}).value();
        const Stopped stopped;
        ASSERT_FALSE(backend->forward(network_of(edited), input, 0, stopped.cancel));
        // The same object: no channel was computed again.
        EXPECT_EQ(backend->forward(network_of(layer), input, 0, Cancel{}).value(), before);
        ASSERT_FALSE(backend->forward(network_of(edited), input, 0, stopped.cancel));
        const auto after = backend->forward(network_of(edited), input, 0, Cancel{}).value();
        const Shape s = after->shape();
        const Tensor output = after->read(0, {0, s.c}, {0, 0, s.w, s.h}).value();
        EXPECT_EQ(relative_error(output.values(), reference_conv2d(edited, *input)), 0.0);
    }
}

TEST(CpuBackend, StopsInTheMiddleOfALayer) {
    Random random(33);
    ConvCase c{{1, 4, 600, 600}, 64, {11, 11}, {}, true};  // 11 G multiplications
    const auto input = std::make_shared<const Tensor>(random_tensor(c.input, Numbers::reals, random));
    const Network network = network_of(random_layer(c, Numbers::reals, random));
    const auto backend = make_cpu_backend({1, available_simd().back().name}).value();
    Stopped job;
    job.quit = false;
    std::atomic<bool> done = false;
    std::thread user([&] {
        while (job.progress == 0.0F && !done) std::this_thread::yield();
        job.quit = true;
    });
    const auto result = backend->forward(network, input, 0, job.cancel);
    done = true;
    user.join();
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().canceled);
    EXPECT_GT(job.progress, 0.0F);
    EXPECT_LT(job.progress, 1.0F);
}

TEST(CpuBackend, StopsWhileItLooksForStatistics) {
    const auto backend = std::move(every_backend(2).front());
    Random random(47);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 2, 9, 9}, Numbers::reals, random));
    const Network network{{Layer{"tanh", Tanh{}}, Layer{"relu", ReLU{}}}};
    ASSERT_TRUE(
        backend->forward(network, input, 1, Cancel{}));  // the first layer's values are there, its statistics are not
    Stopped stopped;
    const auto none = backend->forward(network, input, 0, stopped.cancel);
    ASSERT_FALSE(none);
    EXPECT_TRUE(none.error().canceled);
    EXPECT_TRUE(backend->forward(network, input, 0, Cancel{}));
}

TEST(CpuBackend, ReportsProgressUpToOne) {
    Random random(34);
    const ConvCase c = alexnet_like();
    const auto input = std::make_shared<const Tensor>(random_tensor(c.input, Numbers::reals, random));
    const auto backend = make_cpu_backend({2, ""}).value();
    Stopped job;
    job.quit = false;
    ASSERT_TRUE(backend->forward(network_of(random_layer(c, Numbers::reals, random)), input, 0, job.cancel));
    EXPECT_EQ(job.progress, 1.0F);
}

TEST(CpuBackend, RunsALayerAgainOnlyWhenItOrItsInputChanged) {
    Random random(35);
    const ConvCase c{{1, 3, 12, 12}, 4, {3, 3}, {}, true};
    const auto input = std::make_shared<const Tensor>(random_tensor(c.input, Numbers::reals, random));
    const auto equal_input = std::make_shared<const Tensor>(input->clone());
    const Network network = network_of(random_layer(c, Numbers::reals, random));
    const auto backend = make_cpu_backend({2, ""}).value();
    const auto first = backend->forward(network, input, 0, Cancel{}).value();
    EXPECT_EQ(backend->forward(network, input, 0, Cancel{}).value(), first);

    Network equal = network;
    auto& weight = std::get<Conv2d>(equal.layers[0].operation).weight;
    weight = std::make_shared<const Tensor>(weight->clone());
    EXPECT_EQ(backend->forward(equal, input, 0, Cancel{}).value(), first) << "other tensors, the same values";
    EXPECT_EQ(backend->forward(network, input, 0, Cancel{}).value(), first);

    Network flipped = network;
    std::get<Conv2d>(flipped.layers[0].operation).params.flip = true;
    const auto other = backend->forward(flipped, input, 0, Cancel{}).value();
    EXPECT_NE(other, first);
    EXPECT_EQ(backend->forward(flipped, input, 0, Cancel{}).value(), other);

    Network without_bias = flipped;
    std::get<Conv2d>(without_bias.layers[0].operation).bias = nullptr;
    EXPECT_NE(backend->forward(without_bias, input, 0, Cancel{}).value(), other);
    const auto again = backend->forward(network, input, 0, Cancel{}).value();
    const auto of_equal_input = backend->forward(network, equal_input, 0, Cancel{}).value();
    EXPECT_NE(of_equal_input, again);
    backend->forget();
    EXPECT_NE(backend->forward(network, equal_input, 0, Cancel{}).value(), of_equal_input);
}

TEST(CpuBackend, RunsAChainAndKeepsTheLayersBeforeTheChangedOne) {
    Random random(36);
    const ConvCase one{{1, 2, 14, 15}, 4, {3, 3}, {}, true}, two{{1, 4, 12, 13}, 3, {2, 5}, {}, false};
    const auto input = std::make_shared<const Tensor>(random_tensor(one.input, Numbers::small_integers, random));
    const Conv2d a = random_layer(one, Numbers::small_integers, random),
                 b = random_layer(two, Numbers::small_integers, random);
    const Network network{{Layer{"a", a}, Layer{"b", b}}};
    for (const auto& backend : every_backend(2)) {
        SCOPED_TRACE(backend->name());
        const auto last = backend->forward(network, input, 1, Cancel{}).value();
        const auto first = backend->forward(network, input, 0, Cancel{}).value();
        EXPECT_EQ(first->shape(), (Shape{1, 4, 12, 13}));
        EXPECT_EQ(last->shape(), (Shape{1, 3, 11, 9}));
        const Tensor middle = first->read(0, {0, 4}, {0, 0, 13, 12}).value();
        const Tensor output = last->read(0, {0, 3}, {0, 0, 9, 11}).value();
        EXPECT_EQ(relative_error(middle.values(), reference_conv2d(a, *input)), 0.0);
        EXPECT_EQ(relative_error(output.values(), reference_conv2d(b, middle)), 0.0);

        Network changed = network;
        std::get<Conv2d>(changed.layers[1].operation).params.padding = {1, 1};
        EXPECT_NE(backend->forward(changed, input, 1, Cancel{}).value(), last);
        EXPECT_EQ(backend->forward(changed, input, 0, Cancel{}).value(), first);
    }
}

/// The layer with other numbers in the kernels and biases of `channels`.
Conv2d edited(const Conv2d& layer, const std::vector<int>& channels, Random& random) {
    Tensor weight = layer.weight->clone();
    auto bias = layer.bias ? std::make_shared<std::vector<float>>(*layer.bias) : nullptr;
    const Shape s = weight.shape();
    for (const int o : channels) {
        for (int c = 0; c < s.c; ++c)
            for (float& v : weight.plane(o, c)) v = random.real();
        if (bias) (*bias)[static_cast<std::size_t>(o)] += 1.0F;
    }
    Conv2d result = layer;
    result.weight = std::make_shared<const Tensor>(std::move(weight));
    result.bias = bias;
    return result;
}

TEST(CpuBackend, GivesTheSameBitsWhenOnlySomeChannelsAreComputedAgain) {
    Random random(42);
    std::vector<ConvCase> cases{alexnet_like(),
                                {{1, 40, 13, 13}, 70, {3, 3}, {}, true},
                                {{2, 3, 20, 400}, 11, {5, 5}, {}, true},
                                {{1, 64, 4, 700}, 3, {3, 3}, {}, true}};
    cases[1].params.padding = {1, 1};
    for (int i = 0; i < 60; ++i) cases.push_back(random_case(random));
    for (const ConvCase& c : cases) {
        const auto input = std::make_shared<const Tensor>(random_tensor(c.input, Numbers::reals, random));
        const Conv2d before = random_layer(c, Numbers::reals, random);
        const int last = c.out_channels - 1;
        for (const std::vector<int>& channels : {std::vector<int>{random.whole(0, last)}, {0, last / 2, last}, {}}) {
            const Conv2d after = edited(before, channels, random);
            for (const Simd& simd : available_simd()) {
                SCOPED_TRACE(std::string(simd.name) + ": " + describe(c));
                const auto fresh = make_cpu_backend({1, simd.name}).value(),
                           used = make_cpu_backend({2, simd.name}).value();
                const auto whole = fresh->forward(network_of(after), input, 0, Cancel{}).value();
                ASSERT_TRUE(used->forward(network_of(before), input, 0, Cancel{}));
                const auto updated = used->forward(network_of(after), input, 0, Cancel{}).value();
                const Shape s = whole->shape();
                for (int n = 0; n < s.n; ++n) {
                    const Rect all{0, 0, s.w, s.h};
                    ASSERT_TRUE(
                        same_bits(whole->read(n, {0, s.c}, all).value(), updated->read(n, {0, s.c}, all).value()));
                    ASSERT_TRUE(same_bits(whole->stats(n), updated->stats(n)));
                }
            }
        }
    }
}

TEST(CpuBackend, LeavesAnEarlierResultAloneWhenItComputesChannelsAgain) {
    Random random(43);
    const ConvCase c{{1, 3, 30, 40}, 9, {3, 3}, {}, true};
    const auto input = std::make_shared<const Tensor>(random_tensor(c.input, Numbers::reals, random));
    const Conv2d before = random_layer(c, Numbers::reals, random), after = edited(before, {4}, random);
    const auto backend = make_cpu_backend({2, ""}).value();
    const auto first = backend->forward(network_of(before), input, 0, Cancel{}).value();
    const Tensor values = first->read(0, {0, 9}, {0, 0, 38, 28}).value();
    const auto second = backend->forward(network_of(after), input, 0, Cancel{}).value();
    EXPECT_NE(first, second);
    EXPECT_TRUE(same_bits(first->read(0, {0, 9}, {0, 0, 38, 28}).value(), values));
    EXPECT_FALSE(same_bits(second->read(0, {0, 9}, {0, 0, 38, 28}).value(), values));

    const Stopped stopped;
    const auto third = backend->forward(network_of(before), input, 0, stopped.cancel);
    ASSERT_FALSE(third);
    EXPECT_TRUE(third.error().canceled);
    const auto again = backend->forward(network_of(before), input, 0, Cancel{}).value();
    EXPECT_TRUE(same_bits(again->read(0, {0, 9}, {0, 0, 38, 28}).value(), values));
}

/// The channels whose values differ, in all items.
std::vector<int> different_channels(const Activations& a, const Activations& b) {
    std::vector<int> found;
    const Shape s = a.shape();
    for (int c = 0; c < s.c; ++c)
        if (!same_bits(a.read(0, {c, 1}, {0, 0, s.w, s.h}).value(), b.read(0, {c, 1}, {0, 0, s.w, s.h}).value()))
            found.push_back(c);
    return found;
}

/// Between two edits the input changes behind the backend's back: what it computes then is different, what it keeps is
/// not.
TEST(CpuBackend, ComputesOnlyTheChannelsThatEditsHaveChangedAlsoAfterACanceledOne) {
    Random random(48);
    const ConvCase c{{1, 3, 30, 40}, 9, {3, 3}, {}, true};
    const auto input = std::make_shared<Tensor>(random_tensor(c.input, Numbers::reals, random));
    const auto backend = make_cpu_backend({2, ""}).value();
    Conv2d layer = random_layer(c, Numbers::reals, random);
    const auto first = backend->forward(network_of(layer), input, 0, Cancel{}).value();
    for (float& v : input->values()) v *= 2.0F;

    layer = edited(layer, {4}, random);
    const Stopped stopped;
    ASSERT_FALSE(backend->forward(network_of(layer), input, 0, stopped.cancel));
    auto now = backend->forward(network_of(layer), input, 0, Cancel{}).value();
    EXPECT_EQ(different_channels(*first, *now), std::vector<int>{4});
    for (int i = 0; i < 3; ++i) {
        layer = edited(layer, {7}, random);
        now = backend->forward(network_of(layer), input, 0, Cancel{}).value();
        EXPECT_EQ(different_channels(*first, *now), (std::vector<int>{4, 7}));
    }
    layer = edited(layer, {0, 1, 2, 3, 5, 8}, random);
    now = backend->forward(network_of(layer), input, 0, Cancel{}).value();
    EXPECT_EQ(different_channels(*first, *now).size(), 9U) << "more than half have changed: all are computed";
}

TEST(CpuBackend, IsRightForEditsInAnyOrderWhetherEarlierResultsAreHeldOrNot) {
    Random random(49);
    const ConvCase one{{2, 3, 20, 30}, 9, {3, 3}, {}, true}, two{{2, 9, 18, 28}, 7, {3, 3}, {}, true};
    auto input = std::make_shared<const Tensor>(random_tensor(one.input, Numbers::reals, random));
    Conv2d a = random_layer(one, Numbers::reals, random), b = random_layer(two, Numbers::reals, random);
    const auto used = make_cpu_backend({2, ""}).value();
    std::vector<std::shared_ptr<const Activations>> held;
    for (int step = 0; step < 80; ++step) {
        const int what = random.whole(0, 9);
        if (what == 0) input = std::make_shared<const Tensor>(random_tensor(one.input, Numbers::reals, random));
        if (what == 1) a.params.flip = !a.params.flip;
        if (what >= 2 && what < 6) a = edited(a, {random.whole(0, 8)}, random);
        if (what >= 6) b = edited(b, {random.whole(0, 6)}, random);
        if (what == 9) held.clear();
        const Network network{{Layer{"a", a}, Layer{"relu", ReLU{}}, Layer{"b", b}}};
        const int last = random.whole(0, 2);
        if (random.whole(0, 4) == 0) {
            const Stopped stopped;
            static_cast<void>(used->forward(network, input, 2, stopped.cancel));
        }
        const auto fresh = make_cpu_backend({1, ""}).value()->forward(network, input, last, Cancel{}).value(),
                   found = used->forward(network, input, last, Cancel{}).value();
        for (int n = 0; n < 2; ++n) {
            const Shape s = fresh->shape();
            ASSERT_TRUE(same_bits(fresh->read(n, {0, s.c}, {0, 0, s.w, s.h}).value(),
                                  found->read(n, {0, s.c}, {0, 0, s.w, s.h}).value()))
                << "step " << step;
            ASSERT_TRUE(same_bits(fresh->stats(n), found->stats(n))) << "step " << step;
        }
        if (random.coin()) held.push_back(found);
        if (held.size() > 3) held.erase(held.begin());
    }
}

TEST(CpuBackend, ReadsExactlyTheChannelsAndTheAreaAskedFor) {
    Random random(37);
    const ConvCase c{{3, 2, 9, 11}, 5, {1, 1}, {}, true};
    const Tensor input = random_tensor(c.input, Numbers::reals, random);
    const Conv2d layer = random_layer(c, Numbers::reals, random);
    const auto backend = make_cpu_backend({2, ""}).value();
    const Tensor all = run(*backend, layer, input).value();
    const auto activations =
        backend->forward(network_of(layer), std::make_shared<const Tensor>(input.clone()), 0, Cancel{}).value();
    const Tensor part = activations->read(2, {1, 3}, {4, 5, 6, 2}).value();
    ASSERT_EQ(part.shape(), (Shape{1, 3, 2, 6}));
    for (int ch = 0; ch < 3; ++ch)
        for (int y = 0; y < 2; ++y)
            for (int x = 0; x < 6; ++x) EXPECT_EQ(part.at(0, ch, y, x), all.at(2, 1 + ch, 5 + y, 4 + x));
}

TEST(CpuBackend, KnowsEachChannelsStatistics) {
    Random random(38);
    const ConvCase c{{2, 2, 71, 67}, 5, {2, 2}, {}, true};
    const Tensor input = random_tensor(c.input, Numbers::reals, random);
    const Conv2d layer = random_layer(c, Numbers::reals, random);
    for (const auto& backend : every_backend(2)) {
        SCOPED_TRACE(backend->name());
        const Tensor all = run(*backend, layer, input).value();
        const auto activations =
            backend->forward(network_of(layer), std::make_shared<const Tensor>(input.clone()), 0, Cancel{}).value();
        for (int n = 0; n < 2; ++n) {
            const auto stats = activations->stats(n);
            ASSERT_EQ(stats.size(), 5U);
            for (int ch = 0; ch < 5; ++ch) {
                const auto plane = all.plane(n, ch);
                double sum = 0, magnitudes = 0;
                for (const float v : plane)
                    sum += static_cast<double>(v), magnitudes += std::abs(static_cast<double>(v));
                const auto count = static_cast<double>(plane.size());
                const ChannelStats& s = stats[static_cast<std::size_t>(ch)];
                EXPECT_EQ(s.min, *std::min_element(plane.begin(), plane.end()));
                EXPECT_EQ(s.max, *std::max_element(plane.begin(), plane.end()));
                EXPECT_NEAR(s.mean, sum / count, 1e-5 * magnitudes / count);
                EXPECT_NEAR(s.mean_abs, magnitudes / count, 1e-5 * magnitudes / count);
            }
        }
    }
}

TEST(CpuBackend, FindsTheExtremesOfPlanesOfEverySize) {
    for (const Simd& simd : available_simd())
        for (int size = 1; size <= 130; ++size)
            for (const int at : {0, size / 2, size - 1}) {
                std::vector<float> values(static_cast<std::size_t>(size), 2.0F);
                values[static_cast<std::size_t>(at)] = -7.0F;
                const ChannelStats stats = simd.plane_stats(values);
                SCOPED_TRACE(fmt::format("{}: {} of {}", simd.name, at, size));
                EXPECT_EQ(stats.min, -7.0F);
                EXPECT_EQ(stats.max, size == 1 ? -7.0F : 2.0F);
                EXPECT_FLOAT_EQ(stats.mean, static_cast<float>(2 * (size - 1) - 7) / static_cast<float>(size));
                EXPECT_FLOAT_EQ(stats.mean_abs, static_cast<float>(2 * (size - 1) + 7) / static_cast<float>(size));
            }
}

TEST(CpuBackend, RefusesAResultLargerThanTheMachineBeforeItAllocates) {
    Random random(39);
    ConvCase c{{1, 1, 1, 1}, 1, {1, 1}, {}, true};
    const Conv2d small = random_layer(c, Numbers::reals, random);
    c.params.padding = {1 << 20, 1 << 20};  // 2,097,153 squared: 17.6 TB
    const auto backend = make_cpu_backend({2, ""}).value();
    const Tensor input({1, 1, 1, 1}, 3.0F);
    const auto output = run(*backend, random_layer(c, Numbers::reals, random), input);
    ASSERT_FALSE(output);
    // Where size_t has 32 bits the shape itself is too large.
    const char* sentence = sizeof(std::size_t) < 8
                               ? "1x1x2097153x2097153: too large"
                               : "1x1x2097153x2097153 needs 17592.2 GB, more than half of the memory limit";
    EXPECT_NE(output.error().message.find(sentence), std::string::npos) << output.error().message;
    EXPECT_TRUE(run(*backend, small, input)) << "a small layer must run afterwards";
}

TEST(CpuBackend, IsNamedAfterItsInstructionSetAndThreads) {
    const std::string isa = available_simd().front().name;
    EXPECT_EQ(make_cpu_backend({1, isa}).value()->name(), "CPU " + isa + ", 1 thread");
    EXPECT_EQ(make_cpu_backend({3, ""}).value()->name(), "CPU " + isa + ", 3 threads");
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    EXPECT_NE(make_cpu_backend({}).value()->name().find(fmt::format(", {} thread", cores)), std::string::npos);
}

TEST(CpuBackend, RefusesThreadsAndInstructionSetsThatAreNotThere) {
    const auto negative = make_cpu_backend({-1, ""});
    ASSERT_FALSE(negative);
    EXPECT_NE(negative.error().message.find("threads is -1"), std::string::npos);
    EXPECT_FALSE(make_cpu_backend({1'000'000, ""}));
    const auto unknown = make_cpu_backend({1, "MMX"});
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("'MMX'"), std::string::npos);
    for (const Simd& simd : available_simd())
        EXPECT_NE(unknown.error().message.find(simd.name), std::string::npos) << unknown.error().message;
}

TEST(Simd, IsFoundByNameInAnyCaseAndIsTheBestForNone) {
    ASSERT_FALSE(available_simd().empty());
    EXPECT_EQ(find_simd("").value(), &available_simd().front());
    for (const Simd& simd : available_simd()) {
        std::string lower = simd.name;
        for (char& c : lower) c = static_cast<char>(std::tolower(c));
        EXPECT_EQ(find_simd(lower).value(), &simd);
        EXPECT_GT(simd.lanes, 0);
        EXPECT_GE(available_simd().front().lanes, simd.lanes);
        EXPECT_FALSE(find_simd(lower.substr(1)));
    }
}

TEST(Conv2dForward, ReturnsFalseWhenCanceled) {
    Random random(41);
    const ConvCase c{{1, 1, 8, 8}, 2, {3, 3}, {}, true};
    const Conv2d layer = random_layer(c, Numbers::reals, random);
    const Tensor input = random_tensor(c.input, Numbers::reals, random);
    Tensor output({1, 2, 6, 6});
    const Stopped stopped;
    EXPECT_FALSE(conv2d_forward(layer, input, available_simd().front(), stopped.cancel, output));
}

}  // namespace
}  // namespace convlens::test
