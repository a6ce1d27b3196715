/// What must hold for every convolution, whatever its numbers are.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

constexpr int rounds = 40;
constexpr auto whole = Numbers::small_integers;  // so that equal means equal to the bit

/// Every value of a tensor of `shape`, from its indices.
template <class F>
Tensor made(Shape shape, F value) {
    Tensor result(shape);
    for (int n = 0; n < shape.n; ++n)
        for (int c = 0; c < shape.c; ++c)
            for (int y = 0; y < shape.h; ++y)
                for (int x = 0; x < shape.w; ++x) result.at(n, c, y, x) = static_cast<float>(value(n, c, y, x));
    return result;
}

bool inside(const Shape& s, int y, int x) { return y >= 0 && y < s.h && x >= 0 && x < s.w; }

Conv2d with_weight(Conv2d layer, Tensor weight) {
    layer.weight = std::make_shared<const Tensor>(std::move(weight));
    return layer;
}

Conv2d with_params(Conv2d layer, const ConvParams& params) {
    layer.params = params;
    return layer;
}

/// `image` with rows and columns of zeros added.
Tensor zero_padded(const Tensor& image, int top, int bottom, int left, int right) {
    const Shape s = image.shape();
    return made({s.n, s.c, s.h + top + bottom, s.w + left + right}, [&](int n, int c, int y, int x) {
        return inside(s, y - top, x - left) ? image.at(n, c, y - top, x - left) : 0.0F;
    });
}

class Conv2dProperty : public ::testing::Test {
  protected:
    /// A random case, as `change` wants it.
    template <class F>
    ConvCase some(F change) {
        ConvCase c{{random.whole(1, 2), random.whole(1, 4), random.whole(8, 30), random.whole(8, 50)},
                   random.whole(1, 11),
                   {random.whole(1, 6), random.whole(1, 6)},
                   {},
                   random.coin()};
        change(c);
        return c;
    }

    void expect_equal(const Conv2d& a, const Tensor& a_input, const Conv2d& b, const Tensor& b_input) {
        for (const auto& backend : backends) {
            SCOPED_TRACE(backend->name());
            const auto left = run(*backend, a, a_input), right = run(*backend, b, b_input);
            ASSERT_TRUE(left) << left.error().message;
            ASSERT_TRUE(right) << right.error().message;
            ASSERT_EQ(left->shape(), right->shape());
            EXPECT_TRUE(std::equal(left->values().begin(), left->values().end(), right->values().begin()));
        }
    }

    /// run(layer, input) must be equal to expected(n, c, y, x), a function of indices.
    template <class F>
    void expect_values(const Conv2d& layer, const Tensor& input, F expected) {
        for (const auto& backend : backends) {
            SCOPED_TRACE(backend->name());
            const auto output = run(*backend, layer, input);
            ASSERT_TRUE(output) << output.error().message;
            const Tensor right =
                made(output->shape(), [&](int n, int c, int y, int x) { return expected(n, c, y, x); });
            EXPECT_TRUE(std::equal(output->values().begin(), output->values().end(), right.values().begin()));
        }
    }

    Random random{50};
    std::vector<std::unique_ptr<Backend>> backends = every_backend(2);
};

TEST_F(Conv2dProperty, IsLinearInItsInput) {
    for (int i = 0; i < rounds; ++i) {
        ConvCase c = random_case(random);
        c.bias = false;
        SCOPED_TRACE(describe(c));
        const Conv2d layer = random_layer(c, whole, random);
        const Tensor a = random_tensor(c.input, whole, random), b = random_tensor(c.input, whole, random);
        const float p = static_cast<float>(random.whole(-3, 3)), q = static_cast<float>(random.whole(-3, 3));
        const Tensor mixed =
            made(c.input, [&](int n, int ch, int y, int x) { return p * a.at(n, ch, y, x) + q * b.at(n, ch, y, x); });
        const Tensor of_a = run(*backends[0], layer, a).value(), of_b = run(*backends[0], layer, b).value();
        expect_values(layer, mixed,
                      [&](int n, int ch, int y, int x) { return p * of_a.at(n, ch, y, x) + q * of_b.at(n, ch, y, x); });
    }
}

TEST_F(Conv2dProperty, IsLinearInItsWeightsAndAddsItsBias) {
    for (int i = 0; i < rounds; ++i) {
        ConvCase c = random_case(random);
        c.bias = true;
        SCOPED_TRACE(describe(c));
        const Tensor input = random_tensor(c.input, whole, random);
        const Conv2d a = random_layer(c, whole, random);
        Conv2d b = random_layer(c, whole, random);
        b.bias = nullptr;
        Tensor sum = a.weight->clone();
        for (std::size_t j = 0; j < sum.size(); ++j) sum.data()[j] += b.weight->data()[j];
        const Tensor of_a = run(*backends[0], a, input).value(), of_b = run(*backends[0], b, input).value();
        expect_values(with_weight(a, std::move(sum)), input,
                      [&](int n, int ch, int y, int x) { return of_a.at(n, ch, y, x) + of_b.at(n, ch, y, x); });
    }
}

