// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace daybook {
namespace {

using namespace std::string_literals;

TEST(Hex, IsLowerCaseAndReadsEither) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0x1F, 0xAB}), "001fab");
  EXPECT_EQ(from_hex("001FaB"), (Bytes{0x00, 0x1F, 0xAB}));
  EXPECT_EQ(from_hex(""), Bytes());
}

TEST(Hex, RefusesOddLengthsAndOtherCharacters) {
  for (const std::string_view text : {"0", "abc", "0g", "g0", " 0", "0x", "-1"}) {
    EXPECT_FALSE(from_hex(text)) << text;
  }
}

TEST(Base64, GivesThePublishedValues) {
  // RFC 4648, section 10.
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(to_base64(as_bytes(plain)), coded);
    const auto back = from_base64(coded);
    ASSERT_TRUE(back) << coded;
    EXPECT_EQ(as_text(*back), plain);
  }
  EXPECT_EQ(to_base64(Bytes{0xFB, 0xFF, 0xFE}), "+//+");
}

TEST(Base64, IsStrict) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9v=", "Zm 9",
                                      "Zm9v\n", "Zg==Zg==", "-_-_", "Zm8=Zm8=", "Zh==", "Zm9="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

RC_GTEST_PROP(Base64, RoundTrips, (const Bytes& bytes)) {
  RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
}

RC_GTEST_PROP(Hex, RoundTrips, (const Bytes& bytes)) {
  RC_ASSERT(from_hex(to_hex(bytes)) == bytes);
}

TEST(Utf8, KnowsGoodFromBad) {
  for (const std::string& good :
       {""s, "plain ascii, long enough for words"s, "\0"s, "h\xC3\xA9llo"s, "\xE2\x82\xAC"s,
        "\xF0\x9F\x98\x80"s, "\xF4\x8F\xBF\xBF"s, "\xED\x9F\xBF"s, "\xEF\xBF\xBF"s}) {
    EXPECT_TRUE(is_utf8(good)) << to_hex(as_bytes(good));
  }
  for (const std::string& bad :
       {"\x80"s, "\xC3"s, "abcdefgh\xC3"s, "\xC0\xAF"s, "\xE0\x80\xAF"s, "\xED\xA0\x80"s,
        "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s, "\xE2\x82"s, "\xF0\x9F\x98"s}) {
    EXPECT_FALSE(is_utf8(bad)) << to_hex(as_bytes(bad));
    EXPECT_FALSE(is_plain_text(bad)) << to_hex(as_bytes(bad));
  }
}

TEST(PlainText, HasNoControlCharacterAnywhere) {
  for (const std::string& base : {"0123456789abcdef?"s, "0123456\xC3\xA9 9abcdef"s}) {
    EXPECT_TRUE(is_plain_text(base));
    for (int c = 0; c < 0x80; ++c) {
      for (std::size_t at = 0; at <= base.size(); ++at) {
        if (at == 8 && base.size() > at && base[7] == '\xC3') continue;  // inside a character
        std::string text = base;
        text.insert(at, 1, static_cast<char>(c));
        const bool control = c < 0x20 || c == 0x7F;
        ASSERT_EQ(is_plain_text(text), !control) << "character " << c << " at " << at;
        ASSERT_TRUE(is_utf8(text));
      }
    }
  }
}

}  // namespace
}  // namespace daybook
