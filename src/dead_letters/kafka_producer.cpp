#include "dead_letters/kafka_producer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <tidemark/detail/deadline.hpp>

#include "dead_letters/kafka_headers.hpp"
#include "kafka/login_hint.hpp"
#include "kafka/oauth.hpp"

namespace tidemark::kafka {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, FreeWith<rd_kafka_topic_destroy>>;
using MetadataHandle = std::unique_ptr<const struct rd_kafka_metadata, FreeWith<rd_kafka_metadata_destroy>>;

constexpr auto poll_time = 100ms;
// librdkafka answers for each record once the time is over; that it does not is thus no ordinary failure.
constexpr auto answer_margin = 10s;
// A broker that makes topics by itself says at first that there is none.
constexpr auto creation_time = 3s;

constexpr std::string_view written_safely = "letters are written by an idempotent producer with acks=all";

constexpr std::array<OwnedProperty, 8> owned_properties{{
    {"bootstrap.servers", "set KafkaDeadLettersOptions::brokers"},
    {"acks", written_safely},
    {"enable.idempotence", written_safely},
    {"transactional.id", written_safely},
    {"message.timeout.ms", "set KafkaDeadLettersOptions::timeout"},
    {"delivery.report.only.error", "tidemark waits for the report of each letter"},
    {"enabled_events", "tidemark waits for the report of each letter"},
    {"statistics.interval.ms", "no observer hears of this client; ConsumerOptions::kafka takes it, for the consumer"},
}};

ClientConfig make_config(const KafkaDeadLettersOptions& options) {
  if (options.brokers.empty())
    throw ConfigError{"KafkaDeadLettersOptions::brokers is empty; name at least one broker as host:port"};
  if (options.topic.empty()) throw ConfigError{"KafkaDeadLettersOptions::topic is empty; name the dead-letter topic"};
  if (options.timeout.count() <= 0) throw ConfigError{"KafkaDeadLettersOptions::timeout must be positive"};
  ClientConfig config{"KafkaDeadLettersOptions::kafka", options.kafka, owned_properties};
  config.set_default("client.id", "tidemark");
  config.set_default("partitioner", "murmur2_random");
  config.set_default("linger.ms", "0");
  config.set_default("message.max.bytes", "1000000000");  // the topic's own limit is to count
  config.own("bootstrap.servers", options.brokers);
  config.own("enable.idempotence", "true");
  config.own("acks", "all");
  config.own("message.timeout.ms", std::to_string(detail::int_ms(options.timeout)));
  set_token_provider(config, options.oauth_token);
  rd_kafka_conf_set_log_cb(config.get(), nullptr);  // or librdkafka writes to the host's stderr
  rd_kafka_conf_set_events(config.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  return config;
}

bool is_missing(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

bool is_timeout(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT ||
         code == RD_KAFKA_RESP_ERR__TRANSPORT;
}

struct Remedy {
  StoreError::Retry retry;
  std::string_view text;
};

Remedy remedy_for(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return {StoreError::Retry::no, "raise max.message.bytes of that topic: a letter is larger than its record"};
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return {StoreError::Retry::no, "grant the right to write to that topic"};
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return {StoreError::Retry::no, "name another topic"};
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return {StoreError::Retry::yes, "create that topic"};
    default:
      return {StoreError::Retry::yes,
              "are the brokers of KafkaDeadLettersOptions up, is the topic there, and are there in-sync replicas?"};
  }
}

}  // namespace

DeadLetterProducer::DeadLetterProducer(KafkaDeadLettersOptions options)
    : options_{std::move(options)}, config_{make_config(options_)} {}

void DeadLetterProducer::write(std::span<const DeadLetter> letters) {
  connect();
  trouble_.forget();
  const auto deadline = detail::later(detail::later(Clock::now(), options_.timeout), answer_margin);
  Pending pending;
  for (const auto& letter : letters) {
    auto code = produce(letter);
    while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && Clock::now() < deadline) {
      hear(poll_time, pending);
      code = produce(letter);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      pending.error = code;
      break;
    }
    ++pending.unanswered;
  }
  // Those under way are waited for in any case, so that no answer of this write comes in the next.
  while (pending.unanswered > 0 && Clock::now() < deadline) hear(poll_time, pending);
  if (pending.unanswered > 0) pending.error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (pending.error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const bool is_beyond_use =
        pending.unanswered > 0 || rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
    if (is_beyond_use) {
      queue_.reset();
      client_.reset();
    }
    fail(pending.error);
  }
}

