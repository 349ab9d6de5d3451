// SPDX-License-Identifier: Apache-2.0
#include "index/page_checks.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <unordered_map>

#include <sqlite3.h>

#include "base/bytes.h"
#include "base/crc32c.h"

namespace daybook::views {
namespace {

constexpr int kCorrupt = SQLITE_IOERR_CORRUPTFS;
constexpr sqlite3_int64 kDatabaseHeaderBytes = 100;
constexpr int kReservedAt = 20;  // in it: bytes kept free at the end of each page

using Page = std::array<std::uint8_t, kPageBytes>;

int read_below(sqlite3_file* file, void* buffer, int bytes, sqlite3_int64 offset) {
  return file->pMethods->xRead(file, buffer, bytes, offset);
}

// What is read from and written to one open file.
class Checks {
 public:
  Checks() = default;
  Checks(const Checks&) = delete;
  Checks& operator=(const Checks&) = delete;
  virtual ~Checks() = default;
  virtual int read(sqlite3_file* below, std::uint8_t* to, int bytes, sqlite3_int64 offset) = 0;
  virtual int write(sqlite3_file* below, const std::uint8_t* from, int bytes,
                    sqlite3_int64 offset) = 0;
};

// --- The database ------------------------------------------------------------

class DatabaseChecks final : public Checks {
 public:
  int read(sqlite3_file* below, std::uint8_t* to, int bytes, sqlite3_int64 offset) override {
    // A look at the header, before page 1 is read as a whole.
    if (offset + bytes <= kDatabaseHeaderBytes) {
      const int code = read_below(below, to, bytes, offset);
      const bool foreign = offset == 0 && bytes > kReservedAt && to[kReservedAt] != kPageTailBytes;
      return code == SQLITE_OK && foreign ? SQLITE_NOTADB : code;
    }
    const sqlite3_int64 within = offset % kPageBytes;
    if (within + bytes > kPageBytes) return kCorrupt;
    if (bytes == kPageBytes) return read_page(below, to, offset);
    const int code = read_page(below, page_.data(), offset - within);
    if (code == SQLITE_OK) std::copy_n(page_.data() + within, bytes, to);
    return code;
  }

  int write(sqlite3_file* below, const std::uint8_t* from, int bytes,
            sqlite3_int64 offset) override {
    if (bytes != kPageBytes || offset % kPageBytes != 0) {
      return below->pMethods->xWrite(below, from, bytes, offset);
    }
    std::copy_n(from, kChecked - sizeof(std::uint32_t), page_.data());
    store(page_.data() + kChecked - sizeof(std::uint32_t), number_of(offset));
    store(page_.data() + kChecked, crc32c(ByteView(page_).first(kChecked)));
    return below->pMethods->xWrite(below, page_.data(), bytes, offset);
  }

 private:
  static constexpr std::size_t kChecked = kPageBytes - sizeof(std::uint32_t);

  static std::uint32_t number_of(sqlite3_int64 offset) {
    return static_cast<std::uint32_t>(offset / kPageBytes + 1);
  }

  // A page that the file does not have is never asked for by a sound database.
  static int read_page(sqlite3_file* below, std::uint8_t* to, sqlite3_int64 offset) {
    const int code = read_below(below, to, kPageBytes, offset);
    if (code == SQLITE_IOERR_SHORT_READ) return kCorrupt;
    if (code != SQLITE_OK) return code;
    const bool good =
        load<std::uint32_t>(to + kChecked - sizeof(std::uint32_t)) == number_of(offset) &&
        load<std::uint32_t>(to + kChecked) == crc32c({to, kChecked});
    return good ? SQLITE_OK : kCorrupt;
  }

  Page page_{};
};

// --- The write-ahead log: https://www.sqlite.org/fileformat2.html, section 4 -------

constexpr int kLogHeaderBytes = 32;
constexpr int kFrameHeaderBytes = 24;
constexpr int kFrameBytes = kFrameHeaderBytes + kPageBytes;

std::uint32_t big_endian(const std::uint8_t* p) {
  return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}

// The log's running checksum: that of a frame goes on from the frame before.
struct LogSum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  // As it stands in a header, behind what it covers.
  static LogSum at(const std::uint8_t* p) { return {big_endian(p), big_endian(p + 4)}; }

  void add(ByteView bytes, bool big) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      const std::uint8_t* p = bytes.data() + at;
      first += (big ? big_endian(p) : load<std::uint32_t>(p)) + second;
      second += (big ? big_endian(p + 4) : load<std::uint32_t>(p + 4)) + first;
    }
  }
  friend bool operator==(const LogSum&, const LogSum&) = default;
};

struct LogHeader {
  bool big = false;  // how its checksums read the bytes
  std::array<std::uint8_t, 8> salts{};
  LogSum sum;
};

