/// engine/document/origin.h: words and files are told apart once.
#include "engine/document/origin.h"

#include <gtest/gtest.h>

namespace convlens {
namespace {

template <class Word>
void expect_word(const char* text, Word word) {
    const auto origin = Origin<Word>::parse(text);
    EXPECT_EQ(origin, word) << text;
    EXPECT_FALSE(origin.is_file()) << text;
    EXPECT_EQ(origin.path(), "") << text;
    EXPECT_EQ(origin.text(), text);
}

template <class Word>
void expect_file(const char* path) {
    const auto origin = Origin<Word>::parse(path);
    EXPECT_EQ(origin, Origin<Word>::file(path)) << path;
    EXPECT_EQ(origin.word(), nullptr) << path;
    EXPECT_EQ(origin.path(), path);
    EXPECT_EQ(origin.text(), path);
}

TEST(Origin, OfEachKindHasItsWords) {
    expect_word("sample:cat", Sample{"cat"});
    expect_word("sample:", Sample{""});
    expect_word("", KnownKernels::own);
    expect_word("alexnet", KnownKernels::alexnet);
    expect_word("", KnownNetwork::own);
    expect_word("largenet", KnownNetwork::largenet);
    expect_word("alexnet", KnownNetwork::alexnet);
    expect_word("", KnownCheckpoint::own);
    expect_word("convlens", KnownCheckpoint::convlens);
    expect_word("torchvision", KnownCheckpoint::torchvision);
}

TEST(Origin, OfAnythingElseIsAFile) {
    expect_file<Sample>("pictures/cat.png");
    expect_file<Sample>("./sample:cat");
    expect_file<Sample>("alexnet");
    expect_file<KnownKernels>("largenet");
    expect_file<KnownKernels>("weights.npz:conv1.weight");
    expect_file<KnownKernels>("./alexnet");
    expect_file<KnownNetwork>("own");
    expect_file<KnownNetwork>("AlexNet");
    expect_file<KnownNetwork>("/nets/alexnet");
    expect_file<KnownCheckpoint>("alexnet");
}

TEST(Origin, OfAFileThatIsCalledLikeAWordStaysAFile) {
    const auto kernels = KernelsOrigin::file("alexnet");
    EXPECT_NE(kernels, KnownKernels::alexnet);
    EXPECT_EQ(kernels.text(), "./alexnet");
    EXPECT_TRUE(KernelsOrigin::parse(kernels.text()).is_file());
    EXPECT_EQ(NetworkOrigin::file("largenet").text(), "./largenet");
    EXPECT_EQ(CheckpointOrigin::file("torchvision").text(), "./torchvision");
    EXPECT_EQ(PictureOrigin::file("sample:pictures/cat.png").text(), "./sample:pictures/cat.png");
}

}  // namespace
}  // namespace convlens
