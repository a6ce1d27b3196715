/// The one comparison that all backend tests share.
#include "tests/backend/conv_case.h"

#include <gtest/gtest.h>

#include "engine/reference/reference.h"

namespace convlens::test {

Network network_of(Operation operation) { return Network{{Layer{"conv1", std::move(operation)}}}; }

Expected<Tensor> run(Backend& backend, const Operation& operation, const Tensor& input) {
    return run(backend, network_of(operation), input);
}

Expected<Tensor> run(Backend& backend, const Network& network, const Tensor& input) {
    const auto shared = std::make_shared<const Tensor>(input.clone());
    const int last = static_cast<int>(network.layers.size()) - 1;
    const auto activations = backend.forward(network, shared, last, Cancel{});
    if (!activations) return tl::unexpected(activations.error());
    return all_values(**activations);
}

void expect_reference(const std::vector<std::unique_ptr<Backend>>& backends, const ConvCase& c, Numbers numbers,
                      std::uint32_t seed) {
    Random random(seed);
    const Tensor input = random_tensor(c.input, numbers, random);
    const Conv2d layer = random_layer(c, numbers, random);
    const Reference reference = reference_conv2d(layer, input);
    ASSERT_FALSE(backends.empty());
    for (const auto& backend : backends) {
        SCOPED_TRACE(backend->name() + ": " + describe(c));
        const auto output = run(*backend, layer, input);
        ASSERT_TRUE(output) << output.error().message;
        ASSERT_EQ(to_string(output->shape()), to_string(reference.shape));
        const double error = relative_error(output->values(), reference);
        if (numbers == Numbers::small_integers) {
            EXPECT_EQ(error, 0.0);
        } else {
            EXPECT_LE(error, 1e-5);
        }
    }
}

}  // namespace convlens::test
