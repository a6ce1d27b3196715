/// Many pictures one after the other: of folders, data sets and videos; and the strongest patches in them.
#include "engine/open/picture_series.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "app/ui/tools/maximize/found_patches.h"
#include "engine/document/drawing.h"
#include "engine/document/embedded.h"
#include "engine/io/file.h"

namespace convlens::test {
namespace {

namespace fs = std::filesystem;

class PictureSeriesTest : public testing::Test {
  protected:
    PictureSeriesTest() : folder_(fs::temp_directory_path() / fmt::format("convlens_series_{}", ::getpid())) {
        fs::create_directories(folder_);
    }
    ~PictureSeriesTest() override { fs::remove_all(folder_); }

    /// Writes a gray picture of `side` x `side` pixels with a white one at (x, y).
    void picture(const std::string& name, int side, int x, int y) const {
        Image image(side, side);
        for (std::size_t i = 0; i < image.rgba.size(); ++i) image.rgba[i] = i % 4 == 3 ? 255 : 100;
        for (int c = 0; c < 3; ++c) image.pixel(x, y)[c] = 255;
        text(name, encode_png(image));
    }
    void text(const std::string& name, const std::vector<std::byte>& bytes) const {
        fs::create_directories((folder_ / name).parent_path());
        ASSERT_TRUE(write_file(folder_ / name, bytes));
    }
    /// CIFAR-10's files with `count` pictures; example i is as bright as i.
    void cifar(int count) const {
        for (const char* name : {"data_batch_1.bin", "test_batch.bin"}) {
            std::vector<std::byte> bytes;
            for (int i = 0; i < count; ++i) {
                bytes.push_back(static_cast<std::byte>(i % 10));
                bytes.insert(bytes.end(), 3072, static_cast<std::byte>(i));
            }
            text(name, bytes);
        }
    }
    PatchesTask task() const {
        PatchesTask task;
        task.document.kernels.bank = EdgeKernels{};
        task.path = folder_.string();
        task.channels = {0, 1, 5};
        return task;
    }

    fs::path folder_;
};

TEST_F(PictureSeriesTest, HasThePicturesOfAFolderAndThenOfItsSubfolders) {
    picture("b.png", 9, 1, 1);
    picture("a.PNG", 9, 1, 1);
    picture("z/inner.png", 9, 1, 1);
    picture("c/d/deep.png", 9, 1, 1);
    picture(".hidden.png", 9, 1, 1);
    text("notes.txt", {});
    fs::create_directory_symlink(folder_, folder_ / "around");
    auto series = PictureSeries::open(folder_, Cancel());
    ASSERT_TRUE(series) << series.error().message;
    std::vector<std::string> titles;
    for (int i = 0; i < series->count(); ++i) titles.push_back(series->at(i).title);
    EXPECT_EQ(titles, (std::vector<std::string>{"a.PNG", "b.png", "z/inner.png", "c/d/deep.png"}));
    const auto read = series->read(2, Cancel());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->pictures[0].picture->info.width, 9);
    const auto again = open_again(series->at(2));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->pictures[0].origin, PictureOrigin::file((folder_ / "z/inner.png").string()));
}

TEST_F(PictureSeriesTest, HasTheTrainingExamplesOfADataSet) {
    cifar(12);
    auto series = PictureSeries::open(folder_, Cancel());
    ASSERT_TRUE(series) << series.error().message;
    ASSERT_EQ(series->count(), 12);
    EXPECT_EQ(series->at(3).title, "CIFAR-10, training, 3 (cat)");
    const auto again = open_again(series->at(11));
    ASSERT_TRUE(again) << again.error().message;
    const auto& named = again->pictures[0];
    EXPECT_TRUE(is_embedded(named.origin)) << "a session keeps it";
    EXPECT_EQ(picture_title(named.origin), "CIFAR10training11automobile");
    EXPECT_NEAR(named.picture->color.data()[0], 11.0F / 255, 1e-6F);
}

TEST_F(PictureSeriesTest, SaysWhyThereIsNone) {
    const auto why = [&](const fs::path& path) { return PictureSeries::open(path, Cancel()).error().message; };
    EXPECT_NE(why(folder_).find("there are no pictures in the folder"), std::string::npos) << why(folder_);
    EXPECT_NE(why(folder_ / "missing").find("missing"), std::string::npos);
    text("data.bin", {std::byte{1}});
    EXPECT_NE(why(folder_).find("expected the folder to contain CIFAR-10"), std::string::npos) << why(folder_);
}

TEST_F(PictureSeriesTest, HasTheStrongestPatchesOfAllItsPictures) {
    picture("a.png", 40, 5, 6);
    picture("b.png", 50, 30, 20);
    text("broken.png", {std::byte{1}, std::byte{2}});
    PatchesJob job(task(), {});
    EXPECT_TRUE(job.step());
    EXPECT_EQ(job.view().done, 1);
    while (job.step()) continue;
    const PatchesProgress all = job.view();
    EXPECT_TRUE(all.complete());
    EXPECT_EQ(all.total, 3);
    EXPECT_EQ(all.skipped, 1);
    EXPECT_NE(all.complaint.find("broken.png"), std::string::npos) << all.complaint;
    ASSERT_EQ(all.found.error, "");
    ASSERT_EQ(all.found.best.places.size(), 3U);
    EXPECT_EQ(all.found.of_selected.grid, nullptr);
    // Another selected channel changes nothing else, and reads nothing again.
    PatchesTask next = task();
    next.selected = 5;
    job.set(next);
    const PatchesProgress selected = job.view();
    EXPECT_EQ(selected.done, 3);
    EXPECT_EQ(selected.found.selected, 5);
    ASSERT_EQ(selected.found.of_selected.places.size(), 9U);
    const StrongPlace best = selected.found.of_selected.places[0];
    EXPECT_EQ(best, all.found.best.places[2]);
    EXPECT_TRUE(selected.found.of_selected.pictures[0].title == (best.image == 0 ? "a.png" : "b.png"));
    // The white pixel is in the receptive field, which is somewhere else in each picture.
    const Rect box = best.box;
    const int x = best.image == 0 ? 5 : 30, y = best.image == 0 ? 6 : 20;
    EXPECT_TRUE(x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h);
}

TEST_F(PictureSeriesTest, SaysWhyThereAreNoPatches) {
    text("broken.png", {std::byte{1}, std::byte{2}});
    PatchesJob broken(task(), {});
    while (broken.step()) continue;
    EXPECT_NE(broken.view().found.error.find("broken.png"), std::string::npos) << broken.view().found.error;
    EXPECT_TRUE(broken.view().complete());
    PatchesTask missing = task();
    missing.path += "/missing";
    broken.set(missing);
    EXPECT_FALSE(broken.step());
    EXPECT_NE(broken.view().found.error.find("missing"), std::string::npos) << broken.view().found.error;
    picture("a.png", 40, 5, 6);
    broken.set(task());
    while (broken.step()) continue;
    EXPECT_EQ(broken.view().found.error, "");
    EXPECT_EQ(broken.view().skipped, 1);
}

}  // namespace
}  // namespace convlens::test
