// SPDX-License-Identifier: Apache-2.0
#include "support/disk_model.h"

#include <algorithm>
#include <set>

namespace daybook::testing {
namespace {

constexpr std::uint64_t kSectorBytes = 512;

// How a power loss treats unflushed changes as a whole. The extremes and an
// ordered cut hide in the fully mixed case too, but too rarely to be met.
enum class Mood : std::uint8_t { NothingLost, AllLost, CutInOrder, Mixed };

Mood draw_mood(Random& random) {
  switch (random.below(6)) {
    case 0:
      return Mood::NothingLost;
    case 1:
      return Mood::AllLost;
    case 2:
      return Mood::CutInOrder;
    default:
      return Mood::Mixed;
  }
}

// For each of `count` changes whether it may survive.
std::vector<bool> draw_survivors(std::size_t count, Mood mood, Random& random) {
  std::vector<bool> survives(count, mood == Mood::NothingLost);
  if (mood == Mood::CutInOrder) {
    std::fill_n(survives.begin(), random.between(0, count), true);
  } else if (mood == Mood::Mixed) {
    for (std::size_t i = 0; i < count; ++i) survives[i] = random.chance(65);
  }
  return survives;
}

void put(Bytes& content, std::uint64_t offset, ByteView bytes) {
  if (bytes.empty()) return;
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
}

void put_some_sectors(Bytes& content, const WriteChange& write, Random& random) {
  const std::uint64_t end = write.offset + write.bytes.size();
  for (std::uint64_t at = write.offset; at < end;) {
    const std::uint64_t next = std::min(end, (at / kSectorBytes + 1) * kSectorBytes);
    if (random.chance(50)) {
      put(content, at, ByteView(write.bytes).subspan(at - write.offset, next - at));
    }
    at = next;
  }
}

void put_torn(Bytes& content, const WriteChange& write, Random& random) {
  const std::uint64_t cut = random.between(0, write.bytes.size());
  switch (random.below(3)) {
    case 0:
      return put(content, write.offset, ByteView(write.bytes).first(cut));
    case 1:
      return put(content, write.offset + cut, ByteView(write.bytes).subspan(cut));
    default:
      return put_some_sectors(content, write, random);
  }
}

void apply(Bytes& content, const FileChange& change) {
  if (const auto* write = std::get_if<WriteChange>(&change)) {
    put(content, write->offset, write->bytes);
  } else {
    content.resize(std::get<TruncateChange>(change).size);
  }
}

// The durable bytes after an unknown part of the pending changes got through.
Bytes after_power_loss(const FileNode& file, Random& random) {
  const Mood mood = draw_mood(random);
  const std::vector<bool> survives = draw_survivors(file.pending.size(), mood, random);
  Bytes content = file.durable;
  for (std::size_t i = 0; i < file.pending.size(); ++i) {
    const auto* write = std::get_if<WriteChange>(&file.pending[i]);
    const bool last_of_cut = mood == Mood::CutInOrder && survives[i] &&
                             (i + 1 == file.pending.size() || !survives[i + 1]);
    const bool torn = last_of_cut || (mood == Mood::Mixed && random.chance(40));
    if (!survives[i]) continue;
    if (write != nullptr && torn) {
      put_torn(content, *write, random);
    } else {
      apply(content, file.pending[i]);
    }
  }
  return content;
}

// Growth is a change of its own: the size may be ahead of the bytes or behind.
void disturb_size(Bytes& content, const FileNode& file, Random& random) {
  const std::size_t low = std::min(file.durable.size(), content.size());
  const std::size_t high = std::max(file.current.size(), content.size());
  switch (random.below(6)) {
    case 0:
      return content.resize(std::max(content.size(), file.current.size()));
    case 1:
      return content.resize(low);
    case 2:
      return content.resize(random.between(low, high));
    default:
      return;
  }
}

// Visits everything reachable from a directory's current names.
template <class Visit>
void for_each_file(const DirectoryNode& directory, Visit visit) {
  for (const auto& [name, node] : directory.current) {
    if (const auto* file = std::get_if<std::shared_ptr<FileNode>>(&node)) {
      visit(**file);
    } else {
      for_each_file(*std::get<std::shared_ptr<DirectoryNode>>(node), visit);
    }
  }
}

void restore_durable_names(DirectoryNode& directory) {
  directory.current = directory.durable;
  for (const auto& [name, node] : directory.current) {
    if (const auto* child = std::get_if<std::shared_ptr<DirectoryNode>>(&node)) {
      restore_durable_names(**child);
    }
  }
}

// Copies nodes, each once: a node may stand under an old and a new name.
class Cloner {
 public:
  std::shared_ptr<DirectoryNode> copy(const std::shared_ptr<DirectoryNode>& from) {
    auto& to = directories_[from.get()];
    if (to) return to;
    to = std::make_shared<DirectoryNode>();
    const auto result = to;  // the map may move its entries below
    result->current = copy(from->current);
    result->durable = copy(from->durable);
    return result;
  }

