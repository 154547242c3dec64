#include "support/plain_member.hpp"

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "kafka/handles.hpp"
#include "support/kafka_client.hpp"

namespace tidemark::test {

namespace {

kafka::PartitionListHandle list_of(const std::set<TopicPartition>& partitions) {
  kafka::PartitionListHandle list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& [topic, partition] : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  return list;
}

std::set<TopicPartition> partitions_in(const rd_kafka_topic_partition_list_t* list) {
  std::set<TopicPartition> partitions;
  for (int i = 0; list && i < list->cnt; ++i) partitions.insert({list->elems[i].topic, list->elems[i].partition});
  return partitions;
}

rd_kafka_t* make_consumer(const std::map<std::string, std::string>& properties) {
  std::array<char, 512> error{};
  kafka::ConfHandle conf{rd_kafka_conf_new()};
  for (const auto& [name, value] : properties)
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK)
      throw std::invalid_argument{error.data()};
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR);
  auto* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), error.data(), error.size());
  if (!client) throw std::runtime_error{error.data()};
  static_cast<void>(conf.release());  // the client owns it now
  return client;
}

}  // namespace

PlainMember::PlainMember(const std::string& brokers, std::string group, const std::string& topic,
                         std::map<std::string, std::string> properties)
    : group_{std::move(group)} {
  properties.insert({{"bootstrap.servers", brokers},
                     {"group.id", group_},
                     {"enable.auto.commit", "false"},
                     {"heartbeat.interval.ms", "200"}});  // to hear of rebalances soon
  client_ = make_consumer(properties);
  check(rd_kafka_poll_set_consumer(client_), "rd_kafka_poll_set_consumer");
  if (!topic.empty()) check(rd_kafka_subscribe(client_, list_of({{topic, RD_KAFKA_PARTITION_UA}}).get()), "subscribe");
  poller_ = std::jthread{[this](const std::stop_token& stop) {
    while (!stop.stop_requested()) poll();
  }};
}

PlainMember::~PlainMember() {
  poller_ = {};
  answers_ = true;
  // A close waits for the answer that is still owed.
  if (owes_answer_) rd_kafka_assign(client_, nullptr);
  const kafka::QueueHandle events{rd_kafka_queue_get_consumer(client_)};
  const kafka::ErrorHandle beyond_closing{rd_kafka_consumer_close_queue(client_, events.get())};
  while (!beyond_closing && !rd_kafka_consumer_closed(client_)) poll();
  rd_kafka_destroy_flags(client_, beyond_closing ? RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE : 0);
}

void PlainMember::assign(const TopicPartition& partition) {
  check(rd_kafka_assign(client_, list_of({partition}).get()), "assign");
}

std::set<TopicPartition> PlainMember::partitions() const {
  const auto held = hold();
  return partitions_;
}

void PlainMember::poll() {
  const kafka::QueueHandle events{rd_kafka_queue_get_consumer(client_)};
  const kafka::EventHandle event{rd_kafka_queue_poll(events.get(), 20)};
  if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_REBALANCE) return;
  owes_answer_ = !answers_;
  if (owes_answer_) return;
  const auto changed = partitions_in(rd_kafka_event_topic_partition_list(event.get()));
  const auto held = hold();
  if (rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
    take(changed);
  else
    give_up(changed);
}

void PlainMember::take(const std::set<TopicPartition>& added) {
  if (is_cooperative())
    check(rd_kafka_incremental_assign(client_, list_of(added).get()), "assign");
  else
    check(rd_kafka_assign(client_, list_of(added).get()), "assign");
  partitions_.insert(added.begin(), added.end());
}

void PlainMember::give_up(const std::set<TopicPartition>& removed) {
  if (is_cooperative())
    check(rd_kafka_incremental_unassign(client_, list_of(removed).get()), "unassign");
  else
    check(rd_kafka_assign(client_, nullptr), "unassign");
  for (const auto& partition : removed) partitions_.erase(partition);
}

bool PlainMember::is_cooperative() const {
  return std::string_view{rd_kafka_rebalance_protocol(client_)} == "COOPERATIVE";
}

}  // namespace tidemark::test
