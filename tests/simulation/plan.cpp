#include "plan.hpp"

#include <algorithm>
#include <array>

#include "cluster/handles.hpp"

namespace simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, fault_kinds> names{"join",
                                                          "leave",
                                                          "crash",
                                                          "freeze",
                                                          "expel",
                                                          "rebalance",
                                                          "fatal error",
                                                          "destroy",
                                                          "broker outage",
                                                          "store outage",
                                                          "store fails after",
                                                          "store slow",
                                                          "reset back",
                                                          "reset forward",
                                                          "handler throws",
                                                          "handler slow",
                                                          "delete records",
                                                          "compact",
                                                          "recreate",
                                                          "grow",
                                                          "pause",
                                                          "no leader",
                                                          "clock back",
                                                          "clock forward",
                                                          "remake",
                                                          "damage",
                                                          "truncate"};

}  // namespace

std::string_view name_of(Fault fault) { return names[static_cast<std::size_t>(fault)]; }

Plan::Plan(std::uint64_t from) : seed{from} {
  Random random{from * 0x2545f4914f6cdd1du + 1};
  constexpr std::array<std::size_t, 4> preemptions{0, 64, 16, 4};
  preemption = preemptions[random.below(4)];
  group.is_cooperative = random.one_in(2);
  group.session_timeout = std::chrono::milliseconds{random.between(2'000, 8'000)};
  group.rebalance_timeout = random.one_in(4) ? 2s : 60s;
  is_explicit = random.one_in(12);
  is_transactional = random.one_in(4);
  gives_up = random.one_in(2);
  members = is_explicit ? 1 : random.between<std::size_t>(1, 3);
  topics = random.between<std::size_t>(1, 2);
  partitions = random.between<std::size_t>(1, 4);
  records = random.between<std::size_t>(1'000, 1'200);
  backlog = random.one_in(2) ? 0 : random.between<std::size_t>(20, 200);
  batch.max_records = random.between<std::size_t>(1, 12) * random.between<std::size_t>(1, 5);
  if (random.one_in(4)) batch.max_bytes = random.between<std::size_t>(30, 600);
  batch.max_wait = std::chrono::milliseconds{random.one_in(4) ? 0 : random.between(1, 120)};
  max_uncommitted = random.one_in(2) ? 1 : random.between<std::size_t>(2, 6);
  if (random.one_in(2)) start = static_cast<Start>(random.below(4));
  constexpr std::array policies{tidemark::OutOfRangePolicy::earliest, tidemark::OutOfRangePolicy::latest,
                                tidemark::OutOfRangePolicy::fail};
  out_of_range = policies[random.below(3)];
  constexpr std::array gap_policies{tidemark::GapPolicy::ignore, tidemark::GapPolicy::report,
                                    tidemark::GapPolicy::fail};
  gaps = gap_policies[random.below(3)];
  if (random.one_in(2)) unreadable = tidemark::UnreadablePolicy::park;
  lag_interval = std::chrono::milliseconds{random.between(100, 5'000)};
  drain_timeout = std::chrono::milliseconds{random.one_in(4) ? random.between(0, 300) : random.between(1'000, 8'000)};
  stop_timeout = std::chrono::milliseconds{random.one_in(4) ? random.between(0, 300) : random.between(1'000, 8'000)};
  retry.first_delay = std::chrono::milliseconds{random.between(1, 60)};
  retry.max_delay = retry.first_delay * 8;
  retry.give_up_after = std::chrono::milliseconds{random.between(500, 8'000)};
  store_latency = std::chrono::microseconds{random.one_in(3) ? random.between(1'000, 30'000) : random.between(20, 900)};
  handler_time = std::chrono::microseconds{random.one_in(3) ? random.between(1'000, 40'000) : random.between(5, 900)};

  if (random.one_in(5)) handler_timeout = std::chrono::milliseconds{random.between(500, 4'000)};
  if (random.one_in(4)) store_poll_interval = std::chrono::milliseconds{random.between(20, 3'000)};
  draw_handling(random);
  constexpr std::array versions{0x020002ff, 0x020800ff, 0x020d02ff};
  librdkafka = versions[random.below(versions.size())];
  begins_without_leader = random.one_in(6);

  const auto count = random.between<std::size_t>(5, 8);
  while (faults.size() < count) {
    const auto fault = static_cast<Fault>(random.below(fault_kinds));
    const bool is_of_group = fault == Fault::join || fault == Fault::leave || fault == Fault::expel ||
                             fault == Fault::rebalance || fault == Fault::fatal_error || fault == Fault::grow;
    if (is_explicit && is_of_group) continue;
    // More than one reset on a partition is an everyday matter, but not the five in a row that end a consumer.
    if ((fault == Fault::reset_back || fault == Fault::reset_forward) && std::ranges::count(faults, fault) > 1)
      continue;
    const auto is_made_anew = [](Fault one) { return one == Fault::recreate || one == Fault::remake; };
    if (is_made_anew(fault) && std::ranges::any_of(faults, is_made_anew)) continue;
    // Before 2.1.0 nobody notices; and where offsets must not be missing, nothing is compacted.
    if (fault == Fault::truncate && librdkafka < 0x020100ff) continue;
    if (fault == Fault::compact && gaps == tidemark::GapPolicy::fail) continue;
    faults.push_back(fault);
  }
  handler_grace_period =
      std::chrono::milliseconds{random.one_in(4) ? random.between(0, 300) : random.between(1'000, 8'000)};
}

void Plan::draw_handling(Random& random) {
  using tidemark::WhenExhausted;
  has_rejects = random.one_in(2);
  if (random.one_in(2)) {
    handler_retry.attempts = random.between(1, 4);
    constexpr std::array all{WhenExhausted::stop, WhenExhausted::skip, WhenExhausted::dead_letter,
                             WhenExhausted::isolate, WhenExhausted::isolate};
    handler_retry.when_exhausted = all[random.below(all.size())];
  }
  handler_retry.first_delay = std::chrono::milliseconds{random.between(1, 200)};
  handler_retry.max_delay = handler_retry.first_delay * 4;
  // A poisoned record would end one consumer after the other.
  has_poison = handler_retry.when_exhausted != WhenExhausted::stop && !random.one_in(4);
  // Without gaps there may be one in every batch.
  if (gaps == tidemark::GapPolicy::fail) has_poison = false;
  const auto draw_limit = [&](tidemark::RateLimit& limit) {
    if (!random.one_in(6)) return;
    limit.records_per_second = random.between<std::size_t>(100, 3'000);
    if (random.one_in(2)) limit.bytes_per_second = limit.records_per_second * sizeof(Payload);
  };
  draw_limit(rate_limit);
  draw_limit(partition_rate_limit);
}

tidemark::ConsumerOptions Plan::options(Random& random) const {
  tidemark::ConsumerOptions options{.brokers = "simulated:9092", .group = "group"};
  for (std::size_t topic = 0; topic < topics; ++topic) {
    const auto name = "topic-" + std::to_string(topic);
    if (!is_explicit) options.topics.push_back(name);
    for (std::size_t partition = 0; partition < partitions && is_explicit; ++partition)
      options.partitions.push_back({name, static_cast<std::int32_t>(partition)});
  }
  options.batch = batch;
  options.memory_budget_bytes = 1 << 20;  // little, so that messages go back before the end, too
  options.out_of_range = out_of_range;
  options.unreadable = unreadable;
  options.gaps = gaps;
  options.lag_interval = lag_interval;
  options.concurrency = random.between<std::size_t>(1, 3);
  options.max_uncommitted_batches = max_uncommitted;
  options.drain_timeout = drain_timeout;
  options.stop_timeout = stop_timeout;
  options.handler_timeout = handler_timeout;
  options.handler_grace_period = handler_grace_period;
  options.store_poll_interval = store_poll_interval;
  options.store_retry = retry;
  options.handler_retry = handler_retry;
  options.rate_limit = rate_limit;
  options.partition_rate_limit = partition_rate_limit;
  return options;
}

}  // namespace simulation
