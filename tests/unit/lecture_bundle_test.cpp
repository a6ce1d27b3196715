/// engine/session/bundle.h: lectures survive being saved as one file with their images and weights.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "engine/document/embedded.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"
#include "engine/io/zip_archive.h"
#include "engine/session/bundle.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

const NetworkPlaces places{CONVLENS_SOURCE_ASSETS, {}};

Document with_pictures(const std::vector<std::string>& specs) {
    Document document;
    document.input.source = open_input(specs, 1, places.assets).value();
    return document;
}

LoadedKernels custom_kernels(float value) {
    Tensor weight({600, 3, 3, 3}, value);
    weight.at(7, 1, 2, 0) = 1.0F / 3;
    return {KnownKernels::own, "mine, edited", std::make_shared<const Tensor>(std::move(weight)),
            std::make_shared<const std::vector<float>>(600, 0.1F), Normalize::imagenet};
}

/// AlexNet with weights that were edited, in no file.
Document edited_alexnet() {
    Document document = with_pictures({"sample:cat"});
    choose_network(document, open_network("alexnet", "convlens", places).value());
    auto& weights = std::get<LoadedWeights>(std::get<LayeredNetwork>(document.network).weights);
    weights.origin = KnownCheckpoint::own;
    weights.title = "AlexNet, edited, up to classifier.0";  // as a file with some of its arrays is called
    weights.report = nullptr;
    return document;
}

Scene scene_of(const Document& document, std::vector<Document> steps = {}) {
    Scene scene;
    scene.title = "a scene";
    scene.document = to_spec(document, {});
    for (const Document& step : steps) {
        scene.steps.emplace_back();
        scene.steps.back().document = to_spec(step, {});
    }
    return scene;
}

/// Returns the paths and bytes of the files in an archive.
std::vector<std::pair<std::string, std::vector<std::byte>>> entries_of(const fs::path& zip) {
    const auto bytes = Bytes::read_file(zip, 1 << 28).value();
    const auto archive = ZipArchive::open(bytes, "zip").value();
    std::vector<std::pair<std::string, std::vector<std::byte>>> found;
    for (std::uint64_t i = 0; i < archive.size(); ++i) {
        const ZipEntry entry = archive.entry(i).value();
        std::vector<std::byte> content(entry.bytes);
        EXPECT_TRUE(archive.stream(entry, "entry").value().read(content));
        found.emplace_back(entry.path, std::move(content));
    }
    return found;
}

std::vector<std::string> names_in(const fs::path& zip) {
    std::vector<std::string> names;
    for (const auto& [name, content] : entries_of(zip)) names.push_back(name);
    return names;
}

std::vector<std::byte> bytes_of_file(const fs::path& path) {
    const auto bytes = Bytes::read_file(path, 1 << 28).value();
    return {bytes.span().begin(), bytes.span().end()};
}

/// Expects that both documents have the same values and settings; their parts may come from other files.
void expect_same(const Document& a, const Document& b) {
    if (const auto* pictures = std::get_if<PictureInput>(&a.input.source)) {
        const auto& others = std::get<PictureInput>(b.input.source).pictures;
        ASSERT_EQ(pictures->pictures.size(), others.size());
        for (std::size_t i = 0; i < others.size(); ++i) {
            const Tensor &x = pictures->pictures[i].picture->color, &y = others[i].picture->color;
            ASSERT_EQ(x.shape(), y.shape());
            EXPECT_EQ(std::memcmp(x.data(), y.data(), x.size() * sizeof(float)), 0);
            EXPECT_EQ(pictures->pictures[i].picture->alpha, others[i].picture->alpha);
        }
    }
    if (const auto* tensor = std::get_if<TensorInput>(&a.input.source)) {
        const Tensor &x = *tensor->tensor, &y = *std::get<TensorInput>(b.input.source).tensor;
        ASSERT_EQ(x.shape(), y.shape());
        EXPECT_EQ(std::memcmp(x.data(), y.data(), x.size() * sizeof(float)), 0);
    }
    if (const auto* kernels = std::get_if<LoadedKernels>(&a.kernels.bank)) {
        const auto& others = std::get<LoadedKernels>(b.kernels.bank);
        ASSERT_EQ(kernels->weight->shape(), others.weight->shape());
        EXPECT_TRUE(std::ranges::equal(kernels->weight->values(), others.weight->values()));
        EXPECT_EQ(kernels->bias ? *kernels->bias : std::vector<float>(),
                  others.bias ? *others.bias : std::vector<float>());
        EXPECT_EQ(kernels->title, others.title);
        EXPECT_EQ(kernels->trained_with, others.trained_with);
    }
    if (const auto* network = std::get_if<LayeredNetwork>(&a.network)) {
        const auto& other = std::get<LayeredNetwork>(b.network);
        EXPECT_EQ(*network->architecture, *other.architecture);
        ASSERT_EQ(network->weights.index(), other.weights.index());
        if (const auto* weights = std::get_if<LoadedWeights>(&network->weights)) {
            const auto& others = std::get<LoadedWeights>(other.weights);
            EXPECT_EQ(weights->title, others.title);
            ASSERT_EQ(weights->parameters->size(), others.parameters->size());
            for (const auto& [name, parameter] : *weights->parameters)
                EXPECT_TRUE(std::ranges::equal(parameter.data(), others.parameters->at(name).data())) << name;
        }
    }
    Document x = a, y = b;
    for (Document* d : {&x, &y}) {
        d->input.source = PatternInput{};
        d->kernels.bank = EdgeKernels{};
        d->network = ConvChain{};
    }
    EXPECT_EQ(x, y);
}

