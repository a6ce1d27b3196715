/// engine/io/tensor_file.h
#include "engine/io/tensor_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <cmath>
#include <cstring>
#include <limits>

namespace convlens {
namespace {

const std::filesystem::path folder = CONVLENS_TEST_DATA "/golden/checkpoints";

Bytes bytes_of(std::string_view text) { return Bytes::copy_of(std::as_bytes(std::span(text))); }

TensorFile opened(const std::string& name) {
    auto file = TensorFile::open(folder / name);
    if (!file) ADD_FAILURE() << file.error().message;
    return file ? std::move(*file) : TensorFile();
}

Array loaded(const TensorFile& file, const std::string& key) {
    auto array = file.load(key);
    if (!array) ADD_FAILURE() << array.error().message;
    return array ? std::move(*array) : Array();
}

Array only_array(const std::string& text) {
    auto file = TensorFile::parse(bytes_of(text), "test");
    if (!file) ADD_FAILURE() << file.error().message;
    return file ? loaded(*file, file->arrays().at(0).key) : Array();
}

void expect_sentence(const std::string& message, std::string_view name) {
    EXPECT_TRUE(message.starts_with(name)) << message;
    EXPECT_GT(message.size(), name.size() + 10) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_FALSE(message.ends_with('.')) << message;
}

/// The message with which `text` is refused, when it is opened or when its first array is loaded.
std::string refusal(const std::string& text, std::string_view name = "test") {
    const auto file = TensorFile::parse(bytes_of(text), name);
    const auto array = file ? file->load(file->arrays().at(0).key) : tl::unexpected(file.error());
    if (array) {
        ADD_FAILURE() << "it was read";
        return "";
    }
    expect_sentence(array.error().message, name);
    return array.error().message;
}

template <class T>
std::string raw(std::initializer_list<T> values, bool big_endian = false) {
    std::string bytes;
    for (const T value : values) {
        char one[sizeof(T)];
        std::memcpy(one, &value, sizeof(T));
        if (big_endian) std::reverse(one, one + sizeof(T));
        bytes.append(one, sizeof(T));
    }
    return bytes;
}

std::string npy(std::string_view dict, std::string_view data, int version = 1) {
    std::string file = fmt::format("\x93NUMPY{}{}", static_cast<char>(version), '\0');
    const std::string text = std::string(dict) + "\n";
    file +=
        version == 1 ? raw({static_cast<std::uint16_t>(text.size())}) : raw({static_cast<std::uint32_t>(text.size())});
    return file + text + std::string(data);
}

std::string npy_of(std::string_view descr, std::string_view shape, std::string_view data,
                   std::string_view fortran = "False") {
    return npy(fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", descr, fortran, shape), data);
}

std::string safetensors(std::string_view header, std::string_view data) {
    return raw({std::uint64_t{header.size()}}) + std::string(header) + std::string(data);
}

using Shape64 = std::vector<std::int64_t>;
using Floats = std::vector<float>;

TEST(TensorFile, ReadsEveryNumberTypeOfNumPyInBothByteOrders) {
    const auto expect = [](std::string_view descr, const std::string& data, const Floats& values) {
        SCOPED_TRACE(descr);
        const Array array = only_array(npy_of(descr, fmt::format("({},)", values.size()), data));
        EXPECT_EQ(array.shape, (Shape64{static_cast<std::int64_t>(values.size())}));
        EXPECT_EQ(array.values, values);
    };
    for (const bool big : {false, true}) {
        const std::string_view o = big ? ">" : "<";
        expect(fmt::format("{}f4", o), raw({1.5F, -2.0F, 1e-40F}, big), {1.5F, -2.0F, 1e-40F});
        expect(fmt::format("{}f8", o), raw({0.1, -1e300, 3.0}, big),
               {0.1F, -std::numeric_limits<float>::infinity(), 3});
        // 1, -2, the largest 65504, the smallest 2^-24, from the table in IEEE 754 binary16's description.
        expect(fmt::format("{}f2", o), raw<std::uint16_t>({0x3c00, 0xc000, 0x7bff, 0x0001}, big),
               {1, -2, 65504, 5.9604644775390625e-8F});
        expect(fmt::format("{}i2", o), raw<std::int16_t>({-32768, 258}, big), {-32768, 258});
        expect(fmt::format("{}i4", o), raw<std::int32_t>({-65537, 16777216}, big), {-65537, 16777216});
        expect(fmt::format("{}i8", o), raw<std::int64_t>({-3, 1099511627776}, big), {-3, 1099511627776.0F});
        expect(fmt::format("{}u2", o), raw<std::uint16_t>({65535, 258}, big), {65535, 258});
        expect(fmt::format("{}u4", o), raw<std::uint32_t>({4294967295U, 1}, big), {4294967296.0F, 1});
        expect(fmt::format("{}u8", o), raw<std::uint64_t>({18446744073709551615U, 7}, big),
               {18446744073709551616.0F, 7});
    }
    expect("|i1", "\x80\x7f", {-128, 127});
    expect("|u1", "\xff\x01", {255, 1});
    expect("|b1", std::string("\0\1", 2), {0, 1});
}

TEST(TensorFile, KeepsInfinityAndNotANumber) {
    const Array array = only_array(npy_of("<f2", "(3,)", raw<std::uint16_t>({0x7c00, 0xfc00, 0x7e00})));
    ASSERT_EQ(array.values.size(), 3U);
    EXPECT_EQ(array.values[0], std::numeric_limits<float>::infinity());
    EXPECT_EQ(array.values[1], -std::numeric_limits<float>::infinity());
    EXPECT_TRUE(std::isnan(array.values[2]));
    const Array golden = loaded(opened("hostile/nan_inf.npy"), "");
    ASSERT_EQ(golden.values.size(), 525U);
    EXPECT_TRUE(std::isnan(golden.values[0]));
    EXPECT_TRUE(std::isinf(golden.values[75]));
}

TEST(TensorFile, PutsFortransOrderIntoCs) {
    // [[1, 2, 3], [4, 5, 6]] column by column.
    const Array array = only_array(npy_of("|u1", "(2, 3)", "\1\4\2\5\3\6", "True"));
    EXPECT_EQ(array.shape, (Shape64{2, 3}));
    EXPECT_EQ(array.values, (Floats{1, 2, 3, 4, 5, 6}));
}

TEST(TensorFile, ReadsAllThreeVersionsOfTheHeader) {
    for (const int version : {1, 2, 3})
        EXPECT_EQ(only_array(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", "\5\6", version)).values,
                  (Floats{5, 6}));
    for (const int version : {0, 4, 255})
        EXPECT_NE(
            refusal(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", "\5\6", version)).find("version"),
            std::string::npos);
}

TEST(TensorFile, ReadsScalarsAndEmptyArrays) {
    const Array scalar = only_array(npy_of("<f4", "()", raw({2.5F})));
    EXPECT_TRUE(scalar.shape.empty());
    EXPECT_EQ(scalar.values, Floats{2.5F});
    EXPECT_EQ(loaded(opened("hostile/rank1.npy"), "").values, Floats(5, 0.0F));
    const Array empty = loaded(opened("hostile/empty.npy"), "");
    EXPECT_EQ(empty.shape, (Shape64{0, 3, 5, 5}));
    EXPECT_TRUE(empty.values.empty());
}

TEST(TensorFile, ReadsWhatNumPyWrote) {
    const TensorFile file = opened("f32.npy");
    ASSERT_EQ(file.arrays().size(), 1U);
    EXPECT_EQ(file.arrays()[0].key, "");
    EXPECT_EQ(file.arrays()[0].dtype, "float32");
    EXPECT_EQ(file.arrays()[0].shape, (Shape64{7, 3, 5, 5}));
    const Array f32 = loaded(file, "");
    ASSERT_EQ(f32.values.size(), 525U);
    EXPECT_FLOAT_EQ(f32.values[0],
                    0.0012301534F);  // What NumPy prints of [0,0,0,0], [1,2,3,4] and [6,2,4,4].
    EXPECT_FLOAT_EQ(f32.values[75 + 69], -0.6260731F);
    EXPECT_FLOAT_EQ(f32.values[524], 0.60610676F);
    for (const char* same : {"f64.npy", "big_endian.npy", "fortran.npy"}) {
        const Array array = loaded(opened(same), "");
        EXPECT_EQ(array.shape, f32.shape) << same;
        EXPECT_EQ(array.values, f32.values) << same;
    }
    const Array f16 = loaded(opened("f16.npy"), "");
    ASSERT_EQ(f16.values.size(), 525U);
    for (std::size_t i = 0; i < 525; ++i)
        EXPECT_NEAR(f16.values[i], f32.values[i], std::abs(f32.values[i]) / 2048 + 6e-8F) << i;
    const Array u8 = loaded(opened("u8.npy"), "");
    ASSERT_EQ(u8.values.size(), 525U);
    for (std::size_t i = 0; i < 525; ++i)
        EXPECT_NEAR(u8.values[i], std::clamp(f32.values[i] * 20 + 128, 0.0F, 255.0F), 1.0F) << i;
    EXPECT_EQ(loaded(opened("kernel2d.npy"), "").values, Floats(f32.values.begin(), f32.values.begin() + 25));
    EXPECT_EQ(opened("kernel2d.npy").arrays().at(0).shape, (Shape64{5, 5}));
}

TEST(TensorFile, ReadsDeflatedArchives) {
    const TensorFile file = opened("bank.npz");
    ASSERT_EQ(file.arrays().size(), 2U);
    EXPECT_EQ(file.arrays()[0].key, "weight");
    EXPECT_EQ(file.arrays()[1].key, "bias");
    const Array whole = loaded(opened("f32.npy"), "");
    EXPECT_EQ(loaded(file, "weight").values, whole.values);
    const Array bias = loaded(file, "bias");  // The first value of each kernel.
    ASSERT_EQ(bias.values.size(), 7U);
    for (std::size_t k = 0; k < 7; ++k) EXPECT_EQ(bias.values[k], whole.values[k * 75]);
}

TEST(TensorFile, ReadsTheSameNetworkFromAStoredArchiveAndFromSafetensors) {
    const TensorFile npz = opened("largenet_expected.npz"), safe = opened("largenet.safetensors");
    ASSERT_EQ(npz.arrays().size(), 8U);
    ASSERT_EQ(safe.arrays().size(), 8U);
    EXPECT_EQ(safe.metadata(), (std::map<std::string, std::string>{{"format", "pt"}}));
    EXPECT_TRUE(npz.metadata().empty());
    for (const ArrayInfo& info : npz.arrays()) {
        SCOPED_TRACE(info.key);
        const Array a = loaded(npz, info.key), b = loaded(safe, info.key);
        EXPECT_FALSE(a.values.empty());
        EXPECT_EQ(a.shape, b.shape);
        EXPECT_EQ(a.values, b.values);
    }
    EXPECT_FLOAT_EQ(loaded(safe, "fc2.bias").values.at(0), -0.1028103F);
    const Array half = loaded(opened("half.safetensors"), "conv1.weight"), full = loaded(npz, "conv1.weight");
    EXPECT_EQ(half.shape, (Shape64{5, 3, 5, 5}));
    ASSERT_EQ(half.values.size(), full.values.size());
    for (std::size_t i = 0; i < half.values.size(); ++i) EXPECT_NEAR(half.values[i], full.values[i], 1e-4F);
}

TEST(TensorFile, ReadsSafetensorsOfEveryType) {
    const auto expect = [](std::string_view dtype, std::string_view word, const std::string& data,
                           const Floats& values) {
        SCOPED_TRACE(dtype);
        const auto text = safetensors(fmt::format(R"({{"w":{{"dtype":"{}","shape":[{}],"data_offsets":[0,{}]}}}})",
                                                  dtype, values.size(), data.size()),
                                      data);
        EXPECT_EQ(only_array(text).values, values);
        EXPECT_EQ(TensorFile::parse(bytes_of(text), "t").value().arrays().at(0).dtype, word);
    };
    expect("F32", "float32", raw({1.5F, -3.0F}), {1.5F, -3});
    expect("F16", "float16", raw<std::uint16_t>({0x3c00, 0xc000}), {1, -2});
    expect("BF16", "bfloat16", raw<std::uint16_t>({0x3f80, 0xc040}), {1, -3});
    expect("F64", "float64", raw({0.5, -0.25}), {0.5F, -0.25F});
    expect("I8", "int8", "\xff\x02", {-1, 2});
    expect("U8", "uint8", "\xff\x02", {255, 2});
    expect("I16", "int16", raw<std::int16_t>({-2, 300}), {-2, 300});
    expect("U16", "uint16", raw<std::uint16_t>({65535, 3}), {65535, 3});
    expect("I32", "int32", raw<std::int32_t>({-70000, 3}), {-70000, 3});
    expect("U32", "uint32", raw<std::uint32_t>({2147483648U, 3}), {2147483648.0F, 3});
    expect("I64", "int64", raw<std::int64_t>({-5, 3}), {-5, 3});
    expect("U64", "uint64", raw<std::uint64_t>({5, 3}), {5, 3});
    expect("BOOL", "bool", std::string("\1\0", 2), {1, 0});
}

TEST(TensorFile, RefusesHostileFilesInOneSentenceAndAtOnce) {
    for (const char* name : {"bad_magic.npy", "huge.npy", "negative.npy", "no_shape.npy", "object.npy", "rank9.npy",
                             "truncated.npy", "text.npz", "header_2_to_62.safetensors", "not_json.safetensors",
                             "offsets_negative.safetensors", "offsets_outside.safetensors",
                             "shape_mismatch.safetensors", "shape_overflow.safetensors", "truncated.safetensors"}) {
        SCOPED_TRACE(name);
        const std::clock_t begin = std::clock();
        const auto file = TensorFile::open(folder / "hostile" / name);
        const auto array = file ? file->load(file->arrays().at(0).key) : tl::unexpected(file.error());
        EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 2) << "it took much processor time";
        ASSERT_FALSE(array);
        expect_sentence(array.error().message, name);
    }
}

TEST(TensorFile, RefusesEveryFileCutShortWhereverItIsCut) {
    const std::string data = raw({1.0F, 2.0F});
    const Tensor tensor({1, 1, 1, 2}, 3);
    const auto encoded = encode_npz({{"w", tensor}}).value();
    for (const std::string& whole :
         {npy_of("<f4", "(2,)", data), safetensors(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", data),
          std::string(reinterpret_cast<const char*>(encoded.data()), encoded.size())})
        for (std::size_t size = 0; size < whole.size(); ++size) {
            SCOPED_TRACE(size);
            refusal(whole.substr(0, size));
        }
}

TEST(TensorFile, RefusesAnArchiveThatAnnouncesMoreThanItCanHold) {
    const Tensor tensor({1, 1, 8, 8}, 1);
    const auto encoded = encode_npz({{"w", tensor}}).value();
    std::string archive(reinterpret_cast<const char*>(encoded.data()), encoded.size());
    const std::size_t directory = archive.find("PK\x01\x02");
    ASSERT_NE(directory, std::string::npos);
    archive.replace(directory + 24, 4, "\xf0\xff\xff\xff");  // Uncompressed size.
    archive.replace(22, 4, "\xf0\xff\xff\xff");
    EXPECT_NE(refusal(archive).find("can't hold the declared 4294967280 bytes"), std::string::npos);
}

TEST(TensorFile, RefusesAnArchiveWhoseDataWasChanged) {
    const Tensor tensor({1, 1, 8, 8}, 1);
    const auto encoded = encode_npz({{"w", tensor}}).value();
    std::string archive(reinterpret_cast<const char*>(encoded.data()), encoded.size());
    archive[archive.find("PK\x01\x02") - 9] ^= 1;
    EXPECT_NE(refusal(archive).find("\"w\""), std::string::npos);
}

TEST(TensorFile, RefusesHeadersThatLie) {
    const std::string_view a = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
    refusal(safetensors(fmt::format("{{{},{}}}", a, a), "1234"));  // Twice the same name.
    refusal(safetensors(fmt::format(R"({{{},"b":{{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}}})", a), "123456"));
    refusal(safetensors(R"({"a":{"dtype":"F32","shape":[1]}})", "1234"));
    refusal(safetensors(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "1234"));
    refusal(safetensors(R"({"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})", "1234"));
    std::string deep;
    for (int i = 0; i < 100000; ++i) deep += R"({"a":)";
    refusal(safetensors(deep, ""));
    refusal(npy("{'descr': '<f4', 'descr': '<f4', 'shape': (1,), }", "1234"));
    refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "1234"));
    refusal(npy("not a dict", "1234"));
    EXPECT_NE(refusal(npy_of("<c8", "(1,)", "12345678")).find("complex64"), std::string::npos);
}

TEST(TensorFile, SaysOfAnArchiveWithoutItsEndThatItIsCutShort) {
    const Tensor tensor({1, 1, 8, 8}, 1);
    const auto encoded = encode_npz({{"w", tensor}}).value();
    const std::string archive(reinterpret_cast<const char*>(encoded.data()), encoded.size());
    EXPECT_NE(refusal(archive.substr(0, archive.size() - 30)).find("cut short"), std::string::npos);
}

TEST(TensorFile, SaysThatItsFileWasShortenedWhileItWasRead) {
#ifdef _WIN32
    GTEST_SKIP() << "Windows does not let a mapped file be shortened";
#endif
    const auto path = std::filesystem::path(testing::TempDir()) / "shortened.npy";
    const Tensor values({1, 1, 512, 512});
    ASSERT_TRUE(write_file(path, encode_npy(values)));
    const auto file = TensorFile::open(path);
    ASSERT_TRUE(file);
    for (const std::uintmax_t bytes : {std::filesystem::file_size(path) - 4, std::uintmax_t{5000}}) {
        std::filesystem::resize_file(path, bytes);  // in the last page, which the system does not miss; then many pages
        const auto array = file->load(file->arrays().at(0).key);
        ASSERT_FALSE(array);
        EXPECT_EQ(array.error().message, "shortened.npy: the file was shortened while it was read");
    }
    std::filesystem::remove(path);
}

TEST(TensorFile, FindsAnArrayBehindTheModulePrefixButPrefersTheExactName) {
    const Tensor plain({1, 1, 1, 1}, 1), prefixed({1, 1, 1, 2}, 2);
    const auto encoded = encode_npz({{"module.w", prefixed}, {"w", plain}, {"module.b", prefixed}}).value();
    const auto file = TensorFile::parse(Bytes::copy_of(encoded), "e");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(loaded(*file, "w").values, Floats{1});
    EXPECT_EQ(loaded(*file, "b").values, (Floats{2, 2}));
    EXPECT_EQ(loaded(*file, "module.w").values, (Floats{2, 2}));
    EXPECT_EQ(file->find("b"), &file->arrays()[2]);
    EXPECT_EQ(file->find("module.module.w"), nullptr);
    EXPECT_EQ(file->find("odule.w"), nullptr);
    EXPECT_FALSE(file->load("ule.b"));
}

TEST(TensorFile, NamesWhatIsThereWhenAnArrayIsMissing) {
    const auto array = opened("bank.npz").load("conv1");
    ASSERT_FALSE(array);
    expect_sentence(array.error().message, "bank.npz");
    for (const char* part : {"conv1", "weight", "bias"})
        EXPECT_NE(array.error().message.find(part), std::string::npos) << array.error().message;
}

TEST(TensorFile, WritesNpyAsNumPysFormatSays) {
    Tensor tensor({2, 1, 1, 3});
    for (std::size_t i = 0; i < 6; ++i) tensor.values()[i] = static_cast<float>(i) - 1.5F;
    const auto bytes = encode_npy(tensor);
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    ASSERT_EQ(text.size(), 128U + 24U);
    EXPECT_EQ(text.substr(0, 10), std::string("\x93NUMPY\x01\0\x76\0", 10));  // 0x76 = 128 - 10 bytes of header.
    const std::string dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 1, 3), }";
    EXPECT_EQ(text.substr(10, dict.size()), dict);
    EXPECT_EQ(text.find_first_not_of(' ', 10 + dict.size()), 127U);
    EXPECT_EQ(text[127], '\n');
    EXPECT_EQ(text.substr(128), raw({-1.5F, -0.5F, 0.5F, 1.5F, 2.5F, 3.5F}));
}

TEST(TensorFile, GivesTheTensorsBackThatWereEncoded) {
    Tensor weight({2, 3, 5, 4});
    for (std::size_t i = 0; i < weight.size(); ++i) weight.values()[i] = std::sin(static_cast<float>(i));
    const Tensor bias({1, 2, 1, 1}, 0.5F), none({0, 3, 1, 1});
    const auto encoded = encode_npz({{"conv1.weight", weight}, {"b\xc3\xa4r", bias}, {"none", none}});
    ASSERT_TRUE(encoded) << encoded.error().message;
    const auto file = TensorFile::parse(Bytes::copy_of(*encoded), "e");
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_EQ(file->arrays().size(), 3U);
    EXPECT_EQ(file->arrays()[0].key, "conv1.weight");
    EXPECT_EQ(loaded(*file, "conv1.weight").shape, (Shape64{2, 3, 5, 4}));
    EXPECT_EQ(loaded(*file, "conv1.weight").values, Floats(weight.values().begin(), weight.values().end()));
    EXPECT_EQ(loaded(*file, "b\xc3\xa4r").values, (Floats{0.5F, 0.5F}));
    EXPECT_EQ(loaded(*file, "none").shape, (Shape64{0, 3, 1, 1}));
    EXPECT_EQ(*encode_npz({{"b", bias}}), *encode_npz({{"b", bias}}));
    EXPECT_FALSE(encode_npz({}));
    const auto alone = TensorFile::parse(Bytes::copy_of(encode_npy(weight)), "n");
    ASSERT_TRUE(alone) << alone.error().message;
    EXPECT_EQ(loaded(*alone, "").values, Floats(weight.values().begin(), weight.values().end()));
}

TEST(TensorFile, WritesAShapeAsItsExtents) {
    EXPECT_EQ(shape_text({64, 3, 11, 11}), "64x3x11x11");
    EXPECT_EQ(shape_text({}), "scalar");
}

}  // namespace
}  // namespace convlens
