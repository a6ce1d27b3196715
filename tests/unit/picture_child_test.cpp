/// engine/io/picture_child.h: a decoder that crashes, hangs or lies costs a sentence.
#include "engine/io/picture_child.h"

#include <gtest/gtest.h>

#include "engine/core/host.h"
#include "engine/io/picture_formats.h"
#include "tests/picture_child_faults.h"

namespace convlens {
namespace {

#if !defined(_WIN32) && !defined(__EMSCRIPTEN__)

std::string decoder_refusal(const std::string& fault) {
    const auto picture =
        decode_in_child({program_file().string(), std::string(picture_fault_word), fault}, {}, "HEIC", "cat.heic", 0);
    return picture ? "a picture" : picture.error().message;
}

TEST(PictureChild, ThatFailsCostsASentence) {
    const std::string begin = "cat.heic: the HEIC can't be decoded: the decoder ";
    EXPECT_EQ(decoder_refusal("SIGSEGV"), begin + "was ended by signal 11 (Segmentation fault)");
    EXPECT_EQ(decoder_refusal("SIGKILL"), begin + "was ended by signal 9 (Killed)");
    EXPECT_EQ(decoder_refusal("SIGSTOP"), begin + "was stopped");
    EXPECT_EQ(decoder_refusal("status"), begin + "failed with status 7");
    EXPECT_EQ(decoder_refusal("nothing"), begin + "ended without an answer");
    EXPECT_EQ(decoder_refusal("half"), begin + "ended without an answer");
}

TEST(PictureChild, IsNotBelieved) {
    EXPECT_NE(decoder_refusal("huge").find("the HEIC is 32768 x 32768 pixels"), std::string::npos)
        << decoder_refusal("huge");
    EXPECT_NE(decoder_refusal("channels").find("answered nonsense"), std::string::npos);
    EXPECT_NE(decoder_refusal("not a number").find("answered nonsense"), std::string::npos);
    EXPECT_NE(decoder_refusal("message").find("ended without an answer"), std::string::npos);
}

TEST(PictureChild, ThatDoesNotExistCostsASentence) {
    const auto picture = decode_in_child({"/no/such/program"}, {}, "TIFF", "a.tif", header_only);
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().message,
              "a.tif: the TIFF can't be decoded: the decoder /no/such/program can't be started (No such file or "
              "directory)");
}

#endif

}  // namespace
}  // namespace convlens
