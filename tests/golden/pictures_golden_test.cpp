/// Files of tests/golden/pictures against what ImageMagick, Pillow and djxl read in them (pictures.npz,
/// make_pictures.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>

#include "engine/io/color_profile.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "tests/golden/golden.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

/// The largest difference between two pixels' values, in 255ths. Lossless formats are exact; decoders of lossy ones
/// may round and interpolate colors in their own way.
double allowed(const std::string& name) {
    if (name == "jpeg.tif") return 3;
    if (name == "cmyk.tif") return 2;
    if (name == "plain.heic" || name == "plain.avif") return 3;  // ImageMagick interpolates colors
    if (name == "wide.heic") return 0.3;                         // heif-convert writes 10 bits as 16 by shifting
    if (name == "lossy.webp" || name == "lossy.jxl" || name == "turned.jxl") return 1.1;
    if (name == "wide.avif") return 1.5;
    if (name == "rle.exr") return 0.5;    // ffmpeg cuts off bits of a half
    if (name == "alpha.exr") return 0.1;  // divided by small opacities
    return 0.01;
}

bool missing(const std::string& message) { return message.find("is read by builds with") != std::string::npos; }

TEST(GoldenPictures, AreReadAsOtherProgramsReadThem) {
    const TensorFile golden = TensorFile::open(test::golden("pictures.npz")).value();
    int read = 0;
    for (const auto& entry : fs::directory_iterator(test::golden("pictures"))) {
        const std::string name = entry.path().filename().string();
        SCOPED_TRACE(name);
        const auto picture = load_picture(entry.path());
        if (!picture && missing(picture.error().message)) continue;
        ASSERT_TRUE(picture) << picture.error().message;
        ++read;
        const Tensor expected = test::tensor_of(golden, name);  // (1, 3 or 4, H, W)
        const Shape s = expected.shape();
        ASSERT_EQ(picture->color.shape(), (Shape{1, 3, s.h, s.w}));
        EXPECT_EQ(picture->alpha.size(), s.c == 4 ? s.plane() : 0U);
        EXPECT_EQ(picture->info.bits, name.starts_with("wide") || name == "tiles.tif" || name == "gray.tif" ? 16
                                      : name == "float.tif" || name.ends_with(".exr")                       ? 32
                                                                                                            : 8);
        EXPECT_EQ(picture->info.channels, (name == "gray.tif" || name == "float.tif" ? 1 : 3) + (s.c == 4 ? 1 : 0));
        double worst = 0;
        for (int c = 0; c < s.c; ++c)
            for (int y = 0; y < s.h; ++y)
                for (int x = 0; x < s.w; ++x) {
                    const float alpha = s.c == 4 ? expected.at(0, 3, y, x) : 1.0F;
                    if (c < 3 && alpha < 0.02F) continue;  // a color that nobody sees
                    const float found =
                        c < 3 ? picture->color.at(0, c, y, x) : picture->alpha[static_cast<std::size_t>(y * s.w + x)];
                    worst = std::max(worst, 255.0 * std::abs(double{found} - double{expected.at(0, c, y, x)}));
                }
        EXPECT_LE(worst, allowed(name));
    }
    EXPECT_GE(read, 4);  // GIF is always read
}

/// Colors are those of the formulas in make_profiles.py. Decoders of JPEG round in their own way.
TEST(GoldenPictures, WithColorProfilesAreConvertedToSrgb) {
    if (!has_color_profiles) GTEST_SKIP() << "this build has no Little CMS";
    const TensorFile golden = TensorFile::open(test::golden("profiles.npz")).value();
    int read = 0;
    for (const auto& entry : fs::directory_iterator(test::golden("profiles"))) {
        const std::string name = entry.path().filename().string();
        SCOPED_TRACE(name);
        const auto picture = load_picture(entry.path());
        if (!picture && missing(picture.error().message)) continue;
        ASSERT_TRUE(picture) << picture.error().message;
        ++read;
        const Tensor expected = test::tensor_of(golden, name);
        const bool converted = name != "other.png" && name != "broken.png";
        EXPECT_EQ(picture->info.converted, converted);
        ASSERT_EQ(picture->color.shape(), expected.shape());
        const auto found = picture->color.values(), wanted = expected.values();
        double worst = 0;
        for (std::size_t i = 0; i < found.size(); ++i)
            worst = std::max(worst, 255.0 * std::abs(double{found[i]} - double{wanted[i]}));
        EXPECT_LE(worst, name == "smooth.jpg" ? 3 : converted ? 1.5 : 0.01);
    }
    EXPECT_GE(read, 6);
}

/// Variants of every file, each with some bytes changed or cut off.
TEST(GoldenPictures, OfWhichBytesAreChangedEndInAPictureOrASentence) {
    constexpr int variants = 200;
    std::map<std::string, std::vector<fs::path>> formats;
    for (const auto& entry : fs::directory_iterator(test::golden("pictures")))
        formats[entry.path().extension().string()].push_back(entry.path());
    EXPECT_EQ(formats.size(), 7U);
    for (auto& [ending, files] : formats) {
        std::sort(files.begin(), files.end());
        int refused = 0;
        std::mt19937 random(2026);
        for (int i = 0; i < variants; ++i) {
            const auto& path = files[static_cast<std::size_t>(i) % files.size()];
            const std::string name = path.filename().string();
            SCOPED_TRACE(fmt::format("{}, variant {}", name, i));
            const auto whole = Bytes::read_file(path, 1U << 20U).value();
            std::vector<std::byte> bytes(whole.span().begin(), whole.span().end());
            if (i % 2 == 0) {
                bytes.resize(bytes.size() * static_cast<std::size_t>(i) / variants);
            } else {
                for (int k = 0; k < 1 + i % 16; ++k)
                    bytes[4 + random() % (bytes.size() - 4)] = static_cast<std::byte>(random() & 255U);
            }
            const auto picture = decode_picture(bytes, name);
            if (picture) {
                EXPECT_EQ(picture->color.size(), picture->color.shape().plane() * 3);
                continue;
            }
            ++refused;
            const std::string& message = picture.error().message;
            EXPECT_TRUE(message.starts_with(name + ": ")) << message;
            EXPECT_EQ(message.find('\n'), std::string::npos) << message;
            EXPECT_LT(message.size(), 600U);
        }
        EXPECT_GE(refused, variants * 2 / 5) << ending;
    }
}

}  // namespace
}  // namespace convlens
