/// engine/document/stored_document.h: what undo keeps of a document.
#include "engine/document/stored_document.h"

#include <gtest/gtest.h>

#include "app/ui/history.h"
#include "engine/document/evaluate.h"
#include "engine/open/open_network.h"
#include "engine/reference/random_case.h"

namespace convlens {
namespace {

using reference::Random;

TEST(BytesOnlyIn, CountsPartsThatTheOtherDocumentDoesNotShare) {
    const auto kernels = std::make_shared<const Tensor>(Shape{2, 1, 3, 3});
    const auto bias = std::make_shared<const std::vector<float>>(2, 0.0F);
    Document a;
    a.kernels.bank = LoadedKernels{KnownKernels::own, "mine", kernels, bias, Normalize::none};
    Document b = a;
    EXPECT_EQ(bytes_only_in(a, b), 0U);
    std::get<LoadedKernels>(b.kernels.bank).weight = std::make_shared<const Tensor>(kernels->clone());
    EXPECT_EQ(bytes_only_in(a, b), 18 * sizeof(float));
    EXPECT_EQ(bytes_only_in(a, Document()), 20 * sizeof(float));
    EXPECT_EQ(bytes_only_in(Document(), a), 0U);

    Picture picture;
    picture.color = Tensor({1, 3, 2, 2});
    picture.alpha.resize(4);
    const auto shared = std::make_shared<const Picture>(std::move(picture));
    Document pictures;
    pictures.input.source =
        PictureInput{{{PictureOrigin::file("a.png"), shared}, {PictureOrigin::file("b.png"), shared}}};
    EXPECT_EQ(bytes_only_in(pictures, Document()), 16 * sizeof(float));  // a part that is used twice counts once
    Document first = pictures;
    std::get<PictureInput>(first.input.source).pictures.pop_back();
    EXPECT_EQ(bytes_only_in(pictures, first), 0U);
}

/// A document with a bank of `shape`.
Document with_bank(Shape shape, float value) {
    Document document;
    document.kernels.bank = LoadedKernels{KnownKernels::own, "mine", std::make_shared<const Tensor>(shape, value),
                                          nullptr, Normalize::none};
    return document;
}

const Tensor& weight_of(const Document& d) { return *std::get<LoadedKernels>(d.kernels.bank).weight; }

/// Returns `document` with `count` values of its bank changed.
Document edited(const Document& document, int count, Random& random) {
    Document next = document;
    Tensor weight = weight_of(document).clone();
    for (int i = 0; i < count; ++i) weight.data()[random.whole(0, static_cast<int>(weight.size()) - 1)] = random.real();
    std::get<LoadedKernels>(next.kernels.bank).weight = std::make_shared<const Tensor>(std::move(weight));
    return next;
}

bool same_values(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::ranges::equal(a.values(), b.values());
}

TEST(StoredDocument, KeepsOnlyTheValuesOfAKernelThatDiffer) {
    Random random(1);
    const Document before = with_bank({64, 3, 11, 11}, 0.5F), after = edited(before, 100, random);
    const StoredDocument stored(before, after);
    EXPECT_LT(stored.bytes(), sizeof(StoredDocument) + 3000U);
    EXPECT_TRUE(same_values(weight_of(stored.restore(after)), weight_of(before)));
    const Document other = edited(before, 64 * 3 * 11 * 11, random);
    const StoredDocument whole(before, other);
    EXPECT_GT(whole.bytes(), weight_of(before).size() * sizeof(float));
    EXPECT_EQ(whole.restore(other), before);
    const Document smaller = with_bank({64, 3, 5, 5}, 0.5F);
    EXPECT_EQ(StoredDocument(before, smaller).restore(smaller), before);
}

TEST(StoredDocument, KeepsOnlyTheValuesOfAParameterThatDiffer) {
    Document before;
    auto opened = *open_network("largenet", "random", NetworkPlaces{});
    before.network = opened;
    auto& weights = std::get<LayeredNetwork>(before.network).weights;
    const auto backend_network = [&](float value) {
        ParameterMap map;
        map["conv1.weight"] =
            Parameter{{8, 3, 5, 5}, std::make_shared<const Tensor>(Shape{8, 3, 5, 5}, value), nullptr};
        map["conv2.weight"] =
            Parameter{{8, 8, 5, 5}, std::make_shared<const Tensor>(Shape{8, 8, 5, 5}, value), nullptr};
        return map;
    };
    ParameterMap map = backend_network(1);
    weights = LoadedWeights{{}, "mine", std::make_shared<const ParameterMap>(map), nullptr};
    Document after = before;
    Tensor changed = map["conv2.weight"].tensor->clone();
    changed.data()[7] = 2;
    map["conv2.weight"].tensor = std::make_shared<const Tensor>(std::move(changed));
    std::get<LoadedWeights>(std::get<LayeredNetwork>(after.network).weights).parameters =
        std::make_shared<const ParameterMap>(map);
    const StoredDocument stored(before, after);
    EXPECT_LT(stored.bytes(), sizeof(StoredDocument) + 500U);
    const Document restored = stored.restore(after);
    const auto& back = *std::get<LoadedWeights>(std::get<LayeredNetwork>(restored.network).weights).parameters;
    EXPECT_TRUE(same_values(*back.at("conv2.weight").tensor, Tensor({8, 8, 5, 5}, 1)));
    EXPECT_EQ(back.at("conv1.weight").tensor, map["conv1.weight"].tensor) << "what did not change is shared";
}

TEST(StoredDocument, TwentyThousandEditsCanBeUndoneAndRedone) {
    Random random(3);
    History<Document, StoredDocument> history(with_bank({16, 3, 5, 5}, 0));
    const Document first = history.now();
    constexpr std::size_t steps = 20000;
    for (std::size_t i = 0; i < steps; ++i) {
        Document next = i % 2 ? history.now() : edited(history.now(), 1, random);
        next.conv.stride.h = static_cast<int>(i) + 2;
        history.preview(std::move(next));
        history.commit();
    }
    const Document last = history.now();
    EXPECT_EQ(history.undo_depth(), steps);
    EXPECT_LT(history.bytes(), std::size_t{100} << 20U);
    while (history.undo()) {
    }
    EXPECT_TRUE(same_values(weight_of(history.now()), weight_of(first)));
    EXPECT_EQ(history.now().conv, first.conv);
    while (history.redo()) {
    }
    EXPECT_TRUE(same_values(weight_of(history.now()), weight_of(last)));
    EXPECT_EQ(history.now().conv, last.conv);
    EXPECT_EQ(history.undo_depth(), steps);
}

}  // namespace
}  // namespace convlens
