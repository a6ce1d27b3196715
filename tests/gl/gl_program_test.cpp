/// Compiled shaders: kept on disk, read from a folder.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/gl/gl_test.h"

namespace convlens::test {
namespace {

TEST(GlPrograms, ReadsCompiledShadersFromTheDiskTheSecondTime) {
    namespace fs = std::filesystem;
    GlOptions options = quiet_gl();
    const fs::path folder = fs::path(::testing::TempDir()) / fmt::format("convlens-shaders-{}", ::getpid());
    options.cache_dir = (folder / "new").string();
    const ConvCase c{{1, 2, 8, 8}, 9, {3, 3}, {}, true};
    const auto network = network_of(layer_of(c, 91));
    const auto input = input_of(c.input, 92);
    const Reference reference = reference_conv2d(layer_of(c, 91), *input);
    const auto usage = [&] {
        const auto backend = gl_backend(options);
        const auto activations = backend->forward(network, input, 0, Cancel{}).value();
        EXPECT_EQ(relative_error(all_values(*activations).value().values(), reference), 0.0);
        return backend->usage();
    };
    const GlUsage first = usage();
    EXPECT_EQ(first.programs_from_disk, 0);
    EXPECT_GT(first.programs_compiled, 0);
    const GlUsage second = usage();
    EXPECT_EQ(second.programs_from_disk, first.programs_compiled);
    EXPECT_EQ(second.programs_compiled, 0);
    for (const auto& entry : fs::directory_iterator(*options.cache_dir))
        fs::resize_file(entry.path(), fs::file_size(entry.path()) / 2);
    const GlUsage damaged = usage();
    EXPECT_EQ(damaged.programs_from_disk, 0) << "half a file must not reach the driver";
    fs::remove_all(folder);
}

TEST(GlPrograms, ReadsShadersFromAFolderWhenAskedTo) {
    GlOptions options = quiet_gl();
    options.shader_dir = CONVLENS_SHADERS;
    EXPECT_TRUE(
        gl_backend(options)->forward(Network{{Layer{"relu1", ReLU{}}}}, input_of({1, 1, 2, 2}, 96), 0, Cancel{}));
    options.shader_dir = ::testing::TempDir();
    const auto result =
        gl_backend(options)->forward(Network{{Layer{"relu1", ReLU{}}}}, input_of({1, 1, 2, 2}, 96), 0, Cancel{});
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("pointwise.comp"), std::string::npos) << result.error().message;
}

}  // namespace
}  // namespace convlens::test
