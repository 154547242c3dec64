#include "stores/kafka/admin_client.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <thread>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "kafka/login_hint.hpp"
#include "kafka/oauth.hpp"
#include "stores/kafka/admin_answer.hpp"
#include "stores/kafka/names.hpp"
#include "stores/kafka/refusal.hpp"

namespace tidemark::kafka {

namespace {

using namespace std::chrono_literals;

constexpr auto pause = 100ms;

using OptionsHandle = std::unique_ptr<rd_kafka_AdminOptions_t, FreeWith<rd_kafka_AdminOptions_destroy>>;
using ListRequest =
    std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, FreeWith<rd_kafka_ListConsumerGroupOffsets_destroy>>;
using AlterRequest =
    std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t, FreeWith<rd_kafka_AlterConsumerGroupOffsets_destroy>>;
using DeleteRequest =
    std::unique_ptr<rd_kafka_DeleteConsumerGroupOffsets_t, FreeWith<rd_kafka_DeleteConsumerGroupOffsets_destroy>>;

constexpr std::array<OwnedProperty, 4> owned_properties{{
    {"bootstrap.servers", "set KafkaOffsetStoreOptions::brokers"},
    {"group.id", "the store's calls name their group; this client joins none"},
    {"enabled_events", "the store's calls throw what went wrong"},
    {"statistics.interval.ms", "no observer hears of this client; ConsumerOptions::kafka takes it, for the consumer"},
}};

ClientConfig make_config(const KafkaOffsetStoreOptions& options) {  // which must outlive the client
  ClientConfig config{"KafkaOffsetStoreOptions::kafka", options.kafka, owned_properties};
  config.set_default("client.id", "tidemark");
  config.own("bootstrap.servers", options.brokers);
  // librdkafka up to 2.16 at least crashes where a client without a group hears that the coordinator has moved. It never joins.
  config.own("group.id", "tidemark");
  set_token_provider(config, options.oauth_token);
  rd_kafka_conf_set_log_cb(config.get(), nullptr);  // or librdkafka writes to the host's stderr
  rd_kafka_conf_set_events(config.get(), RD_KAFKA_EVENT_ERROR);
  return config;
}

}  // namespace

AdminClient::AdminClient(const KafkaOffsetStoreOptions& options)
    : options_{options}, redact_{options.kafka}, config_{make_config(options_)} {}

StoredOffsets AdminClient::list(std::string_view group, std::optional<std::span<const TopicPartition>> partitions) {
  const auto action = fmt::format("load the offsets of group \"{}\" from Kafka", group);
  const auto wanted = partitions ? distinct_list(*partitions) : nullptr;
  const ListRequest request{rd_kafka_ListConsumerGroupOffsets_new(group_name(group).c_str(), wanted.get())};
  const auto answer =
      ask(action, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, [&](auto* client, auto* options, auto* answers) {
        auto* array = request.get();
        rd_kafka_ListConsumerGroupOffsets(client, &array, 1, options, answers);
      });
  require_answered(action, *answer);
  const auto& offsets = *partitions_in(*answer);
  require_accepted(action, offsets, Asker::administrator);
  auto stored = stored_offsets(offsets);
  if (partitions || stored.empty()) return stored;
  // Kafka 4.1 at least heeds open transactions only where the partitions are named.
  std::vector<TopicPartition> named;
  for (const auto& [partition, next] : stored) named.push_back(partition);
  return list(group, named);
}

std::vector<std::string> AdminClient::groups() {
  const std::string action = "list the groups of Kafka";
  const auto answer = ask(action, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, [](auto* client, auto* options, auto* answers) {
    rd_kafka_ListConsumerGroups(client, options, answers);
  });
  if (const auto code = rd_kafka_event_error(answer.get()))
    throw failed(action, code, rd_kafka_event_error_string(answer.get()));
  const auto* listed = rd_kafka_event_ListConsumerGroups_result(answer.get());
  if (!listed) throw failed(action, RD_KAFKA_RESP_ERR__BAD_MSG, {});
  // Each broker knows some of them: where one did not answer, the list would have holes.
  std::size_t count = 0;
  if (const auto* const* errors = rd_kafka_ListConsumerGroups_result_errors(listed, &count); count > 0)
    throw failed(action, rd_kafka_error_code(errors[0]), rd_kafka_error_string(errors[0]));
  const auto* const* groups = rd_kafka_ListConsumerGroups_result_valid(listed, &count);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.emplace_back(rd_kafka_ConsumerGroupListing_group_id(groups[i]));
  std::ranges::sort(names);
  trouble_.forget();
  return names;
}

void AdminClient::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  const auto action = fmt::format("set the offsets of group \"{}\" in Kafka", group);
  const auto list = offset_list(offsets, options_.metadata);
  const AlterRequest request{rd_kafka_AlterConsumerGroupOffsets_new(group_name(group).c_str(), list.get())};
  const auto answer =
      ask(action, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, [&](auto* client, auto* options, auto* answers) {
        auto* array = request.get();
        rd_kafka_AlterConsumerGroupOffsets(client, &array, 1, options, answers);
      });
  require_answered(action, *answer);
  require_accepted(action, *partitions_in(*answer), Asker::administrator);
}

