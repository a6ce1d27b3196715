/// Attribution maps, fooling and receptive fields against PyTorch, and their checks against SciPy
/// (tests/golden/make_attribute.py).
#include <gtest/gtest.h>

#include "engine/attribute/attribution.h"
#include "engine/attribute/effective_field.h"
#include "engine/attribute/fooling.h"
#include "engine/attribute/occlusion.h"
#include "engine/attribute/sanity.h"
#include "engine/cpu/simd.h"
#include "engine/io/network_json.h"
#include "engine/nn/parameters.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

constexpr double attribution_tolerance = 2e-5;  // of the largest magnitude

struct AttributeGolden : testing::Test {
    TensorFile file = TensorFile::open(golden("attribute.npz")).value();
    nlohmann::json cases = cases_of("attribute");
    std::shared_ptr<const Tensor> input = std::make_shared<const Tensor>(tensor_of(file, "input"));

    nlohmann::json named(const std::string& name) const {
        for (const auto& c : cases)
            if (c.at("name") == name) return c;
        throw std::runtime_error(name);
    }
    Network network(const std::string& name) const {
        const nlohmann::json c = named(name);
        Network made;
        const Architecture described = parse_network(c.at("network").dump(), name).value();
        for (const LayerSpec& spec : described.layers) {
            ParameterMap parameters;
            for (const ParameterSpec& p : parameters_of(spec.operation)) {
                auto array = file.load(spec.name + "." + p.name).value();
                parameters.emplace(spec.name + "." + p.name, make_parameter(array.shape, std::move(array.values)));
            }
            made.layers.push_back(with_parameters(spec, parameters).value());
        }
        return made;
    }
    void expect_close(std::span<const float> values, const std::string& key) const {
        EXPECT_LE(relative_error(values, in_double(tensor_of(file, key))), attribution_tolerance) << key;
    }
};

TEST_F(AttributeGolden, MapsArePyTorchs) {
    for (const std::string name : {"channel", "class"}) {
        const nlohmann::json c = named(name);
        const Target target = make_target(network(name), c.at("channel"), input->shape()).value();
        EXPECT_NE(target.network.layers.back().name, name == "channel" ? "relu3" : "softmax");
        AttributionOptions options;
        options.steps = c.at("steps");
        options.patch = pair_of(c.at("patch")), options.stride = pair_of(c.at("stride"));
        for (const Simd& simd : available_simd()) {
            auto attribution = Attribution::make(target, input, Normalize::imagenet, options, simd).value();
            EXPECT_EQ(default_cam_layer(target.network), c.at("cam_layer").get<int>());
            for (const MethodText& text : methods())
                if (const Method method = *method_from(text.name); method != Method::occlusion)
                    expect_close(attribution.map(method, Cancel()).value().values(),
                                 name + "/" + std::string(text.name));
            auto occlusion = Occlusion::make(target, input, options.patch, options.stride, simd).value();
            while (occlusion.step(Cancel()).value()) {
            }
            const std::vector<double> drops = occlusion.drops();
            expect_close(std::vector<float>(drops.begin(), drops.end()), name + "/drops");
            expect_close(occlusion.map().values(), name + "/occlusion");
        }
    }
}

TEST_F(AttributeGolden, FooledImagesArePyTorchs) {
    for (int i = 0; i < 3; ++i) {
        const std::string name = "fool" + std::to_string(i);
        const nlohmann::json c = named(name);
        FoolingOptions options{c.at("epsilon"), c.at("steps"), {}};
        if (!c.at("wanted").is_null()) options.wanted = c.at("wanted").get<int>();
        const Fooled fooled =
            fool(network("class"), input, Normalize::imagenet, options, available_simd().front(), Cancel()).value();
        expect_close(fooled.input.values(), name + "/input");
        expect_close(std::vector<float>(fooled.after.begin(), fooled.after.end()), name + "/after");
    }
}

TEST_F(AttributeGolden, TheEffectiveReceptiveFieldIsPyTorchs) {
    Network network = this->network("channel");
    network.layers.resize(4);
    const EffectiveField field = effective_field(network, input, 3, 10000, available_simd().front(), Cancel()).value();
    EXPECT_EQ(field.positions, named("field").at("positions").get<int>());
    expect_close(field.map.values(), "field");
    const Tensor expected = tensor_of(file, "field");
    const auto strong = std::ranges::count_if(expected.values(), [](float v) { return v >= 0.0455F; });
    EXPECT_NEAR(field.side * field.side, static_cast<double>(strong), 1e-6);
}

TEST_F(AttributeGolden, SobelAndRankCorrelationsAreSciPys) {
    const Tensor edges = sobel(*input);
    expect_close(edges.values(), "sobel");
    const nlohmann::json c = named("ranks");
    int compared = 0;
    for (const auto& [key, value] : c.items()) {
        if (key == "name") continue;
        const auto rank = rank_correlation(tensor_of(file, "channel/" + key), tensor_of(file, "sobel"));
        EXPECT_NEAR(rank.value(), value.get<double>(), 1e-9) << key;
        ++compared;
    }
    EXPECT_EQ(compared, 3);
}

}  // namespace
}  // namespace convlens::test
