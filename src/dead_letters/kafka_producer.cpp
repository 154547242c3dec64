#include "dead_letters/kafka_producer.hpp"

#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tidemark/detail/deadline.hpp>

#include "kafka/metrics_push.hpp"

namespace tidemark::kafka {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, FreeWith<rd_kafka_headers_destroy>>;

constexpr auto poll_time = 100ms;
// librdkafka answers for each record once the time is over; that it does not is thus no ordinary failure.
constexpr auto answer_margin = 10s;

constexpr std::array owned_properties{
    "bootstrap.servers",     "metadata.broker.list", "acks",
    "request.required.acks", "enable.idempotence",   "message.timeout.ms",
    "delivery.timeout.ms",   "transactional.id",     "delivery.report.only.error",
};

void set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value, const core::Redaction& redact) {
  std::array<char, 512> error{};
  if (rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK)
    throw ConfigError{
        fmt::format("KafkaDeadLettersOptions: librdkafka {} refuses the property {}: {}; see its CONFIGURATION.md",
                    rd_kafka_version_str(), name, redact(error.data()))};
}

ConfHandle make_config(const KafkaDeadLettersOptions& options, const core::Redaction& redact) {
  if (options.brokers.empty())
    throw ConfigError{"KafkaDeadLettersOptions::brokers is empty; name at least one broker as host:port"};
  if (options.topic.empty()) throw ConfigError{"KafkaDeadLettersOptions::topic is empty; name the dead-letter topic"};
  if (options.timeout.count() <= 0) throw ConfigError{"KafkaDeadLettersOptions::timeout must be positive"};
  for (const auto* name : owned_properties)
    if (options.kafka.contains(name))
      throw ConfigError{fmt::format(
          "KafkaDeadLettersOptions::kafka: \"{}\" belongs to tidemark: letters are written by an idempotent producer "
          "with acks=all; brokers and timeout are options of their own",
          name)};
  ConfHandle conf{rd_kafka_conf_new()};
  set(*conf, "client.id", "tidemark", redact);
  set(*conf, "partitioner", "murmur2_random", redact);
  set(*conf, "linger.ms", "0", redact);
  set(*conf, "message.max.bytes", "1000000000", redact);  // the topic's own limit is to count
  avoid_slow_destroy(*conf);
  for (const auto& [name, value] : options.kafka) set(*conf, name, value, redact);
  set(*conf, "bootstrap.servers", options.brokers, redact);
  set(*conf, "enable.idempotence", "true", redact);
  set(*conf, "acks", "all", redact);
  set(*conf, "message.timeout.ms", std::to_string(detail::int_ms(options.timeout)), redact);
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);  // or librdkafka writes to the host's stderr
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  return conf;
}

void add(rd_kafka_headers_t& headers, std::string_view name, const Bytes& value) {
  const auto code = rd_kafka_header_add(&headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                                        static_cast<ssize_t>(value.size()));
  if (code) throw StoreError{fmt::format("cannot add a header: {}", rd_kafka_err2str(code)), StoreError::Retry::no};
}

HeadersHandle headers_of(const DeadLetter& letter) {
  const auto& record = letter.record;
  const auto original = record.headers();
  HeadersHandle headers{rd_kafka_headers_new(original.size() + 8)};
  for (const auto& header : original) add(*headers, header.name, header.value);
  const auto add_text = [&](std::string_view name, std::string_view text) { add(*headers, name, Bytes{text}); };
  add_text("tidemark.topic", record.topic());
  add_text("tidemark.partition", std::to_string(record.partition()));
  add_text("tidemark.offset", std::to_string(record.offset()));
  if (const auto timestamp = record.timestamp())
    add_text("tidemark.timestamp",
             std::to_string(std::chrono::floor<std::chrono::milliseconds>(timestamp->time_since_epoch()).count()));
  add_text("tidemark.group", letter.group);
  add_text("tidemark.reason", name_of(letter.reason));
  add_text("tidemark.why", letter.why);
  add_text("tidemark.attempts", std::to_string(letter.attempts));
  return headers;
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
    : options_{std::move(options)}, redact_{options_.kafka}, conf_{make_config(options_, redact_)} {}

void DeadLetterProducer::write(std::span<const DeadLetter> letters) {
  connect();
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

void DeadLetterProducer::connect() {
  if (client_) return;
  std::array<char, 512> error{};
  ConfHandle conf{rd_kafka_conf_dup(conf_.get())};
  client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error.data(), error.size()));
  if (!client_) throw ConfigError{fmt::format("KafkaDeadLettersOptions: {}", redact_(error.data()))};
  conf.release();  // NOLINT(bugprone-unused-return-value): the client owns it now
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
  if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) return;
  while (const auto* message = rd_kafka_event_message_next(event.get())) {
    --pending.unanswered;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && pending.error == RD_KAFKA_RESP_ERR_NO_ERROR)
      pending.error = message->err;
  }
}

void DeadLetterProducer::fail(rd_kafka_resp_err_t code) {
  const auto remedy = remedy_for(code);
  throw StoreError{
      fmt::format("cannot write dead letters to topic {}: {}; {}", options_.topic, rd_kafka_err2str(code), remedy.text),
      remedy.retry};
}

}  // namespace tidemark::kafka
