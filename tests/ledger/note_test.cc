// SPDX-License-Identifier: Apache-2.0
//
// Signed notes, checkpoints and verifier keys: published bytes are reproduced,
// and everything that is not exactly a checkpoint is refused.
#include "ledger/note.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/text.h"
#include "ledger/merkle.h"

namespace daybook {
namespace {

constexpr std::string_view kSeedHex =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr std::string_view kOrigin = "example.com/replaylog";
constexpr std::string_view kLogKey =
    "example.com/replaylog+be6dbb92+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
constexpr std::string_view kWitnessKey =
    "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
constexpr std::string_view kBody =
    "example.com/replaylog\n"
    "8\n"
    "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";
constexpr std::string_view kLogLine =
    "— example.com/replaylog vm27kplrAnMdIs5K8w3k5bWkPQe/zbHV7rDiWEil3KFU9ZUR55g1/yaSSJHHxdyOhWno"
    "jfzZugT0D3R6B06ydqUG5AY=\n";
constexpr std::string_view kWitnessLine =
    "— witness.example/w1 IDJKvgAAAABpVbkAESgAi/HuNmwYZFgQu6oMM4GW5CzW3CBaE5KCJ8q/buhY/FUaPRV+d7hh"
    "vnQ7L6QbsZ6onbzC84FoloyWHM6UAg==\n";

Ed25519Seed seed() {
  Ed25519Seed result;
  std::ranges::copy(from_hex(kSeedHex).value(), result.begin());
  return result;
}

TreeHead head() {
  return {8,
          parse_digest("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328").value()};
}

VerifierKey log_key() { return parse_verifier_key(kLogKey).value(); }

std::string text(std::initializer_list<std::string_view> parts) {
  std::string result;
  for (const std::string_view part : parts) result += part;
  return result;
}

std::string replaced(std::string in, std::string_view from, std::string_view to) {
  const std::size_t at = in.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return in.replace(at, from.size(), to);
}

void expect_malformed(const std::string& checkpoint) {
  const auto parsed = parse_checkpoint(checkpoint);
  ASSERT_FALSE(parsed.has_value()) << checkpoint;
  EXPECT_EQ(parsed.error().code, Errc::Corruption) << parsed.error().message;
  const auto verified = verify_checkpoint(checkpoint, log_key());
  ASSERT_FALSE(verified.has_value()) << checkpoint;
  EXPECT_EQ(verified.error().code, Errc::Corruption);
}

TEST(Note, PublishedCheckpointIsReproducedByteForByte) {
  EXPECT_EQ(sign_checkpoint(kOrigin, head(), seed()).value(), text({kBody, "\n", kLogLine}));
}

TEST(Note, PublishedVerifierKeyIsReproduced) {
  const VerifierKey key = verifier_key_of(kOrigin, seed()).value();

  EXPECT_EQ(key.id, 0xbe6dbb92U);
  EXPECT_EQ(to_string(key), kLogKey);
  EXPECT_EQ(to_string(log_key()), kLogKey);
}

TEST(Note, WitnessedCheckpointVerifiesAndIsKeptWhole) {
  const std::string witnessed = text({kBody, "\n", kLogLine, kWitnessLine});

  const auto checkpoint = verify_checkpoint(witnessed, log_key());

  ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message;
  EXPECT_EQ(checkpoint->origin, kOrigin);
  EXPECT_EQ(checkpoint->head, head());
  EXPECT_EQ(checkpoint->text, witnessed);
  const SignedNote note = parse_note(witnessed).value();
  EXPECT_EQ(note.text, kBody);
  ASSERT_EQ(note.signatures.size(), 2U);
  EXPECT_EQ(note.signatures[1].name, "witness.example/w1");
  EXPECT_EQ(note.signatures[1].key_id, 0x20324abeU);
  EXPECT_EQ(note.signatures[1].bytes.size(), 72U);
}

TEST(Note, OrderOfSignaturesDoesNotMatter) {
  EXPECT_TRUE(
      verify_checkpoint(text({kBody, "\n", kWitnessLine, kLogLine}), log_key()).has_value());
}

TEST(Note, WitnessAloneIsNotTheLog) {
  const std::string witnessed = text({kBody, "\n", kWitnessLine});

  EXPECT_TRUE(parse_checkpoint(witnessed).has_value());
  const auto verified = verify_checkpoint(witnessed, log_key());
  ASSERT_FALSE(verified.has_value());
  EXPECT_EQ(verified.error().code, Errc::Corruption);
  EXPECT_NE(verified.error().message.find("example.com/replaylog+be6dbb92"), std::string::npos);
}

TEST(Note, OneBadSignatureOfTheKeySpoilsTheNote) {
  const std::string bad_line = replaced(std::string(kLogLine), "vm27kp", "vm27kq");
  const std::string both = text({kBody, "\n", kLogLine, bad_line});

  const auto verified = verify_checkpoint(both, log_key());

  ASSERT_FALSE(verified.has_value());
  EXPECT_NE(verified.error().message.find("does not hold"), std::string::npos);
}

TEST(Note, SameNameWithAnotherKeyIdSaysNothing) {
  // The id differs in its last byte: it is not the key we know.
  const std::string other_id = replaced(std::string(kLogLine), "vm27kp", "vm27k5");
  EXPECT_TRUE(parse_checkpoint(text({kBody, "\n", kLogLine, other_id})).has_value());
  EXPECT_FALSE(verify_checkpoint(text({kBody, "\n", other_id}), log_key()).has_value());
}

TEST(Note, EveryFlippedBitOfACheckpointIsNoticed) {
  const std::string good = text({kBody, "\n", kLogLine});
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      ASSERT_FALSE(verify_checkpoint(bad, log_key()).has_value()) << i << " bit " << bit;
    }
  }
}

