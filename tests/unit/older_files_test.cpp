/// Sessions and lectures that earlier versions wrote (tests/golden/sessions) still open and give the same numbers.
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/cpu/cpu_backend.h"
#include "engine/document/evaluate.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"
#include "engine/open/open_network.h"
#include "engine/session/lecture.h"
#include "engine/session/session.h"

namespace convlens {
namespace {

const NetworkPlaces old_places{CONVLENS_SOURCE_ASSETS, {}};
const std::filesystem::path old_folder = CONVLENS_TEST_DATA "/golden/sessions";

TEST(OlderFiles, SessionsOpenAndPrintAsTheyRead) {
    for (const char* name : {"edges.json", "conv.json", "largenet.json", "luminance.json"}) {
        SCOPED_TRACE(name);
        const auto document = open_session(old_folder / name, old_places);
        ASSERT_TRUE(document) << document.error().message;
        const std::string text = print_session(*document, old_folder);
        EXPECT_EQ(text.find("\"look\""), std::string::npos);
        EXPECT_EQ(text.find("\"grey\""), std::string::npos);  // an older name
        const auto parsed = parse_session(text, "printed");
        ASSERT_TRUE(parsed) << parsed.error().message;
        const auto again = load_parts(*parsed, old_folder, old_places);
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(print_session(*again, old_folder), text);
    }
}

TEST(OlderFiles, ASessionGivesTheNumbersThatItGave) {
    const auto document = open_session(old_folder / "edges.json", old_places);
    ASSERT_TRUE(document) << document.error().message;
    auto backend = make_cpu_backend({}).value();
    const auto output = evaluate(*document, *backend, Cancel());
    ASSERT_TRUE(output) << output.error().message;
    const auto file = TensorFile::open(old_folder / "edges.npy");
    ASSERT_TRUE(file) << file.error().message;
    const Array expected = file->load("").value();
    const Shape s = output->activations->shape();
    ASSERT_EQ(expected.shape, (std::vector<std::int64_t>{s.n, s.c, s.h, s.w}));
    const auto values = output->activations->read(0, {0, s.c}, {0, 0, s.w, s.h});
    ASSERT_TRUE(values) << values.error().message;
    for (std::size_t i = 0; i < expected.values.size(); ++i)
        EXPECT_NEAR(values->data()[i], expected.values[i], 1e-5F) << i;
}

TEST(OlderFiles, ALectureOpens) {
    const auto lecture = open_lecture(old_folder / "lecture.json");
    ASSERT_TRUE(lecture) << lecture.error().message;
    EXPECT_EQ(lecture->scenes.size(), 13U);
    for (const Scene& scene : lecture->scenes) EXPECT_TRUE(load_parts(scene.document, old_folder, old_places));
}

TEST(OlderFiles, TheOldAndTheNewNameOfAMemberAreNotBothTaken) {
    const auto session = parse_session(
        R"({"convlens": "session", "version": 1, "document": {"input": {"images": ["sample:cat"]}, "look": {}, "display": {}}})",
        "both");
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().message, "both: document: display and look are the same member: expected one of them");
}

}  // namespace
}  // namespace convlens
