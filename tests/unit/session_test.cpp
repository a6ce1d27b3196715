/// engine/session/session.h and engine/session/bundle.h: documents survive being saved.
#include "engine/session/session.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <random>

#include "app/ui/history.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/document/evaluate.h"
#include "engine/document/stored_document.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"
#include "engine/session/bundle.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

const NetworkPlaces session_places{CONVLENS_SOURCE_ASSETS, {}};

class Session : public testing::Test {
  protected:
    Session() {
        fs::remove_all(folder_);
        fs::create_directories(folder_ / "pictures");
        const auto png = encode_png(Image(6, 5, {200, 30, 90, 128}));
        EXPECT_TRUE(write_file(folder_ / "pictures" / "p.png", png));
    }
    ~Session() override { fs::remove_all(folder_); }

    Document opened(const Document& document) {
        const fs::path file = folder_ / "s.json";
        EXPECT_TRUE(save_session(document, file));
        auto again = open_session(file, session_places);
        EXPECT_TRUE(again) << again.error().message;
        return again.value_or(Document{});
    }

    static std::string text_of(const fs::path& path) {
        const auto bytes = Bytes::read_file(path, 1 << 26).value();
        return {reinterpret_cast<const char*>(bytes.span().data()), bytes.span().size()};
    }

    std::string refusal(const std::string& document) {
        const std::string text = R"({"convlens": "session", "version": 1, "document": )" + document + "}";
        EXPECT_TRUE(write_file(folder_ / "bad.json", std::as_bytes(std::span(text))));
        const auto session = open_session(folder_ / "bad.json", session_places);
        EXPECT_FALSE(session);
        return session ? "" : session.error().message;
    }

    fs::path folder_ = fs::temp_directory_path() / fmt::format("convlens-session-{}", getpid());
};

LoadedKernels custom_kernels(std::vector<float> values, Shape shape) {
    LoadedKernels kernels;
    kernels.title = "my \"own\" kernels";
    Tensor weight(shape);
    std::copy(values.begin(), values.end(), weight.data());
    kernels.weight = std::make_shared<const Tensor>(std::move(weight));
    return kernels;
}

/// Any document that the window can make: seeded, small.
class Maker {
  public:
    explicit Maker(unsigned seed) : random_(seed) {}

    int number(int lowest, int highest) { return std::uniform_int_distribution(lowest, highest)(random_); }
    bool maybe() { return number(0, 1) == 1; }

    void change(Document& d, const fs::path& folder) {
        switch (number(0, 12)) {
            case 0:
                d.input.source = PatternInput{static_cast<Pattern>(number(0, 5)), {number(1, 20), number(1, 20)}, 1};
                break;
            case 1:
                d.input.source = open_input({maybe() ? "sample:cat" : (folder / "pictures" / "p.png").string()}, 1,
                                            session_places.assets)
                                     .value();
                break;
            case 2: d.input.resize = maybe() ? std::optional(Size2{number(1, 40), number(1, 40)}) : std::nullopt; break;
            case 3:
                d.input.normalize = maybe() ? std::optional(static_cast<Normalize>(number(0, 2))) : std::nullopt;
                break;
            case 4: choose_kernels(d, EdgeKernels{}); break;
            case 5:
                choose_kernels(
                    d,
                    RandomKernels{number(1, 9), {number(1, 5), number(1, 5)}, static_cast<std::uint32_t>(random_())});
                break;
            case 6: choose_kernels(d, own()); break;
            case 7: d.conv.stride = {number(1, 4), number(1, 4)}; break;
            case 8: d.conv.padding_mode = static_cast<PaddingMode>(number(0, 3)); break;
            case 9:
                d.display.scale = maybe() ? Scale{ScaleMode::fixed, -0.1F * static_cast<float>(number(1, 9)), 0.7F}
                                          : Scale{static_cast<ScaleMode>(number(0, 3))};
                break;
            case 10:
                d.display.colormap = maybe() ? std::optional(static_cast<Colormap>(number(0, 6))) : std::nullopt;
                break;
            case 11:
                choose_network(
                    d, maybe() ? NetworkChoice(ConvChain{maybe(), maybe() ? std::optional(MaxPool2d{}) : std::nullopt})
                               : NetworkChoice(open_network("largenet", "random:3", session_places).value()));
                break;
            default: d.input.shift = {number(-3, 3), number(-3, 3)}; break;
        }
    }