TEST(Note, EveryTruncationOfACheckpointIsNoticed) {
  const std::string good = text({kBody, "\n", kLogLine});
  for (std::size_t length = 0; length < good.size(); ++length) {
    ASSERT_FALSE(parse_checkpoint(good.substr(0, length)).has_value()) << length;
  }
}

TEST(Note, AnotherLogsKeyIsNamedInTheError) {
  const VerifierKey other = verifier_key_of("example.com/other", seed()).value();

  const auto verified = verify_checkpoint(text({kBody, "\n", kLogLine}), other);

  ASSERT_FALSE(verified.has_value());
  EXPECT_NE(verified.error().message.find("'example.com/replaylog'"), std::string::npos);
  EXPECT_NE(verified.error().message.find("'example.com/other'"), std::string::npos);
}

TEST(Note, EveryTreeSizeHasOneSpelling) {
  const std::string good = text({kBody, "\n", kLogLine});
  for (const char* size : {"08", "+8", "-8", " 8", "8 ", "", "8.0", "0x8", "８", "00",
                           "9223372036854775808", "18446744073709551616", "8\n8x"}) {
    expect_malformed(replaced(good, "\n8\n", text({"\n", size, "\n"})));
  }
  EXPECT_TRUE(parse_checkpoint(replaced(good, "\n8\n", "\n9223372036854775807\n")).has_value());
  EXPECT_TRUE(parse_checkpoint(replaced(good, "\n8\n", "\n0\n")).has_value());
}

TEST(Note, EveryRootHasOneSpelling) {
  const std::string good = text({kBody, "\n", kLogLine});
  expect_malformed(replaced(good, "Qyg=\n", "Qyg\n"));    // padding missing
  expect_malformed(replaced(good, "Qyg=\n", "Qyh=\n"));   // leftover bits set
  expect_malformed(replaced(good, "Qyg=\n", "Qyg==\n"));  // too much padding
  expect_malformed(replaced(good, "Qyg=\n", "QygA\n"));   // 33 bytes
  expect_malformed(replaced(good, "XcnaeacG", "XcnaeacGXcna"));
  expect_malformed(replaced(good, "XcnaeacG", "Xcna eac"));
  expect_malformed(replaced(good, "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=", ""));
}

TEST(Note, MalformedNotesAreRefused) {
  const std::string good = text({kBody, "\n", kLogLine});
  expect_malformed("");
  expect_malformed("\n\n");
  expect_malformed(std::string(kBody));
  expect_malformed(text({kBody, kLogLine}));                      // no empty line
  expect_malformed(text({kBody, "\n"}));                          // no signature
  expect_malformed(text({kBody, "\n\n", kLogLine}));              // two empty lines
  expect_malformed(text({kBody, "\n", kLogLine, "\n"}));          // an empty line at the end
  expect_malformed(text({kBody, "\n", kLogLine, "trailing\n"}));  // not a signature
  expect_malformed(text({good, good}));
  expect_malformed(replaced(good, "— ", "- "));
  expect_malformed(replaced(good, "— ", "—"));
  expect_malformed(replaced(good, "— example", "—  example"));
  expect_malformed(replaced(good, "replaylog vm", "replaylog  vm"));
  expect_malformed(replaced(good, "AY=\n", "AY= \n"));
  expect_malformed(replaced(good, "8\n", "8\r\n"));
  expect_malformed(replaced(good, "example.com", "example\tcom"));
  expect_malformed(replaced(good, "example.com",
                            "example\xff"
                            "com"));
  expect_malformed(replaced(good, "example.com", std::string_view("example\0com", 11)));
  expect_malformed(text({kBody, "\n— a+b AAAAAAAA\n"}));       // plus in a key's name
  expect_malformed(text({kBody, "\n— a\u00a0b AAAAAAAA\n"}));  // a Unicode space
  expect_malformed(text({kBody, "\n— a AAAAAA==\n"}));         // a key id and no signature
  expect_malformed(text({kBody, "\n— a\n"}));
  expect_malformed(text({kBody, "\n— a \n"}));
}

