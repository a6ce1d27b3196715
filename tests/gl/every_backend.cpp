/// every_backend() of convlens_gl_tests: OpenGL as users have it, and one whose driver binds little at once.
#include <gtest/gtest.h>

#include "tests/backend/conv_case.h"
#include "tests/gl/gl_test.h"

namespace convlens::test {

GlOptions quiet_gl() {
    GlOptions options;
    options.cache_dir = "";
    return options;
}

std::unique_ptr<GlBackend> gl_backend(const GlOptions& options) {
    auto backend = make_gl_backend(options);
    if (!backend) throw std::runtime_error(backend.error().message);  // never skipped: without OpenGL the test fails
    return std::move(*backend);
}

Conv2d layer_of(const ConvCase& c, std::uint32_t seed, Numbers numbers) {
    Random random(seed);
    return random_layer(c, numbers, random);
}

std::shared_ptr<const Tensor> input_of(Shape shape, std::uint32_t seed, Numbers numbers) {
    Random random(seed);
    return std::make_shared<const Tensor>(random_tensor(shape, numbers, random));
}

std::vector<std::unique_ptr<Backend>> every_backend(int /*threads*/) {
    std::vector<std::unique_ptr<Backend>> backends;
    backends.push_back(gl_backend(quiet_gl()));
    GlOptions little = quiet_gl();
    little.max_block_bytes = 16384;
    backends.push_back(gl_backend(little));
    return backends;
}

}  // namespace convlens::test
