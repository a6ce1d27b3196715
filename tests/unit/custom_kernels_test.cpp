/// Edited kernels in documents: one channel changes, and undoing gives the same bits.
#include "engine/document/custom_kernels.h"

#include <gtest/gtest.h>

#include "app/ui/history.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/document/evaluate.h"
#include "engine/document/stored_document.h"
#include "engine/nn/kernel_edit.h"
#include "engine/open/open_network.h"
#include "engine/reference/random_case.h"

namespace convlens {
namespace {

using reference::Random;

Document noise_with(decltype(Kernels::bank) bank) {
    Document document;
    document.input.source = PatternInput{Pattern::noise, {40, 32}, 1};
    choose_kernels(document, std::move(bank));
    return document;
}

/// One value of one kernel set to another.
void edit(Document& document, const Network& built, int layer, int kernel, Random& random) {
    auto own = custom_kernels(document, built, layer);
    ASSERT_TRUE(own);
    auto planes = kernel_planes(*own->weight, kernel);
    auto& plane = planes[static_cast<std::size_t>(random.whole(0, static_cast<int>(planes.size()) - 1))];
    plane.values[static_cast<std::size_t>(random.whole(0, static_cast<int>(plane.values.size()) - 1))] = random.real();
    own->weight = std::make_shared<const Tensor>(with_kernel(*own->weight, kernel, planes));
    put_kernels(document, built, std::move(*own));
}

std::vector<float> values_of(const Output& output) {
    const auto all = all_values(*output.activations);
    return {all->values().begin(), all->values().end()};
}

TEST(CustomKernels, AHundredEditsAndAHundredUndosGiveTheSameBits) {
    Random random(1);
    for (const auto& bank : std::vector<decltype(Kernels::bank)>{EdgeKernels{}, RandomKernels{}}) {
        auto backend = *make_cpu_backend({});
        History<Document, StoredDocument> history(noise_with(bank));
        auto output = evaluate(history.now(), *backend, Cancel());
        ASSERT_TRUE(output) << output.error().message;
        const auto first = values_of(*output);
        for (int i = 0; i < 100; ++i) {
            Document next = history.now();
            const int kernel = random.whole(0, output->activations->shape().c - 1);
            edit(next, output->network, 0, kernel, random);
            history.preview(next);
            history.commit();
            const auto before = values_of(*output);
            const Output last = std::move(*output);
            output = evaluate(history.now(), *backend, Cancel(), &last);
            ASSERT_TRUE(output) << output.error().message;
            const auto now = values_of(*output);
            const std::size_t plane = output->activations->shape().plane();
            for (std::size_t at = 0; at < now.size(); ++at) {
                ASSERT_TRUE(now[at] == before[at] || at / plane == static_cast<std::size_t>(kernel))
                    << "channel " << at / plane << " changed with kernel " << kernel;
            }
        }
        EXPECT_NE(values_of(*output), first);
        for (int i = 0; i < 100; ++i) ASSERT_TRUE(history.undo());
        const Output last = std::move(*output);
        output = evaluate(history.now(), *backend, Cancel(), &last);
        ASSERT_TRUE(output);
        EXPECT_EQ(values_of(*output), first);
    }
}

TEST(CustomKernels, EditingRandomKernelsWithoutAChangeKeepsTheResult) {
    auto backend = *make_cpu_backend({});
    Document document = noise_with(RandomKernels{});
    const auto before = evaluate(document, *backend, Cancel());
    ASSERT_TRUE(before);
    auto own = custom_kernels(document, before->network, 0);
    ASSERT_TRUE(own);
    put_kernels(document, before->network, *own);
    EXPECT_EQ(kernels_title(document.kernels), "7 random kernels 5x5, seed 1, edited");
    const auto after = evaluate(document, *backend, Cancel());
    ASSERT_TRUE(after);
    EXPECT_EQ(values_of(*before), values_of(*after));
}

TEST(CustomKernels, ALayerOfANetworkIsEditedAndTheOthersKeepTheirWeights) {
    Random random(2);
    auto backend = *make_cpu_backend({});
    Document document;
    document.input.source = PatternInput{Pattern::noise, {32, 32}, 1};
    const auto network = open_network("largenet", "", {});
    ASSERT_TRUE(network) << network.error().message;
    choose_network(document, *network);
    document.layer = "pool2";
    const auto before = evaluate(document, *backend, Cancel());
    ASSERT_TRUE(before) << before.error().message;
    const auto own = custom_kernels(document, before->network, before->plan.layer);
    ASSERT_TRUE(own);
    EXPECT_EQ(own->layer, "conv2");
    edit(document, before->network, before->plan.layer, 3, random);
    const auto after = evaluate(document, *backend, Cancel(), &*before);
    ASSERT_TRUE(after) << after.error().message;
    const auto a = values_of(*before), b = values_of(*after);
    const std::size_t plane = after->activations->shape().plane();
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_TRUE(a[i] == b[i] || i / plane == 3) << i;
    EXPECT_NE(a, b);
    EXPECT_NE(network_title(document).find("edited"), std::string::npos);
}

TEST(CustomKernels, BehindALinearLayerThereAreNone) {
    Document document;
    const auto network = open_network("largenet", "", {});
    ASSERT_TRUE(network);
    choose_network(document, *network);
    document.input.source = PatternInput{Pattern::noise, {32, 32}, 1};
    auto backend = *make_cpu_backend({});
    const auto output = evaluate(document, *backend, Cancel());
    ASSERT_TRUE(output);
    EXPECT_FALSE(custom_kernels(document, output->network, output->plan.layer));
}

TEST(SameRandomKernels, IsFalseForAnotherSeedOfTheSameShape) {
    Document document;
    document.kernels.bank = RandomKernels{7, {5, 5}, 1};
    Document evaluated = document;
    EXPECT_TRUE(same_random_kernels(document, evaluated));
    document.kernels.bank = RandomKernels{7, {5, 5}, 2};
    EXPECT_FALSE(same_random_kernels(document, evaluated));
    document.conv.groups = 3;
    evaluated.kernels.bank = document.kernels.bank;
    EXPECT_FALSE(same_random_kernels(document, evaluated));
    document.kernels.bank = EdgeKernels{};
    EXPECT_TRUE(same_random_kernels(document, evaluated));

    const auto architecture = std::make_shared<const Architecture>(largenet());
    document.network = LayeredNetwork{KnownNetwork::largenet, architecture, RandomWeights{1}};
    EXPECT_FALSE(same_random_kernels(document, evaluated));
    evaluated.network = document.network;
    EXPECT_TRUE(same_random_kernels(document, evaluated));
    evaluated.network = LayeredNetwork{KnownNetwork::largenet, architecture, RandomWeights{2}};
    EXPECT_FALSE(same_random_kernels(document, evaluated));
}

}  // namespace
}  // namespace convlens