  private:
    LoadedKernels own() {
        std::vector<float> values(12);
        for (float& v : values) v = std::ldexp(static_cast<float>(number(-(1 << 24), 1 << 24)), number(-60, 20));
        return custom_kernels(values, {2, 1, 2, 3});
    }

    std::mt19937 random_;
};

TEST_F(Session, PrintsTheSameBytesAfterSavingAndLoading) {
    Maker maker(1);
    Document document;
    for (int i = 0; i < 150; ++i) {
        maker.change(document, folder_);
        const Document again = opened(document);
        const std::string first = text_of(folder_ / "s.json");
        ASSERT_TRUE(save_session(again, folder_ / "s.json"));
        ASSERT_EQ(text_of(folder_ / "s.json"), first);
        EXPECT_EQ(again.input.resize, document.input.resize);
        EXPECT_EQ(again.conv, document.conv);
        EXPECT_EQ(again.display, document.display);
        EXPECT_EQ(again.layer, document.layer);
        EXPECT_EQ(kernels_title(again.kernels), kernels_title(document.kernels));
        EXPECT_EQ(network_title(again), network_title(document));
    }
}

TEST_F(Session, KeepsSmallKernelsBitForBit) {
    using Limits = std::numeric_limits<float>;
    const std::vector<float> values{0.1F,          -0.0F,          0.0F,     Limits::denorm_min(),
                                    Limits::max(), -Limits::min(), 1.0F / 3, 16777217.0F};
    Document document;
    document.kernels.bank = custom_kernels(values, {2, 1, 2, 2});
    const Document again = opened(document);
    const auto& bank = std::get<LoadedKernels>(again.kernels.bank);
    EXPECT_EQ(bank.title, "my \"own\" kernels");
    ASSERT_EQ(bank.weight->shape(), (Shape{2, 1, 2, 2}));
    EXPECT_EQ(std::memcmp(bank.weight->data(), values.data(), values.size() * sizeof(float)), 0);

    std::mt19937 random(3);
    for (int i = 0; i < 4000; ++i) {
        const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        if (!std::isfinite(value)) continue;
        document.kernels.bank = custom_kernels({value}, {1, 1, 1, 1});
        const auto read = parse_session(print_session(document, {}), "s");
        ASSERT_TRUE(read);
        const auto& one = std::get<LoadedKernels>(read->document.kernels.bank);
        ASSERT_EQ(std::bit_cast<std::uint32_t>(one.weight->data()[0]), std::bit_cast<std::uint32_t>(value)) << value;
    }
}

TEST_F(Session, FindsItsFilesWhenBothAreMovedTogether) {
    Document document;
    document.input.source = open_input({(folder_ / "pictures" / "p.png").string()}, 1, session_places.assets).value();
    (void)opened(document);
    EXPECT_NE(text_of(folder_ / "s.json").find("\"pictures/p.png\""), std::string::npos);
    const fs::path elsewhere = folder_.string() + "-moved";
    fs::remove_all(elsewhere);
    fs::rename(folder_, elsewhere);
    const auto moved = open_session(elsewhere / "s.json", session_places);
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_EQ(std::get<PictureInput>(moved->input.source).pictures[0].picture->info.width, 6);
    fs::rename(elsewhere, folder_);
}

TEST_F(Session, SharesThePartsOfTheDocumentBefore) {
    Document document;
    document.input.source = open_input({"sample:cat"}, 1, session_places.assets).value();
    choose_kernels(document, open_kernels("alexnet", session_places.assets)->bank);
    auto parsed = parse_session(print_session(document, {}), "s");
    ASSERT_TRUE(parsed);
    const auto again = load_parts(*parsed, {}, session_places, &document);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, document);
}

TEST_F(Session, KeepsWhatTheWindowShowed) {
    Document document;
    SceneView view;
    view.tool = "maximize";
    view.pin = PixelPosition{3, 4, 5};
    view.parts["maximize"] = ScenePart{ScenePart::Object{{"steps", ScenePart{128.0}}, {"step", ScenePart{38.0}}}};
    ASSERT_TRUE(save_session(document, folder_ / "viewed.json", view));
    std::optional<SceneView> again;
    const auto opened = open_session(folder_ / "viewed.json", {}, &again);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(*opened, document);
    EXPECT_EQ(again, view);
    ASSERT_TRUE(save_bundle(document, folder_ / "viewed.zip", {}, view));
    again.reset();
    ASSERT_TRUE(open_session(folder_ / "viewed.zip", {}, &again));
    EXPECT_EQ(again, view);
    // A session without a view leaves the window as it is.
    ASSERT_TRUE(save_session(document, folder_ / "plain.json"));
    ASSERT_TRUE(open_session(folder_ / "plain.json", {}, &again));
    EXPECT_EQ(again, std::nullopt);
    EXPECT_EQ(parse_session(R"({"convlens": "session", "version": 1, "document": {}, "view": {"zoom": 0}})", "s.json")
                  .error()
                  .message,
              "s.json: view: zoom is 0: expected a number from 0.25 to 64");
}

