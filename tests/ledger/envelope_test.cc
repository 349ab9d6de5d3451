// SPDX-License-Identifier: Apache-2.0
//
// Envelopes against vectors that were worked out by hand from docs/format.md,
// in both directions, and what a reader refuses.
#include "ledger/envelope.h"

#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "base/text.h"
#include "ledger/golden.h"
#include "ledger/merkle.h"

namespace daybook {
namespace {

using testing::expect;

// An entry of tests/golden/envelope-v1.txt: its lines, several of one name in order.
struct Vector {
  std::multimap<std::string, std::string> lines;

  friend void PrintTo(const Vector& vector, std::ostream* out) { *out << vector.text("name"); }

  [[nodiscard]] std::string text(const std::string& name) const {
    const auto found = lines.find(name);
    return found == lines.end() ? std::string() : found->second;
  }
  [[nodiscard]] std::uint64_t number(const std::string& name) const {
    const std::string digits = text(name);
    return digits.empty() ? 0 : std::stoull(digits);
  }
  [[nodiscard]] Timestamp time(const std::string& name) const {
    return Timestamp{std::stoll(text(name))};
  }
  [[nodiscard]] Bytes envelope() const { return from_hex(text("envelope")).value(); }
  [[nodiscard]] Digest commitment() const {
    return text("commitment").empty() ? Digest{} : expect(parse_digest(text("commitment")));
  }
  [[nodiscard]] format::DataForm form() const {
    const std::string name = text("form");
    return name == "none"     ? format::DataForm::None
           : name == "inline" ? format::DataForm::Inline
                              : format::DataForm::Blob;
  }
  [[nodiscard]] std::vector<EventId> causes() const {
    std::vector<EventId> ids;
    const auto [from, to] = lines.equal_range("cause");
    for (auto it = from; it != to; ++it) ids.push_back(expect(parse_event_id(it->second)));
    return ids;
  }
  [[nodiscard]] NewEvent event() const {
    NewEvent event{.stream = text("stream"), .type = text("type"), .source = text("source")};
    event.actor = text("actor");
    event.subject = text("subject");
    event.correlation = text("correlation");
    event.key = text("key");
    event.tier = expect(parse_tier(text("tier")));
    event.causes = causes();
    return event;
  }
};

std::vector<Vector> read_vectors() {
  std::ifstream lines(testing::source_path("tests/golden/envelope-v1.txt"));
  std::vector<Vector> vectors;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    if (line.empty()) {
      inside = false;
      continue;
    }
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) throw std::runtime_error("not `name: value`: " + line);
    if (!inside) vectors.emplace_back();
    inside = true;
    vectors.back().lines.emplace(line.substr(0, colon), line.substr(colon + 2));
  }
  return vectors;
}

// Writes the vector's event as an append does: first what the writer knows, then
// what the commit adds. The last `in_batch` causes are those of the same batch.
Bytes encode(const Vector& vector, std::size_t in_batch) {
  NewEvent event = vector.event();
  const std::vector<EventId> causes = event.causes;
  event.causes.resize(causes.size() - in_batch);
  event.batch_causes.assign(in_batch, 0);
  const std::string source = event.source;
  const EnvelopeDraft draft{.form = vector.form(),
                            .time = vector.time("time"),
                            .commitment = vector.commitment(),
                            .data_bytes = vector.number("data_bytes"),
                            .source = source};
  Bytes bytes(envelope_bytes(event, source, causes.size()), 0xEE);  // not zero before
  encode_envelope(event, draft, bytes.data());
  for (std::size_t i = event.causes.size(); i < causes.size(); ++i) {
    patch_cause(bytes.data(), i, causes[i]);
  }
  patch_envelope(bytes.data(), {.seq = Seq{vector.number("seq")},
                                .version = Version{vector.number("version")},
                                .recorded = vector.time("recorded"),
                                .id = expect(parse_event_id(vector.text("id")))});
  return bytes;
}

class EnvelopeVectorTest : public ::testing::TestWithParam<Vector> {};

TEST_P(EnvelopeVectorTest, FieldsGiveTheBytes) {
  const std::size_t causes = GetParam().causes().size();
  for (const std::size_t in_batch : {std::size_t{0}, causes / 2, causes}) {
    EXPECT_EQ(to_hex(encode(GetParam(), in_batch)), GetParam().text("envelope"));
  }
}

TEST_P(EnvelopeVectorTest, BytesGiveTheFields) {
  const Vector& vector = GetParam();
  const Bytes bytes = vector.envelope();
  const EventView event = expect(decode_envelope(bytes));
  const NewEvent expected = vector.event();
  EXPECT_EQ(event.stream, expected.stream);
  EXPECT_EQ(event.type, expected.type);
  EXPECT_EQ(event.source, expected.source);
  EXPECT_EQ(event.actor, expected.actor);
  EXPECT_EQ(event.subject, expected.subject);
  EXPECT_EQ(event.correlation, expected.correlation);
  EXPECT_EQ(event.key, expected.key);
  EXPECT_EQ(event.tier, expected.tier);
  EXPECT_TRUE(std::ranges::equal(event.causes, expected.causes));
  EXPECT_EQ(event.seq.value, vector.number("seq"));
  EXPECT_EQ(event.version.value, vector.number("version"));
  EXPECT_EQ(event.time, vector.time("time"));
  EXPECT_EQ(event.recorded, vector.time("recorded"));
  EXPECT_EQ(to_string(event.id), vector.text("id"));
  EXPECT_EQ(event.commitment, vector.commitment());
  EXPECT_EQ(event.data_bytes, vector.number("data_bytes"));
  EXPECT_EQ(event.data_state, vector.form() == format::DataForm::None     ? DataState::None
                              : vector.form() == format::DataForm::Inline ? DataState::Inline
                                                                          : DataState::Blob);
  EXPECT_TRUE(std::ranges::equal(event.envelope, bytes));
  EXPECT_EQ(to_string(leaf_hash(bytes)), vector.text("leaf"));
}

