#pragma once

#include <span>
#include <stop_token>

#include <tidemark/detail/record_retry.hpp>
#include <tidemark/detail/record_view.hpp>
#include <tidemark/detail/rejections.hpp>
#include <tidemark/offset_range.hpp>

namespace tidemark::detail {

/// A batch as the engine hands it to the typed handler.
struct BatchView {
  std::span<const RecordView> records;
  std::span<const OffsetRange> ranges;
  int attempt = 1;
  std::stop_token stop_token;
  Rejections* rejections = nullptr;  ///< Never null when a handler gets it.
  bool rejects_undecodable = false;
  RecordRetry* record_retry = nullptr;  ///< Null where no engine stands behind the batch.
};

}  // namespace tidemark::detail
