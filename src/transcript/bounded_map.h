// SPDX-License-Identifier: Apache-2.0
//
// A map by text of bounded size: one more entry drops the oldest. What a hostile
// or endless file may fill stands in one of these. Iterates oldest first.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace daybook::transcript {

template <class Value>
class BoundedMap {
 public:
  explicit BoundedMap(std::size_t limit) : limit_(limit) {}

  // Null when there is none. Valid until the entry is taken, replaced or dropped.
  [[nodiscard]] Value* find(std::string_view key) {
    const auto found = numbers_.find(key);
    return found == numbers_.end() ? nullptr : &entries_.find(found->second)->second.second;
  }

  // An entry that exists is replaced and keeps its age.
  Value& put(std::string_view key, Value value) {
    if (Value* existing = find(key)) return *existing = std::move(value);
    if (entries_.size() >= limit_) erase(entries_.begin()->second.first);
    numbers_.emplace(std::string(key), next_);
    return entries_.emplace(next_++, std::pair{std::string(key), std::move(value)})
        .first->second.second;
  }

  void erase(std::string_view key) {
    const auto found = numbers_.find(key);
    if (found == numbers_.end()) return;
    const std::uint64_t number = found->second;
    numbers_.erase(found);
    entries_.erase(number);
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  // Calls visit(key, value), oldest first.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [number, entry] : entries_) visit(entry.first, entry.second);
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::size_t limit_;
  std::uint64_t next_ = 0;
  std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> numbers_;
  std::map<std::uint64_t, std::pair<std::string, Value>> entries_;  // by age
};

}  // namespace daybook::transcript
