#include "cluster/client.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "cluster/cluster.hpp"
#include "cluster/handles.hpp"

namespace simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t prefetched = 60;

}  // namespace

Client::Client(Cluster& cluster, Process& process)
    : cluster_{cluster}, scheduler_{*Scheduler::current()}, process_{process} {
  cluster_.add(*this);
}

Client::~Client() {
  *is_alive_ = false;
  cluster_.remove(*this);
  cluster_.coordinator().forget(*this);
  // Before the partitions that their messages belong to.
  for (auto& [name, toppar] : toppars_) toppar.queue->forward(nullptr);
  for (auto& [name, toppar] : toppars_) toppar.queue.reset();
  main_.reset();
  for (auto& [name, topic] : topics_) {
    if (topic->messages > 0)
      ++Handles::stuck_clients;
    else
      release_topic(topic);
  }
}

Toppar& Client::toppar(const tidemark::TopicPartition& partition) {
  auto& toppar = toppars_[partition];
  if (!toppar.queue) {
    toppar.client = this;
    toppar.name = partition;
    toppar.topic = topic(partition.topic);
    toppar.queue = std::make_shared<Queue>();
  }
  return toppar;
}

rd_kafka_topic_t* Client::topic(const std::string& name) {
  auto& topic = topics_[name];
  if (topic == nullptr) topic = make_topic(name);
  return topic;
}

// ---- the client's own thread, which serves requests in their order

void Client::request(std::function<void()> job) {
  requests_.push_back(std::move(job));
  serve();
}

void Client::serve() {
  if (is_serving_ || requests_.empty()) return;
  is_serving_ = true;
  scheduler_.after_in(process_, std::chrono::microseconds{scheduler_.random().between(5, 400)},
                      [this, alive = is_alive_] {
                        if (!*alive) return;
                        is_serving_ = false;
                        const auto job = std::move(requests_.front());
                        requests_.pop_front();
                        wake_up();
                        job();
                        serve();
                      });
}

void Client::wait_for_turn() {
  bool done = false;
  request([&] {
    done = true;
    scheduler_.wake_all(&done);
  });
  while (!done) scheduler_.wait(&done);
}

void Client::oversleep(Time time) {
  is_asleep_ = true;
  const auto sleep = ++sleeps_;
  scheduler_.after(time, [this, sleep, alive = is_alive_] {
    if (*alive && sleep == sleeps_) wake_up();
  });
  scheduler_.after(cluster_.coordinator().session_timeout(), [this, sleep, alive = is_alive_] {
    if (*alive && sleep == sleeps_ && is_asleep_ && !is_closing_ && !process_.is_dead) cluster_.on_silent(*this);
  });
  cluster_.coordinator().miss(*this);
}

void Client::wake_up() {
  if (std::exchange(is_asleep_, false)) cluster_.coordinator().hear(*this);
}

