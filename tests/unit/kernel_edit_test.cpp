/// Editing kernels: changes, formulas, text.
#include "engine/nn/kernel_edit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/reference/random_case.h"

namespace convlens {
namespace {

using reference::Random;

KernelPlane random_plane(Size2 size, Random& random) {
    KernelPlane p{size, {}};
    for (int i = 0; i < size.h * size.w; ++i) p.values.push_back(random.real());
    return p;
}

KernelPlane changed(const KernelPlane& p, KernelChange change) { return changed(std::span(&p, 1), change)->front(); }

double sum(const KernelPlane& p) {
    double s = 0;
    for (const float v : p.values) s += static_cast<double>(v);
    return s;
}

TEST(KernelEdit, FourRotationsAndTwoOfEachMirrorAreTheIdentity) {
    Random random(1);
    for (int i = 0; i < 50; ++i) {
        const KernelPlane p = random_plane({random.whole(1, 15), random.whole(1, 15)}, random);
        KernelPlane turned = p;
        for (int k = 0; k < 4; ++k) turned = changed(turned, KernelChange::rotate);
        EXPECT_EQ(turned, p);
        for (const auto change :
             {KernelChange::mirror_x, KernelChange::mirror_y, KernelChange::transpose, KernelChange::negate})
            EXPECT_EQ(changed(changed(p, change), change), p);
    }
}

TEST(KernelEdit, ARotationTurnsCounterClockwise) {
    const KernelPlane p{{2, 3}, {1, 2, 3, 4, 5, 6}};
    EXPECT_EQ(changed(p, KernelChange::rotate), (KernelPlane{{3, 2}, {3, 6, 2, 5, 1, 4}}));
    EXPECT_EQ(changed(p, KernelChange::transpose), (KernelPlane{{3, 2}, {1, 4, 2, 5, 3, 6}}));
}

TEST(KernelEdit, NormalizingGivesTheWholeKernelItsSumOrNormOrASentence) {
    Random random(2);
    const std::vector<KernelPlane> kernel{random_plane({5, 5}, random), random_plane({5, 5}, random),
                                          random_plane({5, 5}, random)};
    const auto one = changed(kernel, KernelChange::sum_one), zero = changed(kernel, KernelChange::sum_zero),
               unit = changed(kernel, KernelChange::unit_norm);
    ASSERT_TRUE(one && zero && unit);
    EXPECT_NEAR(sum((*one)[0]) + sum((*one)[1]) + sum((*one)[2]), 1, 1e-4);
    for (const KernelPlane& p : *zero) EXPECT_NEAR(sum(p), 0, 1e-6);
    double squares = 0;
    for (const KernelPlane& p : *unit)
        for (const float v : p.values) squares += static_cast<double>(v * v);
    EXPECT_NEAR(squares, 1, 1e-6);
    const std::vector<KernelPlane> sobel{{{3, 3}, {-1, 0, 1, -2, 0, 2, -1, 0, 1}}},
        nothing{{{3, 3}, std::vector<float>(9)}};
    EXPECT_FALSE(changed(sobel, KernelChange::sum_one));
    EXPECT_FALSE(changed(nothing, KernelChange::unit_norm));
}

TEST(KernelEdit, ResizingKeepsTheMiddleInTheMiddle) {
    const KernelPlane p{{3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};
    const KernelPlane larger = resized(p, {5, 7});
    EXPECT_EQ(larger.values[2 * 7 + 3], 5);
    EXPECT_EQ(sum(larger), 45);
    EXPECT_EQ(resized(larger, {3, 3}), p);
    EXPECT_EQ(resized(p, {1, 1}).values[0], 5);
}

TEST(KernelEdit, FormulasMakeBlursAndEdges) {
    const KernelPlane blur = gaussian_plane({7, 7}, 1.5);
    EXPECT_NEAR(sum(blur), 1, 1e-6);
    EXPECT_EQ(blur.values[0], blur.values[48]);
    const KernelPlane edge = gaussian_derivative_plane({7, 7}, 1.5, 0);
    EXPECT_NEAR(sum(edge), 0, 1e-6);
    EXPECT_GT(edge.values[3 * 7 + 5], 0) << "rises to the right";
    const KernelPlane up = gaussian_derivative_plane({7, 7}, 1.5, 90);
    EXPECT_GT(up.values[1 * 7 + 3], 0) << "rises upwards";
    const KernelPlane gabor = gabor_plane({11, 11}, 3, 45, 5);
    EXPECT_NEAR(sum(gabor), 0, 1e-5);
    for (const float v : gabor_plane({1, 1}, 1, 0, 4).values) EXPECT_TRUE(std::isfinite(v));
}

TEST(KernelEdit, TextComesBackBitForBit) {
    Random random(3);
    for (int i = 0; i < 100; ++i) {
        const Size2 size{random.whole(1, 15), random.whole(1, 15)};
        std::vector<KernelPlane> planes;
        for (int c = random.whole(1, 4); c > 0; --c) planes.push_back(random_plane(size, random));
        const auto read = planes_from_text(to_text(planes));
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, planes);
    }
}

TEST(KernelEdit, EveryUsualSpellingIsRead) {
    const std::vector<KernelPlane> sobel{{{3, 3}, {1, 0, -1, 2, 0, -2, 1, 0, -1}}};
    for (const char* text :
         {"[[1, 0, -1], [2, 0, -2], [1, 0, -1]]", "[1 0 -1; 2 0 -2; 1 0 -1]", "[1, 0, -1; 2, 0, -2; 1, 0, -1];",
          "k = [1 0 -1\n     2 0 -2\n     1 0 -1]",
          "np.array([[1., 0., -1.],\n          [2., 0., -2.],\n          [1., 0., -1.]])",
          "tensor([[ 1.0000, 0.0000, -1.0000],\n [2, 0, -2], [1, 0, -1]], dtype=torch.float32)",
          "1 0 -1\n2 0 -2\n1 0 -1\n", "1,0,-1\r\n2,0,-2\r\n1,0,-1", "[[[1, 0, -1], [2, 0, -2], [1, 0, -1]]]",
          "[[1,\n 0, -1], [2, 0, -2], [1, 0, -1]]", "[[+1e0, 0, -1.0f],[2,0,-2],[1,0,-1]]"}) {
        const auto read = planes_from_text(text);
        ASSERT_TRUE(read) << text << ": " << read.error().message;
        EXPECT_EQ(*read, sobel) << text;
    }
    const auto three = planes_from_text("[[[1, 2]], [[3, 4]], [[5, 6]]]");
    ASSERT_TRUE(three);
    EXPECT_EQ(three->size(), 3U);
}

TEST(KernelEdit, FractionsAndOneFactorAreCalculated) {
    const std::vector<KernelPlane> box{{{1, 3}, {1.0F / 9, 1.0F / 9, 1.0F / 9}}};
    for (const char* text : {"1/9*[1 1 1]", "k = (1/9) * np.array([[1, 1, 1]])", "[1/9, 1/9, 1/9]",
                             "np.array([[1, 1, 1]], dtype=np.float32) / 9", "[1 1 1]/9;", "[[3, 3, 3]] * 1/27",
                             "-[-1/9 -1/9 -1/9]", "torch.tensor([[1., 1., 1.]]) / 9.0"}) {
        const auto read = planes_from_text(text);
        ASSERT_TRUE(read) << text << ": " << read.error().message;
        EXPECT_EQ(*read, box) << text;
    }
}

TEST(KernelEdit, NonsenseIsRefusedInASentence) {
    for (const char* text : {"",
                             "[]",
                             "hello",
                             "[[1, 2], [3]]",
                             "[[1, nan]]",
                             "[[1, inf]]",
                             "[[1, 2], [3, 4]",
                             "[1, [2]]",
                             "[[[[[1]]]]]",
                             "1 2]",
                             "[[1 2] x]",
                             "[[1e99]]",
                             "1/9*[1 1 1; 1 1 1] + 1",
                             "np.array([[1, 2, 1]]) / 0",
                             "2-[1 0 -1]",
                             "[1 2; 3 4]'",
                             "a*[1 2]",
                             "[1 2] * [3; 4]",
                             "[[1/0]]",
                             "1e300*[1e30 1]",
                             "[1 2] / x",
                             "[1/ 2]",
                             "x**[1]",
                             "[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]]",
                             "[[[1]], [[1], [2]]]"}) {
        const auto read = planes_from_text(text);
        EXPECT_FALSE(read) << text;
    }
    EXPECT_FALSE(planes_from_text(std::string(100000, '[')));
}

TEST(KernelEdit, OneKernelIsReplacedAndTheOthersStay) {
    Random random(4);
    const Tensor weight = reference::random_tensor({4, 3, 5, 3}, reference::Numbers::reals, random);
    auto planes = kernel_planes(weight, 2);
    planes[1].values[7] = 42;
    const Tensor next = with_kernel(weight, 2, planes);
    for (int n = 0; n < 4; ++n)
        for (int c = 0; c < 3; ++c)
            EXPECT_EQ(std::ranges::equal(next.plane(n, c), weight.plane(n, c)), !(n == 2 && c == 1));
    EXPECT_EQ(next.at(2, 1, 2, 1), 42);
    EXPECT_EQ(with_kernel_size(weight, {7, 7}).shape(), (Shape{4, 3, 7, 7}));
    EXPECT_EQ(with_kernels(weight, std::vector<int>{3, 3, 0}).at(1, 2, 4, 2), weight.at(3, 2, 4, 2));
}

}  // namespace
}  // namespace convlens