std::optional<LogHeader> decode_log_header(const std::uint8_t* p) {
  constexpr std::uint32_t kMagic = 0x377f'0682;
  if ((big_endian(p) & ~1U) != kMagic || big_endian(p + 8) != kPageBytes) return std::nullopt;
  LogHeader header{.big = (big_endian(p) & 1U) != 0, .salts = {}, .sum = {}};
  std::copy_n(p + 16, header.salts.size(), header.salts.data());
  header.sum.add({p, 24}, header.big);
  if (header.sum != LogSum::at(p + 24)) return std::nullopt;
  return header;
}

sqlite3_int64 frame_offset(sqlite3_int64 frame) { return kLogHeaderBytes + frame * kFrameBytes; }

class LogChecks final : public Checks {
 public:
  int read(sqlite3_file* below, std::uint8_t* to, int bytes, sqlite3_int64 offset) override {
    const int code = read_below(below, to, bytes, offset);
    if (code != SQLITE_OK) return code;
    if (offset == 0 && bytes == kLogHeaderBytes) {
      written_.clear();
      return check_whole(below, to);
    }
    if (is_page(bytes, offset)) return check_page(below, {to, kPageBytes}, offset);
    // A frame to be summed up anew when a transaction has written it twice.
    if (bytes == kFrameBytes && (offset - kLogHeaderBytes) % kFrameBytes == 0) {
      const auto own = written_.find(offset + kFrameHeaderBytes);
      const ByteView page(to + kFrameHeaderBytes, kPageBytes);
      if (own != written_.end() && own->second != crc32c(page)) return kCorrupt;
    }
    return SQLITE_OK;
  }

  int write(sqlite3_file* below, const std::uint8_t* from, int bytes,
            sqlite3_int64 offset) override {
    if (offset == 0) written_.clear();  // a log begun again
    if (is_page(bytes, offset)) written_[offset] = crc32c({from, kPageBytes});
    return below->pMethods->xWrite(below, from, bytes, offset);
  }

 private:
  static bool is_page(int bytes, sqlite3_int64 offset) {
    return bytes == kPageBytes && (offset - kFrameHeaderBytes - kLogHeaderBytes) % kFrameBytes == 0;
  }

  // The sum of a frame whose bytes are here, continued from `before`.
  static LogSum sum_of(LogSum before, const std::uint8_t* frame_header, ByteView page, bool big) {
    before.add({frame_header, 8}, big);
    before.add(page, big);
    return before;
  }

  // In a transaction that writes a page twice SQLite sums the frames up at its
  // end: until then only what was written here can tell.
  int check_page(sqlite3_file* below, ByteView page, sqlite3_int64 offset) {
    const auto own = written_.find(offset);
    if (own != written_.end() && own->second == crc32c(page)) return SQLITE_OK;
    std::array<std::uint8_t, kLogHeaderBytes> log{};
    std::array<std::uint8_t, kFrameHeaderBytes> before{};
    std::array<std::uint8_t, kFrameHeaderBytes> here{};
    const sqlite3_int64 start = offset - kFrameHeaderBytes;
    const bool is_first = start == kLogHeaderBytes;
    int code = read_below(below, log.data(), kLogHeaderBytes, 0);
    if (code == SQLITE_OK) code = read_below(below, here.data(), kFrameHeaderBytes, start);
    if (code == SQLITE_OK && !is_first) {
      code = read_below(below, before.data(), kFrameHeaderBytes, start - kFrameBytes);
    }
    if (code != SQLITE_OK) return code == SQLITE_IOERR_SHORT_READ ? kCorrupt : code;
    const bool big = (log[3] & 1U) != 0;
    const LogSum from = is_first ? LogSum::at(log.data() + 24) : LogSum::at(before.data() + 16);
    const bool good = sum_of(from, here.data(), page, big) == LogSum::at(here.data() + 16);
    return good ? SQLITE_OK : kCorrupt;
  }

  // What a crash left, read by whoever opens it first. The frames of the log
  // are those with its salts; behind them may stand those of an earlier log. One
  // whose sum holds and whose salts do not, or the other way round, is damaged,
  // and so is a log that goes on behind its end.
  static int check_whole(sqlite3_file* below, const std::uint8_t* header_bytes) {
    const auto header = decode_log_header(header_bytes);
    if (!header) return kCorrupt;
    sqlite3_int64 size = 0;
    int code = below->pMethods->xFileSize(below, &size);
    LogSum sum = header->sum;
    bool ended = false;
    std::array<std::uint8_t, kFrameBytes> frame{};
    for (sqlite3_int64 i = 0; code == SQLITE_OK && frame_offset(i + 1) <= size; ++i) {
      const int wanted = ended ? kFrameHeaderBytes : kFrameBytes;
      code = read_below(below, frame.data(), wanted, frame_offset(i));
      if (code != SQLITE_OK) break;
      const bool salted = std::equal(header->salts.begin(), header->salts.end(), frame.data() + 8);
      if (ended) {
        if (salted) return kCorrupt;
        continue;
      }
      sum = sum_of(sum, frame.data(), ByteView(frame).subspan(kFrameHeaderBytes), header->big);
      const bool summed = sum == LogSum::at(frame.data() + 16);
      if (summed != salted) return kCorrupt;
      ended = !salted;
    }
    return code == SQLITE_IOERR_SHORT_READ ? kCorrupt : code;
  }

