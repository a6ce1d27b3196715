/// Pictures of the grid against those kept in tests/golden/grid, pixel for pixel; `convlens_tests --update` rewrites
/// them. Integer kernels on images of 0 and 1 give the same values, and so the same pixels, on every instruction set.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/simd.h"
#include "engine/document/evaluate.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/open/open.h"
#include "tests/update.h"

namespace convlens {
namespace {

struct GridCase {
    const char* name;
    const char* pattern;
    const char* scale;
    std::optional<Colormap> colormap;
    Size2 cell;
    int columns;
    const char* channels;
    Sort sort;
};

/// Channels 0, 8, 10 to 26 are the filters with integer coefficients.
const GridCase cases[] = {
    {"per-channel-viridis", "pattern:checker:20x16", "per-channel", std::nullopt, {0, 0}, 8, "8,10-26", Sort::index},
    {"shared-magma-enlarged", "pattern:step:9x7", "shared", Colormap::magma, {28, 36}, 4, "8,10-18", Sort::index},
    {"symmetric-coolwarm", "pattern:impulse:9x9", "symmetric", std::nullopt, {18, 18}, 5, "10-26", Sort::energy},
    {"per-channel-symmetric",
     "pattern:impulse:9x9",
     "per-channel-symmetric",
     std::nullopt,
     {18, 18},
     5,
     "10-26",
     Sort::max},
    {"fixed-gray-reduced", "pattern:checker:64x48", "fixed:-4:4", Colormap::gray, {12, 16}, 6, "10-21", Sort::mean},
};

TEST(GridGolden, PicturesAreThoseKept) {
    const auto folder = std::filesystem::path(CONVLENS_TEST_DATA) / "golden" / "grid";
    for (const GridCase& c : cases) {
        Document document;
        document.input.source = open_input({c.pattern}, 1, {}).value();
        auto kernels = open_kernels("edges:sum", {}).value();
        choose_kernels(document, kernels.bank);
        document.kernels.gray = kernels.gray;
        document.display.scale = scale_from(c.scale).value();
        document.display.colormap = c.colormap;
        document.display.cell = c.cell;
        document.display.columns = c.columns;
        document.display.channels = channels_from(c.channels).value();
        document.display.sort = c.sort;
        const auto path = folder / (std::string(c.name) + ".png");
        std::optional<Image> first;
        for (const Simd& simd : available_simd()) {
            const auto backend = make_cpu_backend({2, simd.name}).value();
            const auto output = evaluate(document, *backend, Cancel()).value();
            const Image image = output.activations->render_grid(document.display, Cancel()).value();
            if (first) {
                EXPECT_EQ(image.rgba, first->rgba) << c.name << " on " << simd.name;
                continue;
            }
            first = image;
            if (update_goldens()) {
                ASSERT_TRUE(write_file(path, encode_png(image)));
            }
            const auto kept = load_picture(path);
            ASSERT_TRUE(kept) << kept.error().message;
            ASSERT_EQ(kept->info.width, image.width) << c.name;
            ASSERT_EQ(kept->info.height, image.height) << c.name;
            std::size_t differing = 0;
            for (int y = 0; y < image.height; ++y)
                for (int x = 0; x < image.width; ++x)
                    for (int channel = 0; channel < 3; ++channel)
                        differing += static_cast<int>(std::lround(kept->color.at(0, channel, y, x) * 255)) !=
                                     image.pixel(x, y)[channel];
            EXPECT_EQ(differing, 0U) << c.name << ": if the new picture is right, run convlens_tests --update";
        }
    }
}

}  // namespace
}  // namespace convlens
