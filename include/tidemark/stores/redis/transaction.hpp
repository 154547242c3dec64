#pragma once

#include <array>
#include <concepts>
#include <memory>
#include <optional>
#include <span>

#include <tidemark/export.hpp>
#include <tidemark/offset_range.hpp>
#include <tidemark/offset_store.hpp>
#include <tidemark/stores/redis/argument.hpp>
#include <tidemark/stores/redis/reply.hpp>

namespace tidemark {

namespace detail {
class RedisClient;
}

/// What a handler writes its results through, so that Redis applies them together with the batch's offsets.
///
/// Commands are queued here, and sent by commit() as one script call: the script compares the offsets, then what the handler has read,
/// then the types of the keys; only if all of that holds it moves the offsets and runs the commands, in order. Redis does nothing else
/// meanwhile, and keeps and replicates all of it as one. A lost reply is harmless: commit() sends the same again, applies nothing twice,
/// and returns or throws what it would have returned or thrown with the reply.
///
/// Redis cannot undo a command. When one fails in the script after others have written (text where HINCRBY wants a number, a missing
/// right), all the others are applied and the offsets are moved, and commit() throws what failed, not retryable. When the first one
/// fails, the offsets are set back, and nothing was applied. Keys of the wrong type are found before, and nothing was applied then either.
///
/// Thread safety: one thread at a time.
/// Blocking:      command() never; read() and commit() for a round trip each.
/// Lifetime:      must not outlive the store. Destroyed without commit(), it leaves no trace.
/// Errors:        StoreError.
class TIDEMARK_EXPORT RedisTransaction {
 public:
  RedisTransaction(RedisTransaction&&) noexcept;
  RedisTransaction& operator=(RedisTransaction&&) noexcept;
  ~RedisTransaction();

  /// Queues a command: `command("HINCRBY", "totals", carrier, 1)`. Its reply is not available. Any command that Redis allows in scripts,
  /// except those that choose a database.
  ///
  /// Errors: StoreError, not retryable, for a command that Redis does not know or would refuse. In a cluster also for a key in another
  ///         slot than the offsets: use the same hash tag in both. Where only the server can tell a command's keys (ZUNIONSTORE, SORT),
  ///         commit() asks it and throws that error, before it applies anything.
  template <class... Args>
    requires(sizeof...(Args) > 0 && (std::constructible_from<RedisArgument, const Args&> && ...))
  void command(const Args&... args) {
    command_with(std::array<RedisArgument, sizeof...(Args)>{RedisArgument{args}...});
  }
  void command_with(std::span<const RedisArgument> arguments);

  /// Runs a command that only reads, at once: `read("HGET", "totals", carrier)`. It does not see what command() has queued.
  ///
  /// commit() reads it again and applies nothing if the reply is not the same as now, so what the handler derives from it holds. It throws
  /// a retryable StoreError then, and the consumer calls the handler again. Replies that change by themselves (TTL, RANDOMKEY)
  /// therefore never go through.
  template <class... Args>
    requires(sizeof...(Args) > 0 && (std::constructible_from<RedisArgument, const Args&> && ...))
  RedisReply read(const Args&... args) {
    return read_with(std::array<RedisArgument, sizeof...(Args)>{RedisArgument{args}...});
  }
  RedisReply read_with(std::span<const RedisArgument> arguments);

  /// Applies results and offsets together, in one round trip. While Redis Cluster is moving the keys to another node, it tries again, for
  /// up to RedisOffsetStoreOptions::checkout_timeout. Called by the consumer after the handler has returned. Outcomes as
  /// TransactionalStore describes them, and a StoreError that isn't retryable when there are no ranges and the reply is lost. Whatever it returns or throws, the transaction is over.
  std::optional<Conflict> commit();

 private:
  friend class RedisOffsetStore;
  class Impl;

  RedisTransaction(detail::RedisClient& client, const GroupSession& session, std::span<const OffsetRange> ranges);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
