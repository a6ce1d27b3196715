/// engine/io/pth_format.h, through TensorFile: what is read
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/pth_bytes.h"

namespace convlens::pth {
namespace {

using namespace std::string_literals;

TEST(Pth, ReadsTheSameNetworkFromEveryLayout) {
    const TensorFile expected = opened("largenet_expected.npz");
    ASSERT_EQ(expected.arrays().size(), 8U);
    struct Layout {
        const char* name;
        const char* dtype;
        float relative, smallest;  // Half a unit in the last place; float16's smallest step is 2^-24.
    };
    for (const Layout& layout : {Layout{"largenet_zip.pth", "float32", 0, 0},
                                 {"largenet_legacy.pth", "float32", 0, 0},
                                 {"largenet_training_checkpoint.pth", "float32", 0, 0},
                                 {"largenet_half.pth", "float16", 1.0F / 2048, 3e-8F},
                                 {"largenet_bfloat16.pth", "bfloat16", 1.0F / 256, 0}}) {
        SCOPED_TRACE(layout.name);
        const TensorFile file = opened(layout.name);
        EXPECT_EQ(file.arrays().size(), 8U);
        for (const ArrayInfo& info : expected.arrays()) {
            const ArrayInfo* found = file.find(info.key);
            ASSERT_NE(found, nullptr) << info.key;
            EXPECT_EQ(found->dtype, layout.dtype);
            EXPECT_EQ(found->shape, info.shape);
            const Array array = loaded(file, info.key), wanted = loaded(expected, info.key);
            EXPECT_EQ(array.shape, wanted.shape);
            ASSERT_EQ(array.values.size(), wanted.values.size());
            for (std::size_t i = 0; i < array.values.size(); ++i)
                ASSERT_NEAR(array.values[i], wanted.values[i],
                            std::abs(wanted.values[i]) * layout.relative + layout.smallest)
                    << info.key << " " << i;
        }
    }
}

TEST(Pth, ShowsTheModulePrefixOfATrainingCheckpointButNotItsStateDict) {
    EXPECT_EQ(keys_of(opened("largenet_training_checkpoint.pth")),
              (std::vector<std::string>{"module.conv1.weight", "module.conv1.bias", "module.conv2.weight",
                                        "module.conv2.bias", "module.fc1.weight", "module.fc1.bias",
                                        "module.fc2.weight", "module.fc2.bias"}));
}

TEST(Pth, ReadsViewsParametersScalarsAndIntegers) {
    const TensorFile file = opened("views.pth"), expected = opened("views_expected.npz");
    for (const ArrayInfo& info : expected.arrays()) {
        SCOPED_TRACE(info.key);
        const Array array = loaded(file, info.key), wanted = loaded(expected, info.key);
        EXPECT_EQ(array.shape, wanted.shape);
        EXPECT_EQ(array.values, wanted.values);
    }
    EXPECT_EQ(loaded(file, "scalar").values, Floats{3.5F});
    ASSERT_NE(file.find("count"), nullptr);
    EXPECT_EQ(file.find("count")->dtype, "int64");
    EXPECT_EQ(file.find("count")->shape, Shape64{});
    EXPECT_EQ(loaded(file, "count").values, Floats{7});
}

TEST(Pth, TakesStridesAndOffsetsAsTheyAre) {
    const auto expect = [](const std::string& w, const Shape64& shape, const Floats& values) {
        const Array array = loaded(parsed(legacy_w(w)), "w");
        EXPECT_EQ(array.shape, shape);
        EXPECT_EQ(array.values, values);
    };
    expect(tensor(six, 0, {2, 3}, {3, 1}), {2, 3}, {0, 1, 2, 3, 4, 5});
    expect(tensor(six, 0, {3, 2}, {1, 3}), {3, 2}, {0, 3, 1, 4, 2, 5});
    expect(tensor(six, 1, {2, 2}, {3, 1}), {2, 2}, {1, 2, 4, 5});
    expect(tensor(six, 5, {1, 1}, {99, 99}), {1, 1}, {5});
    expect(tensor(six, 4, {3, 2}, {0, 1}), {3, 2}, {4, 5, 4, 5, 4, 5});
    expect(tensor(six, 0, {4, 3}, {1, 1}), {4, 3}, {0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5});
    expect(tensor(six, 3, {}, {}), {}, {3});
    expect(tensor(six, 0, {2, 0, 3}, {3, 3, 1}), {2, 0, 3}, {});
    // A part of a storage, as PyTorch 0.x wrote it: (key, begin, count).
    const std::string part = storage("FloatStorage", "7", 6, tuple({text("8"), integer(2), integer(3)}));
    expect(tensor(part, 1, {2}, {1}), {2}, {3, 4});
    EXPECT_NE(refusal(legacy_w(tensor(part, 1, {3}, {1}))), "");
}

TEST(Pth, ReadsEveryTypeOfStorage) {
    const auto expect = [](std::string_view kind, std::string_view dtype, const std::string& data,
                           const Floats& values) {
        SCOPED_TRACE(kind);
        const auto count = static_cast<std::int32_t>(values.size());
        const TensorFile file = parsed(
            legacy(dict({{"w", tensor(storage(kind, "1", count), 0, {count}, {1})}}), {{"1", values.size(), data}}));
        EXPECT_EQ(file.arrays().at(0).dtype, dtype);
        EXPECT_EQ(loaded(file, "w").values, values);
    };
    expect("FloatStorage", "float32", raw({1.5F, -3.0F}), {1.5F, -3});
    expect("DoubleStorage", "float64", raw({0.5, -0.25}), {0.5F, -0.25F});
    expect("HalfStorage", "float16", raw<std::uint16_t>({0x3c00, 0xc000}), {1, -2});
    expect("BFloat16Storage", "bfloat16", raw<std::uint16_t>({0x3f80, 0xc040}), {1, -3});
    expect("LongStorage", "int64", raw<std::int64_t>({-5, 3}), {-5, 3});
    expect("IntStorage", "int32", raw<std::int32_t>({-70000, 3}), {-70000, 3});
    expect("ShortStorage", "int16", raw<std::int16_t>({-2, 300}), {-2, 300});
    expect("CharStorage", "int8", "\xff\x02", {-1, 2});
    expect("ByteStorage", "uint8", "\xff\x02", {255, 2});
    expect("BoolStorage", "bool", "\x01\0"s, {1, 0});
    const TensorFile file = parsed(
        legacy(dict({{"w", tensor(storage("ComplexFloatStorage", "1", 1), 0, {1}, {1})}}), {{"1", 1, "12345678"}}));
    EXPECT_EQ(file.arrays().at(0).dtype, "complex64");
    EXPECT_NE(file.load("w").error().message.find("complex64"), std::string::npos);
}

TEST(Pth, NamesTensorsByTheWayToThem) {
    const std::string w = tensor(six, 0, {6}, {1});
    const auto keys = [&](const std::string& value) {
        return keys_of(parsed(legacy(value, {{"7", 6, std::string(24, '\0')}})));
    };
    using Keys = std::vector<std::string>;
    EXPECT_EQ(keys(w), Keys{""});
    EXPECT_EQ(keys("](" + w + w + "e"), (Keys{"0", "1"}));
    EXPECT_EQ(keys(dict({{"a", dict({{"b", w}})}, {"epoch", integer(3)}, {"c", tuple({"N", w})}})),
              (Keys{"a.b", "c.1"}));
    EXPECT_EQ(keys("}(" + integer(5) + w + "u"), Keys{"5"});
    for (const char* wrapper : {"state_dict", "model_state_dict", "model", "net"})
        EXPECT_EQ(keys(dict({{"ema", dict({{"x", w}})}, {wrapper, dict({{"x", w}})}})), (Keys{"ema.x", "x"}))
            << wrapper;
    EXPECT_EQ(keys(dict({{"model", dict({{"state_dict", dict({{"x", w}})}})}})), Keys{"x"});
    EXPECT_EQ(keys(dict({{"model", dict({{"x", w}})}, {"state_dict", dict({{"x", w}})}})), (Keys{"model.x", "x"}));
    EXPECT_EQ(keys(dict({{"a", dict({{"model", dict({{"x", w}})}})}})), Keys{"a.model.x"});
    EXPECT_EQ(keys(dict({{"model", w}})), Keys{"model"});
    EXPECT_NE(refusal(legacy(dict({{"x", w}, {"x", w}}), {{"7", 6, std::string(24, '\0')}})), "");
}

TEST(Pth, UnderstandsWhatOlderAndNewerPicklesSayDifferently) {
    const std::string w = tensor(six, 0, {6}, {1});
    // Python 2: OrderedDict of [key, value] lists, text as bytes.
    const std::string old = global("collections", "OrderedDict") + "](](U\x01" + "a" + w + "ee\x85R";
    EXPECT_EQ(keys_of(parsed(legacy(old, {{"7", 6, std::string(24, '\0')}}))), std::vector<std::string>{"a"});
    // PyTorch 0.3: Parameter and _rebuild_tensor.
    const std::string first =
        global("torch._utils", "_rebuild_tensor") + tuple({six, integer(0), integers({6}), integers({1})}) + "R";
    EXPECT_EQ(loaded(parsed(legacy_w(global("torch.nn.parameter", "Parameter") + tuple({first}) + "R")), "w").values,
              (Floats{0, 1, 2, 3, 4, 5}));
    // Protocol 4: STACK_GLOBAL, SHORT_BINUNICODE, MEMOIZE, FRAME; memo places; integers of 70 bits.
    const std::string four = fmt::format("\x95{}", raw({std::uint64_t{9}})) + "}(\x8c\x03" + "big\x94\x8a\x09" +
                             std::string(8, '\1') + "\x40\x8c\x01w\x94" + w + "\x8c\x01o\x8c\x0b" +
                             "collections\x8c\x0bOrderedDict\x93)R" + "h\0"s + w + "u";
    EXPECT_EQ(keys_of(parsed(legacy(four, {{"7", 6, std::string(24, '\0')}}))), (std::vector<std::string>{"w", "big"}));
    // _metadata of a state_dict is set by BUILD.
    EXPECT_EQ(
        keys_of(parsed(legacy(dict({{"w", w}}) + dict({{"_metadata", "}"}}) + "b", {{"7", 6, std::string(24, '\0')}}))),
        std::vector<std::string>{"w"});
}

TEST(Pth, ReadsArchivesOfBothByteOrders) {
    const std::string object = pickle(dict({{"w", tensor(storage("FloatStorage", "0", 3), 1, {2}, {1})}}));
    const auto archive = [&](const std::string& order, const std::string& data) {
        return zip({{"net/data.pkl", object}, {"net/byteorder", order}, {"net/data/0", data}});
    };
    EXPECT_EQ(loaded(parsed(archive("little", raw({1.0F, 2.0F, 3.0F}))), "w").values, (Floats{2, 3}));
    EXPECT_EQ(loaded(parsed(archive("big", "\x3f\x80\0\0\x40\0\0\0\xc0\0\0\0"s)), "w").values, (Floats{2, -2}));
    expect_refusal(archive("middle", std::string(12, '\0')), "expected \"little\" or \"big\", found \"middle\"");
    expect_refusal(archive("little", std::string(11, '\0')),
                   "\"net/data/0\": expected 3 numbers of float32, found 11 bytes");
    expect_refusal(zip({{"net/data.pkl", object}}), "\"net/data/0\" is not in the archive");
    expect_refusal(zip({{"net/data.pkl", object}, {"net/constants.pkl", ""}}), "TorchScript");
    expect_refusal(zip({{"net/other", object}}), "found neither");
    EXPECT_EQ(loaded(parsed(zip({{"data.pkl", object}, {"data/0", raw({1.0F, 2.0F, 3.0F})}})), "w").values,
              (Floats{2, 3}));
}

}  // namespace
}  // namespace convlens::pth
