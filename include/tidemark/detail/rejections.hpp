#pragma once

#include <string>

#include <tidemark/dead_letter.hpp>
#include <tidemark/detail/record_view.hpp>
#include <tidemark/export.hpp>

namespace tidemark::detail {

/// Gathers what is rejected of a batch while its handler runs.
class TIDEMARK_EXPORT Rejections {
 public:
  virtual ~Rejections() = default;

  /// From any thread, as has(). `attempts`: calls of the handler that the record took part in.
  virtual void reject(const RecordView& record, DeadLetterReason reason, std::string why, int attempts) = 0;

  /// Whether it was rejected in this call of the handler.
  virtual bool has(const RecordView& record) const = 0;

  /// Makes durable what was rejected. After the handler has returned, before the offsets move.
  virtual void store() = 0;
};

}  // namespace tidemark::detail