class LectureBundle : public testing::Test {
  protected:
    LectureBundle() {
        fs::remove_all(folder_);
        for (const char* name : {"files", "files/a", "files/b", "elsewhere"}) fs::create_directories(folder_ / name);
        write_picture("a/photo.png", {200, 30, 90, 128});
        write_picture("b/photo.png", {1, 2, 3, 255});
    }
    ~LectureBundle() override { fs::remove_all(folder_); }

    std::string file(const char* name) const { return (folder_ / "files" / name).string(); }

    void write_picture(const char* name, Rgba color) const {
        EXPECT_TRUE(write_file(file(name), encode_png(Image(6, 5, color))));
    }

    Expected<Lecture> save(const Lecture& lecture) const { return save_lecture_bundle(lecture, folder_, zip_, places); }

    /// Returns the message of load_parts() for the only scene of the bundle at `path`.
    std::string refusal(const fs::path& path) const {
        const auto lecture = open_lecture(path);
        if (!lecture) return lecture.error().message;
        const auto document = load_parts(lecture->scenes.at(0).document, folder_of_lecture(path), places);
        return document ? "" : document.error().message;
    }

    fs::path folder_ = fs::temp_directory_path() / fmt::format("convlens-lecture-bundle-{}", getpid());
    fs::path zip_ = folder_ / "lesson.zip";
};

TEST_F(LectureBundle, OpensElsewhereWithoutTheFilesItWasMadeOf) {
    EXPECT_TRUE(write_file(file("w.npy"), encode_npy(*custom_kernels(0.25F).weight)));
    EXPECT_TRUE(write_file(file("x.npy"), encode_npy(Tensor({2, 3, 4, 5}, 0.5F))));
    const Document photo = with_pictures({file("a/photo.png")});
    Document strided = photo, kernels = photo, edited = with_pictures({"sample:cat", file("b/photo.png")}),
             small = photo, tensor, alexnet = with_pictures({"sample:brick"}), drawing;
    strided.conv.stride = {2, 2};
    choose_kernels(kernels, open_kernels(file("w.npy"), places.assets)->bank);
    choose_kernels(edited, custom_kernels(0.5F));
    Document moved = edited;
    moved.input.shift = {1, 2};
    choose_kernels(small, LoadedKernels{KnownKernels::own, "small", std::make_shared<const Tensor>(Shape{2, 3, 3, 3}),
                                        nullptr, Normalize::none});
    tensor.input.source = open_tensor(file("x.npy")).value();
    choose_kernels(alexnet, open_kernels("alexnet", places.assets)->bank);
    const auto drawn = encode_png(Image(3, 4, {9, 8, 7, 255}));
    const PictureOrigin data = embedded_origin("drawing", drawn);
    drawing.input.source = PictureInput{{{data, open_picture(data, places.assets).value()}}};
    const Lecture lecture{
        "Moved",
        {scene_of(photo, {strided, kernels}), scene_of(edited, {moved}), scene_of(kernels), scene_of(edited_alexnet()),
         scene_of(small), scene_of(tensor), scene_of(alexnet), scene_of(drawing), scene_of(edited_alexnet())}};
    std::vector<std::vector<Document>> documents;
    for (const Scene& scene : lecture.scenes) {
        documents.emplace_back();
        for (std::size_t step = 0; step <= scene.steps.size(); ++step)
            documents.back().push_back(load_parts(scene.document_after(step), folder_, places).value());
    }

    const auto saved = save(lecture);
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_EQ(names_in(zip_),
              (std::vector<std::string>{"images/0-photo.png", "weights/0-kernels.safetensors", "images/1-photo.png",
                                        "weights/1-kernels.safetensors", "weights/2-network.safetensors",
                                        "tensors/0-input.npy", "images/2-drawing.png", "lecture.json"}));
    const std::string text = print_lecture(*saved);
    EXPECT_EQ(text.find(folder_.string()), std::string::npos) << "it names a folder of this computer";
    EXPECT_NE(text.find("\"sample:brick\""), std::string::npos);
    fs::remove_all(folder_ / "files");
    const fs::path moved_zip = folder_ / "elsewhere" / "other.zip";
    fs::rename(zip_, moved_zip);

    const auto again = open_lecture(moved_zip);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(print_lecture(*again), text);
    ASSERT_EQ(again->scenes.size(), lecture.scenes.size());
    for (std::size_t i = 0; i < documents.size(); ++i)
        for (std::size_t step = 0; step < documents[i].size(); ++step) {
            SCOPED_TRACE(fmt::format("scene {}, step {}", i, step));
            const auto document =
                load_parts(again->scenes[i].document_after(step), folder_of_lecture(moved_zip), places);
            ASSERT_TRUE(document) << document.error().message;
            expect_same(documents[i][step], *document);
        }
    Lecture absolute = *again;
    make_absolute(absolute, folder_of_lecture(moved_zip));
    EXPECT_EQ(std::get<PictureInput>(absolute.scenes[0].document.document.input.source).pictures[0].origin.path(),
              (moved_zip / "images" / "0-photo.png").string());
}

