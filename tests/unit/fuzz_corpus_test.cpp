/// The fuzz targets' seeds, read as the fuzz targets read them: nothing crashes, failures are sentences.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "engine/io/image_file.h"
#include "engine/io/po_file.h"
#include "engine/io/y4m.h"
#include "engine/nn/kernel_edit.h"
#include "tests/fuzz/read_animation.h"
#include "tests/fuzz/read_arrays.h"
#include "tests/fuzz/read_bundle.h"
#include "tests/fuzz/read_dataset.h"
#include "tests/fuzz/read_frame.h"
#include "tests/fuzz/read_network.h"
#include "tests/fuzz/read_onnx.h"
#include "tests/fuzz/read_session.h"
#include "tests/fuzz/read_words.h"
#include "tests/fuzz/write_gif.h"

namespace convlens {
namespace {

struct Seed {
    std::string name;
    Bytes bytes;
};

std::vector<Seed> seeds(const std::string& target) {
    std::vector<Seed> found;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(CONVLENS_TEST_DATA "/fuzz/corpus/") + target)) {
        const auto bytes = Bytes::map_file(entry.path());
        if (!bytes)
            ADD_FAILURE() << bytes.error().message;
        else
            found.push_back({entry.path().filename().string(), *bytes});
    }
    std::sort(found.begin(), found.end(), [](const Seed& a, const Seed& b) { return a.name < b.name; });
    return found;
}

void expect_rejected(const std::string& message, const std::string& name) {
    EXPECT_TRUE(message.starts_with(name + ": ")) << message;
    EXPECT_GT(message.size(), name.size() + 10) << message;
    EXPECT_LT(message.size(), 600U) << message;
    EXPECT_FALSE(message.ends_with('.')) << message;
    EXPECT_TRUE(std::none_of(message.begin(), message.end(), [](unsigned char c) { return c < ' ' || c == 127; }))
        << message;
}

/// A seed is small, so that the fuzzers are fast; a name with "_cut" says that it cannot be read, "known"
/// that it can.
void expect_seed(const Seed& seed, bool read) {
    EXPECT_LT(seed.bytes.span().size(), 3000U);
    const bool cut = seed.name.find("_cut") != std::string::npos, known = seed.name.starts_with("known");
    EXPECT_TRUE(!cut || !read);
    EXPECT_TRUE(!known || read);
}

TEST(FuzzCorpus, OfPicturesIsReadOrRefusedInASentence) {
    std::size_t read = 0, refused = 0;
    for (const Seed& seed : seeds("image")) {
        SCOPED_TRACE(seed.name);
        const auto info = inspect_picture(seed.bytes.span(), seed.name);
        const auto picture = decode_picture(seed.bytes.span(), seed.name);
        if (!info) expect_rejected(info.error().message, seed.name);
        if (!picture) expect_rejected(picture.error().message, seed.name);
        expect_seed(seed, picture.has_value());
        ++(picture ? read : refused);
        if (!picture) continue;
        ASSERT_TRUE(info);
        EXPECT_EQ(picture->color.shape(), (Shape{1, 3, info->height, info->width}));
        EXPECT_EQ(picture->info.channels, info->channels);
        EXPECT_EQ(picture->alpha.size(), info->channels % 2 == 0 ? picture->color.shape().plane() : 0U);
    }
    EXPECT_GE(read, 20U);
    EXPECT_GE(refused, 10U);
}

TEST(FuzzCorpus, OfAnimationsIsPlayedFromTheBeginningAgain) {
    std::size_t frames = 0, delays = 0;
    for (const Seed& seed : seeds("image")) {
        SCOPED_TRACE(seed.name);
        const PlayedGif played = play_gif(seed.bytes.span(), seed.name);
        EXPECT_TRUE(played.repeats);
        if (seed.name == "known_disposals.gif") {
            EXPECT_EQ(played.frames, 5U);
        }
        if (seed.name == "second_frame_corrupt.gif") {
            EXPECT_EQ(played.frames, 1U);
        }
        if (webp_format.recognizes(seed.bytes.span())) delays += webp_delays(seed.bytes.span()).size();
        frames += played.frames;
    }
    EXPECT_GE(frames, 15U);
    EXPECT_EQ(delays, 2U) << "of moving.webp";
}

