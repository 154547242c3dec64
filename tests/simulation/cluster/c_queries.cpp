// librdkafka's functions about lists of partitions, and its questions to brokers.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "cluster/cluster.hpp"
#include "cluster/handles.hpp"
#include "cluster/lists.hpp"

namespace simulation {

Client::Starts starts_of(const rd_kafka_topic_partition_list_t* list) {
  Client::Starts starts;
  for (int i = 0; list != nullptr && i < list->cnt; ++i)
    starts.emplace(tidemark::TopicPartition{list->elems[i].topic, list->elems[i].partition}, list->elems[i].offset);
  return starts;
}

Client::Partitions partitions_of(const rd_kafka_topic_partition_list_t* list) {
  Client::Partitions partitions;
  for (int i = 0; i < list->cnt; ++i) partitions.insert({list->elems[i].topic, list->elems[i].partition});
  return partitions;
}

rd_kafka_topic_partition_list_t* list_of(const Client::Partitions& partitions) {
  auto* list = rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()));
  for (const auto& [topic, partition] : partitions) rd_kafka_topic_partition_list_add(list, topic.c_str(), partition);
  return list;
}

namespace {

/// Whether a broker answered within the time.
bool ask_brokers(int timeout_ms) {
  auto& scheduler = *Scheduler::current();
  const auto& cluster = *Cluster::current();
  scheduler.pass(std::chrono::microseconds{scheduler.random().between(100, 8'000)});
  if (!cluster.is_down()) return true;
  scheduler.pass(std::chrono::milliseconds{timeout_ms});
  return false;
}

std::int64_t offset_at(Log& log, std::int64_t what) {
  if (what == RD_KAFKA_OFFSET_BEGINNING) return log.start;
  if (what == RD_KAFKA_OFFSET_END) return log.end;
  const auto time = std::chrono::milliseconds{what} - std::chrono::hours{490'000};
  for (const auto& entry : log.entries)
    if (!entry.is_gone && entry.time >= time) return entry.offset;
  return RD_KAFKA_OFFSET_END;
}

}  // namespace
}  // namespace simulation

using namespace simulation;

extern "C" {

rd_kafka_topic_partition_list_t* rd_kafka_topic_partition_list_new(int) {
  ++Handles::live;
  return new rd_kafka_topic_partition_list_t{};
}

rd_kafka_topic_partition_t* rd_kafka_topic_partition_list_add(rd_kafka_topic_partition_list_t* list, const char* topic,
                                                              int32_t partition) {
  if (list->cnt == list->size) {
    list->size = std::max(8, list->size * 2);
    list->elems = static_cast<rd_kafka_topic_partition_t*>(
        std::realloc(list->elems, static_cast<std::size_t>(list->size) * sizeof *list->elems));
  }
  auto* added = &list->elems[list->cnt++];
  *added = {};
  added->topic = strdup(topic);
  added->partition = partition;
  added->offset = RD_KAFKA_OFFSET_INVALID;
  return added;
}

rd_kafka_topic_partition_t* rd_kafka_topic_partition_list_find(const rd_kafka_topic_partition_list_t* list,
                                                               const char* topic, int32_t partition) {
  for (int i = 0; i < list->cnt; ++i)
    if (list->elems[i].partition == partition && std::strcmp(list->elems[i].topic, topic) == 0) return &list->elems[i];
  return nullptr;
}

void rd_kafka_topic_partition_list_destroy(rd_kafka_topic_partition_list_t* list) {
  --Handles::live;
  for (int i = 0; i < list->cnt; ++i) std::free(list->elems[i].topic);
  std::free(list->elems);
  delete list;
}

rd_kafka_resp_err_t rd_kafka_metadata(rd_kafka_t*, int, rd_kafka_topic_t* only, const struct rd_kafka_metadata** answer,
                                      int timeout_ms) {
  if (!ask_brokers(timeout_ms)) return RD_KAFKA_RESP_ERR__TRANSPORT;
  ++Handles::live;
  auto* made = new rd_kafka_metadata_t{};
  if (only != nullptr) {
    made->topic_cnt = 1;
    made->topics = new rd_kafka_metadata_topic_t{};
    const auto count = Cluster::current()->partitions_of(only->name);
    made->topics->partition_cnt = static_cast<int>(count);
    made->topics->partitions = new rd_kafka_metadata_partition_t[count]{};
    for (std::int32_t id = 0; id < made->topics->partition_cnt; ++id) {
      auto& partition = made->topics->partitions[id];
      partition.id = id;
      partition.leader = Cluster::current()->find({only->name, id})->has_leader ? 1 : -1;
    }
    if (count == 0) made->topics->err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  }
  *answer = made;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void rd_kafka_metadata_destroy(const struct rd_kafka_metadata* metadata) {
  --Handles::live;
  if (metadata->topics != nullptr) delete[] metadata->topics->partitions;
  delete metadata->topics;
  delete metadata;
}

rd_kafka_resp_err_t rd_kafka_offsets_for_times(rd_kafka_t*, rd_kafka_topic_partition_list_t* list, int timeout_ms) {
  if (!ask_brokers(timeout_ms)) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  bool has_leaders = false;
  for (int i = 0; i < list->cnt; ++i) {
    auto& one = list->elems[i];
    auto* log = Cluster::current()->find({one.topic, one.partition});
    if (log == nullptr) {
      one.err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    } else if (!log->has_leader) {
      one.err = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    } else {
      one.offset = offset_at(*log, one.offset);
      has_leaders = true;
    }
  }
  // As librdkafka does where it has nobody to ask.
  return has_leaders ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

rd_kafka_resp_err_t rd_kafka_committed(rd_kafka_t*, rd_kafka_topic_partition_list_t*, int timeout_ms) {
  return ask_brokers(timeout_ms) ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__TIMED_OUT;
}

rd_kafka_resp_err_t rd_kafka_list_groups(rd_kafka_t*, const char*, const struct rd_kafka_group_list**, int) {
  return RD_KAFKA_RESP_ERR__TIMED_OUT;  // asked only where the members of a group differ in their strategies
}

void rd_kafka_group_list_destroy(const struct rd_kafka_group_list*) {}

rd_kafka_resp_err_t rd_kafka_get_watermark_offsets(rd_kafka_t* client, const char* topic, int32_t partition,
                                                   int64_t* low, int64_t* high) {
  *low = RD_KAFKA_OFFSET_INVALID;
  *high = client->toppar({topic, partition}).high;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // extern "C"
