/// engine/view/rich_text.h.
#include "engine/view/rich_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace convlens {
namespace {

const Typeface& inter() {
    static const Typeface typeface(CONVLENS_SOURCE_ASSETS "/fonts/Inter-Regular.otf");
    return typeface;
}

/// All words of a layout in order, joined with '|'.
std::string words(const RichLayout& layout) {
    std::string all;
    for (const PlacedText& t : layout.texts) all += (all.empty() ? "" : "|") + t.text;
    return all;
}

TEST(RichText, FillsInValuesAndLeavesTheRest) {
    const LiveValues values = [](std::string_view name) {
        return name == "n" ? std::optional<std::string>("7") : std::nullopt;
    };
    EXPECT_EQ(with_values("{n} of {m}, {n}{n}", values), "7 of {m}, 77");
    EXPECT_EQ(with_values("{{n}", values), "{7");
    EXPECT_EQ(with_values("{n", values), "{n");
    EXPECT_EQ(with_values("", values), "");
}

TEST(RichText, ParsesBoldListsAndFormulas) {
    const auto lines = parse_rich_text("a **b** c\n- entry $x_1$\n\n2 ** 3 costs $5 and $6");
    ASSERT_EQ(lines.size(), 4U);
    ASSERT_EQ(lines[0].parts.size(), 3U);
    EXPECT_EQ(lines[0].parts[1].text, "b");
    EXPECT_TRUE(lines[0].parts[1].bold);
    EXPECT_FALSE(lines[0].parts[2].bold);
    EXPECT_TRUE(lines[1].entry);
    EXPECT_TRUE(lines[1].parts[1].formula.has_value());
    EXPECT_TRUE(lines[2].parts.empty());
    ASSERT_EQ(lines[3].parts.size(), 1U);
    EXPECT_EQ(lines[3].parts[0].text, "2 ** 3 costs $5 and $6");
    EXPECT_EQ(plain_text(R"(\**\$x\{)"), "**$x{");
}

TEST(RichText, WritesFormulasAsTextAndAsHtml) {
    EXPECT_EQ(plain_text(R"($\floor{\frac{n + 2p - k}{s}} + 1 \le x_i^2$)"), "floor((n + 2p − k) / (s)) + 1 ≤ x_i^2");
    EXPECT_EQ(rich_text_html("a <b> & **c**\n- $x_{12}$\n- two"),
              "<p>a &lt;b&gt; &amp; <strong>c</strong></p>\n<ul>\n<li><span class=\"formula\">x<sub>12</sub></span>"
              "</li>\n<li>two</li>\n</ul>\n");
    EXPECT_EQ(plain_text(R"($\unknown 3 \times 4$)"), R"(\unknown 3 × 4)");
}

TEST(RichText, BreaksLinesAtTheWidth) {
    const auto one = lay_out("aa bb cc", inter(), 20, 1e6F), three = lay_out("aa bb cc", inter(), 20, 1);
    EXPECT_EQ(words(one), "aa |bb |cc");
    EXPECT_FLOAT_EQ(one.texts[0].baseline, one.texts[2].baseline);
    EXPECT_LT(three.texts[0].baseline, three.texts[1].baseline);
    EXPECT_LT(three.texts[1].baseline, three.texts[2].baseline);
    EXPECT_NEAR(one.width, inter().advance("aa bb cc", 20, false), 0.01F);
    // A line that just fits is not broken, although a space follows its last word.
    EXPECT_EQ(lay_out("aa bb", inter(), 20, inter().advance("aa bb", 20, false) + 0.01F).texts[1].baseline,
              one.texts[0].baseline);
    // A shape is not broken.
    EXPECT_EQ(words(lay_out("a 1 × 2 × 3 b", inter(), 20, 1)), "a |1 × 2 × 3 |b");
    // Bold words and formulas stick to what precedes them without a space.
    const auto stuck = lay_out("aa **bb**$c$", inter(), 20, inter().advance("aa bb", 20, true));
    EXPECT_FLOAT_EQ(stuck.texts[1].baseline, stuck.texts[2].baseline);
}

TEST(RichText, PlacesFractionsAndScripts) {
    const auto layout = lay_out(R"($\frac{a}{b}x_1^2$)", inter(), 40, 1e6F);
    ASSERT_EQ(words(layout), "a|b|x|1|2");
    const auto& t = layout.texts;
    ASSERT_EQ(layout.rules.size(), 1U);
    EXPECT_LT(t[0].baseline, layout.rules[0].y);
    EXPECT_GT(t[1].baseline - t[1].em * 0.7F, layout.rules[0].y);
    EXPECT_LT(t[4].baseline, t[2].baseline);
    EXPECT_GT(t[3].baseline, t[2].baseline);
    EXPECT_FLOAT_EQ(t[3].x, t[4].x);
    EXPECT_LT(t[3].em, t[2].em);
    const auto sum = lay_out(R"($\sum_{i}^n i$)", inter(), 40, 1e6F);
    ASSERT_EQ(words(sum), "∑|n|i| |i");
    EXPECT_LT(sum.texts[1].baseline, sum.texts[0].baseline - 40 * 0.8F);
    EXPECT_GT(sum.texts[2].baseline, sum.texts[0].baseline);
}

TEST(RichText, FitsTheLargestTypeThatHasRoom) {
    const auto roomy = lay_out_to_fit("aa bb cc", inter(), 40, 10, 1000, 1000);
    EXPECT_FLOAT_EQ(roomy.texts[0].em, 40);
    const auto tight = lay_out_to_fit("aa bb cc", inter(), 40, 10, 70, 60);
    EXPECT_LT(tight.texts[0].em, 40);
    EXPECT_LE(tight.width, 70);
    EXPECT_LE(tight.height, 60);
    EXPECT_FLOAT_EQ(lay_out_to_fit("aa bb cc", inter(), 40, 10, 1, 1).texts[0].em, 10);
}

TEST(RichText, DrawsInsideOfItsLayout) {
    for (const Typeface& typeface : {inter(), Typeface()}) {
        const auto layout = lay_out("**Wide** text\n- entry", typeface, 24, 300);
        Image image(static_cast<int>(layout.width) + 8, static_cast<int>(layout.height) + 8);
        draw_rich_text(image, layout, typeface, 4, 4, {255, 255, 255, 255});
        int inked = 0, outside = 0;
        for (int y = 0; y < image.height; ++y)
            for (int x = 0; x < image.width; ++x) {
                inked += image.pixel(x, y)[3] > 0;
                outside += image.pixel(x, y)[3] > 0 && (y < 2 || y >= image.height - 2);
            }
        EXPECT_GT(inked, 300);
        EXPECT_EQ(outside, 0);
    }
}

TEST(RichText, SurvivesAnyText) {
    const std::string_view pieces[] = {"$", "{", "}",  "\\frac", "\\sqrt{", "_",    "^",       "**", "\n", "- ",
                                       " ", "x", "\\", "\\sum",  "é",       "\xff", "\\floor", "$x", "x$", "1"};
    std::mt19937 random(7);
    for (int i = 0; i < 3000; ++i) {
        std::string text;
        for (int n = 0; n < 60; ++n) text += pieces[random() % std::size(pieces)];
        const auto layout = lay_out(text, inter(), 12, static_cast<float>(random() % 200));
        EXPECT_TRUE(std::isfinite(layout.width) && std::isfinite(layout.height)) << text;
        plain_text(text);
        rich_text_html(text);
    }
    std::string deep = "$";
    for (int i = 0; i < 1000; ++i) deep += "\\frac{^{\\sqrt";
    EXPECT_GT(lay_out(deep + "x$", inter(), 12, 100).height, 0);
}

}  // namespace
}  // namespace convlens