TEST_P(EnvelopeVectorTest, ItsLengthIsInItsFields) {
  Bytes bytes = GetParam().envelope();
  const std::size_t length = bytes.size();
  EXPECT_LE(length, format::kMaxEnvelopeBytes);
  bytes.resize(length + 9, 0xEE);
  EXPECT_EQ(expect(envelope_length(bytes)), length);
  EXPECT_EQ(envelope_seq(bytes.data()).value, GetParam().number("seq"));
  EXPECT_EQ(to_string(envelope_id(bytes.data())), GetParam().text("id"));
  EXPECT_EQ(envelope_recorded(bytes.data()), GetParam().time("recorded"));
}

TEST_P(EnvelopeVectorTest, CutShortOrContinuedItIsRefused) {
  const Bytes bytes = GetParam().envelope();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto event = decode_envelope(ByteView(bytes).first(size));
    ASSERT_FALSE(event) << "cut to " << size;
    EXPECT_EQ(event.error().code, Errc::Corruption);
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode_envelope(longer));
}

INSTANTIATE_TEST_SUITE_P(V1, EnvelopeVectorTest, ::testing::ValuesIn(read_vectors()),
                         [](const auto& vector) {
                           return testing::as_test_name(vector.param.text("name"));
                         });

TEST(Envelope, VectorsSpeakOfEveryFieldAndEnd) {
  std::size_t tiers = 0;
  std::size_t forms = 0;
  std::size_t most_causes = 0;
  for (const Vector& vector : read_vectors()) {
    tiers |= 1U << static_cast<unsigned>(vector.event().tier);
    forms |= 1U << static_cast<unsigned>(vector.form());
    most_causes = std::max(most_causes, vector.causes().size());
  }
  EXPECT_GE(read_vectors().size(), 8U);
  EXPECT_EQ(tiers, 0b111U);
  EXPECT_EQ(forms, 0b111U);
  EXPECT_EQ(most_causes, kMaxCauses);
}

// One byte of a good envelope that may not be so.
struct Refusal {
  std::string_view what;
  std::size_t offset;
  std::uint8_t value;
  Errc code = Errc::Corruption;
};

TEST(Envelope, FieldsOutOfRangeAreRefused) {
  const Bytes good = read_vectors().front().envelope();
  ASSERT_TRUE(decode_envelope(good));
  const Refusal refusals[] = {
      {"an unknown version", 0, 2, Errc::Unsupported},
      {"version zero", 0, 0, Errc::Unsupported},
      {"an unknown tier", 1, 3},
      {"an unknown data form", 2, 3},
      {"a cause that is not there", 3, 1},
      {"no stream", 4, 0},
      {"a longer stream", 4, 2},
      {"no type", 6, 0},
      {"no source", 8, 0},
      {"an actor that is not there", 10, 1},
      {"a key that is not there", 16, 1},
      {"a reserved byte", 18, 1},
      {"the last reserved byte", 23, 0x80},
      {"a commitment without data", 72, 1},
      {"the end of a commitment without data", 103, 1},
      {"a length without data", 104, 1},
  };
  for (const Refusal& refusal : refusals) {
    Bytes bytes = good;
    bytes[refusal.offset] = refusal.value;
    const auto event = decode_envelope(bytes);
    ASSERT_FALSE(event) << refusal.what;
    EXPECT_EQ(event.error().code, refusal.code) << refusal.what;
  }
}

TEST(Envelope, LimitsHoldWhereTheBytesWouldFit) {
  struct Limit {
    std::size_t offset;
    std::uint16_t length;
  };
  for (const auto& [offset, length] : {Limit{4, 257}, {6, 129}, {8, 257}, {10, 257}, {16, 257}}) {
    Bytes bytes = read_vectors().front().envelope();
    const auto before = load<std::uint16_t>(bytes.data() + offset);
    store(bytes.data() + offset, length);
    bytes.insert(bytes.end(), length - before, 'x');
    EXPECT_FALSE(decode_envelope(bytes)) << "length " << length << " at " << offset;
    store(bytes.data() + offset, static_cast<std::uint16_t>(length - 1));
    bytes.pop_back();
    EXPECT_TRUE(decode_envelope(bytes)) << "length " << length - 1 << " at " << offset;
  }
  Bytes bytes = read_vectors().front().envelope();
  bytes[3] = kMaxCauses + 1;
  bytes.insert(bytes.end(), (kMaxCauses + 1) * sizeof(EventId), 1);
  EXPECT_FALSE(decode_envelope(bytes));
}

}  // namespace
}  // namespace daybook
