// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "base/ed25519.h"
#include "base/sha256.h"
#include "base/text.h"

namespace daybook {
namespace {

template <class Array>
Array array_of(std::string_view hex) {
  Array array{};
  const auto bytes = from_hex(hex);
  EXPECT_TRUE(bytes && bytes->size() == array.size()) << hex;
  if (bytes && bytes->size() == array.size()) std::ranges::copy(*bytes, array.begin());
  return array;
}

TEST(Sha256, GivesThePublishedValues) {
  EXPECT_EQ(to_string(sha256(ByteView())),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_string(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_string(sha256(Bytes(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesHashLikeTheWhole) {
  EXPECT_EQ(sha256({as_bytes("a"), as_bytes(""), as_bytes("bc")}), sha256(as_bytes("abc")));
  EXPECT_NE(sha256({as_bytes("bc"), as_bytes("a")}), sha256(as_bytes("abc")));
}

struct SignatureVector {
  std::string_view seed;
  std::string_view public_key;
  std::string_view message;
  std::string_view signature;
};

// RFC 8032, section 7.1, tests 1 to 3.
constexpr SignatureVector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "4"
     "6bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6"
     "594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519, GivesThePublishedSignatures) {
  for (const SignatureVector& vector : kVectors) {
    const auto seed = array_of<Ed25519Seed>(vector.seed);
    const auto message = from_hex(vector.message);
    ASSERT_TRUE(message);

    const auto key = ed25519_public_key(seed);
    const auto signature = ed25519_sign(seed, *message);

    ASSERT_TRUE(key && signature);
    EXPECT_EQ(to_hex(*key), vector.public_key);
    EXPECT_EQ(to_hex(*signature), vector.signature);
    EXPECT_TRUE(ed25519_verify(*key, *message, *signature));
  }
}

TEST(Ed25519, RefusesAnyChange) {
  const auto seed = array_of<Ed25519Seed>(kVectors[0].seed);
  const auto key = ed25519_public_key(seed);
  const Bytes message(100, 'm');
  const auto signature = ed25519_sign(seed, message);
  ASSERT_TRUE(key && signature);
  ASSERT_TRUE(ed25519_verify(*key, message, *signature));

  for (std::size_t i = 0; i < signature->size(); ++i) {
    Ed25519Signature changed = *signature;
    changed[i] ^= 1;
    EXPECT_FALSE(ed25519_verify(*key, message, changed)) << "byte " << i;
  }
  Bytes other = message;
  other.back() ^= 1;
  EXPECT_FALSE(ed25519_verify(*key, other, *signature));
  EXPECT_FALSE(ed25519_verify(*key, {}, *signature));
  Ed25519PublicKey other_key = *key;
  other_key[3] ^= 4;
  EXPECT_FALSE(ed25519_verify(other_key, message, *signature));
}

}  // namespace
}  // namespace daybook
