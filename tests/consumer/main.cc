// SPDX-License-Identifier: Apache-2.0
//
// What a user of the installed library writes first: make a ledger in the
// directory given, append an event and one that it caused, read them back and
// verify.
#include <daybook/ledger.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace {

// Ends the program with the error when there is one.
template <class T>
T must(daybook::Result<T> result, const char* what) {
  if (!result) {
    std::fprintf(stderr, "%s: %s\n", what, result.error().message.c_str());
    std::exit(1);
  }
  return std::move(*result);
}

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  expect(argc == 2, "one argument, the ledger's directory");
  auto ledger = must(daybook::Ledger::create(argv[1]), "create");

  daybook::NewEvent asked{.stream = "session/one", .type = "asked", .data = R"({"text":"hello"})"};
  const auto first = must(ledger.append(asked), "append");
  daybook::NewEvent answered{.stream = "session/one", .type = "answered"};
  answered.causes = {first.id};
  const auto second = must(ledger.append(answered), "append");
  expect(second.seq == first.seq.next() && second.version == daybook::Version{2},
         "gapless positions");

  const auto event = must(ledger.read(second.seq), "read");
  expect(event.type == "answered" && event.causes == answered.causes, "the event reads back");
  expect(must(ledger.data(must(ledger.find(first.id), "find")), "data") == asked.data,
         "the data reads back");
  expect(must(ledger.verify(), "verify").ok(), "the ledger verifies");
  std::printf("%s\n", daybook::to_string(second.id).c_str());
}
