/// engine/open/open_network.h and engine/open/torchvision.h
#include "engine/open/open_network.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/document/plan.h"
#include "engine/io/file.h"
#include "engine/io/network_json.h"
#include "engine/open/torchvision.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

class OpenNetwork : public ::testing::Test {
  protected:
    OpenNetwork() { fs::create_directories(folder / "hub"); }
    ~OpenNetwork() override { fs::remove_all(folder); }

    std::string write(const std::string& name, std::string_view text) const {
        std::ofstream(folder / name, std::ios::binary) << text;
        return (folder / name).string();
    }
    std::string title(const std::string& spec, const std::string& weights) const {
        auto network = open_network(spec, weights, places);
        if (!network) return network.error().message;
        Document document;
        choose_network(document, *network);
        return network_title(document);
    }

    fs::path folder = fs::temp_directory_path() / fmt::format("convlens_network_{}", ::getpid());
    NetworkPlaces places{CONVLENS_SOURCE_ASSETS, {folder / "hub"}};
};

TEST_F(OpenNetwork, NamesWhatTheWeightsAre) {
    EXPECT_EQ(title("largenet", ""), "LargeNet, random weights (seed 1)");
    EXPECT_EQ(title("largenet", "random:7"), "LargeNet, random weights (seed 7)");
    EXPECT_EQ(title("alexnet", "random"), "AlexNet, random weights (seed 1)");
    EXPECT_EQ(title("alexnet", ""), "AlexNet (trained by Convlens on Tiny ImageNet), up to classifier.0");
    EXPECT_EQ(title("alexnet", "convlens"), "AlexNet (trained by Convlens on Tiny ImageNet), up to classifier.0");
    EXPECT_EQ(title("largenet", CONVLENS_TEST_DATA "/golden/checkpoints/largenet_expected.npz"),
              "LargeNet, largenet_expected.npz");
}

TEST_F(OpenNetwork, RefusesWordsAndFilesThatDoNotFit) {
    EXPECT_EQ(title("largenet", "convlens"), "weights 'convlens' are for AlexNet, but the network is LargeNet");
    EXPECT_EQ(title("largenet", "random:x"), "weights 'random:x' are not of the form random[:SEED], as in random:7");
    EXPECT_EQ(title("alexnet", "torchvision"),
              "torchvision's AlexNet is not on this machine: scripts/get-weights alexnet fetches it into " +
                  (folder / "hub").string());
    EXPECT_NE(title("nonet", "").find("nonet"), std::string::npos);
    EXPECT_NE(title("largenet", "none.npz").find("none.npz"), std::string::npos);
    EXPECT_NE(title("largenet", CONVLENS_SOURCE_ASSETS "/weights/alexnet_conv1.safetensors")
                  .find("the file has \"features.0.weight\" 64x3x11x11"),
              std::string::npos);
}

TEST_F(OpenNetwork, ReadsAFileOfLayers) {
    const std::string path = write(
        "small.json", print_network({"Small", {}, Normalize::none, {{"conv1", Conv2dSpec{3, 2, {3, 3}, {}, true}}}}));
    EXPECT_EQ(title(path, ""), "Small, random weights (seed 1)");
    EXPECT_EQ(open_network(path, "", places)->origin, NetworkOrigin::file(path));
    EXPECT_NE(title(write("bad.json", "{}"), "").find("bad.json: layers is missing"), std::string::npos);
}

TEST_F(OpenNetwork, FindsTorchvisionsFileByItsNameAndChecksItsContent) {
    // SHA-256 of "abc", from FIPS 180-2's examples: ba7816bf ...
    EXPECT_EQ(find_torchvision_alexnet({folder / "hub", folder / "nowhere"}).value(), std::nullopt);
    write("hub/alexnet-owt-BA7816BF.pth", "abc");
    write("hub/resnet18-ba7816bf.pth", "abc");
    EXPECT_EQ(find_torchvision_alexnet({folder / "hub"}).value(), std::nullopt);
    fs::remove(folder / "hub/alexnet-owt-BA7816BF.pth");  // the same name where case does not count
    const fs::path good = fs::path(write("hub/alexnet-owt-ba7816bf.pth", "abc")).make_preferred();
    EXPECT_EQ(find_torchvision_alexnet({folder / "nowhere", folder / "hub"}).value(), good);
    write("hub/alexnet-owt-ba7816bf.pth", "ab");
    const auto cut = find_torchvision_alexnet({folder / "hub"});
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().message,
              good.string() +
                  ": expected a file whose SHA-256 begins with ba7816bf, as its name says, but it begins with "
                  "fb8e20fc: fetch it again");
    EXPECT_EQ(title("alexnet", ""), cut.error().message) << "not the other weights instead";
    EXPECT_EQ(title("alexnet", "convlens"), "AlexNet (trained by Convlens on Tiny ImageNet), up to classifier.0");
}

}  // namespace
}  // namespace convlens
