/// engine/io/network_json.h
#include "engine/io/network_json.h"

#include <gtest/gtest.h>

#include <fstream>

namespace convlens {
namespace {

std::string problem(const std::string& text) {
    const auto network = parse_network(text, "n.json");
    return network ? "it is a network" : network.error().message;
}

std::string of_layer(const std::string& members) { return problem("{\"layers\": [{" + members + "}]}"); }

/// A layer of every type with nothing standard.
Architecture unusual() {
    Conv2dSpec conv{6, 4, {3, 5}, {{2, 3}, {1, 0}, false, {2, 1}, 2, PaddingMode::reflect, true}, false};
    Conv2dSpec same{4, 4, {3, 3}, {}, true};
    same.params.same = true;
    return {"n\"\\\xc3\xa4",
            Size2{48, 64},
            Normalize::imagenet,
            {{"a", conv},
             {"same", same},
             {"b", LocallyConnected2dSpec{1, 2, {3, 4}, {5, 6}, {2, 1}, false}},
             {"c", ReLU{}},
             {"d", LeakyReLU{0.3F}},
             {"e", Sigmoid{}},
             {"f", Tanh{}},
             {"g", MaxPool2d{{3, 2}, {1, 2}, {1, 0}, {2, 1}, true}},
             {"g2", MaxPool2d{{3, 2}, {3, 2}, {0, 0}, {1, 1}, false}},
             {"h", AvgPool2d{{4, 4}, {1, 4}, {2, 1}, true, false, -3}},
             {"i", AdaptiveAvgPool2d{{6, 7}}},
             {"j", BatchNorm2dSpec{9, 1e-3F, false}},
             {"k", Flatten{}},
             {"l", LinearSpec{12, 3, false}},
             {"m", Dropout{0.1F}},
             {"n.0", Softmax{}}}};
}

TEST(NetworkJson, GivesBackWhatItPrinted) {
    for (const Architecture& a : {unusual(), largenet(), alexnet()}) {
        const std::string text = print_network(a);
        const auto back = parse_network(text, "n.json");
        ASSERT_TRUE(back) << back.error().message << text;
        EXPECT_EQ(*back, a) << text;
        EXPECT_EQ(print_network(*back), text);
    }
}

TEST(NetworkJson, ReadsWhatPyTorchWouldBeGiven) {
    const auto n = parse_network(
        R"({"layers": [{"type": "Conv2d", "in_channels": 3, "out_channels": 8, "kernel_size": [3, 5], "padding": "same"},
        {"type": "MaxPool2d", "kernel_size": 3}, {"name": "fc", "type": "Linear", "in_features": 10, "out_features": 2}]})",
        "n.json");
    ASSERT_TRUE(n) << n.error().message;
    EXPECT_EQ(n->name, "Network");
    EXPECT_FALSE(n->input_size);
    EXPECT_EQ(n->layers[0].name, "0") << "as nn.Sequential names them";
    EXPECT_EQ(n->layers[2].name, "fc");
    const auto& conv = std::get<Conv2dSpec>(n->layers[0].operation);
    EXPECT_EQ(conv.kernel_size, (Size2{3, 5}));
    EXPECT_TRUE(conv.params.same);
    EXPECT_TRUE(conv.bias);
    EXPECT_EQ(std::get<MaxPool2d>(n->layers[1].operation).stride, (Size2{3, 3})) << "its kernel_size";
}

TEST(NetworkJson, PrintsALineALayerWithoutWhatIsStandard) {
    EXPECT_EQ(
        print_network({"x", {}, Normalize::none, {{"conv1", Conv2dSpec{3, 5, {5, 5}, {}, true}}, {"p", MaxPool2d{}}}}),
        "{\n  \"name\": \"x\",\n  \"layers\": [\n"
        "    {\"name\": \"conv1\", \"type\": \"Conv2d\", \"in_channels\": 3, \"out_channels\": 5, \"kernel_size\": "
        "5},\n"
        "    {\"name\": \"p\", \"type\": \"MaxPool2d\", \"kernel_size\": 2}\n  ]\n}\n");
}