TEST_F(LectureBundle, IsOfTheKindThatItContains) {
    ASSERT_TRUE(save({"Kind", {scene_of(with_pictures({"sample:cat"}))}}));
    const fs::path session = folder_ / "session.zip";
    ASSERT_TRUE(save_bundle(with_pictures({"sample:cat"}), session, places));
    EXPECT_EQ(session_file_kind(zip_).value(), "lecture");
    EXPECT_EQ(session_file_kind(session).value(), "session");
    EXPECT_EQ(session_file_kind(folder_ / "absent.zip").value(), "session");
    EXPECT_EQ(open_lecture(session).error().message, "session.zip: it is a bundle with a session, expected a lecture");
    EXPECT_EQ(open_session(zip_, places).error().message,
              "lesson.zip: it is a bundle with a lecture, expected a session");
    EXPECT_FALSE(open_lecture(folder_ / "absent.zip"));
}

TEST_F(LectureBundle, KeepsThePathsOfItsFilesWhenItIsReplaced) {
    const Scene a = scene_of(with_pictures({file("a/photo.png")})), b = scene_of(with_pictures({file("b/photo.png")}));
    auto lecture = save({"Twice", {a}});
    ASSERT_TRUE(lecture) << lecture.error().message;
    const auto first = bytes_of_file(zip_);
    ASSERT_TRUE(save_lecture_bundle(*lecture, zip_, zip_, places));
    EXPECT_EQ(bytes_of_file(zip_), first) << "nothing has changed";

    lecture->scenes.insert(lecture->scenes.begin(), b);  // the new picture has the same name, and comes first
    const auto both = save_lecture_bundle(*lecture, zip_, zip_, places);
    ASSERT_TRUE(both) << both.error().message;
    EXPECT_EQ(names_in(zip_), (std::vector<std::string>{"images/1-photo.png", "images/0-photo.png", "lecture.json"}));
    EXPECT_EQ(entries_of(zip_)[1].second, bytes_of_file(file("a/photo.png")));
    ASSERT_TRUE(save_lecture_bundle({"One", {both->scenes[0]}}, zip_, zip_, places));
    EXPECT_EQ(names_in(zip_), (std::vector<std::string>{"images/1-photo.png", "lecture.json"}));

    const fs::path copy = folder_ / "copy.zip";  // from one bundle to another
    ASSERT_TRUE(save_lecture_bundle({"One", {both->scenes[0]}}, zip_, copy, places));
    EXPECT_EQ(names_in(copy), (std::vector<std::string>{"images/0-photo.png", "lecture.json"}));
}

TEST_F(LectureBundle, HasPlainNamesForFilesWithOtherOnes) {
    write_picture("a/1-%04d#frame=2.png", {4, 5, 6, 255});
    Document odd = with_pictures({"sample:cat"});
    auto& picture = std::get<PictureInput>(odd.input.source).pictures[0];
    picture.origin = embedded_origin("../up", encode_png(Image(2, 2, {1, 1, 1, 255})));
    ASSERT_TRUE(save({"Odd", {scene_of(odd)}}));
    EXPECT_EQ(names_in(zip_)[0], "images/0-.._up.png");
    EXPECT_EQ(refusal(zip_), "");
#ifndef _WIN32  // where a path is always Unicode
    fs::rename(folder_ / "files" / "a" / "photo.png", folder_ / "files" / "a" / "r\xe9sum\xe9.png");
    ASSERT_TRUE(save({"Latin-1", {scene_of(with_pictures({file("a/r\xe9sum\xe9.png")}))}}));
    EXPECT_EQ(names_in(zip_)[0], "images/0-r_sum_.png");
    EXPECT_EQ(refusal(zip_), "");
#endif
}

