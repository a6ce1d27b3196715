/// Catalogues of translations: the parser (engine/io/po_file.h), looking texts up (app/ui/language.h), and the
/// catalogues that come with the program.
#include "app/ui/language.h"

#include <gtest/gtest.h>
#include <imgui.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "engine/core/numbers.h"
#include "engine/io/file.h"
#include "engine/io/po_file.h"
#include "engine/session/lecture.h"
#include "engine/view/rich_text.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

const fs::path language_assets = CONVLENS_SOURCE_ASSETS;

std::vector<PoEntry> catalogue(const char* name) {
    const auto bytes = Bytes::read_file(language_assets / "languages" / name, max_po_bytes);
    if (!bytes) return ADD_FAILURE() << bytes.error().message, std::vector<PoEntry>();
    const auto span = bytes->span();
    auto entries = parse_po({reinterpret_cast<const char*>(span.data()), span.size()});
    if (!entries) return ADD_FAILURE() << name << ": " << entries.error().message, std::vector<PoEntry>();
    return *entries;
}

/// Restores English after a test.
struct WindowLanguage : testing::Test {
    ~WindowLanguage() override { (void)use_language(language_assets, "en"); }
};

TEST(PoFile, ReadsTextsInSeveralLinesWithEscapes) {
    const auto entries = parse_po(
        "# translator\nmsgid \"\"\nmsgstr \"\"\n\"Language: de\\n\"\n\n#: a.cpp\nmsgid \"\"\n\"one "
        "\"\n\"\\\"two\\\"\\n\"\n"
        "msgstr \"eins\\t\"\n  \"zwei\"  \n\nmsgid \"b\"\nmsgstr \"\"\r\n");
    ASSERT_TRUE(entries.has_value()) << entries.error().message;
    EXPECT_EQ(*entries, (std::vector<PoEntry>{{"one \"two\"\n", "eins\tzwei"}, {"b", ""}}));
}

TEST(PoFile, LeavesOutWhatIsFuzzyOrOld) {
    const auto entries = parse_po(
        "#, fuzzy, c-format\nmsgid \"a\"\nmsgstr \"x\"\n#~ msgid \"old\"\n#~ msgstr \"alt\"\nmsgid \"b\"\nmsgstr "
        "\"y\"");
    ASSERT_TRUE(entries.has_value()) << entries.error().message;
    EXPECT_EQ(*entries, (std::vector<PoEntry>{{"a", ""}, {"b", "y"}}));
    const auto old = parse_po("#, fuzzy\n#~ msgid \"old\"\n#~ msgstr \"alt\"\nmsgid \"b\"\nmsgstr \"y\"");
    ASSERT_TRUE(old.has_value()) << old.error().message;
    EXPECT_EQ(*old, (std::vector<PoEntry>{{"b", "y"}})) << "the flag belongs to the old entry";
}

TEST(PoFile, RefusesWhatItDoesNotReadInASentenceThatNamesTheLine) {
    const std::map<std::string, std::string> wrong{
        {"msgid \"a\"\nmsgid \"b\"", "line 2"},
        {"msgstr \"a\"", "line 1"},
        {"msgid \"a\"\nmsgstr \"b\"\nmsgstr \"c\"", "line 3"},
        {"msgid \"a\nmsgstr \"b\"", "line 1"},
        {"msgid \"a\"\nmsgstr \"b\\x\"", "line 2"},
        {"msgid a\n", "line 1"},
        {"\"a\"\n", "line 1"},
        {"msgctxt \"a\"\n", "line 1"},
        {"msgid \"a\"\nmsgid_plural \"b\"", "line 2"},
        {"msgid \"a\"\nmsgstr \"b\"\n\nmsgid \"a\"\nmsgstr \"c\"\n\n", "twice"},
        {"msgid \"a\"\n", "no msgstr"},
        {"msgid \"\xff\"\n", "UTF-8"},
        {std::string("msgid \"\0\"\n", 10), "UTF-8"}};
    for (const auto& [text, part] : wrong) {
        const auto entries = parse_po(text);
        ASSERT_FALSE(entries.has_value()) << text;
        EXPECT_NE(entries.error().message.find(part), std::string::npos) << entries.error().message;
    }
    EXPECT_FALSE(parse_po(std::string(max_po_bytes + 1, '#')).has_value());
}

