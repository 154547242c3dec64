#pragma once

#include <cstddef>
#include <string_view>

#include <tidemark/stores/redis/reply.hpp>

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

/// KEYS: the hashes of offsets; if there are any, the hash of notes, see RedisKeyPattern::notes_key(); then, in Redis Cluster, all keys that
/// the reads and commands work on. ARGV: how many of KEYS are hashes of offsets. Chunks as those of the commit script. r, how many reads;
/// each as a, its a arguments, its reply. t; t times key, the type it must have unless it is absent. Then, to the end, commands, each as
/// a, its a arguments.
///
/// A reply is `n`; or `i`, number; or `s`, text (`o` for a status); or `a`, count, that many replies.
///
/// The offsets are written first: only that can be taken back. Then come the commands. If one fails after others have written, it is noted,
/// under the first partition, what failed of this very batch: whoever repeats the batch, because the answer was lost, is told the same.
///
/// Answers {'applied'}, or {'applied', how many commands failed, the first of these, its error}, now or by the notes; or, having changed
/// nothing, {'done'} when every `until` was stored already; {'conflict', chunk, range, stored}; {'changed', read}; {'type', key, found};
/// {'failed', what, which, error}, where what is 'offsets', 'notes', 'read', 'type' (which: the key) or 'command'.
extern const RedisScript redis_transaction_script;

/// What an answer is, or tells of a script that changed nothing: the error; nil where there is none.
RedisReply redis_error_in(const RedisReply& answer);

/// How many partitions a chunk may have.
inline constexpr std::size_t redis_chunk = 1'000;

}  // namespace tidemark::detail