  std::unordered_map<sqlite3_int64, std::uint32_t> written_;  // pages written here, by offset
};

// --- The doors that SQLite calls: all but reading and writing is handed on ---------

// SQLite gives the memory; the system's own file stands behind it.
struct OpenFile {
  sqlite3_file base;
  Checks* checks;
};

Checks& checks_of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file)->checks; }

sqlite3_file* below(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<OpenFile*>(file) + 1);
}

sqlite3_vfs* system_files(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int close_file(sqlite3_file* file) {
  delete reinterpret_cast<OpenFile*>(file)->checks;
  return below(file)->pMethods->xClose(below(file));
}

int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  return checks_of(file).read(below(file), static_cast<std::uint8_t*>(to), bytes, offset);
}

int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  return checks_of(file).write(below(file), static_cast<const std::uint8_t*>(from), bytes, offset);
}

// A method of the system's file, called with the same arguments. Version 2 of
// the methods: a file that is mapped into memory would be read past the checks.
template <auto Method, class... Arguments>
auto hand_on(sqlite3_file* file, Arguments... arguments) {
  return (below(file)->pMethods->*Method)(below(file), arguments...);
}

using M = sqlite3_io_methods;
constexpr M kMethods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = hand_on<&M::xTruncate>,
    .xSync = hand_on<&M::xSync>,
    .xFileSize = hand_on<&M::xFileSize>,
    .xLock = hand_on<&M::xLock>,
    .xUnlock = hand_on<&M::xUnlock>,
    .xCheckReservedLock = hand_on<&M::xCheckReservedLock>,
    .xFileControl = hand_on<&M::xFileControl>,
    .xSectorSize = hand_on<&M::xSectorSize>,
    .xDeviceCharacteristics = hand_on<&M::xDeviceCharacteristics>,
    .xShmMap = hand_on<&M::xShmMap>,
    .xShmLock = hand_on<&M::xShmLock>,
    .xShmBarrier = hand_on<&M::xShmBarrier>,
    .xShmUnmap = hand_on<&M::xShmUnmap>,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

// Temporary files are of this process alone: the system's file itself.
int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* got) {
  sqlite3_vfs* const system = system_files(vfs);
  if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0) {
    return system->xOpen(system, name, file, flags, got);
  }
  file->pMethods = nullptr;
  const int code = system->xOpen(system, name, below(file), flags, got);
  if (code != SQLITE_OK) return code;
  std::unique_ptr<Checks> checks;
  if ((flags & SQLITE_OPEN_WAL) != 0) {
    checks = std::make_unique<LogChecks>();
  } else {
    checks = std::make_unique<DatabaseChecks>();
  }
  reinterpret_cast<OpenFile*>(file)->checks = checks.release();
  file->pMethods = &kMethods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  return system_files(vfs)->xDelete(system_files(vfs), name, sync_directory);
}

int access_file(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
  return system_files(vfs)->xAccess(system_files(vfs), name, flags, result);
}

int full_path(sqlite3_vfs* vfs, const char* name, int bytes, char* to) {
  return system_files(vfs)->xFullPathname(system_files(vfs), name, bytes, to);
}

// The rest has nothing to do with files and takes any VFS for itself.
sqlite3_vfs make_layer(sqlite3_vfs* system) {
  sqlite3_vfs layer = *system;
  layer.iVersion = std::min(layer.iVersion, 2);
  layer.szOsFile += static_cast<int>(sizeof(OpenFile));
  layer.pNext = nullptr;
  layer.zName = "daybook-checked";
  layer.pAppData = system;
  layer.xOpen = open_file;
  layer.xDelete = delete_file;
  layer.xAccess = access_file;
  layer.xFullPathname = full_path;
  return layer;
}

}  // namespace

const char* checked_pages() {
  static sqlite3_vfs layer = make_layer(sqlite3_vfs_find(nullptr));
  static const int registered = sqlite3_vfs_register(&layer, 0);
  static_cast<void>(registered);  // it cannot fail once SQLite is up
  return layer.zName;
}

}  // namespace daybook::views
