/// The window's parts that need no window: app/ui/history.h, fuzzy.h, folder.h, fit_display.h, lecture.h and
/// app/settings.h.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include "app/settings.h"
#include "app/ui/history.h"
#include "app/ui/tools/browser/folder.h"
#include "app/ui/tools/grid/fit_display.h"
#include "app/ui/tools/lecture/lecture.h"
#include "app/ui/widgets/fuzzy.h"
#include "engine/document/embedded.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

TEST(History, MakesOneStepOfEverythingBetweenTwoCommits) {
    History<int> history(0);
    for (int i = 1; i <= 50; ++i) history.preview(i);  // a drag
    EXPECT_EQ(history.undo_depth(), 1U);
    history.commit();
    history.commit();
    EXPECT_EQ(history.undo_depth(), 1U);
    EXPECT_TRUE(history.undo());
    EXPECT_EQ(history.now(), 0);
    EXPECT_FALSE(history.undo());
    EXPECT_TRUE(history.redo());
    EXPECT_EQ(history.now(), 50);
    EXPECT_FALSE(history.redo());
}

TEST(History, UndoesAnEditThatIsStillInProgress) {
    History<int> history(1);
    history.preview(2);
    EXPECT_TRUE(history.undo());
    EXPECT_EQ(history.now(), 1);
    EXPECT_TRUE(history.redo());
    EXPECT_EQ(history.now(), 2);
}

TEST(History, ForgetsTheFutureAfterANewEdit) {
    History<int> history(0);
    for (const int value : {1, 2}) history.preview(value), history.commit();
    history.undo();
    history.preview(7);
    history.commit();
    EXPECT_EQ(history.redo_depth(), 0U);
    history.undo();
    EXPECT_EQ(history.now(), 1);
}

TEST(History, GoesBackAndForthOverAThousandRandomEditsExactly) {
    std::mt19937 random(1);
    History<int> history(0);
    std::vector<int> values{0};
    for (int i = 0; i < 400; ++i) {
        history.preview(static_cast<int>(random() >> 1));
        history.commit();
        values.push_back(history.now());
    }
    for (int step = 0; step < 1000; ++step) {
        const auto at = history.undo_depth();
        ASSERT_EQ(history.now(), values[at]);
        (random() & 1) ? history.undo() : history.redo();
    }
}

TEST(History, KeepsOnlyStepsThatFitIntoItsLimitButAlwaysOne) {
    History<int> history(0, 2 * sizeof(int) + 1);
    for (int i = 1; i <= 9; ++i) history.preview(i), history.commit();
    EXPECT_EQ(history.undo_depth(), 2U);
    EXPECT_TRUE(history.undo());
    EXPECT_TRUE(history.undo());
    EXPECT_FALSE(history.undo());
    EXPECT_EQ(history.now(), 7);
    EXPECT_TRUE(history.redo());
    EXPECT_TRUE(history.redo());
    EXPECT_EQ(history.now(), 9);
    EXPECT_EQ(history.undo_depth(), 2U);
    History<int> narrow(0, 1);
    narrow.preview(1), narrow.commit();
    narrow.preview(2), narrow.commit();
    EXPECT_EQ(narrow.undo_depth(), 1U);
}

TEST(FuzzyMatch, FindsLettersInTheirOrderAndPrefersStartsOfWords) {
    EXPECT_EQ(fuzzy_match("", "Undo").value().positions.size(), 0U);
    EXPECT_EQ(fuzzy_match("rk", "Random kernels").value().positions, (std::vector<std::size_t>{0, 7}));
    EXPECT_EQ(fuzzy_match("OPEN", "Open images").value().positions, (std::vector<std::size_t>{0, 1, 2, 3}));
    EXPECT_FALSE(fuzzy_match("kr", "Random k"));
    EXPECT_FALSE(fuzzy_match("undoo", "Undo"));
    EXPECT_GT(fuzzy_match("fit", "Fit the grid").value().score, fuzzy_match("fit", "of it").value().score);
    EXPECT_GT(fuzzy_match("ed", "Edge filters").value().score,
              fuzzy_match("ed", "e......................d").value().score);
}

TEST(FuzzyMatch, FindsLettersWithAccentsInAnyCase) {
    EXPECT_EQ(fuzzy_match("\u00F6ff", "\u00D6ffnen ...").value().positions, (std::vector<std::size_t>{0, 2, 3}));
    EXPECT_EQ(fuzzy_match("\u00C4", "Bild \u00E4ndern").value().positions, (std::vector<std::size_t>{5}));
    EXPECT_FALSE(fuzzy_match("\u00F7", "\u00D7")) << "signs have no case";
    EXPECT_FALSE(fuzzy_match("\u00F6", "offen"));
    EXPECT_FALSE(fuzzy_match("\xC3", "\u00D6")) << "half a letter";
    EXPECT_EQ(fuzzy_match("a\xFF", "a\xFF").value().positions.size(), 2U) << "bytes that are not UTF-8";
    // The n of "Grün" does not begin a word.
    EXPECT_LT(fuzzy_match("n", "Gr\u00FCn").value().score, fuzzy_match("n", "Gr n").value().score);
}