TEST(PoFile, ComparesPlaceholders) {
    EXPECT_TRUE(same_placeholders("{} of {}", "{1} from {0}"));
    EXPECT_TRUE(same_placeholders("{:.1f} % of {}", "{1}: {0:.1f} %"));
    EXPECT_TRUE(same_placeholders("up to %d %%", "bis %d %%"));
    EXPECT_TRUE(same_placeholders("100 % sure", "100 % sicher"));
    EXPECT_FALSE(same_placeholders("{} of {}", "{} of"));
    EXPECT_FALSE(same_placeholders("{} of {}", "{} of {} and {}"));
    EXPECT_FALSE(same_placeholders("{:.1f}", "{}"));
    EXPECT_FALSE(same_placeholders("frame %d", "Bild %s"));
    EXPECT_FALSE(same_placeholders("frame %d", "Bild"));
    EXPECT_FALSE(same_placeholders("a {}", "a {"));
    for (const char* crashes : {"Bild % s", "Bild %S", "Bild %1$s", "Bild %*d", "Bild %d von %n", "Bild %ls",
                                "Bild %d %", "Bild %d % s", "%I64d"})
        EXPECT_FALSE(same_placeholders("frame %d", crashes)) << crashes;
    EXPECT_FALSE(same_placeholders("the beginning", "%S"));
    EXPECT_FALSE(same_placeholders("%s has %d", "%d in %s")) << "values have an order";
    EXPECT_TRUE(same_placeholders("%.0f steps/s", "%.0f Schritte/s"));
}

TEST_F(WindowLanguage, TakesEnglishWhereThereIsNoTranslationOrNoneThatFits) {
    const fs::path folder = fs::path(testing::TempDir()) / "languages-test";
    fs::create_directories(folder / "languages");
    std::ofstream(folder / "languages" / "de.po") << "msgid \"Open ...\"\nmsgstr \"\u00D6ffnen ...\"\n\n"
                                                     "msgid \"{} of {}\"\nmsgstr \"{1}, davon {0}\"\n\n"
                                                     "msgid \"{} layers\"\nmsgstr \"Schichten\"\n\n"
                                                     "msgid \"empty\"\nmsgstr \"\"\n";
    ASSERT_TRUE(use_language(folder, "de").has_value());
    EXPECT_EQ(current_language(), "de");
    EXPECT_STREQ(tr("Open ..."), "\u00D6ffnen ...");
    EXPECT_STREQ(tr("empty"), "empty");
    EXPECT_STREQ(tr("unknown"), "unknown");
    EXPECT_EQ(tr_label("Open ..."), "\u00D6ffnen ...###Open ...");
    EXPECT_EQ(tr_format("{} of {}", 1, 2), "2, davon 1");
    EXPECT_EQ(tr_format("{} layers", 3), "3 layers");
    EXPECT_EQ(format_translated("{} {} {}", "{} layers", fmt::make_format_args(current_language())), "de layers");
    std::ofstream(folder / "languages" / "es.po") << "msgid";
    const auto broken = use_language(folder, "es");
    ASSERT_FALSE(broken.has_value());
    EXPECT_NE(broken.error().message.find("es.po: line 1"), std::string::npos) << broken.error().message;
    EXPECT_EQ(current_language(), "de") << "the last language stays";
    ASSERT_TRUE(use_language(folder, "en").has_value());
    EXPECT_STREQ(tr("Open ..."), "Open ...");
    fs::remove_all(folder);
}

TEST_F(WindowLanguage, IsThatOfSentencesOfTheEngine) {
    ASSERT_TRUE(use_language(language_assets, "de").has_value());
    const Expected<void> failed = fail("{}: there is no such file", "cat \n.png");
    EXPECT_EQ(failed.error().message.find("there is"), std::string::npos) << failed.error().message;
    EXPECT_NE(failed.error().message.find("cat \\x0a.png"), std::string::npos) << failed.error().message;
    EXPECT_EQ(translated("not in the catalogue"), "not in the catalogue");
    EXPECT_EQ(grouped(1234567), "1\u00A0234\u00A0567");
    ASSERT_TRUE(use_language(language_assets, "en").has_value());
    EXPECT_EQ(sentence("{}: there is no such file", "x"), "x: there is no such file");
    EXPECT_EQ(grouped(1234567), "1,234,567");
    EXPECT_EQ(grouped(123), "123");
}

