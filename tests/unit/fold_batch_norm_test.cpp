/// engine/document/fold_batch_norm.h
#include "engine/document/fold_batch_norm.h"

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.h"
#include "engine/document/evaluate.h"
#include "engine/document/plan.h"
#include "engine/reference/layer_case.h"
#include "engine/reference/reference.h"

namespace convlens {
namespace {

/// A document of these layers with weights that are drawn at random, for the input noise of 17x13 pixels.
Document document_of(const std::vector<LayerSpec>& layers) {
    Random random(3);
    ParameterMap parameters;
    for (const LayerSpec& layer : layers) {
        const Network one{{{layer.name, reference::with_numbers(layer.operation, reference::Numbers::reals, random)}}};
        parameters.merge(parameters_of(one));
    }
    Document d;
    d.input.source = PatternInput{Pattern::noise, {17, 13}, 2};
    choose_network(
        d, LayeredNetwork{
               KnownNetwork::own, std::make_shared<const Architecture>(Architecture{"Net", {}, {}, layers}),
               LoadedWeights{KnownCheckpoint::own, "Net", std::make_shared<const ParameterMap>(parameters), nullptr}});
    return d;
}

Tensor values_of(const Document& d) {
    auto backend = make_cpu_backend({2, {}}).value();
    const auto output = evaluate(d, *backend, Cancel());
    return all_values(*output.value().activations).value();
}

const std::vector<LayerSpec>& layers() {
    static const std::vector<LayerSpec> all = [] {
        Conv2dSpec grouped{6, 4, {3, 3}, {}, true};
        grouped.params.groups = 2;
        return std::vector<LayerSpec>{{"conv1", Conv2dSpec{3, 6, {3, 3}, {}, false}},
                                      {"bn1", BatchNorm2dSpec{6, 1e-3F, true}},
                                      {"relu1", ReLU{}},
                                      {"conv2", grouped},
                                      {"bn2", BatchNorm2dSpec{4, 1e-5F, false}},
                                      {"up", ConvTranspose2dSpec{4, 6, {3, 2}, {2, 2}, {0, 0}, {0, 0}, 2, false}},
                                      {"bn3", BatchNorm2dSpec{6}},
                                      {"pool", AdaptiveAvgPool2d{{2, 2}}},
                                      {"bn4", BatchNorm2dSpec{6}},
                                      {"fc", LinearSpec{24, 5, false}},
                                      {"bn5", BatchNorm2dSpec{5}}};
    }();
    return all;
}

TEST(FoldBatchNorm, ComputesTheSameWithoutTheLayers) {
    const Document before = document_of(layers());
    const auto folded = fold_batch_norm(before, 3);
    ASSERT_TRUE(folded) << folded.error().message;
    std::string names;
    for (const LayerSpec& layer : folded->architecture->layers) names += layer.name + " ";
    EXPECT_EQ(names, "conv1 relu1 conv2 up pool bn4 fc ");
    EXPECT_EQ(std::get<LoadedWeights>(folded->weights).title, "Net, 4 BatchNorm2d folded");
    for (const char* layer : {"bn1", "bn2", "bn3", "fc", "bn5"}) {
        SCOPED_TRACE(layer);
        Document whole = before, after = before;
        whole.layer = after.layer = layer;
        choose_folded(after, *folded);
        if (std::string_view(layer) == "fc") whole.layer = "bn5";
        const Tensor expected = values_of(whole), got = values_of(after);
        ASSERT_EQ(got.shape(), expected.shape());
        EXPECT_LE(reference::relative_error(got.values(),
                                            {expected.shape(), {expected.values().begin(), expected.values().end()}}),
                  1e-5);
    }
}

TEST(FoldBatchNorm, ShowsTheLayerBeforeOneThatIsGone) {
    Document d = document_of(layers());
    d.layer = "bn2";
    choose_folded(d, fold_batch_norm(d, 3).value());
    EXPECT_EQ(d.layer, "conv2");
    d.layer = "";
    choose_folded(d, fold_batch_norm(document_of(layers()), 3).value());
    EXPECT_EQ(d.layer, "");
}

TEST(FoldBatchNorm, FailsWithoutSuchLayers) {
    EXPECT_EQ(fold_batch_norm(Document(), 3).error().message,
              "a single convolution has no BatchNorm2d to fold: choose a network with such layers");
    EXPECT_EQ(fold_batch_norm(document_of({{"bn", BatchNorm2dSpec{3}}, {"relu", ReLU{}}}), 3).error().message,
              "Net has no BatchNorm2d directly after a Conv2d, ConvTranspose2d or Linear");
}

}  // namespace
}  // namespace convlens