TEST(FitDisplay, KeepsEveryPositionInTheGridAnInt) {
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    for (const int count : {1, 1000, 8'660'000})
        for (const Size2 map : {Size2{1, 1}, Size2{8192, 1}, Size2{1, 8192}})
            for (const int columns : {1, 8, 4096})
                for (const int gap : {0, 2, 4096}) {
                    SCOPED_TRACE(fmt::format("{} maps of {}, {} columns, gap {}", count, to_string(map), columns, gap));
                    DisplayOptions display;
                    display.columns = columns;
                    display.gap = gap;
                    const GridLayout layout =
                        grid_layout(fit_display(display, {{700, 1200}, 64.0F, {1, 1}, {}}, map, count), map, count);
                    EXPECT_GE(std::min(layout.cell.w, layout.cell.h), 1);
                    EXPECT_LE(std::int64_t{layout.columns} * (layout.cell.w + layout.gap) + layout.gap, most);
                    EXPECT_LE(std::int64_t{layout.rows} * (layout.cell.h + layout.gap) + layout.gap, most);
                    const Rect last = layout.cell_rect(count - 1);
                    EXPECT_EQ(last.y, layout.height() - layout.gap - layout.cell.h);
                    EXPECT_EQ(layout.cell_at(last.x, last.y), count - 1);
                }
}

TEST(FitDisplay, FillsTheAreaWithCellsOfTheMapsShape) {
    const GridView view{{700, 1200}, 1.0F, {0.5F, 0}, {}};
    const DisplayOptions fitted = fit_display(DisplayOptions{}, view, {10, 20}, 64);
    EXPECT_EQ(fitted.cell, (Size2{74, 147}));
    EXPECT_EQ(fitted.gap, DisplayOptions{}.gap);
}

class InFolder : public testing::Test {
  protected:
    void SetUp() override {
        folder = fs::path(testing::TempDir()) / fmt::format("convlens-parts-{}", getpid());
        fs::remove_all(folder);
        fs::create_directories(folder / "sub");
    }
    void TearDown() override { fs::remove_all(folder); }
    void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }
    fs::path folder;
};

TEST_F(InFolder, ListsFoldersFirstAndOnlyWhatCanBeOpened) {
    for (const char* name : {"b.PNG", "a.jpg", "k.npy", "notes.txt", ".hidden.png"}) write(name, "x");
    const Folder listed = list_folder(folder);
    std::vector<std::string> names;
    for (const auto& entry : listed.entries) names.push_back(entry.name);
    EXPECT_EQ(names, (std::vector<std::string>{"sub", "a.jpg", "b.PNG", "k.npy"}));
    EXPECT_TRUE(listed.entries[0].folder);
    EXPECT_EQ(listed.entries[1].kind, FileKind::picture);
    EXPECT_EQ(listed.entries[3].kind, FileKind::kernels);
    EXPECT_EQ(listed.entries[3].bytes, 1U);
    EXPECT_EQ(listed.others, 1U) << "notes.txt; hidden files are not counted";
    EXPECT_FALSE(listed.more);
}

TEST_F(InFolder, RefusesAFolderThatIsNotThereByName) {
    const Folder listed = list_folder(folder / "nowhere");
    EXPECT_TRUE(listed.entries.empty());
    EXPECT_NE(listed.error.find("nowhere"), std::string::npos);
    EXPECT_NE(list_folder(folder / "no\x1bwhere").error.find("no\\x1bwhere"), std::string::npos);
}

TEST_F(InFolder, HasNoThumbnailOfWhatIsNoPicture) {
    write("a.png", "no picture");
    EXPECT_EQ(thumbnail_of(folder / "a.png", 64), nullptr);
    const auto cat = thumbnail_of(fs::path(CONVLENS_SOURCE_ASSETS) / "images" / "cat.png", 64);
    ASSERT_NE(cat, nullptr);
    EXPECT_LE(std::max(cat->width, cat->height), 64);
    EXPECT_GE(std::max(cat->width, cat->height), 32);
}

TEST_F(InFolder, RestoresALectureThatIsLargerThanAFileMayBe) {
    const std::vector<std::byte> picture(26'000'000);  // in base64 a third more; both together have more than 64 MiB
    Document document;
    document.input.source = PictureInput{{{embedded_origin("large", picture), nullptr}}};
    const Scene scene{"", "", {document}, {}};
    ASSERT_TRUE(keep_lecture({"Large", {scene, scene}}, folder / "lecture.json"));
    EXPECT_FALSE(open_lecture(folder / "lecture.json"));
    const auto restored = restore_lecture_job(folder / "lecture.json")();
    EXPECT_TRUE(restored) << restored.error().message;
}

TEST_F(InFolder, RemembersTheLastFoldersNewestFirst) {
    Settings settings;
    for (const char* name : {"/a", "/b", "/c", "/d", "/e", "/f", "/g", "/c"}) remember_folder(settings, name);
    EXPECT_EQ(settings.folders, (std::vector<std::string>{"/c", "/g", "/f", "/e", "/d", "/b"}));
    save_settings(settings, folder / "new" / "settings.json");
    EXPECT_EQ(load_settings(folder / "new" / "settings.json"), settings);
}

TEST_F(InFolder, StartsAfreshFromSettingsThatAreNonsense) {
    for (const char* text : {"", "{", "[]", "{\"folders\": 3}", "{\"folders\": {\"a\": 1}}", "\xff\xfe"}) {
        write("settings.json", text);
        EXPECT_EQ(load_settings(folder / "settings.json"), Settings{}) << text;
    }
    write("settings.json", "{\"folders\": [1, \"/x\", null, \"/y\"]}");
    EXPECT_EQ(load_settings(folder / "settings.json").folders, (std::vector<std::string>{"/x", "/y"}));
    EXPECT_EQ(load_settings(folder / "missing.json"), Settings{});
}

}  // namespace
}  // namespace convlens