TEST(Note, LimitsHold) {
  const std::string good = text({kBody, "\n", kLogLine});
  std::string many = text({kBody, "\n"});
  for (std::size_t i = 0; i < kMaxNoteSignatures; ++i) many += kLogLine;
  EXPECT_TRUE(parse_checkpoint(many).has_value());
  EXPECT_TRUE(verify_checkpoint(many, log_key()).has_value());
  expect_malformed(many + std::string(kLogLine));
  expect_malformed(text({kBody, std::string(kMaxNoteBytes, 'x'), "\n\n", kLogLine}));
  expect_malformed(text({kBody, "\n— a ", std::string(kMaxSignatureBytes + 4, 'A'), "\n"}));
  EXPECT_TRUE(parse_checkpoint(text({kBody, "\n— a ", std::string(kMaxSignatureBytes, 'A'), "\n"}))
                  .has_value());
  expect_malformed(replaced(good, "example.com", std::string(kMaxOriginBytes, 'o')));
}

TEST(Note, SixteenPostQuantumCosignaturesFit) {
  const std::string signature(6600, 'A');
  std::string note = text({kBody, "\n", kLogLine});
  for (int i = 0; i < 16; ++i) note += text({"— witness.example/pq ", signature, "\n"});

  EXPECT_TRUE(verify_checkpoint(note, log_key()).has_value());
}

TEST(Note, ExtensionLinesAreToleratedAndSigned) {
  const std::string extended = text({kBody, "timestamp 1767225600\n\n", kLogLine});

  EXPECT_EQ(parse_checkpoint(extended).value().head, head());
  EXPECT_FALSE(verify_checkpoint(extended, log_key()).has_value());
  std::string many(kBody);
  for (std::size_t i = 0; i < kMaxExtensionLines; ++i) many += "x\n";
  EXPECT_TRUE(parse_checkpoint(text({many, "\n", kLogLine})).has_value());
  expect_malformed(text({many, "x\n\n", kLogLine}));
}

TEST(Note, OriginsThatCannotBeAKeysName) {
  for (const std::string& bad :
       {std::string(), std::string("a b"), std::string("a+b"), std::string("a\nb"),
        std::string("a\u3000b"), std::string("a\xc3"), std::string(kMaxOriginBytes + 1, 'a')}) {
    EXPECT_EQ(check_origin(bad).error().code, Errc::InvalidArgument) << bad;
    EXPECT_FALSE(sign_checkpoint(bad, head(), seed()).has_value());
    EXPECT_FALSE(verifier_key_of(bad, seed()).has_value());
  }
  EXPECT_TRUE(check_origin(std::string(kMaxOriginBytes, 'a')).has_value());
  EXPECT_TRUE(check_origin("example.com/käse").has_value());
}

TEST(Note, WhatIsSignedVerifies) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, kMaxTreeSize}) {
    const TreeHead signed_head{size, size == 0 ? empty_tree_root() : head().root};
    const std::string note = sign_checkpoint("example.com/käse", signed_head, seed()).value();
    const auto checked =
        verify_checkpoint(note, verifier_key_of("example.com/käse", seed()).value());
    ASSERT_TRUE(checked.has_value()) << checked.error().message;
    EXPECT_EQ(checked->head, signed_head);
  }
  EXPECT_FALSE(sign_checkpoint(kOrigin, {kMaxTreeSize + 1, head().root}, seed()).has_value());
}

TEST(VerifierKeyText, WitnessKeysAreNotTheLogs) {
  const auto key = parse_verifier_key(kWitnessKey);

  ASSERT_FALSE(key.has_value());
  EXPECT_EQ(key.error().code, Errc::Unsupported);
}

TEST(VerifierKeyText, AnyOtherSpellingIsRefused) {
  const std::string good(kLogKey);
  for (const std::string& bad :
       {std::string(), std::string("++"), std::string("a+b"), good + "A", good + " ", " " + good,
        good.substr(0, good.size() - 4), replaced(good, "be6dbb92", "BE6DBB92"),
        replaced(good, "be6dbb92", "be6dbb93"), replaced(good, "be6dbb92", "be6dbb9"),
        replaced(good, "be6dbb92", "0be6dbb92"), replaced(good, "be6dbb92", "ge6dbb92"),
        replaced(good, "example", "sample"), replaced(good, "example.com", "exam ple"),
        replaced(good, "AQOh", "AQOi"), replaced(good, "example.com/replaylog", ""),
        std::string(100'000, '+')}) {
    const auto key = parse_verifier_key(bad);
    ASSERT_FALSE(key.has_value()) << bad.substr(0, 200);
    EXPECT_EQ(key.error().code, Errc::InvalidArgument) << bad.substr(0, 200);
    EXPECT_FALSE(key.error().hint.empty());
  }
}

}  // namespace
}  // namespace daybook
