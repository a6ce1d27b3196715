/// engine/io/file_url.h.
#include "engine/io/file_url.h"

#include <gtest/gtest.h>

namespace convlens {
namespace {

TEST(FileUrl, GivesEveryPathBack) {
    std::string all = "/";
    for (int byte = 1; byte < 256; ++byte)
        if (byte != '/') all += static_cast<char>(byte);
    EXPECT_FALSE(is_utf8(all));
    EXPECT_TRUE(is_utf8(file_url(all)));
    EXPECT_EQ(path_of_url(file_url(all)), all);
    EXPECT_EQ(file_url("/tmp/a b/ä.png"), "file:///tmp/a%20b/%C3%A4.png");
}

TEST(FileUrl, ReadsOnlyUrlsOfThisMachine) {
    EXPECT_EQ(path_of_url("file:///tmp/a%20b.png"), "/tmp/a b.png");
    EXPECT_EQ(path_of_url("file://localhost/tmp/a"), "/tmp/a");
    for (const char* other : {"file://server/a", "http:///a", "/tmp/a", "file:///a%", "file:///a%2", "file:///a%zz",
                              "file:///a%00b", "file:///a%+1", "file:a", ""})
        EXPECT_EQ(path_of_url(other), std::nullopt) << other;
}

TEST(FileUrl, TellsUtf8) {
    for (const char* text : {"", "cat.png", "ä", "\xf0\x9f\x90\xb1"}) EXPECT_TRUE(is_utf8(text)) << text;
    for (const char* text : {"\xff", "r\xe9sum\xe9", "\xc0\x80", "\xed\xa0\x80", "\xe4\xbd"})
        EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(FileUrl, IsFoundInTextsThatHoldNothingElse) {
    using Paths = std::vector<std::string>;
#ifndef _WIN32
    EXPECT_EQ(paths_in("/a/b c.png"), Paths{"/a/b c.png"});
    EXPECT_EQ(paths_in("/a.png\n/b.png\n"), (Paths{"/a.png", "/b.png"}));
    EXPECT_EQ(paths_in("# copied\r\nfile:///a/b%20c%25.png\r\nfile://localhost/d.png\r\n"),
              (Paths{"/a/b c%.png", "/d.png"}));
    EXPECT_EQ(paths_in("/a.png\nand a letter"), std::nullopt);
    EXPECT_EQ(paths_in("file:///a%2"), std::nullopt);
#endif
    for (const char* text : {"", "\n", "# only", "a.png", "[[1, 2], [3, 4]]", "https://example.org/a.png", "1/9"})
        EXPECT_EQ(paths_in(text), std::nullopt) << text;
}

}  // namespace
}  // namespace convlens