  Node copy(const Node& node) {
    if (const auto* directory = std::get_if<std::shared_ptr<DirectoryNode>>(&node)) {
      return copy(*directory);
    }
    const auto& from = std::get<std::shared_ptr<FileNode>>(node);
    auto& to = files_[from.get()];
    if (!to) {
      to = std::make_shared<FileNode>(*from);
      to->lock_holder = 0;  // handles are not copied
    }
    return to;
  }

 private:
  Names copy(const Names& names) {
    Names copies;
    for (const auto& [name, node] : names) copies.emplace(name, copy(node));
    return copies;
  }

  std::map<const DirectoryNode*, std::shared_ptr<DirectoryNode>> directories_;
  std::map<const FileNode*, std::shared_ptr<FileNode>> files_;
};

}  // namespace

void FileNode::write(std::uint64_t offset, ByteView bytes) {
  if (bytes.empty()) return;
  ++changes;
  put(current, offset, bytes);
  pending.emplace_back(WriteChange{.offset = offset, .bytes = Bytes(bytes.begin(), bytes.end())});
}

void FileNode::truncate(std::uint64_t size) {
  ++changes;
  current.resize(size);
  pending.emplace_back(TruncateChange{size});
}

FileStamp FileNode::stamp() const {
  return {.size = current.size(), .modified = Timestamp{changes}, .inode = number};
}

void FileNode::sync() {
  // Replayed rather than copied from `current`: after a lost flush, bytes that
  // nobody wrote again are in `current` and still not on the disk.
  for (const FileChange& change : pending) apply(durable, change);
  pending.clear();
}

void FileNode::lose_pending(Random& random) {
  durable = after_power_loss(*this, random);
  pending.clear();
}

void FileNode::crash(Random& random) {
  if (!pending.empty()) {
    Bytes content = after_power_loss(*this, random);
    disturb_size(content, *this, random);
    durable = std::move(content);
    pending.clear();
  }
  current = durable;
  lock_holder = 0;
}

DiskModel DiskModel::clone() const {
  Cloner cloner;
  DiskModel copy;
  copy.root_ = cloner.copy(root_);
  copy.files_made_ = files_made_;
  for (const NameChange& change : pending_) {
    NameChange copied;
    for (const Assignment& part : change) {
      std::optional<Node> node;
      if (part.node) node = cloner.copy(*part.node);
      copied.push_back(
          {.directory = cloner.copy(part.directory), .name = part.name, .node = std::move(node)});
    }
    copy.pending_.push_back(std::move(copied));
  }
  return copy;
}

void DiskModel::change_names(NameChange change) {
  for (const Assignment& part : change) {
    if (part.node) {
      part.directory->current.insert_or_assign(part.name, *part.node);
    } else {
      part.directory->current.erase(part.name);
    }
  }
  pending_.push_back(std::move(change));
}

void DiskModel::sync_names(const DirectoryNode& directory) {
  std::vector<bool> chosen;
  chosen.reserve(pending_.size());
  for (const NameChange& change : pending_) {
    chosen.push_back(std::ranges::any_of(
        change, [&](const Assignment& part) { return part.directory.get() == &directory; }));
  }
  settle_names(with_earlier(std::move(chosen)));
}

std::uint64_t DiskModel::used_bytes() const {
  std::uint64_t total = 0;
  for_each_file(*root_, [&](const FileNode& file) { total += file.current.size(); });
  return total;
}

void DiskModel::crash(Random& random) {
  settle_names(with_earlier(draw_survivors(pending_.size(), draw_mood(random), random)));
  pending_.clear();
  restore_durable_names(*root_);
  for_each_file(*root_, [&](FileNode& file) { file.crash(random); });
}

// Applies the chosen changes to the durable names and forgets them.
void DiskModel::settle_names(const std::vector<bool>& chosen) {
  std::vector<NameChange> left;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (!chosen[i]) {
      left.push_back(std::move(pending_[i]));
      continue;
    }
    for (const Assignment& part : pending_[i]) {
      if (part.node) {
        part.directory->durable.insert_or_assign(part.name, *part.node);
      } else {
        part.directory->durable.erase(part.name);
      }
    }
  }
  pending_ = std::move(left);
}

// A change brings along the earlier ones that touch one of its names.
std::vector<bool> DiskModel::with_earlier(std::vector<bool> chosen) const {
  std::set<std::pair<const DirectoryNode*, std::string>> needed;
  for (std::size_t i = pending_.size(); i-- > 0;) {
    const auto is_needed = [&](const Assignment& part) {
      return needed.contains({part.directory.get(), part.name});
    };
    if (!chosen[i]) chosen[i] = std::ranges::any_of(pending_[i], is_needed);
    if (!chosen[i]) continue;
    for (const Assignment& part : pending_[i]) needed.insert({part.directory.get(), part.name});
  }
  return chosen;
}

}  // namespace daybook::testing