void AdminClient::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  const auto action = fmt::format("erase offsets of group \"{}\" from Kafka", group);
  const auto list = distinct_list(partitions);
  const DeleteRequest request{rd_kafka_DeleteConsumerGroupOffsets_new(group_name(group).c_str(), list.get())};
  const auto answer =
      ask(action, RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, [&](auto* client, auto* options, auto* answers) {
        auto* array = request.get();
        rd_kafka_DeleteConsumerGroupOffsets(client, &array, 1, options, answers);
      });
  if (rd_kafka_event_error(answer.get()) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) return;
  require_answered(action, *answer);
  // What does not exist holds no offset either.
  const PartitionListHandle refusals{rd_kafka_topic_partition_list_copy(partitions_in(*answer))};
  for (int i = 0; i < refusals->cnt; ++i)
    if (refusals->elems[i].err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
      refusals->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
  require_accepted(action, *refusals, Asker::administrator);
}

rd_kafka_t& AdminClient::client() {
  const std::lock_guard lock{mutex_};
  if (!client_) {
    std::array<char, 512> error{};
    auto conf = config_.copy();
    ClientHandle made{rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), error.data(), error.size())};
    if (!made) config_.refuse(error.data());
    std::ignore = conf.release();  // the client has it now
    config_.verify(rd_kafka_conf(made.get()));
    fetch_tokens(made.get(), options_.oauth_token);
    client_ = std::move(made);
  }
  return *client_;
}

template <class Send>
EventHandle AdminClient::ask(const std::string& action, rd_kafka_admin_op_t operation, const Send& send) {
  auto& connection = client();
  const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
  while (true) {
    const auto left = duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto limit = static_cast<int>(std::max(left, 1ms).count());
    const OptionsHandle options{rd_kafka_AdminOptions_new(&connection, operation)};
    std::array<char, 512> error{};
    if (const auto code = rd_kafka_AdminOptions_set_request_timeout(options.get(), limit, error.data(), error.size()))
      throw failed(action, code, error.data());
    // Offsets of an open transaction are about to change: what was stored before it is no answer.
    if (operation == RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS)
      if (const ErrorHandle refusal{rd_kafka_AdminOptions_set_require_stable_offsets(options.get(), 1)})
        throw failed(action, rd_kafka_error_code(refusal.get()), rd_kafka_error_string(refusal.get()));
    const QueueHandle answers{rd_kafka_queue_new(&connection)};
    send(&connection, options.get(), answers.get());
    // librdkafka ends the request by itself, and then says what it was waiting for; hence the longer wait.
    EventHandle answer{rd_kafka_queue_poll(answers.get(), limit + 1'000)};
    trouble_.hear(connection);
    if (!answer) throw failed(action, RD_KAFKA_RESP_ERR__TIMED_OUT, fmt::format("no answer within {} ms", limit));
    if (!is_answered_later(*answer) || left <= pause) return answer;
    std::this_thread::sleep_for(pause);
  }
}

void AdminClient::require_answered(const std::string& action, rd_kafka_event_t& answer) {
  if (const auto code = rd_kafka_event_error(&answer)) throw failed(action, code, rd_kafka_event_error_string(&answer));
  if (!partitions_in(answer)) throw failed(action, RD_KAFKA_RESP_ERR__BAD_MSG, {});
  trouble_.forget();
}

StoreError AdminClient::failed(const std::string& action, rd_kafka_resp_err_t code, std::string_view text) const {
  const auto cause = code == RD_KAFKA_RESP_ERR__TIMED_OUT ? trouble_.cause() : std::nullopt;
  if (cause)
    return refused(action, cause->code, Asker::administrator,
                   redact_(cause->text).append(login_hint(config_.get(), cause->code)));
  return refused(action, code, Asker::administrator, redact_(text));
}

}  // namespace tidemark::kafka