void Client::soon(void (Client::*what)()) {
  scheduler_.after_in(process_, std::chrono::microseconds{scheduler_.random().between(100, 300'000)},
                      [this, what, alive = is_alive_] {
                        if (*alive) (this->*what)();
                      });
}

// ---- the assignment

void Client::assign_all(const Starts& starts) {
  for (auto& [name, toppar] : toppars_)
    if (toppar.is_assigned) stop(toppar);
  for (const auto& [partition, offset] : starts) start(partition, offset);
  answered(Waiting::for_assign);
}

void Client::unassign_all() {
  for (auto& [name, toppar] : toppars_)
    if (toppar.is_assigned) stop(toppar);
  answered(Waiting::for_unassign);
}

bool Client::assign_more(const Starts& starts) {
  for (const auto& [partition, offset] : starts)
    if (toppar(partition).is_assigned) return false;
  for (const auto& [partition, offset] : starts) start(partition, offset);
  answered(Waiting::for_assign);
  return true;
}

bool Client::unassign(const Partitions& partitions) {
  for (const auto& partition : partitions)
    if (!toppar(partition).is_assigned) return false;
  for (const auto& partition : partitions) stop(toppar(partition));
  answered(Waiting::for_unassign);
  return true;
}

Client::Partitions Client::assigned() const {
  Partitions all;
  for (const auto& [name, toppar] : toppars_)
    if (toppar.is_assigned) all.insert(name);
  return all;
}

void Client::start(const tidemark::TopicPartition& partition, std::int64_t offset) {
  auto& toppar = this->toppar(partition);
  scheduler_.tell("{} starts {} [{}] at {}", process_.number, partition.topic, partition.partition, offset);
  toppar.is_assigned = true;
  toppar.start = offset;
  ++toppar.version;
  toppar.starts_then = true;
  if (!toppar.is_stopping) request([this, &toppar] { begin(toppar); });
}

void Client::stop(Toppar& toppar) {
  scheduler_.tell("{} stops {} [{}]", process_.number, toppar.name.topic, toppar.name.partition);
  ++toppar.version;
  toppar.is_assigned = false;
  toppar.is_fetching = false;
  toppar.starts_then = false;
  if (std::exchange(toppar.is_stopping, true)) return;
  request([this, &toppar] { request([this, &toppar] { stopped(toppar); }); });
}

void Client::stopped(Toppar& toppar) {
  toppar.is_stopping = false;
  toppar.consumed.reset();
  scheduler_.tell("{} has stopped {} [{}]", process_.number, toppar.name.topic, toppar.name.partition);
  toppar.queue->forward(nullptr);
  if (toppar.starts_then) begin(toppar);
  go_on();
}

void Client::begin(Toppar& toppar) {
  if (!std::exchange(toppar.starts_then, false)) return;
  // Unless the application has said where to, it is for the main queue, which here nobody reads for messages.
  toppar.is_fetching = true;
  toppar.position = toppar.start;
  toppar.end_reported = -1;
  const auto* log = cluster_.find(toppar.name);
  toppar.incarnation = log == nullptr ? 0 : log->incarnation;
  fetch_soon();
}

// ---- fetching

/// For the time of a rebalance. What was not consumed yet is thrown away.
void Client::hold_back() {
  for (auto& [name, toppar] : toppars_) {
    if (!toppar.is_fetching) continue;
    ++toppar.version;
    toppar.queue->push_barrier(toppar);
    toppar.start = toppar.consumed.value_or(toppar.start);
    toppar.position = toppar.start;
    toppar.end_reported = -1;
  }
}

void Client::look_for(const tidemark::TopicPartition& partition) {
  const auto found = toppars_.find(partition);
  if (found != toppars_.end() && found->second.is_fetching) fetch_soon();
}

void Client::consumed(const Toppar& toppar) {
  if (toppar.is_fetching && toppar.queued < prefetched / 2) fetch_soon();
}

void Client::fetch_soon() {
  if (std::exchange(is_fetch_due_, true)) return;
  scheduler_.after_in(process_, std::chrono::microseconds{scheduler_.random().between(50, 4'000)},
                      [this, alive = is_alive_] {
                        if (!*alive) return;
                        is_fetch_due_ = false;
                        fetch();
                      });
}

void Client::fetch() {
  if (cluster_.is_down() || process_.is_dead || waiting_ != Waiting::no) return;
  bool is_more = false;
  for (auto& [name, toppar] : toppars_) {
    if (!toppar.is_fetching) continue;
    if (on_fetched_) on_fetched_(broker_of(name.partition));
    if (fetch(toppar)) is_more = true;
  }
  if (is_more) fetch_soon();
}

/// Returns whether there is more, and room for it.
bool Client::fetch(Toppar& toppar) {
  auto* log = cluster_.find(toppar.name);
  if (log == nullptr || !log->has_leader) return false;
  toppar.high = log->end;
  if (toppar.incarnation != log->incarnation || toppar.position < log->start || toppar.position > log->end) {
    toppar.is_fetching = false;
    scheduler_.tell("{} finds {} of {} [{}] out of range", process_.number, toppar.position, toppar.name.topic,
                    toppar.name.partition);
    push_error(toppar, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, toppar.position);
    return false;
  }
  auto room = std::min(prefetched - std::min(prefetched, toppar.queued), 1 + scheduler_.random().below(30));
  if (room == 0) return false;
  for (auto entry = log->at(toppar.position); room > 0 && entry != log->entries.end(); ++entry) {
    if (entry->is_gone) continue;
    if (log->damage && log->damage->holds(entry->offset)) {
      meet_damage(toppar, *log, entry->offset);
      return true;
    }
    toppar.queue->push({make_message(toppar, *entry, log->incarnation), nullptr, &toppar, toppar.version});
    ++toppar.queued;
    toppar.position = entry->offset + 1;
    --room;
  }
  if (room == 0) return true;
  toppar.position = log->end;
  if (std::exchange(toppar.end_reported, log->end) != log->end)
    push_error(toppar, RD_KAFKA_RESP_ERR__PARTITION_EOF, log->end);
  return false;
}

void Client::meet_damage(Toppar& toppar, const Log& log, std::int64_t offset) {
  using Kind = Log::Damage::Kind;
  const auto& damage = *log.damage;
  scheduler_.tell("{} meets damage at {} of {} [{}]", process_.number, offset, toppar.name.topic,
                  toppar.name.partition);
  if (damage.kind == Kind::reads_on || damage.kind == Kind::invents)
    push_error(toppar, RD_KAFKA_RESP_ERR__BAD_MSG, offset);
  const bool invents = damage.kind == Kind::invents || damage.kind == Kind::is_astray;
  toppar.position = invents ? offset + scheduler_.random().between<std::int64_t>(1'000'000, 3'000'000) : damage.until;
}

std::optional<std::int64_t> Client::hear_of_truncation(const tidemark::TopicPartition& partition, std::int64_t end) {
  const auto found = toppars_.find(partition);
  if (found == toppars_.end() || !found->second.is_fetching || found->second.position <= end) return std::nullopt;
  auto& toppar = found->second;
  toppar.is_fetching = false;
  push_error(toppar, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_OFFSET_INVALID,
             "Partition log truncation detected at offset " + std::to_string(toppar.position) +
                 ": broker end offset is " + std::to_string(end));
  return toppar.position;
}

void Client::push_error(Toppar& toppar, rd_kafka_resp_err_t code, std::int64_t offset, const std::string& text) {
  const auto version = code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ? 0 : toppar.version;
  toppar.queue->push({make_error(toppar, code, offset, text), nullptr, &toppar, version});
  ++toppar.queued;
}

}  // namespace simulation
