/// engine/document/embedded.h: pictures without a file.
#include "engine/document/embedded.h"

#include <gtest/gtest.h>

#include "engine/document/drawing.h"
#include "engine/session/session.h"

namespace convlens {
namespace {

TEST(Embedded, PicturesAreTheirOwnOrigins) {
    const auto bytes = std::as_bytes(std::span(std::string_view("\0\1\2", 3)));
    const PictureOrigin origin = embedded_origin("pasted", bytes);
    EXPECT_EQ(origin.text(), "data:image/png;name=pasted;base64,AAEC");
    EXPECT_EQ(PictureOrigin::parse(origin.text()), origin);
    EXPECT_FALSE(origin.is_file());
    EXPECT_TRUE(is_embedded(origin));
    EXPECT_EQ(picture_title(origin), "pasted");
    EXPECT_TRUE(std::ranges::equal(*embedded_file(origin), bytes));
    EXPECT_EQ(picture_title(PictureOrigin::parse("data:image/webp;base64,AAEC")), "picture");
    EXPECT_EQ(embedded_file(PictureOrigin::parse("data:image/png;base64,A!EC")), std::nullopt);
    EXPECT_TRUE(PictureOrigin::parse("data:image/png,plain").is_file());
    EXPECT_FALSE(is_embedded(PictureOrigin::parse("sample:cat")));
    EXPECT_FALSE(is_embedded(PictureOrigin::parse("cat.png")));
    EXPECT_EQ(PictureOrigin::file("data:image/png;base64,AAEC").text(), "./data:image/png;base64,AAEC");
}

TEST(Embedded, TitlesNameFilesSamplesAndFrames) {
    EXPECT_EQ(picture_title(PictureOrigin::parse("sample:cat")), "cat");
    EXPECT_EQ(picture_title(PictureOrigin::file("/a/b/clip.gif")), "clip.gif");
    EXPECT_EQ(picture_title(PictureOrigin::file("/a/b/clip.gif#frame=12")), "clip.gif, frame 12");
    EXPECT_EQ(picture_title(drawing_origin(7)), "drawing");
    EXPECT_NE(drawing_origin(7), drawing_origin(8));
}

/// A session contains the drawing, and reads it again.
TEST(Embedded, DrawingsAreStoredInTheSession) {
    Image image(5, 4, {10, 20, 30, 255});
    draw_stroke(image, {1, 1}, {4, 3}, 2, {200, 100, 50, 255});
    Document document;
    document.input.source = PictureInput{{{drawing_origin(3), picture_of(image)}}};
    const std::string text = print_session(document, "/some/where");
    EXPECT_NE(text.find("data:image/png;name=drawing;base64,"), std::string::npos) << text;
    auto spec = parse_session(text, "s.json");
    ASSERT_TRUE(spec) << spec.error().message;
    const auto loaded = load_parts(std::move(*spec), "/some/where", {});
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto& named = std::get<PictureInput>(loaded->input.source).pictures.at(0);
    EXPECT_EQ(image_of(*named.picture).rgba, image.rgba);
    EXPECT_EQ(input_title(loaded->input), "drawing");
    EXPECT_EQ(print_session(*loaded, "/some/where"), text);
}

TEST(Embedded, PicturesThatAreCorruptCostASentence) {
    for (const char* url : {"data:image/png;name=x;base64,!!!!", "data:image/png;name=x;base64,AAEC"}) {
        const std::string text = fmt::format(
            R"({{"convlens": "session", "version": 1, "document": {{"input": {{"images": ["{}"]}}}}}})", url);
        auto spec = parse_session(text, "s.json");
        ASSERT_TRUE(spec) << spec.error().message;
        const auto loaded = load_parts(std::move(*spec), "/some/where", {});
        ASSERT_FALSE(loaded);
        EXPECT_TRUE(loaded.error().message.starts_with("x.png: ")) << loaded.error().message;
    }
}

}  // namespace
}  // namespace convlens