TEST_F(Conv2dProperty, MovesItsOutputWithItsInputOnARing) {
    for (int i = 0; i < rounds; ++i) {
        const ConvCase c = some([](ConvCase& k) {
            k.params.same = true;
            k.params.padding_mode = PaddingMode::circular;
        });
        SCOPED_TRACE(describe(c));
        const Conv2d layer = random_layer(c, whole, random);
        const Tensor input = random_tensor(c.input, whole, random);
        const Shape s = c.input;
        const int dy = random.whole(0, s.h - 1), dx = random.whole(0, s.w - 1);
        const Tensor moved =
            made(s, [&](int n, int ch, int y, int x) { return input.at(n, ch, (y + dy) % s.h, (x + dx) % s.w); });
        const Tensor output = run(*backends[0], layer, input).value();
        expect_values(layer, moved,
                      [&](int n, int ch, int y, int x) { return output.at(n, ch, (y + dy) % s.h, (x + dx) % s.w); });
    }
}

TEST_F(Conv2dProperty, TurnsAnImpulseIntoTheTurnedKernelAndWithFlipIntoTheKernel) {
    for (int i = 0; i < rounds; ++i) {
        const ConvCase c = some([&](ConvCase& k) {
            k.input.n = k.input.c = 1;
            k.params.flip = random.coin();
        });
        SCOPED_TRACE(describe(c));
        const Conv2d layer = random_layer(c, whole, random);
        const int py = random.whole(0, c.input.h - 1);
        const int px = random.whole(0, c.input.w - 1);
        Tensor impulse(c.input, 0.0F);
        impulse.at(0, 0, py, px) = 1.0F;
        const Tensor& w = *layer.weight;
        expect_values(layer, impulse, [&](int, int o, int y, int x) {
            const float bias = layer.bias ? (*layer.bias)[static_cast<std::size_t>(o)] : 0.0F;
            const int ky = py - y, kx = px - x;  // the tap that lies on the impulse
            if (!inside(w.shape(), ky, kx)) return bias;
            return bias + (c.params.flip ? w.at(o, 0, c.kernel.h - 1 - ky, c.kernel.w - 1 - kx) : w.at(o, 0, ky, kx));
        });
    }
}

TEST_F(Conv2dProperty, WithAStrideKeepsEveryNthValue) {
    for (int i = 0; i < rounds; ++i) {
        ConvCase c = random_case(random);
        if (c.params.same) continue;
        SCOPED_TRACE(describe(c));
        const Conv2d layer = random_layer(c, whole, random);
        const Tensor input = random_tensor(c.input, whole, random);
        ConvParams dense = c.params;
        dense.stride = {1, 1};
        const Tensor all = run(*backends[0], with_params(layer, dense), input).value();
        expect_values(layer, input, [&](int n, int ch, int y, int x) {
            return all.at(n, ch, y * c.params.stride.h, x * c.params.stride.w);
        });
    }
}

TEST_F(Conv2dProperty, WithADilationIsAKernelWithZerosBetweenItsValues) {
    for (int i = 0; i < rounds; ++i) {
        ConvCase c = random_case(random);
        c.params.dilation = {random.whole(1, 4), random.whole(1, 4)};
        c.kernel = {random.whole(1, 3), random.whole(1, 3)};
        const Size2 d = c.params.dilation, span{d.h * (c.kernel.h - 1) + 1, d.w * (c.kernel.w - 1) + 1};
        c.input.h = std::max(c.input.h, std::max(span.h, c.params.padding.h + 1));
        c.input.w = std::max(c.input.w, std::max(span.w, c.params.padding.w + 1));
        SCOPED_TRACE(describe(c));
        const Conv2d layer = random_layer(c, whole, random);
        const Shape w = layer.weight->shape();
        Tensor stuffed = made({w.n, w.c, span.h, span.w}, [&](int o, int ch, int y, int x) {
            return y % d.h == 0 && x % d.w == 0 ? layer.weight->at(o, ch, y / d.h, x / d.w) : 0.0F;
        });
        ConvParams plain = c.params;
        plain.dilation = {1, 1};
        const Tensor input = random_tensor(c.input, whole, random);
        expect_equal(layer, input, with_params(with_weight(layer, std::move(stuffed)), plain), input);
    }
}