TEST(NetworkJson, SaysWhichLayerAndWhichValueIsWrong) {
    EXPECT_EQ(of_layer(R"("type": "Conv2d", "out_channels": 3, "kernel_size": 3)"),
              "n.json: layer 0 (\"0\"): in_channels is missing");
    EXPECT_EQ(of_layer(R"("type": "MaxPool2d", "name": "p", "kernel_size": "five")"),
              "n.json: layer 0 (\"p\"): kernel_size is \"five\": expected a whole number from 0, or a pair of them, "
              "[height, width]");
    EXPECT_EQ(of_layer(R"("type": "ReLU", "inplace": true)"),
              "n.json: layer 0 (\"0\"): \"inplace\" is unknown: expected one of inputs, name, type");
    EXPECT_NE(
        of_layer(R"("type": "Conv3d")").find("type is \"Conv3d\": expected one of Conv2d, ConvTranspose2d, Local"),
        std::string::npos);
    EXPECT_EQ(of_layer(R"("name": "x")"), "n.json: layer 0 (\"x\"): type is missing");
    EXPECT_NE(of_layer(R"("type": "Conv2d", "in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": "valid")")
                  .find("padding is \"valid\": expected a whole number from 0, or a pair of them, [height, width], or "
                        "\"same\""),
              std::string::npos);
    EXPECT_NE(of_layer(R"("type": "Conv2d", "in_channels": 1.5, "out_channels": 1, "kernel_size": 3)")
                  .find("in_channels is 1.5"),
              std::string::npos);
    EXPECT_NE(of_layer(R"("type": "Linear", "in_features": 99999999999, "out_features": 1)")
                  .find("in_features is 99999999999"),
              std::string::npos);
    EXPECT_NE(of_layer(R"("type": "MaxPool2d", "kernel_size": [1, 2, 3])").find("kernel_size is [1,2,3]"),
              std::string::npos);
    EXPECT_NE(of_layer(R"("type": "MaxPool2d", "kernel_size": -1)").find("kernel_size is -1"), std::string::npos);
    EXPECT_NE(of_layer(R"("type": "Dropout", "p": 1e99)").find("p is 1e+99: expected a number"), std::string::npos);
    EXPECT_NE(of_layer(R"("type": "ReLU", "name": "")").find("name is \"\": expected 1 to 100 bytes"),
              std::string::npos);
    EXPECT_NE(of_layer(R"("type": "ReLU", "name": "a\nb")").find("without control characters"), std::string::npos);
    EXPECT_EQ(problem(R"({"layers": [{"type": "ReLU", "name": "a"}, {"type": "Tanh", "name": "a"}]})"),
              "n.json: layer 1: the name \"a\" occurs twice");
    EXPECT_EQ(problem(R"({"layers": [7]})"), "n.json: layer 0 is 7: expected an object");
}

Architecture branches() {
    return {"Branches",
            {},
            Normalize::none,
            {{"conv1", Conv2dSpec{3, 3, {1, 1}, {}, true}},
             {"relu1", ReLU{}},
             {"skip", Conv2dSpec{3, 3, {1, 1}, {}, true}, {-1}},
             {"add", Add{}, {1, 2, -1}},
             {"gate", Multiply{}, {3, 0}},
             {"cat", Concat{}, {4, 4}},
             {"one", Add{}}}};
}

TEST(NetworkJson, GivesBackBranches) {
    const std::string text = print_network(branches());
    EXPECT_NE(text.find(R"({"name": "add", "type": "Add", "inputs": ["relu1", "skip", "input"]})"), std::string::npos)
        << text;
    EXPECT_NE(text.find(R"({"name": "relu1", "type": "ReLU"})"), std::string::npos)
        << "the layer before is not written";
    const auto back = parse_network(text, "n.json");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, branches());
    EXPECT_TRUE(parse_network(R"({"layers": [{"type": "ReLU", "name": "a", "inputs": ["input"]}]})", "n.json")
                    ->layers[0]
                    .inputs.empty())
        << "it is the layer before anyway";
}

