// SPDX-License-Identifier: Apache-2.0
//
// A layer between SQLite and the system's files (in SQLite's terms, a VFS) that
// lets no changed byte of a view become part of an answer.
//
// A page of the database ends with its number and the CRC-32C of all before it,
// in bytes that SQLite reserves for such uses; any SQLite can read the file. They
// are written with the page and checked whenever it is read. In the write-ahead
// log a page is covered by the checksums that SQLite writes there, but itself
// only looks at after a crash: here they are checked whenever a page is read. And
// where SQLite takes the first bad frame for the log's end, which would mix old
// pages with new ones, a log whose end is not plainly its end is refused.
//
// What fails is SQLITE_IOERR_CORRUPTFS, Errc::Corruption behind sqlite.h: build
// a new view. SQLite calls this from any thread, one at a time for each file.
#pragma once

namespace daybook::views {

inline constexpr int kPageBytes = 4096;
inline constexpr int kPageTailBytes = 8;  // number and checksum, at each page's end

// The name to open a database by; registers the layer when first called.
[[nodiscard]] const char* checked_pages();

}  // namespace daybook::views
