/// engine/io/pth_format.h, through TensorFile: what is refused
#include <gtest/gtest.h>

#include "tests/unit/pth_bytes.h"

namespace convlens::pth {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(PthHostile, NoticesAStorageThatWasChanged) {
    std::string file = text_at(folder / "largenet_zip.pth");
    file[3000] ^= 1;  // Within conv2.weight: the archive's checksum tells.
    EXPECT_NE(refusal(file).find("largenet_zip/data/2"), std::string::npos);
}

TEST(PthHostile, RefusesEveryOtherGlobalAndOpcodeByName) {
    expect_refusal(pickle(global("posix", "system") + tuple({text("true")}) + "R"),
                   "\"posix.system\", which is not allowed");
    expect_refusal(pickle(global("torch", "load")), "\"torch.load\"");
    expect_refusal(pickle(text("builtins") + text("eval") + "\x93"), "\"builtins.eval\"");
    expect_refusal(pickle(global("torch", "FloatStorage") + ")R"), "torch.FloatStorage is called");
    expect_refusal("\x80\x02iposix\nsystem\n.", "opcode INST");
    for (const auto& [opcode, name] : {std::pair{"\x81"sv, "NEWOBJ"},
                                       {"o", "OBJ"},
                                       {"P", "PERSID"},
                                       {"\x82", "EXT1"},
                                       {"\x92", "NEWOBJ_EX"},
                                       {"2", "DUP"},
                                       {"\x97", "NEXT_BUFFER"}})
        expect_refusal(pickle(std::string(opcode)), fmt::format("at byte 2 the opcode {},", name));
    expect_refusal(pickle("\xff"), "unknown opcode 0xff");
    expect_refusal("\x80\x09N.", "protocol 2 to 5, found 9");
    expect_refusal(pickle("N"), "0x1950a86a20f9469cfc6c");
}

TEST(PthHostile, RefusesPicklesThatUseWhatIsNotThere) {
    for (const std::string& broken : {""s,
                                      "("s,
                                      "t"s,
                                      "\x85"s,
                                      "h\5"s,
                                      "q\1"s,
                                      "N\x94h\1"s,
                                      "Na"s,
                                      "]Ns"s,
                                      "]N}u"s,
                                      "}(Nu"s,
                                      "}NNs("s,
                                      "NR"s,
                                      "NNR"s,
                                      "N}b"s,
                                      "NQ"s,
                                      ")Q"s,
                                      "(Na"s,
                                      "(0"s,
                                      "X\xff\xff\xff\xff"s,
                                      "\x8d\xff\xff\xff\xff\xff\xff\xff\x7f"s,
                                      "NN\x93"s,
                                      "r\xff\xff\xff\xff"s,
                                      "Nr\xff\xff\xff\xff"s,
                                      "e"s,
                                      "u"s,
                                      "(e"s,
                                      "(u"s,
                                      "c"s,
                                      "cposix"s,
                                      "cposix\nsystem"s})
        EXPECT_NE(refusal(pickle(broken)), "") << broken;
    EXPECT_NE(refusal("\x80\x02N"), "");
    expect_refusal(pickle(fmt::format("Nr{}", raw({1'000'000U}))), "memo index 1000000 is far beyond the last one, 0");
}

TEST(PthHostile, RefusesTensorsThatDoNotLieInTheirStorage) {
    const auto expect = [](const std::string& w, std::string_view part) { expect_refusal(legacy_w(w), part); };
    expect(tensor(six, 0, {7}, {1}), "a tensor of 7 from number 0 on does not lie within the 6 numbers");
    expect(tensor(six, 6, {1}, {1}), "does not lie within");
    expect(tensor(six, 6, {}, {}), "does not lie within");
    expect(tensor(six, 0, {2, 2}, {5, 1}), "does not lie within");
    expect(tensor(six, 0, {2147483647, 2147483647, 2147483647}, {1, 1, 2147483647}), "does not lie within");
    expect(tensor(six, -1, {1}, {1}), "negative offset -1");
    expect(tensor(six, 0, {-1}, {1}), "the shape has the negative number -1");
    expect(tensor(six, 5, {2}, {-1}), "negative number -1");
    expect(tensor(six, 0, {2, 2}, {1}), "2 extents but 1 strides");
    expect(tensor(six, 0, {2000, 2000}, {0, 0}), "is expanded from only 6 numbers");
    expect(tensor(six, 0, {2147483647, 2147483647, 2147483647}, {0, 0, 0}), "is expanded");
    expect(tensor(six, 0, std::vector<int>(9, 1), std::vector<int>(9, 1)), "at most 8 dimensions");
    expect(tensor("N", 0, {1}, {1}), "something other than a storage");
    expect(tensor(storage("FloatStorage", "7", -6), 0, {1}, {1}), "-6 numbers");
    expect(tensor(storage("Size", "7", 6), 0, {1}, {1}), "described by something other");
    expect(tensor(storage("FloatStorage", std::string(300, 'k'), 6), 0, {1}, {1}), "key has 300 bytes");
}

TEST(PthHostile, RefusesStoragesThatTheStreamDoesNotHold) {
    const std::string w = dict({{"w", tensor(six, 0, {6}, {1})}}), data(24, '\0');
    expect_refusal(legacy(w, {}), "the storage \"7\" is not in the file");
    expect_refusal(legacy(w, {{"8", 6, data}}), "no tensor belongs to the storage \"8\"");
    expect_refusal(legacy(w, {{"7", 5, data}}), "has 5 numbers, expected 6");
    expect_refusal(legacy(w, {{"7", std::uint64_t{1} << 62U, data}}), "has 4611686018427387904 numbers, expected 6");
    expect_refusal(legacy(w, {{"7", 6, data}, {"7", 6, data}}), "occurs twice");
    expect_refusal(legacy(w, {{"7", 6, data.substr(1)}}), "the file ends within the storage \"7\"");
    const std::string many = tensor(storage("DoubleStorage", "7", 2147483647), 0, {1}, {1});
    expect_refusal(legacy(dict({{"w", many}}), {{"7", 2147483647, data}}), "the file ends within");
    const std::string other = tensor(storage("IntStorage", "7", 6), 0, {6}, {1});
    expect_refusal(legacy(tuple({tensor(six, 0, {6}, {1}), other}), {{"7", 6, data}}), "two different descriptions");
    expect_refusal(legacy("N", {}), "found none");
}

TEST(PthHostile, EndsWhereDictsContainThemselvesOrOneAnotherManyTimes) {
    const std::string w = tensor(six, 0, {6}, {1});
    const auto refused = [&](const std::string& value, std::string_view part) {
        std::vector<Stored> storages;
        if (value.find("FloatStorage") != std::string::npos) storages.push_back({"7", 6, std::string(24, '\0')});
        expect_refusal(legacy(value, storages), part);
    };
    refused("}q\1" + text("a") + "h\1s", "nested deeper than 16");
    refused("]q\1h\1a", "nested deeper than 16");
    refused(std::string(100'000, ']') + std::string(99'999, 'a'), "nested deeper than 16");
    // Lists of ten of the list before: 10^8 tensors.
    const auto tenfold = [](std::string lists) {
        for (char i = 1; i < 9; ++i) {
            lists += "](";
            for (int k = 0; k < 10; ++k) lists += {'h', i};
            lists += {'e', 'q', static_cast<char>(i + 1)};
        }
        return lists;
    };
    refused(tenfold(w + "q\1"), "more than 65536 tensors");
    refused(tenfold("]q\1"), "hold more than 1000000 values");
    refused(std::string(1'000'001, 'N'), "more than 1000000 values");
    // Leaves count, too: a list of many numbers, many times.
    std::string leaves = "](](" + std::string(2000, 'N') + "eq\1";
    for (int i = 0; i < 1000; ++i) leaves += "h\1";
    refused(leaves + "e", "hold more than 1000000 values");
    // Long keys before 32768 short ones.
    std::string keyed = "](" + w + "q\1";
    for (int i = 1; i < 32'768; ++i) keyed += "h\1";
    const std::string long_key(300, 'k');
    refused(dict({{long_key, dict({{long_key, keyed + "e"}})}}), "keys of its tensors have more than");
}

TEST(PthHostile, RefusesHostileFilesInOneSentenceAndAtOnce) {
    for (const char* name :
         {"runs_a_command.pth", "runs_a_command_zip.pth", "truncated_0.pth", "truncated_1.pth", "truncated_30.pth",
          "truncated_20736.pth", "truncated_41472.pth", "legacy_truncated.pth"}) {
        SCOPED_TRACE(name);
        const auto file = TensorFile::open(folder / "hostile" / name);
        ASSERT_FALSE(file);
        expect_sentence(file.error().message, name);
    }
    EXPECT_FALSE(std::filesystem::exists("/tmp/convlens_was_here"));
    const std::string tar = std::string(257, '\0') + "ustar\0"s + std::string(250, '\0');
    expect_refusal(tar, "tar archive");
}

TEST(PthHostile, RefusesEveryFileCutShortWhereverItIsCut) {
    const std::string object = dict({{"w", tensor(storage("FloatStorage", "0", 2), 0, {2}, {1})}});
    const std::string data = raw({1.0F, 2.0F});
    for (const std::string& whole :
         {zip({{"net/data.pkl", pickle(object)}, {"net/data/0", data}}), legacy(object, {{"0", 2, data}})}) {
        ASSERT_EQ(refusal(whole), "");
        for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
    }
}

TEST(PthHostile, SurvivesEveryByteChanged) {
    const std::string object = dict({{"w", tensor(storage("FloatStorage", "0", 2), 0, {2}, {1})}});
    const std::string data = raw({1.0F, 2.0F});
    std::size_t refused = 0;
    for (const std::string& whole :
         {zip({{"net/data.pkl", pickle(object)}, {"net/data/0", data}}), legacy(object, {{"0", 2, data}})})
        for (std::size_t at = 0; at < whole.size(); ++at)
            for (const char flip : {'\x01', '\x80', '\xff'}) {
                std::string changed = whole;
                changed[at] ^= flip;
                refused += refusal(changed).empty() ? 0 : 1;
            }
    EXPECT_GT(refused, 800U);
}

}  // namespace
}  // namespace convlens::pth
