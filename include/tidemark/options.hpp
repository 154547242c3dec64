#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <tidemark/batch_limits.hpp>
#include <tidemark/dead_letter.hpp>
#include <tidemark/handler_retry.hpp>
#include <tidemark/oauth_token.hpp>
#include <tidemark/observer.hpp>
#include <tidemark/rate_limit.hpp>
#include <tidemark/start_policy.hpp>
#include <tidemark/topic_partition.hpp>

namespace tidemark {

/// What to do when the stored offset does not exist in Kafka: deleted by retention, or beyond the end of a topic made anew.
enum class OutOfRangePolicy {
  fail,      ///< Stop with an OffsetError. Nothing is skipped.
  earliest,  ///< Go on at the oldest record still there.
  latest,    ///< Go on after the newest record.
};

/// What to do with a partition whose next batch can't be read: it is damaged, too large, or in a format that librdkafka can't read.
/// Either way, what came before is handled and committed, and Observer::on_unreadable tells of it.
enum class UnreadablePolicy {
  fail,  ///< Stop with an UnreadableError. Nothing is skipped.
  /// Pass the partition over and go on with the others. It is tried again after `lag_interval`, then twice as late each time, from the
  /// offset that is stored by then: so an operator can move it past the damage.
  park,
};

/// What to do where offsets are missing in a partition. Compaction leaves gaps, and so do transactions, by their markers and by what
/// was aborted: use `report` and `fail` for topics without either. Everywhere else a gap means that records were lost.
enum class GapPolicy {
  ignore,  ///< Count them only, in PartitionProgress::skipped.
  report,  ///< Tell Observer::on_gap as well.
  fail,    ///< Commit what came before, and stop with a GapError. Nothing is skipped.
};

/// What to do when a subscribed topic does not exist. Regular expressions may always match nothing.
enum class MissingTopicPolicy {
  fail,  ///< Stop with a KafkaError.
  wait,  ///< Read it once it appears.
};

/// What to do with a record that the decoder of a MicroBatchConsumer<T> throws at.
enum class UndecodablePolicy {
  reject,  ///< It becomes a dead letter, and the others are handled. Where there is no `dead_letters`, as `fail`.
  fail,    ///< The decoder's exception counts as the handler's. A TransientError always does.
};

/// How a call to the store that failed with a retryable error is repeated. Never for ever: after `give_up_after` the consumer stops
/// with the error.
struct StoreRetry {
  std::chrono::milliseconds first_delay{50};
  std::chrono::milliseconds max_delay{2'000};  ///< The delay doubles up to this, less a random part of up to a half.
  std::chrono::milliseconds give_up_after{30'000};
};

/// Everything a consumer can be told. Only `brokers`, `group` and one of `topics` and `partitions` have no default.
/// std::chrono::milliseconds::max() turns any of the time limits off.
struct ConsumerOptions {
  /// `host:port[,host:port…]` to find the cluster by.
  std::string brokers;

  /// The consumer group; also the name under which the store keeps the offsets.
  std::string group;

  /// Topics to share with the other members of the group. One that starts with `^` is a regular expression over topic names.
  std::vector<std::string> topics{};

  /// Instead of `topics`: exactly these partitions, without group membership. Keeping others off them is up to you.
  std::vector<TopicPartition> partitions{};

  BatchLimits batch{};
  StartPolicy start = start::Earliest{};
  OutOfRangePolicy out_of_range = OutOfRangePolicy::fail;
  UnreadablePolicy unreadable = UnreadablePolicy::fail;
  GapPolicy gaps = GapPolicy::ignore;
  MissingTopicPolicy missing_topic = MissingTopicPolicy::fail;

  /// Worker threads. Each partition belongs to one of them, so order within a partition holds; a batch spans the partitions of one
  /// worker. The handler is called from all of them at once.
  std::size_t concurrency = 1;

  /// How many batches a worker may have handled, or be handling, that are not committed yet. 1 commits each before the next is handled.
  /// With more, a commit overlaps with the handling of later batches, and those that finish meanwhile are committed together, as are
  /// those within 5 ms while less than half of so many wait: for stores whose commit takes long, such as Kafka's own. A crash repeats
  /// at most that many. Transactions are always in step.
  std::size_t max_uncommitted_batches = 1;

  /// What prefetched records and batches in hand may hold together, in bytes, for all workers. A batch is closed at a quarter of its
  /// worker's share, where half a KiB is counted for each record beside its key, value and headers: 32,768 records of any size with the
  /// default. What librdkafka prefetches is bounded by its values' bytes and by a number of records only: where keys and headers are
  /// large, it may take more, which is logged as a warning together with the value of "queued.min.messages" that keeps it within.
  std::size_t memory_budget_bytes = 64u << 20;

  /// How long run() waits for what it needs to begin: a broker, and the group's coordinator or, with explicit `partitions`, a leader of at
  /// least one of them. Later outages are waited out.
  std::chrono::milliseconds connect_timeout{30'000};

  /// How long a revoke waits for the handler to finish its batch. After that, the batch is given up without a commit, and the next owner of
  /// its partitions repeats it.
  std::chrono::milliseconds drain_timeout{60'000};

  /// For one call of the handler; 0: as long as it takes, which costs no membership. When it is over the observer hears of it and the
  /// batch's stop_token is set: a handler that throws then has failed, and `handler_retry` says what follows. If it does not return
  /// within `handler_grace_period` either, its partitions are given up without a commit, the others are drained, and the group is left, so that
  /// other members go on; run() then throws HandlerTimeoutError, once the handler has returned.
  std::chrono::milliseconds handler_timeout{0};

  /// How long a handler may go on once `handler_timeout` is over and its stop_token is set. After that, its partitions are given up.
  std::chrono::milliseconds handler_grace_period{60'000};

  /// For stop() to commit what is in hand and to leave the group. After it, calls to the store are asked to end (GroupSession::stop). All of
  /// tidemark's stores do, except for a disk that hangs; a store that does not keeps run() waiting for its own time-out.
  /// A question to a broker that is under way may add 5 s.
  std::chrono::milliseconds stop_timeout{30'000};

  StoreRetry store_retry{};

  /// Between looks at what is stored for partitions of which nothing is in hand; 0: none. Offsets that an operator changes are taken up at
  /// the partition's next commit anyway, so that this is for partitions in which little happens. A look costs the store a load.
  std::chrono::milliseconds store_poll_interval{0};

  /// For a handler that throws. By default it is not called again: the consumer stops.
  HandlerRetry handler_retry{};

  /// Where Batch::reject(), `handler_retry` and `undecodable` put records that can't be handled. It may serve several consumers. run()
  /// calls its check() before it reads anything, within `connect_timeout`.
  std::shared_ptr<DeadLetterSink> dead_letters{};
  UndecodablePolicy undecodable = UndecodablePolicy::reject;

  /// Which records are to be handled. The others are dropped before they are decoded, and their offsets move with their batch. Empty: all.
  /// Called from all workers at once, once for each record read; what it throws ends the consumer.
  std::function<bool(const Record<>&)> filter{};

  /// For all partitions of this consumer together, and for each by itself. MicroBatchConsumer can change both while it runs. A partition
  /// that is held back does not hold up the others; what was prefetched of it by then may add to `memory_budget_bytes`.
  RateLimit rate_limit{};
  RateLimit partition_rate_limit{};

  /// Conflicts in a row on one partition, without a commit between them, after which the consumer stops with a ConflictError.
  /// Those within a second count as one: the group may have put a member out that is about to be told.
  std::size_t max_conflicts = 5;

  std::chrono::milliseconds lag_interval{10'000};  ///< Between calls of Observer::on_lag.
  std::shared_ptr<Observer> observer{};

  /// Any librdkafka property, such as {"security.protocol", "SASL_SSL"}. The few that the engine owns are refused, under each of their
  /// names.
  std::map<std::string, std::string> kafka{};

  /// Fetches the tokens where {"sasl.mechanisms", "OAUTHBEARER"} is in `kafka`. Without it, librdkafka fetches them by itself if
  /// `sasl.oauthbearer.method` is "oidc".
  OAuthTokenProvider oauth_token{};
};

}  // namespace tidemark