TEST(NetworkJson, SaysWhichInputIsWrong) {
    const auto of = [](const std::string& second) {
        return problem(R"({"layers": [{"type": "ReLU", "name": "a"}, {"name": "b", )" + second + "}]}");
    };
    EXPECT_EQ(of(R"("type": "Add", "inputs": ["a", "b"])"),
              "n.json: layer 1 (\"b\"): inputs is \"b\": expected the name of a layer before this one, or \"input\"");
    EXPECT_EQ(of(R"("type": "Add", "inputs": ["c"])"),
              "n.json: layer 1 (\"b\"): inputs is \"c\": expected the name of a layer before this one, or \"input\"");
    EXPECT_EQ(of(R"("type": "Add", "inputs": [0])"),
              "n.json: layer 1 (\"b\"): inputs is 0: expected the name of a layer before this one, or \"input\"");
    EXPECT_EQ(of(R"("type": "Add", "inputs": [])"),
              "n.json: layer 1 (\"b\"): inputs is []: expected a list of 1 to 1000 names of layers before this one");
    EXPECT_EQ(of(R"("type": "ReLU", "inputs": ["a", "input"])"),
              "n.json: layer 1 (\"b\"): inputs has 2 names, but ReLU has one input");
    EXPECT_EQ(
        problem(R"({"layers": [{"type": "ReLU", "name": "input"}, {"type": "Add", "inputs": ["input", "input"]}]})"),
        "n.json: layer 0: the name \"input\" is that of the network's input where layers have inputs");
    EXPECT_TRUE(parse_network(R"({"layers": [{"type": "ReLU", "name": "input"}, {"type": "Tanh"}]})", "n.json"));
}

TEST(NetworkJson, RefusesWhatIsNoNetwork) {
    EXPECT_EQ(problem("{]"), "n.json: expected a network in JSON, but the JSON is invalid at byte 2");
    EXPECT_EQ(problem(R"({"layers": [1e400]})"), "n.json: expected a network in JSON, but a number in it is too large");
    EXPECT_EQ(problem("[]"), "n.json: expected an object with \"layers\", found []");
    EXPECT_EQ(problem("{}"), "n.json: layers is missing: expected a list of 1 to 1000 layers");
    EXPECT_EQ(problem(R"({"layers": []})"), "n.json: layers is []: expected a list of 1 to 1000 layers");
    EXPECT_EQ(problem(R"({"layers": [{"type": "ReLU"}], "normalize": "full"})"),
              "n.json: normalize is \"full\": expected one of none, imagenet, half");
    EXPECT_EQ(problem(R"({"layers": [{"type": "ReLU"}], "input_size": 0})"),
              "n.json: input_size is 0: expected 1 or more");
    EXPECT_EQ(problem(R"({"layers": [{"type": "ReLU", "type": "Tanh"}]})"),
              "n.json: \"type\" occurs twice in one object");
    EXPECT_EQ(problem(std::string(100'000, '[')),
              "n.json: expected a network in JSON, but the JSON is invalid at byte 100001");
    EXPECT_EQ(problem(R"({"layers": [{"type": "ReLU", "p": [[1]]}]})"), "n.json: it is nested deeper than 4 levels");
    EXPECT_NE(problem(std::string((1U << 20U) + 1, ' ')).find("too many for a network"), std::string::npos);
    std::string many = "{\"layers\": [{\"type\": \"ReLU\"}";
    for (int i = 0; i < 1000; ++i) many += ",{\"type\": \"ReLU\"}";
    EXPECT_NE(problem(many + "]}").find("expected a list of 1 to 1000 layers"), std::string::npos);
    EXPECT_FALSE(load_network("/nonexistent/x.json"));
}

TEST(NetworkJson, ReadsTheExampleOfItsDescription) {
    std::ifstream file(CONVLENS_TEST_DATA "/../docs/NETWORK_FORMAT.md");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto begin = text.find("```json\n"), end = text.find("```", begin + 8);
    ASSERT_NE(begin, std::string::npos);
    const std::string example = text.substr(begin + 8, end - begin - 8);
    const auto network = parse_network(example, "example");
    ASSERT_TRUE(network) << network.error().message;
    EXPECT_EQ(print_network(*network), example);
}

}  // namespace
}  // namespace convlens
