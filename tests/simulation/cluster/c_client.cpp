// librdkafka's functions about clients, their configuration and events.

#include <cstring>
#include <map>
#include <string>

#include "cluster/cluster.hpp"
#include "cluster/event.hpp"
#include "cluster/handles.hpp"
#include "cluster/lists.hpp"

struct rd_kafka_conf_s {
  rd_kafka_interceptor_f_on_new_t* on_new = nullptr;
  void* opaque = nullptr;
  std::map<std::string, std::string> properties;
};

namespace simulation {

rd_kafka_event_t* make_rebalance(bool is_assignment, const std::set<tidemark::TopicPartition>& partitions) {
  ++Handles::live;
  auto* event = new rd_kafka_event_t;
  event->type = RD_KAFKA_EVENT_REBALANCE;
  event->code = is_assignment ? RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS : RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS;
  event->partitions = rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()));
  for (const auto& [topic, partition] : partitions)
    rd_kafka_topic_partition_list_add(event->partitions, topic.c_str(), partition);
  return event;
}

rd_kafka_event_t* make_error_event(rd_kafka_resp_err_t code, bool is_fatal) {
  ++Handles::live;
  auto* event = new rd_kafka_event_t;
  event->type = RD_KAFKA_EVENT_ERROR;
  event->code = is_fatal ? RD_KAFKA_RESP_ERR__FATAL : code;
  event->text = "simulated";
  event->is_fatal = is_fatal;
  return event;
}

namespace {

rd_kafka_error_t* answer(bool holds) {
  if (holds) return nullptr;
  ++Handles::live;
  return new rd_kafka_error_t{RD_KAFKA_RESP_ERR__CONFLICT};
}

}  // namespace
}  // namespace simulation

using namespace simulation;

