#pragma once

#include "settings.hpp"

namespace tidemark::bench {

/// Records as fast as they come, one worker: what tidemark adds to librdkafka, and where both stand beside other languages.
void throughput(const Settings& settings);

/// A handler that computes for each record: how near the whole comes to the handler's own time, free of fetch stalls.
void busy(const Settings& settings);

/// Batches of 1,000 records: what is left of the rate when each of them is committed.
void commit(const Settings& settings);

/// From the producer's call to the handler's, at 1,000 records a second.
void latency(const Settings& settings);

/// 64 partitions in which nothing happens.
void idle(const Settings& settings);

/// A slow call for each record, many at once, in the order of each key: beside Confluent's Parallel Consumer.
void parallel(const Settings& settings);

/// One of eight members leaves: for how long the others stop handling what they keep.
void rebalance(const Settings& settings);

/// More workers, more partitions.
void scale(const Settings& settings);

/// Commits of 4 and of 1,000 partitions through each store, beside the same by hand with its client.
void stores(const Settings& settings);

/// The Redis store beside raw hiredis: commits of four partitions beside EVALSHA and HSET, transactions of 1,000 HINCRBY beside
/// MULTI/EXEC, and a commit for each 1,000 records beside none.
void redis(const Settings& settings);

}  // namespace tidemark::bench