/// Lectures that come with Convlens keep, in each language, what is not text: live values, and answers among choices.
TEST_F(WindowLanguage, TranslatesLecturesWithTheirLiveValuesAndAnswers) {
    const auto values_of = [](const std::string& text) {
        std::multiset<std::string> values;
        (void)with_values(text, [&](std::string_view name) {
            values.emplace(name);
            return std::optional<std::string>("");
        });
        return values;
    };
    for (const auto& file : fs::directory_iterator(language_assets / "lectures")) {
        const auto english = open_lecture(file.path());
        ASSERT_TRUE(english.has_value()) << english.error().message;
        for (const Language& language : languages) {
            SCOPED_TRACE(fmt::format("{} {}", file.path().filename().string(), language.code));
            ASSERT_TRUE(use_language(language_assets, language.code).has_value());
            Lecture lecture = *english;
            translate(lecture);
            EXPECT_EQ(lecture.title == english->title, language.code == std::string("en")) << lecture.title;
            for (std::size_t i = 0; i < lecture.scenes.size(); ++i) {
                const Scene &before = english->scenes[i], &after = lecture.scenes[i];
                EXPECT_EQ(values_of(before.text), values_of(after.text)) << after.text;
                for (std::size_t k = 0; k < after.steps.size(); ++k) {
                    EXPECT_EQ(values_of(before.steps[k].text), values_of(after.steps[k].text)) << after.steps[k].text;
                    const auto& question = after.steps[k].question;
                    if (!question) continue;
                    EXPECT_EQ(values_of(before.steps[k].question->why), values_of(question->why)) << question->why;
                    EXPECT_TRUE(question->choices.empty() ||
                                std::ranges::count(question->choices, question->answer) == 1)
                        << question->answer;
                }
            }
            // what is saved can be opened
            const auto printed = parse_lecture(print_lecture(lecture), "translated");
            EXPECT_TRUE(printed.has_value()) << printed.error().message;
        }
    }
}

TEST_F(WindowLanguage, ReadsNothingInTheCurrentFolderWithoutAssets) {
    const auto none = use_language("", "xx");
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().message.find("xx.po"), std::string::npos) << none.error().message;
}

TEST_F(WindowLanguage, MakesAPseudoLanguageOfTheTemplate) {
    ASSERT_TRUE(use_language(language_assets, pseudo_language).has_value());
    const std::string undo = tr("Undo");
    EXPECT_TRUE(undo.starts_with("\u00AB") && undo.ends_with("\u00BB")) << undo;
    EXPECT_EQ(undo.find_first_of("Undo"), std::string::npos) << undo;
    EXPECT_NE(tr_format("saved {}", "cat.png").find("cat.png"), std::string::npos);
}

TEST_F(WindowLanguage, WritesCapitals) {
    EXPECT_EQ(upper_case("Edici\u00F3n \u00E4\u00DF\u00F7"), "EDICI\u00D3N \u00C4\u00DF\u00F7");
}

/// Each catalogue has all texts of the template, none empty and none else, with the same placeholders.
TEST(Catalogues, AreComplete) {
    std::map<std::string, bool> known;
    for (const PoEntry& entry : catalogue("convlens.pot")) known[entry.id] = true;
    EXPECT_GT(known.size(), 1000U);
    for (const Language& language : languages) {
        if (language.code == std::string("en")) continue;
        SCOPED_TRACE(language.code);
        std::map<std::string, std::string> texts;
        for (const PoEntry& entry : catalogue(fmt::format("{}.po", language.code).c_str())) {
            texts[entry.id] = entry.text;
            EXPECT_TRUE(known.contains(entry.id)) << "no text of the window: " << entry.id;
            EXPECT_FALSE(entry.text.empty()) << "not translated: " << entry.id;
            EXPECT_TRUE(entry.text.empty() || same_placeholders(entry.id, entry.text)) << entry.id << "\n"
                                                                                       << entry.text;
        }
        for (const auto& [id, there] : known) EXPECT_TRUE(texts.contains(id)) << "missing: " << id;
    }
}

/// The typeface has all letters of the catalogues.
TEST(Catalogues, AreDrawnInTheTypefaceOfTheWindow) {
    constexpr ImWchar letters[] = {0x20,   0x24F,  0x370,  0x3FF,  0x400,  0x4FF,  0x1E00, 0x1EFF,
                                   0x2010, 0x205E, 0x2190, 0x2193, 0x2212, 0x2212, 0};
    ImFontAtlas atlas;
    ImFont* const font = atlas.AddFontFromFileTTF((language_assets / "fonts" / "Inter-Regular.otf").string().c_str(),
                                                  16, nullptr, letters);
    ASSERT_TRUE(font && atlas.Build());
    std::string all =
        "\u00E4\u00F6\u00FC\u00DF\u00C4\u00D6\u00DC\u00E1\u00E9\u00ED\u00F3\u00FA\u00F1\u00D1\u00BF\u00A1";
    for (const char* name : {"de.po", "es.po"})
        for (const PoEntry& entry : catalogue(name)) all += entry.text;
    ASSERT_TRUE(use_language(language_assets, pseudo_language).has_value());
    for (const PoEntry& entry : catalogue("convlens.pot")) all += tr(entry.id);
    ASSERT_TRUE(use_language(language_assets, "en").has_value());
    for (std::string_view rest = all; !rest.empty();) {
        char32_t code = 0;
        const std::size_t bytes = utf8_character(rest, code);
        ASSERT_GT(bytes, 0U);
        if (code >= U' ') {
            EXPECT_NE(font->FindGlyphNoFallback(static_cast<ImWchar>(code)), nullptr) << rest.substr(0, bytes);
        }
        rest.remove_prefix(bytes);
    }
}

}  // namespace
}  // namespace convlens
