/// engine/io/file.h
#include "engine/io/file.h"

#include <gtest/gtest.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "engine/core/host.h"
#include "engine/io/new_file.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

#ifdef _WIN32
const fs::path null_device = "NUL";
bool under_wine() { return ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr; }
#else
const fs::path null_device = "/dev/null";
bool under_wine() { return false; }
#endif

std::span<const std::byte> bytes_of_text(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_of_bytes(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder of its own for each test, removed after it.
class File : public testing::Test {
  protected:
    void SetUp() override {
        static int count = 0;
        folder_ = fs::temp_directory_path() / fmt::format("convlens-file-{}-{}", process_id(), count++);
        ASSERT_TRUE(fs::create_directory(folder_));
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(folder_)) found.push_back(entry.path().filename().string());
        return found;
    }

    fs::path folder_;
};

void expect_file_sentence(const std::string& message, std::string_view part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_FALSE(message.ends_with('.')) << message;
}

TEST_F(File, IsReadAgainAfterItsPagesWereReleased) {
    const std::string text(100'000, 'x');
    const fs::path path = folder_ / "f.bin";
    ASSERT_TRUE(write_file(path, bytes_of_text(text)));
    const Bytes mapped = Bytes::map_file(path).value(), copied = Bytes::copy_of(bytes_of_text(text)), none;
    for (const Bytes& bytes : {mapped, copied}) {
        EXPECT_EQ(text_of_bytes(bytes.span()), text);
        bytes.release_pages();
        EXPECT_EQ(text_of_bytes(bytes.span()), text);
    }
    none.release_pages();
}

TEST_F(File, IsWrittenAndReadBackByteForByte) {
    const std::string text("a\0b\nc\xff", 6);
    const fs::path path = folder_ / "f.bin";
    ASSERT_TRUE(write_file(path, bytes_of_text(text)));
    EXPECT_EQ(contents(path), text);
    EXPECT_EQ(text_of_bytes(Bytes::map_file(path).value().span()), text);
    EXPECT_EQ(text_of_bytes(Bytes::read_file(path, 6).value().span()), text);
}

TEST_F(File, IsReplacedWholeAndNothingElseIsLeftBeside) {
    const fs::path path = folder_ / "f.bin";
    ASSERT_TRUE(write_file(path, bytes_of_text("the older and longer one")));
    ASSERT_TRUE(write_file(path, bytes_of_text("new")));
    EXPECT_EQ(contents(path), "new");
    EXPECT_EQ(names(), std::vector<std::string>{"f.bin"});
}

TEST_F(File, IsReplacedByRenamingSoThatAReaderKeepsTheOldBytes) {
    if (under_wine()) GTEST_SKIP() << "Wine 8 does not replace a file that is mapped";
    const fs::path path = folder_ / "f.bin";
    ASSERT_TRUE(write_file(path, bytes_of_text("old")));
    const Bytes old = Bytes::map_file(path).value();
    ASSERT_TRUE(write_file(path, bytes_of_text("new")));
    EXPECT_EQ(text_of_bytes(old.span()), "old");
}

#ifndef _WIN32
TEST_F(File, KeepsItsAccessRightsWhenItIsReplaced) {
    const fs::path path = folder_ / "private.txt";
    ASSERT_TRUE(write_file(path, bytes_of_text("old")));
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    ASSERT_TRUE(write_file(path, bytes_of_text("new")));
    EXPECT_EQ(contents(path), "new");
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(File, IsReplacedBehindALinkWhichStays) {
    const fs::path file = folder_ / "folder" / "file.txt", link = folder_ / "link.txt", lost = folder_ / "lost.txt";
    fs::create_directory(folder_ / "folder");
    ASSERT_TRUE(write_file(file, bytes_of_text("old")));
    fs::create_symlink("folder/file.txt", link);
    ASSERT_TRUE(write_file(link, bytes_of_text("new")));
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_EQ(contents(file), "new");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2);
    fs::create_symlink("nowhere.txt", lost);
    ASSERT_TRUE(write_file(lost, bytes_of_text("a file"))) << "a link to nothing is replaced";
    EXPECT_EQ(contents(lost), "a file");
}
#endif

TEST_F(File, MayHaveANameInAnyScriptAndASpace) {
    const fs::path folder = folder_ / "B\u00fccher \u753b\u50cf", path = folder / "\u00e4 \u732b.bin";
    ASSERT_TRUE(fs::create_directory(folder));
    ASSERT_TRUE(write_file(path, bytes_of_text("cat")));
    EXPECT_EQ(text_of_bytes(Bytes::map_file(path).value().span()), "cat");
    EXPECT_EQ(path.filename().string(), "\u00e4 \u732b.bin");
    EXPECT_EQ(unused_path(path), (folder / "\u00e4 \u732b-2.bin").string());
    expect_file_sentence(Bytes::map_file(folder / "\u72ac").error().message, "\u72ac");
}

TEST_F(File, ThatAppearsMeanwhileIsKeptAndTheNextNameIsTaken) {
    const fs::path path = folder_ / "f.bin";
    auto file = NewFile::create(path);
    ASSERT_TRUE(file && file->write(bytes_of_text("mine")));
    ASSERT_TRUE(write_file(path, bytes_of_text("theirs")));
    const auto kept = file->commit_new();
    ASSERT_FALSE(kept);
    expect_file_sentence(kept.error().message, "f.bin");
    EXPECT_FALSE(write_file(path, bytes_of_text("mine"), Existing::kept));
    EXPECT_EQ(text_of_bytes(Bytes::map_file(path).value().span()), "theirs");

    int calls = 0;
    const auto saved = save_unused(path, [&](const std::string& free) {
        if (++calls == 1) {
            EXPECT_TRUE(write_file(free, bytes_of_text("theirs")));
        }
        return write_file(free, bytes_of_text("mine"), Existing::kept);
    });
    EXPECT_EQ(saved.value(), (folder_ / "f-3.bin").string());
    EXPECT_EQ(text_of_bytes(Bytes::map_file(folder_ / "f-2.bin").value().span()), "theirs");
    EXPECT_EQ(text_of_bytes(Bytes::map_file(folder_ / "f-3.bin").value().span()), "mine");
    EXPECT_EQ(write_new_file(path, bytes_of_text("mine")).value(), (folder_ / "f-4.bin").string());
    EXPECT_FALSE(save_unused(path, [](const std::string&) -> Expected<void> { return fail("the disk is full"); }));
}

TEST_F(File, MayBeWrittenEmpty) {
    ASSERT_TRUE(write_file(folder_ / "empty", {}));
    EXPECT_EQ(fs::file_size(folder_ / "empty"), 0U);
}

TEST_F(File, IsNotWrittenIntoAMissingFolderWhichTheMessageNames) {
    const auto written = write_file(folder_ / "absent" / "f.bin", bytes_of_text("x"));
    ASSERT_FALSE(written);
    expect_file_sentence(written.error().message, "f.bin");
    expect_file_sentence(written.error().message, (folder_ / "absent").string());
    EXPECT_TRUE(names().empty());
}

TEST_F(File, IsNotWrittenOverAFolder) {
    fs::create_directory(folder_ / "taken");
    const auto written = write_file(folder_ / "taken", bytes_of_text("x"));
    ASSERT_FALSE(written);
    expect_file_sentence(written.error().message, "taken");
    EXPECT_EQ(names(), std::vector<std::string>{"taken"});
}

TEST_F(File, IsNotWrittenOverADeviceWhichStaysADevice) {
    const auto written = write_file(null_device, bytes_of_text("x"));
    ASSERT_FALSE(written);
    expect_file_sentence(written.error().message, null_device.filename().string());
#ifndef _WIN32
    EXPECT_TRUE(fs::is_character_file(null_device));
#endif
}

#ifndef _WIN32  // there folders have no such permissions
TEST_F(File, StaysAsItWasWhereItsFolderIsNotWritable) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    const fs::path path = folder_ / "f.bin";
    ASSERT_TRUE(write_file(path, bytes_of_text("old")));
    fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
    const auto written = write_file(path, bytes_of_text("new"));
    fs::permissions(folder_, fs::perms::owner_all);
    ASSERT_FALSE(written);
    expect_file_sentence(written.error().message, path.filename().string());
    EXPECT_EQ(contents(path), "old");
}
#endif

TEST_F(File, LeavesNothingBehindWhereItsNameIsTooLongForTheSystem) {
    const auto written = write_file(folder_ / std::string(300, 'n'), bytes_of_text("x"));
    ASSERT_FALSE(written);
    expect_file_sentence(written.error().message, "nnn");
    EXPECT_TRUE(names().empty());
}

TEST_F(File, IsNotWrittenBelowAFileInPlaceOfAFolder) {
    ASSERT_TRUE(write_file(folder_ / "plain", bytes_of_text("x")));
    const auto written = write_file(folder_ / "plain" / "f.bin", bytes_of_text("x"));
    ASSERT_FALSE(written);
    expect_file_sentence(written.error().message, "f.bin");
    EXPECT_EQ(contents(folder_ / "plain"), "x");
}

TEST_F(File, CannotBeMappedOrReadWhenItIsMissing) {
    for (const auto& bytes : {Bytes::map_file(folder_ / "absent.npy"), Bytes::read_file(folder_ / "absent.npy", 9)}) {
        ASSERT_FALSE(bytes);
        expect_file_sentence(bytes.error().message, "absent.npy");
    }
}

TEST_F(File, CannotBeMappedWhenItIsAFolderAPipeOrADevice) {
#if defined(_WIN32)
    const std::vector<fs::path> others{folder_, null_device};
#elif defined(__EMSCRIPTEN__)  // has no pipes with names
    const std::vector<fs::path> others{folder_, "/dev/zero"};
#else
    ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
    const std::vector<fs::path> others{folder_, folder_ / "pipe", "/dev/zero"};
#endif
    for (const fs::path& path : others) {
        const auto bytes = Bytes::map_file(path);
        ASSERT_FALSE(bytes) << path;
        expect_file_sentence(bytes.error().message, path.filename().string());
    }
    expect_file_sentence(Bytes::map_file(folder_).error().message, "it is a folder");
}

TEST_F(File, MapsToNothingWhenItIsEmpty) {
    ASSERT_TRUE(write_file(folder_ / "empty", {}));
    EXPECT_TRUE(Bytes::map_file(folder_ / "empty").value().span().empty());
    EXPECT_TRUE(Bytes::read_file(folder_ / "empty", 0).value().span().empty());
}

TEST_F(File, IsNotReadWhenItHasMoreBytesThanAllowed) {
    ASSERT_TRUE(write_file(folder_ / "f.bin", bytes_of_text("1234567")));
    const auto bytes = Bytes::read_file(folder_ / "f.bin", 6);
    ASSERT_FALSE(bytes);
    expect_file_sentence(bytes.error().message, "f.bin");
    expect_file_sentence(bytes.error().message, "7 bytes");
}

TEST_F(File, StaysReadableAsLongAsOneCopyOfItsBytesLives) {
    ASSERT_TRUE(write_file(folder_ / "f.bin", bytes_of_text("kept")));
    Bytes copy;
    {
        const Bytes first = Bytes::map_file(folder_ / "f.bin").value();
        copy = first;
    }
    fs::remove(folder_ / "f.bin");
    EXPECT_EQ(text_of_bytes(copy.span()), "kept");
}

TEST_F(File, BytesThatWereCopiedDoNotFollowTheirSource) {
    std::string source = "abc";
    const Bytes copy = Bytes::copy_of(bytes_of_text(source));
    source = "xyz";
    EXPECT_EQ(text_of_bytes(copy.span()), "abc");
}

}  // namespace
}  // namespace convlens
