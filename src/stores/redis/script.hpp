#pragma once

#include <string_view>

namespace tidemark::detail {

/// A Lua script, and the SHA-1 that Redis keeps it under: `EVALSHA` sends only that.
///
/// In all of them KEYS are hashes of offsets, and ARGV has a chunk for each. A hash of many partitions comes in several
/// chunks, each under the same key, because Lua's unpack() is limited. All checks of all chunks come before the first write, and
/// nothing that could make Redis refuse a write (a full memory, missing replicas) comes up after the first one. Offsets are compared as
/// text: Lua's numbers are exact to 2^53 only.
struct RedisScript {
  std::string_view text;
  std::string_view sha1;
};

/// Chunk: n; n times partition, until; n times from. Answers 1, or 0 when every `until` was stored already, or, having changed
/// nothing, {chunk, range within it, stored} of the first range that conflicts.
extern const RedisScript redis_commit_script;

/// Chunk: n; n times partition, offset. Sets them whatever is stored. Answers 1.
extern const RedisScript redis_overwrite_script;

/// Chunk: n; n times partition. Removes them. Answers 1.
extern const RedisScript redis_erase_script;

/// How many of KEYS are hashes of offsets; the others are there for Redis Cluster alone, which must know all that a script touches. Chunks
/// as those of the commit script. Then: r, how many reads; each as a, its a arguments, its reply. Then: t; t times key, the
/// type it must have unless it is absent. Then, to the end, commands, each as a, its a arguments.
///
/// A reply is `n`; or `i`, number; or `s`, text (`o` for a status); or `a`, count, that many replies.
///
/// Answers {'applied', command, error, command, error, …} with those that failed after others had written; or, having changed nothing,
/// {'done'} when every `until` was stored already; {'conflict', chunk, range, stored}; {'changed', read}; {'type', key, found};
/// {'failed', command, error} when a command failed before any had written.
extern const RedisScript redis_transaction_script;

/// How many partitions a chunk may have.
inline constexpr std::size_t redis_chunk = 1'000;

}  // namespace tidemark::detail