TEST_F(Session, UnloadsADocumentToWhatItsTextReadsAs) {
    Maker maker(4);
    Document document;
    for (int i = 0; i < 100; ++i) {
        maker.change(document, folder_);
        const DocumentSpec scene = to_spec(document, folder_);
        const std::string text = print_session(document, folder_);
        EXPECT_EQ(print_session(scene), text);
        const DocumentSpec read = parse_session(text, "s").value();
        EXPECT_EQ(print_session(read), text);
        EXPECT_EQ(scene.document.input, read.document.input);
        EXPECT_EQ(scene.document.layer, read.document.layer);
        EXPECT_EQ(kernels_title(scene.document.kernels), kernels_title(read.document.kernels));
        EXPECT_EQ(scene.document.conv, read.document.conv);
        EXPECT_EQ(scene.document.display, read.document.display);
    }
}

TEST_F(Session, MakesRelativePathsAbsoluteAgain) {
    Maker maker(5);
    Document document;
    for (int i = 0; i < 100; ++i) {
        maker.change(document, folder_);
        EXPECT_EQ(print_session(with_absolute_paths(to_spec(document, folder_), folder_)),
                  print_session(to_spec(document, {})));
    }
}

TEST_F(Session, UnloadsADocumentWhoseTextWouldBeTooLarge) {
    Document document;
    choose_kernels(document, custom_kernels({}, {1024, 128, 8, 8}));
    document.layer = "conv1";
    const DocumentSpec scene = to_spec(document, folder_);
    EXPECT_EQ(scene.document, document);
    const auto again = load_parts(scene, folder_, session_places);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, document);
}

TEST_F(Session, KeepsAFileThatIsCalledLikeAWordApartFromTheWord) {
    const Tensor weight({2, 3, 40, 40}, 0.5F);
    const auto npy = encode_npy(weight);
    EXPECT_TRUE(write_file(folder_ / "alexnet", npy));
    Document document;
    choose_kernels(document, open_kernels((folder_ / "alexnet").string(), session_places.assets)->bank);
    const auto file = std::get<LoadedKernels>(opened(document).kernels.bank);
    EXPECT_EQ(file.origin, KernelsOrigin::file((folder_ / "alexnet").string()));
    EXPECT_EQ(file.weight->shape(), weight.shape());
    EXPECT_NE(text_of(folder_ / "s.json").find("\"./alexnet\""), std::string::npos);
    choose_kernels(document, open_kernels("alexnet", session_places.assets)->bank);
    EXPECT_EQ(std::get<LoadedKernels>(opened(document).kernels.bank).origin, KnownKernels::alexnet);
    EXPECT_NE(text_of(folder_ / "s.json").find("\"alexnet\""), std::string::npos);
}

TEST_F(Session, OfANetworkKeepsEditedLayersAndWeightsWithoutAFile) {
    Document document;
    Architecture small = largenet();
    small.layers.resize(2);
    LayeredNetwork network{KnownNetwork::largenet, std::make_shared<const Architecture>(small), RandomWeights{}};
    LoadedWeights weights;
    weights.title = "trained here";
    ParameterMap map;
    for (const LayerSpec& layer : small.layers) map.merge(initial_parameters(layer, 5));
    weights.parameters = std::make_shared<const ParameterMap>(map);
    network.weights = weights;
    choose_network(document, network);
    const Document again = opened(document);
    const auto& read = std::get<LayeredNetwork>(again.network);
    EXPECT_EQ(*read.architecture, small);
    const auto& parameters = *std::get<LoadedWeights>(read.weights).parameters;
    ASSERT_EQ(parameters.size(), map.size());
    for (const auto& [name, parameter] : map) {
        const auto a = parameter.data(), b = parameters.at(name).data();
        EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << name;
    }
    EXPECT_EQ(network_title(again), "trained here");
}