TEST_F(LectureBundle, LeavesTheOldFileIfItCannotBeWritten) {
    ASSERT_TRUE(save({"Old", {scene_of(with_pictures({file("a/photo.png")}))}}));
    const auto old = bytes_of_file(zip_);
    const Scene gone = scene_of(with_pictures({file("b/photo.png")}));
    fs::remove(file("b/photo.png"));
    const auto saved = save({"New", {scene_of(with_pictures({file("a/photo.png")})), gone}});
    ASSERT_FALSE(saved);
    EXPECT_TRUE(saved.error().message.starts_with("lesson.zip: scene 2: photo.png: cannot be read"))
        << saved.error().message;
    Scene long_title = scene_of(with_pictures({file("a/photo.png")}));
    long_title.title.assign(max_scene_title + 1, 't');
    EXPECT_FALSE(save({"Title", {long_title}}));
    EXPECT_EQ(bytes_of_file(zip_), old);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 3) << "something is left";
    fs::create_directories(folder_ / "folder.zip");
    EXPECT_FALSE(save_lecture_bundle({"Folder", {scene_of(with_pictures({file("a/photo.png")}))}}, folder_,
                                     folder_ / "folder.zip", places));
    EXPECT_FALSE(save_lecture_bundle({"Absent", {scene_of(with_pictures({file("a/photo.png")}))}}, folder_,
                                     folder_ / "absent" / "l.zip", places));
}

TEST_F(LectureBundle, IsRefusedInASentenceIfItIsHostile) {
    ASSERT_TRUE(save({"Small", {scene_of(with_pictures({file("a/photo.png")}))}}));
    const auto whole = bytes_of_file(zip_);
    const fs::path bad = folder_ / "bad.zip";
    const auto message = [&](const std::vector<std::byte>& bytes) {
        std::ofstream(bad, std::ios::binary)  // write_file() would wait for the disk each time
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return refusal(bad);
    };
    EXPECT_EQ(message(whole), "");
    for (std::size_t cut = 0; cut < whole.size(); cut += 7)
        EXPECT_NE(message({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)}), "") << cut;
    std::size_t refused = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {  // it may be right all the same, as with another time
        auto changed = whole;
        changed[at] ^= std::byte{0x81};
        const std::string why = message(changed);
        EXPECT_EQ(why.find('\n'), std::string::npos);
        refused += why.empty() ? 0 : 1;
    }
    EXPECT_GT(refused, whole.size() / 2);

    const auto zip_with = [](const std::string& text, std::vector<ZipInput> more = {}) {
        more.emplace_back(bundle_lecture, std::as_bytes(std::span(text)));
        return encode_zip(more, "bad.zip").value();
    };
    const auto scene_with = [](const std::string& image) {
        return R"({"convlens": "lecture", "version": 1, "scenes": [{"document": {"input": {"images": [")" + image +
               R"("]}}}]})";
    };
    EXPECT_TRUE(message(zip_with(scene_with("../absent/x.png"))).starts_with("x.png: cannot be read"));
    EXPECT_EQ(message(zip_with(scene_with("images/x.png"))), "bad.zip: the archive has no entry \"images/x.png\"");
    EXPECT_NE(message(zip_with(scene_with("lecture.json"))), "") << "the lecture is no image";
    EXPECT_NE(message(zip_with("[" + std::string(100000, '[') + "]")), "");
    EXPECT_EQ(message(zip_with(R"({"convlens": "session", "version": 1})")),
              "bad.zip: it is not a lecture: expected \"convlens\": \"lecture\"");
    // Entries that declare more bytes than there are: of the lecture, and of its image.
    for (const std::string name : {bundle_lecture, "images/0-photo.png"}) {
        auto claims = whole;
        const auto* first = reinterpret_cast<const std::byte*>(name.data());
        const auto at = std::find_end(claims.begin(), claims.end(), first, first + name.size());
        ASSERT_NE(at, claims.end());
        std::fill(at - 46 + 20, at - 46 + 28, std::byte{0x7f});  // both sizes in the archive's directory
        EXPECT_NE(message(claims).find("do not fit into the file"), std::string::npos) << message(claims);
    }
    const std::string large(max_archive_bytes >> 5U, ' ');  // 64 MiB are allowed
    EXPECT_TRUE(message(zip_with(large + " ")).starts_with("bad.zip: \"lecture.json\": its 67108865 bytes exceed"))
        << message(zip_with(large + " "));
}

}  // namespace
}  // namespace convlens