TEST(FuzzCorpus, OfArraysIsReadOrRefusedInASentence) {
    for (const char* target : {"npy", "npz", "safetensors", "pth"}) {
        std::size_t read = 0, refused = 0;
        for (const Seed& seed : seeds(target)) {
            SCOPED_TRACE(seed.name);
            const auto messages = read_arrays(seed.bytes.span(), seed.name);
            for (const std::string& message : messages) expect_rejected(message, seed.name);
            expect_seed(seed, messages.empty());
            ++(messages.empty() ? read : refused);
        }
        EXPECT_GE(read, 3U) << target;
        EXPECT_GE(refused, 3U) << target;
    }
}

TEST(FuzzCorpus, OfNetworksIsReadOrRefusedInASentence) {
    std::size_t read = 0, refused = 0;
    for (const Seed& seed : seeds("network")) {
        SCOPED_TRACE(seed.name);
        const auto bytes = seed.bytes.span();
        const ReadNetwork result = read_network({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, seed.name);
        expect_seed(seed, result.message.empty());
        ++(result.message.empty() ? read : refused);
        if (result.message.empty()) {
            EXPECT_TRUE(result.reads_back);
        } else {
            expect_rejected(result.message, seed.name);
        }
    }
    EXPECT_GE(read, 3U);
    EXPECT_GE(refused, 8U);
}

TEST(FuzzCorpus, OfOnnxFilesIsReadOrRefusedInASentence) {
    std::size_t read = 0, refused = 0;
    for (const Seed& seed : seeds("onnx")) {
        SCOPED_TRACE(seed.name);
        const ReadOnnx result = read_onnx_file(seed.bytes.span(), seed.name);
        EXPECT_TRUE(result.reads_back);
        for (const std::string& message : result.messages) EXPECT_EQ(message.find('\n'), std::string::npos);
        expect_seed(seed, result.messages.empty());
        ++(result.messages.empty() ? read : refused);
    }
    EXPECT_GE(read, 5U);
    EXPECT_GE(refused, 3U);
}

TEST(FuzzCorpus, OfSessionsAndLecturesIsReadOrRefusedInASentence) {
    constexpr struct {
        const char* target;
        ReadSession (*read)(std::string_view, std::string_view);
        std::size_t readable, refused;
    } targets[] = {{"session", read_session, 5, 14}, {"lecture", read_lecture, 4, 9}};
    for (const auto& target : targets) {
        std::size_t read = 0, refused = 0;
        for (const Seed& seed : seeds(target.target)) {
            SCOPED_TRACE(seed.name);
            const auto bytes = seed.bytes.span();
            const ReadSession result =
                target.read({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, seed.name);
            expect_seed(seed, result.message.empty());
            ++(result.message.empty() ? read : refused);
            if (result.message.empty()) {
                EXPECT_TRUE(result.reads_back);
            } else {
                expect_rejected(result.message, seed.name);
            }
        }
        EXPECT_GE(read, target.readable) << target.target;
        EXPECT_GE(refused, target.refused) << target.target;
    }
}

TEST(FuzzCorpus, OfVideosIsReadOrRefusedInASentence) {
    std::size_t read = 0, refused = 0;
    for (const Seed& seed : seeds("y4m")) {
        SCOPED_TRACE(seed.name);
        const auto bytes = seed.bytes.span();
        auto stream = Y4mStream::open(
            [bytes, at = std::size_t{0}](std::span<std::byte> into) mutable -> Expected<std::size_t> {
                const std::size_t count = std::min(into.size(), bytes.size() - at);
                std::memcpy(into.data(), bytes.data() + at, count);
                at += count;
                return count;
            },
            seed.name);
        std::string message = stream ? std::string() : stream.error().message;
        std::vector<std::byte> frame;
        for (bool more = stream.has_value(); more;) {
            const auto next = stream->next(frame);
            more = next && *next;
            if (more) {
                EXPECT_EQ(y4m_picture(stream->header(), frame).info.width, stream->header().width);
            }
            if (!next) message = next.error().message;
        }
        if (!message.empty()) expect_rejected(message, seed.name);
        expect_seed(seed, message.empty());
        ++(message.empty() ? read : refused);
    }
    EXPECT_GE(read, 2U);
    EXPECT_GE(refused, 3U);
}

TEST(FuzzCorpus, OfKernelTextIsReadOrRefusedInASentence) {
    std::size_t read = 0, refused = 0;
    for (const Seed& seed : seeds("kernel_text")) {
        SCOPED_TRACE(seed.name);
        const auto bytes = seed.bytes.span();
        const auto planes = planes_from_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        expect_seed(seed, planes.has_value());
        ++(planes ? read : refused);
        if (!planes) continue;
        EXPECT_EQ(planes_from_text(to_text(*planes)).value(), *planes);
    }
    EXPECT_GE(read, 5U);
    EXPECT_GE(refused, 2U);
}

TEST(FuzzCorpus, OfCataloguesIsReadOrRefusedInASentence) {
    std::size_t read = 0, refused = 0;
    for (const Seed& seed : seeds("po")) {
        SCOPED_TRACE(seed.name);
        const auto bytes = seed.bytes.span();
        const auto entries = parse_po({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        if (!entries) {
            EXPECT_GT(entries.error().message.size(), 20U) << entries.error().message;
        }
        expect_seed(seed, entries.has_value());
        ++(entries ? read : refused);
    }
    EXPECT_GE(read, 4U);
    EXPECT_GE(refused, 8U);
}

TEST(FuzzCorpus, OfBundlesIsReadOrRefusedInASentence) {
    std::size_t read = 0, refused = 0;
    for (const Seed& seed : seeds("bundle")) {
        SCOPED_TRACE(seed.name);
        const ReadSession result = read_bundle(seed.bytes.span(), seed.name);
        expect_seed(seed, result.message.empty());
        ++(result.message.empty() ? read : refused);
        if (result.message.empty()) {
            EXPECT_TRUE(result.reads_back);
        } else {
            expect_rejected(result.message, seed.name);
        }
    }
    EXPECT_GE(read, 5U);
    EXPECT_GE(refused, 9U);
}

TEST(FuzzCorpus, OfFramesIsReadOrRefusedInASentence) {
    std::size_t read = 0, refused = 0;
    for (const Seed& seed : seeds("frame")) {
        SCOPED_TRACE(seed.name);
        const ReadFrame result = read_frame(seed.bytes.span(), seed.name);
        EXPECT_TRUE(result.sound);
        expect_seed(seed, result.message.empty());
        ++(result.message.empty() ? read : refused);
        if (!result.message.empty()) expect_rejected(result.message, seed.name);
    }
    EXPECT_GE(read, 8U);
    EXPECT_GE(refused, 9U);
}

TEST(FuzzCorpus, OfDataSetsIsReadOrRefusedInASentence) {
    std::size_t read = 0, refused = 0;
    for (const Seed& seed : seeds("dataset")) {
        SCOPED_TRACE(seed.name);
        const std::string message = read_dataset(seed.bytes.span(), seed.name);
        EXPECT_TRUE(seed.name.find("_cut") == std::string::npos || !message.empty());
        ++(message.empty() ? read : refused);
        if (!message.empty()) expect_rejected(message, seed.name);
    }
    EXPECT_GE(read, 2U);
    EXPECT_GE(refused, 2U);
}

TEST(FuzzCorpus, OfWordsReadsBack) {
    for (const Seed& seed : seeds("words")) {
        const std::string problem = words_problem(std::string(text_of(seed.bytes.span())));
        EXPECT_EQ(problem, "") << seed.name;
    }
}

TEST(FuzzCorpus, OfFramesThatAreWrittenAsAGifReadsBack) {
    for (const Seed& seed : seeds("gif_writer")) {
        const auto bytes = seed.bytes.span();
        EXPECT_TRUE(gif_reads_back({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()})) << seed.name;
    }
}

TEST(FuzzCorpus, OfEveryTargetHasSeeds) {
    const std::filesystem::path fuzz = CONVLENS_TEST_DATA "/fuzz";
    std::size_t targets = 0;
    for (const auto& entry : std::filesystem::directory_iterator(fuzz)) {
        if (entry.path().extension() != ".cpp") continue;
        ++targets;
        EXPECT_TRUE(std::filesystem::is_directory(fuzz / "corpus" / entry.path().stem())) << entry.path();
    }
    EXPECT_GE(targets, 17U);
}

}  // namespace
}  // namespace convlens
