#include "cluster/cluster.hpp"

#include <algorithm>

#include "cluster/client.hpp"

namespace simulation {

Cluster::Cluster(Scheduler& scheduler, const Coordinator::Settings& group, int librdkafka)
    : scheduler_{scheduler}, librdkafka_{librdkafka}, coordinator_{*this, scheduler, group} {
  current_ = this;
}

void Cluster::add_partition(const std::string& topic) {
  const tidemark::TopicPartition name{topic, static_cast<std::int32_t>(partitions_of(topic))};
  logs_.emplace(name, Log{name});
}

std::size_t Cluster::partitions_of(const std::string& topic) const {
  return static_cast<std::size_t>(std::ranges::count(logs_, topic, [](const auto& log) { return log.first.topic; }));
}

Log* Cluster::find(const tidemark::TopicPartition& partition) {
  const auto found = logs_.find(partition);
  return found == logs_.end() ? nullptr : &found->second;
}

void Cluster::notify(const Log& log) {
  for (auto* client : clients_) client->look_for(log.name);
}

void Cluster::go_down() {
  if (!is_down_) outages_.begin(scheduler_.now());
  is_down_ = true;
  for (auto* client : clients_) client->report(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, false);
}

void Cluster::come_back() {
  outages_.end(scheduler_.now());
  is_down_ = false;
  for (auto* client : clients_) client->fetch_soon();
}

void Cluster::lose_leader(Log& log) {
  log.has_leader = false;
  log.lost_leader_at = scheduler_.now();
  outages_.begin(scheduler_.now());
}

void Cluster::elect_leader(Log& log) {
  log.has_leader = true;
  outages_.end(scheduler_.now());
  notify(log);
}

}  // namespace simulation