TEST_F(Conv2dProperty, WithGroupsIsABlockDiagonalKernel) {
    for (int i = 0; i < rounds; ++i) {
        const int groups = random.whole(2, 5);
        const ConvCase c = some([&](ConvCase& k) {
            k.params.groups = groups;
            k.input.c *= groups;
            k.out_channels *= groups;
            k.params.padding = {random.whole(0, 3), random.whole(0, 3)};
        });
        SCOPED_TRACE(describe(c));
        const Conv2d layer = random_layer(c, whole, random);
        const Shape w = layer.weight->shape();
        const int outs = w.n / groups;
        Tensor dense = made({w.n, w.c * groups, w.h, w.w}, [&](int o, int ch, int y, int x) {
            return ch / w.c == o / outs ? layer.weight->at(o, ch % w.c, y, x) : 0.0F;
        });
        ConvParams plain = c.params;
        plain.groups = 1;
        const Tensor input = random_tensor(c.input, whole, random);
        expect_equal(layer, input, with_params(with_weight(layer, std::move(dense)), plain), input);
    }
}

TEST_F(Conv2dProperty, WithSameIsTheExplicitPaddingWithTheOddOneBelowAndRight) {
    for (int i = 0; i < rounds; ++i) {
        const ConvCase c = some([&](ConvCase& k) {
            k.params.same = true;
            k.params.dilation = {random.whole(1, 3), random.whole(1, 3)};
        });
        SCOPED_TRACE(describe(c));
        const Conv2d layer = random_layer(c, whole, random);
        const Tensor input = random_tensor(c.input, whole, random);
        const int rows = c.params.dilation.h * (c.kernel.h - 1), columns = c.params.dilation.w * (c.kernel.w - 1);
        ConvParams valid = c.params;
        valid.same = false;
        const int top = rows / 2, left = columns / 2;
        expect_equal(layer, input, with_params(layer, valid),
                     zero_padded(input, top, rows - top, left, columns - left));
        for (const auto& backend : backends) {
            const Shape out = run(*backend, layer, input).value().shape();
            EXPECT_EQ(out, (Shape{c.input.n, c.out_channels, c.input.h, c.input.w}));
        }
    }
}

TEST_F(Conv2dProperty, WithPaddingIsTheImagePaddedBefore) {
    for (int i = 0; i < rounds; ++i) {
        const ConvCase c = some([&](ConvCase& k) {
            k.params.padding = {random.whole(0, 9), random.whole(0, 9)};
            k.params.stride = {random.whole(1, 4), random.whole(1, 4)};
        });
        SCOPED_TRACE(describe(c));
        const Conv2d layer = random_layer(c, whole, random);
        const Tensor input = random_tensor(c.input, whole, random);
        ConvParams bare = c.params;
        bare.padding = {0, 0};
        const Size2 p = c.params.padding;
        expect_equal(layer, input, with_params(layer, bare), zero_padded(input, p.h, p.h, p.w, p.w));
    }
}

TEST_F(Conv2dProperty, WithFlipIsTheKernelTurnedByHalfATurn) {
    for (int i = 0; i < rounds; ++i) {
        ConvCase c = random_case(random);
        c.params.flip = true;
        SCOPED_TRACE(describe(c));
        const Conv2d layer = random_layer(c, whole, random);
        const Shape w = layer.weight->shape();
        Tensor turned =
            made(w, [&](int o, int ch, int y, int x) { return layer.weight->at(o, ch, w.h - 1 - y, w.w - 1 - x); });
        ConvParams plain = c.params;
        plain.flip = false;
        const Tensor input = random_tensor(c.input, whole, random);
        expect_equal(layer, input, with_params(with_weight(layer, std::move(turned)), plain), input);
    }
}

TEST_F(Conv2dProperty, OfAOneByOneIdentityIsTheInput) {
    for (int i = 0; i < rounds; ++i) {
        const Shape shape{random.whole(1, 3), random.whole(1, 12), random.whole(1, 40), random.whole(1, 70)};
        SCOPED_TRACE(to_string(shape));
        Conv2d identity;
        identity.weight = std::make_shared<const Tensor>(
            made({shape.c, shape.c, 1, 1}, [](int o, int c, int, int) { return o == c ? 1 : 0; }));
        const Tensor input = random_tensor(shape, whole, random);
        expect_values(identity, input, [&](int n, int c, int y, int x) { return input.at(n, c, y, x); });
    }
}

TEST_F(Conv2dProperty, OfAConstantInputIsTheSumOfTheKernelWhereverNoPaddingIsRead) {
    for (int i = 0; i < rounds; ++i) {
        const ConvCase c = some([](ConvCase& k) { k.bias = false; });
        SCOPED_TRACE(describe(c));
        const Conv2d layer = random_layer(c, whole, random);
        expect_values(layer, Tensor(c.input, 3.0F), [&](int, int o, int, int) {
            float sum = 0;
            for (int ch = 0; ch < c.input.c; ++ch)
                for (const float v : layer.weight->plane(o, ch)) sum += 3 * v;
            return sum;
        });
    }
}

}  // namespace
}  // namespace convlens::test
