#pragma once

#include <span>
#include <string_view>

#include <tidemark/export.hpp>
#include <tidemark/record.hpp>

namespace tidemark {

/// Why a record became a dead letter.
enum class DeadLetterReason {
  rejected,     ///< By the handler: Batch::reject().
  undecodable,  ///< The decoder threw.
  exhausted,    ///< Its batch kept failing.
  isolated,     ///< It makes the handler fail when it is alone in the batch.
};

/// "rejected", "undecodable", "exhausted" or "isolated".
TIDEMARK_EXPORT std::string_view name_of(DeadLetterReason reason);

/// A record that was set aside, so that the others can go on.
///
/// Lifetime: during the call it is handed to only.
struct DeadLetter {
  Record<> record;
  std::string_view group;
  DeadLetterReason reason = DeadLetterReason::rejected;
  /// What reject() was told, or the exception's text. At most 4 KiB: a longer text is cut, and marked.
  std::string_view why;
  int attempts = 1;  ///< Calls of the handler that the record took part in.
};

/// Where records go that can't be handled. Derive from it for your own; <tidemark/dead_letters/kafka.hpp> and
/// <tidemark/dead_letters/json_lines.hpp> are there.
///
/// Offsets are committed after write() has returned, so no record is both committed and in neither place. A crash between the two,
/// a conflict, or a failed commit repeats the batch: then a record is written again. Topic, partition and offset tell them apart.
///
/// Thread safety: shared objects safe; several workers write at once.
/// Blocking:      may block up to its own time-out; never called from the thread that keeps the group membership.
/// Errors:        throw StoreError (or anything) where not all of them are durable. It is tried again, with all of them, within
///                `ConsumerOptions::store_retry`, unless the StoreError says that this is of no use; then run() throws it.
class TIDEMARK_EXPORT DeadLetterSink {
 public:
  virtual ~DeadLetterSink() = default;

  /// Durable on return.
  virtual void write(std::span<const DeadLetter> letters) = 0;

  /// Whether letters could be written, as far as that shows without writing one. Each consumer calls it when it starts, before it
  /// reads anything: so that what is missing, such as a topic, is found then, and not at the first letter. A StoreError that is
  /// retryable is tried again within `connect_timeout`; anything else run() throws.
  virtual void check() {}
};

}  // namespace tidemark