TEST_F(Session, RefusesWhatItIsNotInOneSentence) {
    const auto parse = [](const char* text) { return parse_session(text, "s.json").error().message; };
    EXPECT_EQ(parse(R"({"convlens": "session", "version": 3, "new": 1})"),
              "s.json: a newer Convlens wrote it: its version is 3, this one reads 1");
    EXPECT_EQ(parse(R"({"layers": []})"), "s.json: it is not a session: expected \"convlens\": \"session\"");
    EXPECT_EQ(parse("{"), "s.json: expected a session in JSON, but the JSON is invalid at byte 2");
    EXPECT_EQ(refusal(R"({"input": {"images": ["gone.png"]}})").substr(0, 38),
              "gone.png: cannot be read from " + folder_.string().substr(0, 8));
    EXPECT_EQ(refusal(R"({"input": {"images": ["sample:dog"]}})").substr(0, 27), "sample:dog: no such sample,");
    EXPECT_EQ(refusal(R"({"input": {"images": ["sample:cat"], "resize": 0}})"),
              "bad.json: input: resize is 0: expected a size of at least 1");
    EXPECT_EQ(refusal(R"({"input": {"images": ["sample:cat"]}, "kernels": {"bank": "file", "file": "gone.npy"}})")
                  .substr(0, 9),
              "gone.npy:");
    EXPECT_EQ(
        refusal(R"({"input": {"images": ["sample:cat"]}, "conv": {"strid": 2}})"),
        "bad.json: conv: \"strid\" is unknown: expected one of dilation, flip, groups, padding, padding_mode, stride");
}

TEST_F(Session, InABundleOpensWithoutTheFilesItWasMadeOf) {
    Document document;
    document.input.source =
        open_input({(folder_ / "pictures" / "p.png").string(), "sample:cat"}, 2, session_places.assets).value();
    document.input.resize = Size2{8, 9};
    Tensor weight({600, 3, 3, 3}, 0.25F);
    weight.at(7, 1, 2, 0) = -3;
    const auto npy = encode_npy(weight);
    EXPECT_TRUE(write_file(folder_ / "w.npy", npy));
    choose_kernels(document, open_kernels((folder_ / "w.npy").string(), session_places.assets)->bank);
    ASSERT_TRUE(save_bundle(document, folder_ / "b.zip", session_places));
    fs::remove_all(folder_ / "pictures");
    fs::remove(folder_ / "w.npy");
    auto again = open_session(folder_ / "b.zip", {"/nowhere", {}});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(std::get<PictureInput>(again->input.source).pictures[1].picture->info.width, 451);
    auto backend = make_cpu_backend({}).value();
    const auto a = evaluate(document, *backend, Cancel()), b = evaluate(*again, *backend, Cancel());
    ASSERT_TRUE(a && b);
    const Tensor x = all_values(*a->activations).value(), y = all_values(*b->activations).value();
    ASSERT_EQ(x.shape(), y.shape());
    EXPECT_EQ(std::memcmp(x.data(), y.data(), x.size() * sizeof(float)), 0);

    const auto resaved = opened(*again);  // a session that names parts inside of the bundle
    EXPECT_EQ(std::get<PictureInput>(resaved.input.source).pictures[0].origin.path(),
              (folder_ / "b.zip" / "images" / "0-p.png").string());
    const Document network = [] {
        Document d;
        choose_network(d, open_network("alexnet", "convlens", session_places).value());
        return d;
    }();
    ASSERT_TRUE(save_bundle(network, folder_ / "n.zip", session_places));
    const auto opened_network = open_session(folder_ / "n.zip", session_places);
    ASSERT_TRUE(opened_network) << opened_network.error().message;
    EXPECT_EQ(network_title(*opened_network), network_title(network));
    EXPECT_FALSE(open_session(folder_ / "absent.zip", session_places));
}

#ifndef _WIN32  // where a path is always Unicode
TEST_F(Session, NamesAnImageWhosePathIsNotUtf8) {
    const fs::path image = folder_ / "pictures" / "r\xe9sum\xe9 %.png";
    fs::rename(folder_ / "pictures" / "p.png", image);
    Document document;
    document.input.source = open_input({image.string()}, 1, session_places.assets).value();
    const auto again = opened(document);
    ASSERT_TRUE(std::holds_alternative<PictureInput>(again.input.source));
    EXPECT_EQ(std::get<PictureInput>(again.input.source).pictures[0].origin.path(), image.string());
    EXPECT_NE(text_of(folder_ / "s.json").find("/pictures/r%E9sum%E9%20%25.png\""), std::string::npos);
}
#endif