extern "C" {

int rd_kafka_version() { return Cluster::current()->librdkafka(); }
const char* rd_kafka_version_str() { return "simulated"; }
rd_kafka_resp_err_t rd_kafka_last_error() { return RD_KAFKA_RESP_ERR__FAIL; }
const char* rd_kafka_err2name(rd_kafka_resp_err_t) { return "SIMULATED"; }
const char* rd_kafka_err2str(rd_kafka_resp_err_t) { return "simulated"; }

rd_kafka_conf_t* rd_kafka_conf_new() {
  ++Handles::live;
  return new rd_kafka_conf_t;
}

void rd_kafka_conf_destroy(rd_kafka_conf_t* conf) {
  --Handles::live;
  delete conf;
}

rd_kafka_conf_res_t rd_kafka_conf_set(rd_kafka_conf_t* conf, const char* name, const char* value, char*, size_t) {
  conf->properties.insert_or_assign(name, value);
  return RD_KAFKA_CONF_OK;
}

const rd_kafka_conf_t* rd_kafka_conf(rd_kafka_t* client) { return client->conf(); }

rd_kafka_conf_res_t rd_kafka_conf_get(const rd_kafka_conf_t* conf, const char* name, char* value, size_t* size) {
  auto properties = conf->properties;
  properties["partition.assignment.strategy"] =
      Cluster::current()->coordinator().is_cooperative() ? "cooperative-sticky" : "range";
  properties["heartbeat.interval.ms"] = "600";
  const auto found = properties.find(name);
  if (found == properties.end()) return RD_KAFKA_CONF_UNKNOWN;
  if (value != nullptr) std::strncpy(value, found->second.c_str(), *size);
  *size = found->second.size() + 1;
  return RD_KAFKA_CONF_OK;
}

void rd_kafka_conf_set_events(rd_kafka_conf_t*, int) {}
void rd_kafka_conf_set_log_cb(rd_kafka_conf_t*, void (*)(const rd_kafka_t*, int, const char*, const char*)) {}
rd_kafka_conf_t* rd_kafka_conf_dup(const rd_kafka_conf_t* conf) {
  ++Handles::live;
  return new rd_kafka_conf_t{*conf};
}

void rd_kafka_conf_set_opaque(rd_kafka_conf_t*, void*) {}
void rd_kafka_conf_set_oauthbearer_token_refresh_cb(rd_kafka_conf_t*, void (*)(rd_kafka_t*, const char*, void*)) {}
void rd_kafka_conf_enable_sasl_queue(rd_kafka_conf_t*, int) {}
rd_kafka_error_t* rd_kafka_sasl_background_callbacks_enable(rd_kafka_t*) { return nullptr; }
rd_kafka_resp_err_t rd_kafka_oauthbearer_set_token(rd_kafka_t*, const char*, std::int64_t, const char*, const char**,
                                                   size_t, char*, size_t) {
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}
rd_kafka_resp_err_t rd_kafka_oauthbearer_set_token_failure(rd_kafka_t*, const char*) {
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_conf_interceptor_add_on_new(rd_kafka_conf_t* conf, const char*,
                                                         rd_kafka_interceptor_f_on_new_t* on_new, void* opaque) {
  conf->on_new = on_new;
  conf->opaque = opaque;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_interceptor_add_on_response_received(
    rd_kafka_t* client, const char*, rd_kafka_interceptor_f_on_response_received_t* on_response, void* opaque) {
  client->on_fetched([=](std::int32_t broker) {
    on_response(client, -1, "simulated", broker, 1, 11, 0, 0, 0, RD_KAFKA_RESP_ERR_NO_ERROR, opaque);
  });
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_t* rd_kafka_new(rd_kafka_type_t, rd_kafka_conf_t* conf, char* error, size_t error_size) {
  ++Handles::live;
  auto* client = new rd_kafka_t{*Cluster::current(), Scheduler::thread()->process};
  client->set_conf(conf);
  if (conf->on_new != nullptr) conf->on_new(client, conf, conf->opaque, error, error_size);
  return client;
}

void rd_kafka_destroy_flags(rd_kafka_t* client, int) {
  --Handles::live;
  rd_kafka_conf_destroy(client->conf());
  delete client;
}

void rd_kafka_destroy(rd_kafka_t* client) { rd_kafka_destroy_flags(client, 0); }

rd_kafka_resp_err_t rd_kafka_poll_set_consumer(rd_kafka_t*) { return RD_KAFKA_RESP_ERR_NO_ERROR; }
rd_kafka_resp_err_t rd_kafka_set_log_queue(rd_kafka_t*, rd_kafka_queue_t*) { return RD_KAFKA_RESP_ERR_NO_ERROR; }

rd_kafka_error_t* rd_kafka_sasl_set_credentials(rd_kafka_t*, const char*, const char*) { return nullptr; }

rd_kafka_resp_err_t rd_kafka_fatal_error(rd_kafka_t*, char* text, size_t size) {
  std::strncpy(text, "simulated", size);
  return RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

rd_kafka_resp_err_t rd_kafka_subscribe(rd_kafka_t* client, const rd_kafka_topic_partition_list_t*) {
  Scheduler::current()->give_way();
  client->subscribe();
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

const char* rd_kafka_rebalance_protocol(rd_kafka_t* client) {
  client->wait_for_turn();
  if (!client->is_subscribed()) return "NONE";
  return Cluster::current()->coordinator().is_cooperative() ? "COOPERATIVE" : "EAGER";
}

rd_kafka_resp_err_t rd_kafka_assign(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* list) {
  if (list == nullptr)
    client->unassign_all();
  else
    client->assign_all(starts_of(list));
  client->wait_for_turn();
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_error_t* rd_kafka_incremental_assign(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* list) {
  const bool holds = client->assign_more(starts_of(list));
  client->wait_for_turn();
  return answer(holds);
}

rd_kafka_error_t* rd_kafka_incremental_unassign(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* list) {
  const bool holds = client->unassign(partitions_of(list));
  client->wait_for_turn();
  return answer(holds);
}

rd_kafka_resp_err_t rd_kafka_assignment(rd_kafka_t* client, rd_kafka_topic_partition_list_t** list) {
  client->wait_for_turn();
  // What was asked right before the end is thrown away with the queue it waits in, and never answered (rd_kafka_cgrp_terminated).
  while (client->is_closed()) Scheduler::current()->wait(client);
  *list = list_of(client->assigned());
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

int rd_kafka_assignment_lost(rd_kafka_t* client) { return client->is_lost() ? 1 : 0; }

rd_kafka_error_t* rd_kafka_consumer_close_queue(rd_kafka_t* client, rd_kafka_queue_t*) {
  if (client->is_fatal()) return answer(false);
  client->close();
  return nullptr;
}

int rd_kafka_consumer_closed(rd_kafka_t* client) { return client->is_closed() ? 1 : 0; }

// ---- events

rd_kafka_event_type_t rd_kafka_event_type(const rd_kafka_event_t* event) { return event->type; }
rd_kafka_resp_err_t rd_kafka_event_error(rd_kafka_event_t* event) { return event->code; }
const char* rd_kafka_event_error_string(rd_kafka_event_t* event) { return event->text.c_str(); }
int rd_kafka_event_error_is_fatal(rd_kafka_event_t* event) { return event->is_fatal ? 1 : 0; }
rd_kafka_topic_partition_list_t* rd_kafka_event_topic_partition_list(rd_kafka_event_t* event) {
  return event->partitions;
}
const char* rd_kafka_event_stats(rd_kafka_event_t*) { return "{}"; }
int rd_kafka_event_log(rd_kafka_event_t*, const char**, const char**, int*) { return -1; }

void rd_kafka_event_destroy(rd_kafka_event_t* event) {
  if (event == nullptr) return;
  --Handles::live;
  if (event->partitions != nullptr) rd_kafka_topic_partition_list_destroy(event->partitions);
  delete event;
}

// ---- errors

rd_kafka_resp_err_t rd_kafka_error_code(const rd_kafka_error_t* error) { return error->code; }
const char* rd_kafka_error_string(const rd_kafka_error_t*) { return "simulated"; }

void rd_kafka_error_destroy(rd_kafka_error_t* error) {
  if (error == nullptr) return;
  --Handles::live;
  delete error;
}

}  // extern "C"
