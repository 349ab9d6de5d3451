// SPDX-License-Identifier: Apache-2.0
#include "index/data_reader.h"

namespace daybook::views {

Result<std::optional<std::string_view>> DataReader::text_of(DataState state,
                                                            std::string_view inline_data,
                                                            const Digest& digest) {
  switch (state) {
    case DataState::None:
    case DataState::Erased:
      return std::string_view();
    case DataState::Inline:
      return inline_data;
    case DataState::Damaged:
      return std::nullopt;
    case DataState::Blob:
      break;
  }
  auto blob = ledger_->get_blob(digest);
  if (blob) {
    blob_ = *std::move(blob);
    return as_text(blob_);
  }
  const Errc code = blob.error().code;
  if (code == Errc::NotFound || code == Errc::Corruption) return std::nullopt;
  return fail(std::move(blob).error());
}

}  // namespace daybook::views
