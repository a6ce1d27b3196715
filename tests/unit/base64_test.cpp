/// engine/core/base64.h, with the test vectors of RFC 4648, section 10.
#include "engine/core/base64.h"

#include <gtest/gtest.h>

namespace convlens {
namespace {

TEST(Base64, IsThatOfTheRfc) {
    constexpr std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                               {"f", "Zg=="},
                                                               {"fo", "Zm8="},
                                                               {"foo", "Zm9v"},
                                                               {"foob", "Zm9vYg=="},
                                                               {"fooba", "Zm9vYmE="},
                                                               {"foobar", "Zm9vYmFy"},
                                                               {"\xff\xfe\xfb", "//77"}};
    for (const auto& [plain, text] : vectors) {
        const auto bytes = std::as_bytes(std::span(std::string_view(plain)));
        EXPECT_EQ(to_base64(bytes), text);
        const auto back = from_base64(text);
        ASSERT_TRUE(back) << text;
        EXPECT_TRUE(std::ranges::equal(*back, bytes)) << text;
    }
}

TEST(Base64, RefusesOtherCharactersAndLengths) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg=a", "Z===", "Zm9v\n", "Zm-v", "=Zm9", "Zm9vZ*=="})
        EXPECT_FALSE(from_base64(text)) << text;
}

}  // namespace
}  // namespace convlens
