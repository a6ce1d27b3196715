/// app/ui/paste.h: which texts are paths.
#include "app/ui/paste.h"

#include <gtest/gtest.h>

namespace convlens {
namespace {

using Paths = std::vector<std::string>;

TEST(Paste, FindsPathsInTextsThatHoldNothingElse) {
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
