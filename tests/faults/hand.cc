// SPDX-License-Identifier: Apache-2.0
//
// A process that uses the library as it is told, one command a line on standard input, so that a
// test can have several of them take turns. Each answer is a few lines and a line "." at its end:
//
//   open DIR [ro] [segment_bytes=N] [interval_ms=N] [lock_timeout_ms=N]
//   append STREAM COUNT BYTES sync|interval|memory   COUNT batches under way at once; "ack SEQ ID"
//   for each batch STREAM COUNT BYTES sync|interval|memory    one batch of COUNT events last |
//   version STREAM | events | status | sync | close | drop fork COMMAND        the command in a
//   child, which is given five seconds race THREADS        so many threads append while this one
//   closes
//
// "ok ..." or "error MESSAGE" says what became of it.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "daybook/ledger.h"

namespace {

using daybook::Durability;
using daybook::Ledger;

constexpr unsigned kChildSeconds = 5;
constexpr int kRaceAppends = 100;

std::optional<Ledger> ledger;

void say(const std::string& text) { std::cout << text << '\n'; }

template <class Value>
bool told(const daybook::Result<Value>& result) {
  if (result) return true;
  say("error " + result.error().message);
  return false;
}

void say_receipt(const daybook::Receipt& receipt) {
  say("ack " + std::to_string(receipt.seq.value) + " " + to_string(receipt.id));
}

Durability durability_of(const std::string& name) {
  if (name == "interval") return Durability::Interval;
  return name == "memory" ? Durability::Memory : Durability::Sync;
}

void open(std::istream& words) {
  std::string directory;
  std::string word;
  daybook::LedgerOptions options;
  words >> directory;
  while (words >> word) {
    const auto number = static_cast<std::uint32_t>(std::atol(word.c_str() + word.find('=') + 1));
    if (word == "ro") options.access = daybook::Access::ReadOnly;
    if (word.starts_with("segment_bytes=")) options.segment_bytes = number;
    if (word.starts_with("interval_ms=")) options.interval_ms = number;
    if (word.starts_with("lock_timeout_ms=")) options.lock_timeout_ms = number;
  }
  ledger.reset();
  auto opened = Ledger::open(directory, options);
  if (!told(opened)) return;
  ledger.emplace(*std::move(opened));
  say("ok");
}

std::vector<daybook::NewEvent> events_of(std::istream& words, std::string& durability) {
  static int number = 0;
  std::string stream;
  int count = 0;
  std::size_t bytes = 0;
  words >> stream >> count >> bytes >> durability;
  std::vector<daybook::NewEvent> events;
  for (int i = 0; i < count; ++i) {
    events.push_back({.stream = stream,
                      .type = "note",
                      .data = "{\"i\":" + std::to_string(number++) + ",\"pad\":\"" +
                              std::string(bytes, 'h') + "\"}"});
  }
  return events;
}

void append(std::istream& words) {
  std::string durability;
  const auto events = events_of(words, durability);
  std::vector<daybook::PendingAppend> under_way;
  for (const daybook::NewEvent& event : events) {
    under_way.push_back(
        ledger->append_async({&event, 1}, {.durability = durability_of(durability)}));
  }
  for (daybook::PendingAppend& pending : under_way) {
    if (const auto receipts = pending.wait(); told(receipts)) say_receipt(receipts->front());
  }
}

void append_batch(std::istream& words) {
  std::string durability;
  const auto events = events_of(words, durability);
  const auto receipts = ledger->append(events, {.durability = durability_of(durability)});
  if (!told(receipts)) return;
  for (const daybook::Receipt& receipt : *receipts) say_receipt(receipt);
}

void show_events() {
  auto cursor = ledger->scan();
  if (!told(cursor)) return;
  while (true) {
    const auto event = cursor->next();
    if (!told(event) || *event == nullptr) return;
    say("event " + std::to_string((*event)->seq.value) + " " + to_string((*event)->id));
  }
}

void show_status() {
  const auto status = ledger->status();
  if (!told(status)) return;
  for (const daybook::LostRange& range : status->lost) {
    say("lost " + range.file + " " + std::to_string(range.offset) + "+" +
        std::to_string(range.length));
  }
  say("ok");
}

void finish(const daybook::Result<void>& result) {
  if (told(result)) say("ok");
}

void obey(const std::string& line);

void in_child(std::istream& words) {
  std::string command;
  std::getline(words >> std::ws, command);
  std::cout.flush();
  const pid_t child = fork();
  if (child == 0) {
    alarm(kChildSeconds);
    obey(command);
    std::cout.flush();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  say(WIFSIGNALED(status) ? "child killed by signal " + std::to_string(WTERMSIG(status))
                          : "child exit " + std::to_string(WEXITSTATUS(status)));
}

void race(std::istream& words) {
  int count = 0;
  int before = 0;
  words >> count >> before;
  std::atomic<int> acknowledged = 0;
  std::atomic<int> started = 0;
  std::vector<std::thread> threads;
  for (int k = 0; k < count; ++k) {
    threads.emplace_back([&, k] {
      for (int i = 0; i < kRaceAppends; ++i) {
        const auto receipt = ledger->append({.stream = "race/" + std::to_string(k), .type = "note"},
                                            {.durability = static_cast<Durability>(i % 3)});
        acknowledged += receipt.has_value();
        ++started;
      }
    });
  }
  while (started < before) std::this_thread::yield();
  finish(ledger->close());
  for (std::thread& thread : threads) thread.join();
  say("acknowledged " + std::to_string(acknowledged));
}

void obey(const std::string& line) {
  std::istringstream words(line);
  std::string command;
  words >> command;
  if (command == "open") return open(words);
  if (command == "fork") return in_child(words);
  if (command == "drop") {
    ledger.reset();
    return say("ok");
  }
  if (!ledger) return say("error no ledger is open");
  if (command == "append") return append(words);
  if (command == "batch") return append_batch(words);
  if (command == "events") return show_events();
  if (command == "status") return show_status();
  if (command == "sync") return finish(ledger->sync());
  if (command == "close") return finish(ledger->close());
  if (command == "race") return race(words);
  std::string stream;
  words >> stream;
  if (command == "last") {
    if (const auto last = ledger->last(); told(last)) say("ok " + std::to_string(last->value));
  } else if (command == "version") {
    const auto version = ledger->stream_version(stream);
    if (told(version)) say("ok " + std::to_string(version->value));
  } else {
    say("error no command " + command);
  }
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    obey(line);
    say(".");
    std::cout.flush();
  }
  ledger.reset();  // while all that it uses is still there
}
