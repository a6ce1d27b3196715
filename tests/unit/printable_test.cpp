/// engine/core/printable.h
#include "engine/core/printable.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/core/result.h"

namespace convlens {
namespace {

TEST(Printable, LeavesTextOfAnyAlphabetAsItIs) {
    for (const char* text : {"", "cat.png", "zażółć gęślą jaźń", "Ελληνικά", "日本語 🐈", "3x3 \\ \"quoted\" % {}", "é"})
        EXPECT_EQ(printable(text), text);
}

TEST(Printable, EscapesWhatControlsATerminalOrBreaksALine) {
    EXPECT_EQ(printable("a\x1b[2Jb"), "a\\x1b[2Jb");
    EXPECT_EQ(printable(std::string_view("\0\a\b\t\n\r\x7f", 7)), "\\x00\\x07\\x08\\x09\\x0a\\x0d\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\x9b31m");                            // CSI as one character
    EXPECT_EQ(printable("\xe2\x80\xa8"), "\\u2028");  // line separator
}

TEST(Printable, EscapesWhatIsInvisibleOrTurnsTheDirection) {
    EXPECT_EQ(printable("gpj.\xe2\x80\xae"
                        "exe"),
              "gpj.\\u202eexe");
    EXPECT_EQ(printable("\xe2\x81\xa6x\xe2\x81\xa9"), "\\u2066x\\u2069");
    EXPECT_EQ(printable("a\xe2\x80\x8b"
                        "b\xef\xbb\xbf"),
              "a\\u200bb\\ufeff");
    EXPECT_EQ(printable("\xf3\xa0\x81\x81"), "\\ue0041");  // a tag
}

TEST(Printable, EscapesBytesThatAreNotUtf8) {
    EXPECT_EQ(printable("\xff\xfe"), "\\xff\\xfe");
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");  // overlong
    EXPECT_EQ(printable("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // half of a UTF-16 pair
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
    EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");     // Latin-1
    EXPECT_EQ(printable("\xe6\x97"), "\\xe6\\x97");  // cut short
}

TEST(Printable, CutsLongTextBetweenCharacters) {
    EXPECT_EQ(printable("abcdef", 6), "abcdef");
    EXPECT_EQ(printable("abcdefg", 6), "abc...");
    EXPECT_EQ(printable("abcd\xc3\xa9", 5), "ab...");
    EXPECT_EQ(printable("ab\xc3\xa9xyz", 6), "ab...");
    EXPECT_EQ(printable("abc\n", 5), "ab...");
    const std::string once = printable(std::string(500, '\xff'), 1000);  // found by fuzzing: it was cut twice
    EXPECT_EQ(printable(once, 1000), once);
    EXPECT_LE(printable(std::string(1 << 20, '\n'), 4000).size(), 4003U);
}

TEST(PrintableLines, KeepsOnlyTheLineEnds) {
    EXPECT_EQ(printable_lines(""), "");
    EXPECT_EQ(printable_lines("\na\x1b[2J\r\n\n\xe2\x80\xae"
                              "b\n"),
              "\na\\x1b[2J\\x0d\n\n\\u202eb\n");
    const std::string line(5000, 'x');  // the table of a command may be wide
    EXPECT_EQ(printable_lines(line + "\n" + line), line + "\n" + line);
}

TEST(CutText, CutsBetweenCharacters) {
    EXPECT_EQ(cut_text("abc", 3), "abc");
    EXPECT_EQ(cut_text("abcd", 3), "abc");
    EXPECT_EQ(cut_text("ab\xc3\xa9", 3), "ab");
    EXPECT_EQ(cut_text("\xf0\x9f\x90\x88", 3), "");
    EXPECT_EQ(cut_text("abc", 0), "");
}

TEST(Printable, OfRandomBytesIsPrintableText) {
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) {
        std::string text(static_cast<std::size_t>(i % 50), ' ');
        for (char& c : text) c = static_cast<char>(random());
        const std::string safe = printable(text);
        EXPECT_EQ(printable(safe), safe);
        for (std::string_view rest = safe; !rest.empty();) {
            char32_t code = 0;
            const std::size_t size = utf8_character(rest, code);
            ASSERT_GT(size, 0U);
            ASSERT_GE(code, 0x20U);
            rest.remove_prefix(size);
        }
    }
}

TEST(Printable, IsWhatEveryErrorSays) {
    EXPECT_EQ(Expected<void>(fail("{}: no such file", "a\x1b]0;b\a")).error().message, "a\\x1b]0;b\\x07: no such file");
}

}  // namespace
}  // namespace convlens