void DeadLetterProducer::check() {
  connect();
  trouble_.forget();
  const TopicHandle topic{rd_kafka_topic_new(client_.get(), options_.topic.c_str(), nullptr)};
  if (!topic) fail_check(rd_kafka_last_error());
  const auto patience = std::min(std::chrono::milliseconds{creation_time}, options_.timeout);
  const auto deadline = Clock::now() + patience;
  while (true) {
    const auto code = look_up(*topic, patience);
    trouble_.hear(*client_);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (remedy_for(code).retry == StoreError::Retry::no || Clock::now() >= deadline) fail_check(code);
    std::this_thread::sleep_for(poll_time);
  }
}

rd_kafka_resp_err_t DeadLetterProducer::look_up(rd_kafka_topic_t& topic, std::chrono::milliseconds timeout) {
  const struct rd_kafka_metadata* answer = nullptr;
  const auto code = rd_kafka_metadata(client_.get(), 0, &topic, &answer, static_cast<int>(timeout.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return code;
  const MetadataHandle metadata{answer};
  return answer->topic_cnt == 0 ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : answer->topics[0].err;
}

void DeadLetterProducer::connect() {
  if (client_) return;
  std::array<char, 512> error{};
  auto conf = config_.copy();
  ClientHandle client{rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error.data(), error.size())};
  if (!client) config_.refuse(error.data());
  conf.release();  // NOLINT(bugprone-unused-return-value): the client owns it now
  config_.verify(rd_kafka_conf(client.get()));
  fetch_tokens(client.get(), options_.oauth_token);
  client_ = std::move(client);
  queue_.reset(rd_kafka_queue_get_main(client_.get()));
}

rd_kafka_resp_err_t DeadLetterProducer::produce(const DeadLetter& letter) {
  const auto key = letter.record.key();
  const auto value = letter.record.value();
  auto headers = headers_of(letter);
  // The array form: the variadic one needs an extension of the compiler to check its arguments.
  std::array<rd_kafka_vu_t, 5> fields{};
  fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  fields[0].u.cstr = options_.topic.c_str();
  fields[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[1].u.i = RD_KAFKA_MSG_F_COPY;
  fields[2].vtype = RD_KAFKA_VTYPE_KEY;
  fields[2].u.mem = {const_cast<char*>(key.data()), key.size()};
  fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
  fields[3].u.mem = {const_cast<char*>(value.data()), value.size()};
  fields[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  fields[4].u.headers = headers.get();
  const ErrorHandle error{rd_kafka_produceva(client_.get(), fields.data(), fields.size())};
  if (error) return rd_kafka_error_code(error.get());
  headers.release();  // NOLINT(bugprone-unused-return-value): the record owns them now
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void DeadLetterProducer::hear(std::chrono::milliseconds timeout, Pending& pending) {
  const EventHandle event{rd_kafka_queue_poll(queue_.get(), detail::int_ms(timeout))};
  if (!event) return;
  trouble_.note(*event);
  if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) return;
  while (const auto* message = rd_kafka_event_message_next(event.get())) {
    --pending.unanswered;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && pending.error == RD_KAFKA_RESP_ERR_NO_ERROR)
      pending.error = message->err;
  }
}

void DeadLetterProducer::fail(rd_kafka_resp_err_t code) {
  const auto remedy = remedy_for(code);
  throw StoreError{
      fmt::format("cannot write dead letters to topic {}: {}; {}", options_.topic, text_of(code), remedy.text),
      remedy.retry};
}

/// A missing topic is no reason to try again: whoever starts a consumer is there to make it.
void DeadLetterProducer::fail_check(rd_kafka_resp_err_t code) {
  if (is_missing(code))
    throw StoreError{fmt::format("the dead-letter topic \"{}\" does not exist; create it, or correct "
                                 "KafkaDeadLettersOptions::topic",
                                 options_.topic),
                     StoreError::Retry::no};
  const auto remedy = remedy_for(code);
  throw StoreError{
      fmt::format("cannot look up the dead-letter topic \"{}\": {}; {}", options_.topic, text_of(code), remedy.text),
      remedy.retry};
}

/// What keeps the client from its brokers says more than that a time is over.
std::string DeadLetterProducer::text_of(rd_kafka_resp_err_t code) const {
  const auto cause = is_timeout(code) ? trouble_.cause() : std::nullopt;
  if (!cause) return rd_kafka_err2str(code);
  return fmt::format("{} (last trouble: {}{})", rd_kafka_err2str(code), config_.redact(cause->text),
                     login_hint(config_.get(), cause->code));
}

}  // namespace tidemark::kafka
