/// Activation maximization: the spectrum of a picture, the closed form of a first layer, seeds, errors.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <random>

#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/maximize/maximizer.h"
#include "engine/maximize/spectrum.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

std::vector<float> random_values(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> values(count);
    for (float& v : values) v = static_cast<float>(random()) / 4294967296.0F - 0.5F;
    return values;
}

double product(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

TEST(Spectrum, IsTheSumOfItsWaves) {
    const Size2 size{5, 6};
    Spectrum spectrum(size, 0.3F);
    ASSERT_EQ(spectrum.count(), 2U * 5U * 4U);
    const auto z = random_values(spectrum.count(), 1);
    std::vector<float> plane(30);
    spectrum.to_plane(z, plane);
    for (int y = 0; y < 5; ++y)
        for (int x = 0; x < 6; ++x) {
            double sum = 0;
            for (int i = 0; i < 5; ++i)
                for (int j = 0; j < 4; ++j) {
                    const double u = (i < 3 ? i : i - 5) / 5.0, v = j / 6.0, f = std::hypot(u, v);
                    const double scale =
                        std::sqrt(30) / std::max(f, 1 / 6.0) * std::exp(-std::pow(f / 0.3F, 4)) / 4 / 30;
                    const double angle = 2 * std::numbers::pi * (u * y + v * x);
                    const auto at = static_cast<std::size_t>(2 * (i * 4 + j));
                    const double both = j == 0 || j == 3 ? 1 : 2;  // with the conjugate wave
                    sum += both * scale *
                           (static_cast<double>(z[at]) * std::cos(angle) -
                            static_cast<double>(z[at + 1]) * std::sin(angle));
                }
            EXPECT_NEAR(plane[static_cast<std::size_t>(y * 6 + x)], sum, 1e-6);
        }
}

TEST(Spectrum, HasTheAdjointMapAsItsGradient) {
    for (const Size2 size : {Size2{1, 2}, Size2{8, 8}, Size2{7, 12}, Size2{51, 52}, Size2{128, 128}}) {
        Spectrum spectrum(size, 0);
        const auto z = random_values(spectrum.count(), 2);
        const auto g = random_values(static_cast<std::size_t>(size.h * size.w), 3);
        std::vector<float> plane(g.size()), gradient(z.size());
        spectrum.to_plane(z, plane);
        spectrum.to_gradient(g, gradient);
        const double left = product(plane, g), right = product(z, gradient);
        EXPECT_NEAR(left, right, 1e-5 * std::sqrt(product(plane, plane) * product(g, g)));
    }
}

TEST(Spectrum, IsComputedFromAPlane) {
    for (const Size2 size : {Size2{8, 8}, Size2{7, 12}, Size2{128, 128}}) {
        Spectrum spectrum(size, 0);
        const auto plane = random_values(static_cast<std::size_t>(size.h * size.w), 4);
        std::vector<float> z(spectrum.count()), again(plane.size());
        spectrum.from_plane(plane, z);
        spectrum.to_plane(z, again);
        for (std::size_t i = 0; i < plane.size(); ++i) ASSERT_NEAR(again[i], plane[i], 1e-5) << i;
        // With a filter, what it keeps comes back: the map applied twice is the map applied once.
        Spectrum filtered(size, 0.2F);
        std::vector<float> once(plane.size()), twice(plane.size());
        filtered.from_plane(plane, z);
        filtered.to_plane(z, once);
        filtered.from_plane(once, z);
        filtered.to_plane(z, twice);
        double difference = 0;
        for (std::size_t i = 0; i < plane.size(); ++i) {
            ASSERT_NEAR(twice[i], once[i], 1e-5) << i;
            difference = std::max(difference, std::abs(static_cast<double>(once[i] - plane[i])));
        }
        EXPECT_GT(difference, 0.1);
    }
}

TEST(Warp, HasTheAdjointMapAsItsGradient) {
    for (const Motion& motion :
         {Motion{}, Motion{{3, -5}, 1, 0}, Motion{{0, 0}, 1.05, 0}, Motion{{0, 0}, 1, -5}, Motion{{-2, 70}, 0.5, 140}})
        for (const auto& [plane, seen] : {std::pair<Size2, Size2>{{18, 20}, {17, 19}}, {{40, 6}, {40, 6}}}) {
            const Warp warp(plane, seen, motion);
            ASSERT_EQ(warp.count(), static_cast<std::size_t>(seen.h * seen.w));
            const auto x = random_values(static_cast<std::size_t>(plane.h * plane.w), 11),
                       g = random_values(warp.count(), 12);
            std::vector<float> y(g.size()), gradient(x.size());
            for (std::size_t i = 0; i < y.size(); ++i) {
                y[i] = warp.seen(x.data(), i);
                warp.add_gradient(g[i], i, gradient.data());
            }
            EXPECT_NEAR(product(y, g), product(x, gradient), 1e-5 * std::sqrt(product(y, y) * product(g, g)));
        }
}

TEST(Warp, ShiftsScalesAndRotates) {
    const auto plane = random_values(81, 13);
    const auto at = [&](int y, int x) { return plane[static_cast<std::size_t>((y + 9) % 9 * 9 + (x + 9) % 9)]; };
    const Warp shifted({9, 9}, {9, 9}, {{2, -1}, 1, 0}), turned({9, 9}, {9, 9}, {{0, 0}, 1, 90}),
        enlarged({9, 9}, {9, 9}, {{0, 0}, 2, 0});
    for (int y = 0; y < 9; ++y)
        for (int x = 0; x < 9; ++x) {
            const auto i = static_cast<std::size_t>(9 * y + x);
            EXPECT_EQ(shifted.seen(plane.data(), i), at(y - 2, x + 1));
            EXPECT_NEAR(turned.seen(plane.data(), i), at(8 - x, y), 1e-5) << "the left column becomes the upper row";
            const int low_y = 2 + y / 2, low_x = 2 + x / 2;
            const float expected = (at(low_y, low_x) + at(low_y + y % 2, low_x) + at(low_y, low_x + x % 2) +
                                    at(low_y + y % 2, low_x + x % 2)) /
                                   4;
            EXPECT_NEAR(enlarged.seen(plane.data(), i), expected, 1e-5);
        }
}

Network first_layer(const Conv2d& conv) { return {{Layer{"conv1", conv}}}; }

Conv2d random_conv(ConvCase c, unsigned seed) {
    Random random(seed);
    return random_layer(c, Numbers::reals, random);
}

TEST(Maximizer, FindsTheKernelItselfForAFirstLayer) {
    const Conv2d conv = random_conv({{1, 3, 32, 32}, 40, {7, 6}, {}, true}, 5);
    MaximizeOptions options;
    for (int c = 0; c < 40; ++c) options.channels.push_back(c);
    options.spectrum = options.correlated_colors = false;
    options.weight_decay = 0.2F;
    auto search = Maximizer::make(first_layer(conv), 3, Normalize::none, options);
    ASSERT_TRUE(search) << search.error().message;
    for (int i = 0; i < 300; ++i) search->step(available_simd().front());
    const Tensor pictures = search->pictures();
    ASSERT_EQ(pictures.shape(), (Shape{40, 3, 7, 6}));
    for (int c = 0; c < 40; ++c) {
        // The largest value for pictures of one length is that of the picture that is the kernel, scaled.
        std::vector<float> picture;
        for (int i = 0; i < 3; ++i)
            for (const float v : pictures.plane(c, i)) picture.push_back(v - 0.5F);
        std::vector<float> kernel;
        for (int i = 0; i < 3; ++i)
            for (const float v : conv.weight->plane(c, i)) kernel.push_back(v);
        EXPECT_GT(product(picture, kernel) / std::sqrt(product(picture, picture) * product(kernel, kernel)), 0.95) << c;
    }
}

TEST(Maximizer, FindsTheSamePictureWithOtherChannelsAndThreads) {
    Conv2d conv = random_conv({{1, 3, 32, 32}, 40, {5, 5}, {}, true}, 6);
    const auto search = [&](std::vector<int> channels, int threads, std::uint32_t seed) {
        MaximizeOptions options;
        options.channels = std::move(channels);
        options.objective = Objective::channel;
        options.size = {20, 24};
        options.jitter = 6;
        options.scale = 0.1F, options.rotation = 10;
        options.seed = seed;
        auto made = Maximizer::make(first_layer(conv), 3, Normalize::half, options).value();
        Arena arena(threads);
        arena.execute([&] {
            for (int i = 0; i < 5; ++i) made.step(available_simd().front());
        });
        return made.pictures();
    };
    std::vector<int> all;
    for (int c = 0; c < 40; ++c) all.push_back(c);
    const Tensor together = search(all, 2, 1), alone = search({33}, 1, 1), other = search({33}, 1, 2);
    const auto same = [&](const Tensor& a) {
        return std::memcmp(a.data(), together.plane(33, 0).data(), a.size() * sizeof(float)) == 0;
    };
    EXPECT_TRUE(same(alone));
    EXPECT_FALSE(same(other)) << "the seed changes nothing";
}

TEST(Maximizer, RaisesWhatItMaximizes) {
    const Conv2d conv = random_conv({{1, 1, 32, 32}, 4, {5, 5}, {}, true}, 7);
    for (const Objective objective : {Objective::unit, Objective::channel}) {
        MaximizeOptions options;
        options.channels = {0, 1, 2, 3};
        options.objective = objective;
        auto search = Maximizer::make(first_layer(conv), 1, Normalize::none, options).value();
        const auto before = search.values(available_simd().front());
        for (int i = 0; i < 20; ++i) search.step(available_simd().front());
        const auto after = search.values(available_simd().front());
        for (std::size_t c = 0; c < 4; ++c) EXPECT_GT(after[c], before[c]);
        EXPECT_EQ(search.steps(), 20);
    }
}

TEST(Maximizer, FollowsBranches) {
    Random random(8);
    const auto conv = [&](int in, int out) {
        ConvCase c{{1, in, 1, 1}, out, {3, 3}, {}, true};
        c.params.padding = {1, 1};
        return random_layer(c, Numbers::reals, random);
    };
    const Network network{{{"conv1", conv(1, 4)},
                           {"relu1", ReLU{}},
                           {"conv2", conv(4, 4)},
                           {"add", Add{}, {2, 0}},
                           {"other", Tanh{}, {1}},
                           {"relu2", ReLU{}, {3}}}};
    MaximizeOptions options;
    options.channels = {0, 1, 2, 3};
    options.size = {12, 10};
    auto search = Maximizer::make(network, 1, Normalize::none, options);
    ASSERT_TRUE(search) << search.error().message;
    const auto before = search->values(available_simd().front());
    for (int i = 0; i < 20; ++i) search->step(available_simd().front());
    const auto after = search->values(available_simd().front());
    for (std::size_t c = 0; c < 4; ++c) EXPECT_GT(after[c], before[c]);
    EXPECT_EQ(search->pictures().shape(), (Shape{4, 1, 12, 10})) << "the whole picture";
    options.channels = {4};
    EXPECT_EQ(Maximizer::make(network, 1, Normalize::none, options).error().message,
              "channel 4 does not exist: add has channels 0 to 3");
}

TEST(Maximizer, StartsFromAPicture) {
    const Conv2d conv = random_conv({{1, 3, 32, 32}, 4, {5, 5}, {}, true}, 8);
    Tensor start({1, 3, 9, 30});
    for (std::size_t i = 0; i < start.size(); ++i) start.data()[i] = 0.1F + 0.8F * static_cast<float>(i % 83) / 82;
    for (const bool spectrum : {false, true})
        for (const bool correlated : {false, true}) {
            MaximizeOptions options;
            options.channels = {0, 3};
            options.objective = Objective::channel;
            options.size = {20, 20};  // higher than the picture, which is mirrored, and narrower
            options.spectrum = spectrum, options.correlated_colors = correlated;
            options.low_pass = 0;
            options.start = std::make_shared<const Tensor>(start.clone());
            const auto search = Maximizer::make(first_layer(conv), 3, Normalize::none, options);
            ASSERT_TRUE(search) << search.error().message;
            const Tensor pictures = search->pictures();
            for (int n = 0; n < 2; ++n)
                for (int c = 0; c < 3; ++c)
                    for (int x = 0; x < 20; ++x) {
                        ASSERT_NEAR(pictures.at(n, c, 5, x), start.at(0, c, 0, x + 5), 1e-4);
                        ASSERT_NEAR(pictures.at(n, c, 4, x), start.at(0, c, 0, x + 5), 1e-4) << "mirrored";
                        ASSERT_NEAR(pictures.at(n, c, 14, x), start.at(0, c, 8, x + 5), 1e-4) << "mirrored";
                    }
        }
    MaximizeOptions options;
    options.channels = {0};
    options.start = std::make_shared<const Tensor>(Shape{1, 1, 9, 9});
    EXPECT_EQ(Maximizer::make(first_layer(conv), 3, Normalize::none, options).error().message,
              "a search can't start from 1x1x9x9, expected 1x3xHxW");
}

TEST(Maximizer, HasSmootherPicturesWithAPenaltyOfTheirVariation) {
    const Conv2d conv = random_conv({{1, 3, 32, 32}, 1, {7, 7}, {}, true}, 10);
    const auto variation = [&](float penalty) {
        MaximizeOptions options;
        options.channels = {0};
        options.spectrum = false;
        options.total_variation = penalty;
        auto search = Maximizer::make(first_layer(conv), 3, Normalize::none, options).value();
        for (int i = 0; i < 50; ++i) search.step(available_simd().front());
        const Tensor p = search.pictures();
        double sum = 0;
        for (int c = 0; c < 3; ++c)
            for (int y = 0; y < 7; ++y)
                for (int x = 0; x + 1 < 7; ++x)
                    sum += std::pow(static_cast<double>(p.at(0, c, y, x + 1) - p.at(0, c, y, x)), 2);
        return sum;
    };
    EXPECT_LT(variation(1), 0.5 * variation(0));
}

TEST(Maximizer, SearchesThroughLayersOfEveryKind) {
    Conv2d conv = random_conv({{1, 3, 32, 32}, 4, {5, 5}, {}, true}, 9);
    Network network = first_layer(conv);
    network.layers.push_back({"tanh", Tanh{}});
    network.layers.push_back({"pool", AvgPool2d{{2, 2}, {2, 2}, {1, 1}, false, true, {}}});
    MaximizeOptions options;
    options.channels = {0, 3};
    for (const bool whole : {false, true}) {
        if (whole) network.layers.push_back({"mean", AdaptiveAvgPool2d{{3, 3}}});
        options.size = whole ? Size2{20, 24} : Size2{};
        EXPECT_EQ(sees_whole_picture(network), whole);
        auto search = Maximizer::make(network, 3, Normalize::none, options).value();
        const auto before = search.values(available_simd().front());
        for (int i = 0; i < 20; ++i) search.step(available_simd().front());
        const auto after = search.values(available_simd().front());
        EXPECT_EQ(search.pictures().shape(), (whole ? Shape{2, 3, 20, 24} : Shape{2, 3, 6, 6}));
        for (std::size_t c = 0; c < 2; ++c) EXPECT_GT(after[c], before[c]);
    }
}

TEST(Maximizer, SaysWhatItCannotSearch) {
    const Conv2d conv = random_conv({{1, 3, 32, 32}, 4, {5, 5}, {}, true}, 8);
    const auto why = [&](const Network& network, const std::function<void(MaximizeOptions&)>& change) {
        MaximizeOptions options;
        options.channels = {0};
        options.objective = Objective::channel;
        change(options);
        const auto made = Maximizer::make(network, 3, Normalize::none, options);
        return made ? "" : made.error().message;
    };
    EXPECT_EQ(why(first_layer(conv), [](auto& o) { o.channels = {4}; }),
              "channel 4 does not exist: conv1 has channels 0 to 3");
    EXPECT_EQ(why(first_layer(conv),
                  [](auto& o) {
                      o.size = {2000, 10};
                  }),
              "conv1: pictures of 10x2000 pixels are too large to be searched, expected at most 1024");
    EXPECT_NE(why(first_layer(conv), [](auto& o) { o.size = {3, 4}; }), "");
}

}  // namespace
}  // namespace convlens::test