TEST_F(Session, KernelsKeepTheirNormalizationInABundle) {
    Document document;
    document.input.source = open_input({"sample:cat"}, 1, session_places.assets).value();
    document.kernels.bank =
        LoadedKernels{KnownKernels::own, "mine", std::make_shared<const Tensor>(Shape{64, 3, 11, 11}, 0.5F), nullptr,
                      Normalize::imagenet};
    ASSERT_TRUE(save_bundle(document, folder_ / "b.zip", session_places));
    const auto again = open_session(folder_ / "b.zip", session_places);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(effective_normalize(*again), Normalize::imagenet);
}

TEST_F(Session, AutosaveWritesManyOwnWeightsToABundleAndFewToJson) {
    const auto file = [&](const char* name) { return fs::exists(folder_ / name); };
    Document document;
    document.input.source = open_input({(folder_ / "pictures" / "p.png").string()}, 1, session_places.assets).value();
    const auto own = [](Shape shape) {
        Tensor weight(shape, 0.25F);
        weight.at(1, 0, 1, 1) = 1.0F / 3;
        return LoadedKernels{KnownKernels::own, "mine, edited", std::make_shared<const Tensor>(std::move(weight)),
                             std::make_shared<const std::vector<float>>(static_cast<std::size_t>(shape.n), 0.1F),
                             Normalize::imagenet};
    };
    document.kernels.bank = own({600, 3, 3, 3});
    ASSERT_TRUE(save_autosave(document, folder_ / "a.json"));
    EXPECT_TRUE(file("a.zip") && !file("a.json"));
    auto again = open_autosave(folder_ / "a.zip", session_places);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(print_session(*again, {}), print_session(document, {}));
    fs::remove(folder_ / "a.zip");
    ASSERT_TRUE(save_autosave(*again, folder_ / "a.json")) << "it needs the file that was removed";
    EXPECT_TRUE(file("a.zip"));

    document.kernels.bank = own({4, 3, 3, 3});
    ASSERT_TRUE(save_autosave(document, folder_ / "a.json"));
    EXPECT_TRUE(file("a.json") && !file("a.zip"));
    again = open_autosave(folder_ / "a.json", session_places);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(print_session(*again, {}), print_session(document, {}));

    choose_network(document, open_network("alexnet", "convlens", session_places).value());
    auto& weights = std::get<LoadedWeights>(std::get<LayeredNetwork>(document.network).weights);
    weights.origin = KnownCheckpoint::own;
    weights.title = "AlexNet, edited, up to classifier.0";
    ASSERT_TRUE(save_autosave(document, folder_ / "a.json"));
    EXPECT_TRUE(file("a.zip") && !file("a.json"));
    again = open_autosave(folder_ / "a.zip", session_places);
    ASSERT_TRUE(again) << again.error().message;
    const auto& read = std::get<LoadedWeights>(std::get<LayeredNetwork>(again->network).weights);
    EXPECT_EQ(read.origin, weights.origin);
    EXPECT_EQ(read.title, weights.title);
    ASSERT_EQ(read.parameters->size(), weights.parameters->size());
    for (const auto& [name, parameter] : *weights.parameters)
        EXPECT_TRUE(std::ranges::equal(parameter.data(), read.parameters->at(name).data())) << name;
}

TEST_F(Session, GoesBackAndForthThroughAThousandEdits) {
    Maker maker(2);
    Document document;
    History<Document, StoredDocument> history(document);
    std::vector<Document> states{document};
    for (int i = 0; i < 1000; ++i) {
        Document next = history.now();
        maker.change(next, folder_);
        if (next == history.now()) continue;
        history.preview(next);
        history.commit();
        states.push_back(history.now());
    }
    std::size_t back = 0;
    while (history.undo()) ASSERT_EQ(history.now(), states[states.size() - 1 - ++back]);
    EXPECT_GE(back, 200U);
    for (std::size_t i = back; i-- > 0;) {
        ASSERT_TRUE(history.redo());
        ASSERT_EQ(history.now(), states[states.size() - 1 - i]);
    }
    EXPECT_FALSE(history.redo());
}

}  // namespace
}  // namespace convlens
