// SPDX-License-Identifier: Apache-2.0
//
// What one event costs the processor, step by step: daybook_microbench.
#include <array>

#include <benchmark/benchmark.h>

#include "base/crc32c.h"
#include "base/json.h"
#include "base/sha256.h"
#include "bench/payload.h"
#include "ledger/envelope.h"
#include "ledger/merkle.h"

namespace {

using daybook::ByteView;
using daybook::bench::ring;

void crc32c_event(benchmark::State& state) {
  std::uint64_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(daybook::crc32c(daybook::as_bytes(ring().payload(next++))));
  }
  state.SetBytesProcessed(state.iterations() * daybook::bench::kPayloadBytes);
}
BENCHMARK(crc32c_event);

void sha256_event(benchmark::State& state) {
  std::uint64_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(daybook::sha256(daybook::as_bytes(ring().payload(next++))));
  }
  state.SetBytesProcessed(state.iterations() * daybook::bench::kPayloadBytes);
}
BENCHMARK(sha256_event);

void commitment(benchmark::State& state) {
  const std::array<std::uint8_t, 16> salt{1, 2, 3};
  std::uint64_t next = 0;
  for (auto _ : state) {
    const ByteView data = daybook::as_bytes(ring().payload(next++));
    benchmark::DoNotOptimize(daybook::sha256({salt, data}));
  }
}
BENCHMARK(commitment);

// What a record's envelope is for an event of the ring.
daybook::Bytes envelope_of(const daybook::NewEvent& event) {
  daybook::Bytes bytes(daybook::envelope_bytes(event, "laptop/daybook", 0));
  const daybook::EnvelopeDraft draft{.form = daybook::format::DataForm::Inline,
                                     .data_bytes = event.data.size(),
                                     .source = "laptop/daybook"};
  daybook::encode_envelope(event, draft, bytes.data());
  return bytes;
}

void encode_envelope(benchmark::State& state) {
  std::uint64_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(envelope_of(ring().events(next++, 1)[0]));
}
BENCHMARK(encode_envelope);

void leaf_hash(benchmark::State& state) {
  const daybook::Bytes envelope = envelope_of(ring().events(0, 1)[0]);
  for (auto _ : state) benchmark::DoNotOptimize(daybook::leaf_hash(envelope));
}
BENCHMARK(leaf_hash);

void tree_append(benchmark::State& state) {
  const daybook::Digest leaf = daybook::lost_leaf_hash(daybook::kFirstSeq);
  daybook::Peaks peaks;
  for (auto _ : state) peaks.append(leaf);
  benchmark::DoNotOptimize(peaks.root());
}
BENCHMARK(tree_append);

void check_json_event(benchmark::State& state) {
  std::uint64_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(daybook::check_json(ring().payload(next++)).has_value());
  }
  state.SetBytesProcessed(state.iterations() * daybook::bench::kPayloadBytes);
}
BENCHMARK(check_json_event);

}  // namespace

BENCHMARK_MAIN();
