// SPDX-License-Identifier: Apache-2.0
//
// Which blobs events refer to, and which none does.
#include <unordered_set>

#include "ledger/blob_reference.h"
#include "ledger/ledger_impl.h"

namespace daybook {

Result<BlobUsage> Ledger::blob_usage() {
  // Listed first: a blob put during the scan may be named by an event that the
  // scan does not see any more.
  DAYBOOK_TRY(listing, impl_->blobs.list());
  std::unordered_set<Digest> referenced;
  DAYBOOK_TRY(cursor, scan());
  while (true) {
    DAYBOOK_TRY(event, cursor.next());
    if (event == nullptr) break;
    if (event->data_state == DataState::Blob) {
      referenced.insert(event->blob);
      // The data is itself a text that may name blobs.
      const auto text = data(to_event(*event));
      const bool unreadable =
          !text && text.error().code != Errc::NotFound && text.error().code != Errc::Corruption;
      if (unreadable) return fail(text.error());
      if (text) {
        for_each_blob_reference(*text, [&](const Digest& digest) { referenced.insert(digest); });
      }
    } else {
      for_each_blob_reference(event->data,
                              [&](const Digest& digest) { referenced.insert(digest); });
    }
  }
  BlobUsage usage;
  for (const BlobStore::Entry& entry : listing.blobs) {
    ++usage.blobs;
    usage.stored_bytes += entry.stored_bytes;
    if (referenced.contains(entry.digest)) continue;
    ++usage.garbage_blobs;
    usage.garbage_bytes += entry.stored_bytes;
    usage.garbage.push_back(to_string(entry.digest));
  }
  return usage;
}

}  // namespace daybook
