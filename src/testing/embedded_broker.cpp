#include <tidemark/testing/embedded_broker.hpp>

#include <array>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <tidemark/error.hpp>

#include "kafka/handles.hpp"
#include "kafka/metrics_push.hpp"

namespace tidemark::testing {

namespace {

using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, kafka::FreeWith<rd_kafka_headers_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, kafka::FreeWith<rd_kafka_topic_destroy>>;
using ClientHandle = std::unique_ptr<rd_kafka_t, kafka::FreeWith<rd_kafka_destroy>>;

constexpr int full_queue_poll_ms = 10;
constexpr int answer_timeout_ms = 10'000;

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  std::array<char, 256> why{};
  if (rd_kafka_conf_set(conf, name, value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK)
    throw KafkaError{RD_KAFKA_RESP_ERR__INVALID_ARG,
                     fmt::format("cannot configure the embedded broker: {}", why.data())};
}

[[noreturn]] void fail(rd_kafka_resp_err_t code, const std::string& what) {
  throw KafkaError{code, fmt::format("{}: {}", what, rd_kafka_err2str(code))};
}

/// Newer librdkafka has a function for it. It is found, or not, by the type of its argument, whatever the version.
template <class Cluster>
void shorten_first_join(Cluster* cluster) {
  if constexpr (requires { rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 100); })
    rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 100);
}

HeadersHandle headers_of(const OutgoingRecord& record) {
  if (record.headers.empty()) return nullptr;
  HeadersHandle headers{rd_kafka_headers_new(record.headers.size())};
  for (const auto& [name, value] : record.headers)
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value ? value->data() : nullptr,
                        value ? static_cast<ssize_t>(value->size()) : 0);
  return headers;
}

/// librdkafka takes a null pointer for null, and the data of an empty string_view may be one.
void* data_of(const std::optional<std::string_view>& text) {
  if (!text) return nullptr;
  return const_cast<char*>(text->data() ? text->data() : "");
}

}  // namespace

class EmbeddedBroker::Impl {
 public:
  explicit Impl(const EmbeddedBrokerOptions& options) {
    if (options.brokers < 1)
      throw ConfigError{fmt::format("EmbeddedBrokerOptions::brokers is {}; a cluster has at least 1", options.brokers)};
    kafka::ConfHandle conf{rd_kafka_conf_new()};
    // A client with this property starts the cluster and is connected to it; the cluster ends with the client.
    set(conf.get(), "test.mock.num.brokers", std::to_string(options.brokers));
    set(conf.get(), "partitioner", "murmur2_random");
    set(conf.get(), "max.in.flight.requests.per.connection", "1");  // else a retry could change the order
    set(conf.get(), "linger.ms", "5");
    set(conf.get(), "delivery.report.only.error", "true");
    kafka::avoid_slow_destroy(*conf);
    rd_kafka_conf_set_log_cb(conf.get(), nullptr);
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_dr_msg_cb(conf.get(), &Impl::on_lost);

    std::array<char, 256> why{};
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size()));
    if (!client_)
      throw KafkaError{RD_KAFKA_RESP_ERR__FAIL, fmt::format("cannot start the embedded broker: {}", why.data())};
    conf.release();  // NOLINT(bugprone-unused-return-value): the client owns it now
    shorten_first_join(cluster());
    for (const auto& [name, partitions] : options.topics) create_topic(name, partitions);
  }

  // What is still queued is dropped: it would only delay the end.
  ~Impl() { rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT); }

  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster()); }

  void create_topic(const std::string& name, std::int32_t partitions) {
    if (const auto error = rd_kafka_mock_topic_create(cluster(), name.c_str(), partitions, 1); error)
      fail(error, fmt::format("cannot create topic {} with {} partitions in the embedded broker", name, partitions));
    know(name);
  }

  void produce(const OutgoingRecord& record) {
    auto headers = headers_of(record);
    const auto timestamp =
        record.timestamp ? std::chrono::floor<std::chrono::milliseconds>(record.timestamp->time_since_epoch()).count()
                         : 0;
    // The array form: the variadic one needs an extension of the compiler to check its arguments.
    std::array<rd_kafka_vu_t, 7> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    fields[0].u.cstr = record.topic.c_str();
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = record.partition.value_or(RD_KAFKA_PARTITION_UA);
    fields[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[2].u.i = RD_KAFKA_MSG_F_COPY;
    fields[3].vtype = RD_KAFKA_VTYPE_KEY;
    fields[3].u.mem = {data_of(record.key), record.key.value_or("").size()};
    fields[4].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[4].u.mem = {data_of(record.value), record.value.value_or("").size()};
    fields[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[5].u.i64 = timestamp;
    fields[6].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[6].u.headers = headers.get();

    kafka::ErrorHandle error;
    while (error.reset(rd_kafka_produceva(client_.get(), fields.data(), fields.size())),
           error && rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
      rd_kafka_poll(client_.get(), full_queue_poll_ms);
    if (error)
      fail(rd_kafka_error_code(error.get()), fmt::format("cannot produce to {} in the embedded broker", record.topic));
    headers.release();  // NOLINT(bugprone-unused-return-value): the record owns them now
    rd_kafka_poll(client_.get(), 0);
  }

  void flush(std::chrono::milliseconds timeout) {
    if (const auto error = rd_kafka_flush(client_.get(), static_cast<int>(timeout.count())); error)
      fail(error, "not all records reached the embedded broker in time; give flush() more");
    const std::lock_guard lock{mutex_};
    if (!lost_.empty()) throw KafkaError{lost_code_, std::exchange(lost_, {})};
  }

 private:
  /// Makes the client look at the topic. Else the first record waits a second for the client's next look at all its topics.
  void know(const std::string& name) {
    TopicHandle topic{rd_kafka_topic_new(client_.get(), name.c_str(), nullptr)};
    const rd_kafka_metadata_t* answer = nullptr;
    if (const auto error = rd_kafka_metadata(client_.get(), 0, topic.get(), &answer, answer_timeout_ms); error)
      fail(error, fmt::format("the embedded broker does not tell about its topic {}", name));
    rd_kafka_metadata_destroy(answer);
    const std::lock_guard lock{mutex_};
    known_.push_back(std::move(topic));
  }

  rd_kafka_mock_cluster_t* cluster() const { return rd_kafka_handle_mock_cluster(client_.get()); }

  /// A delivery report, only of records that failed.
  static void on_lost(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) noexcept {
    auto& self = *static_cast<Impl*>(opaque);
    const std::lock_guard lock{self.mutex_};
    if (!self.lost_.empty()) return;
    self.lost_code_ = message->err;
    self.lost_ = fmt::format("a record did not reach {}/{} in the embedded broker: {}",
                             rd_kafka_topic_name(message->rkt), message->partition, rd_kafka_err2str(message->err));
  }

  std::mutex mutex_;
  std::string lost_;
  rd_kafka_resp_err_t lost_code_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  ClientHandle client_;  // after what its callback uses, so that it is gone first
  std::vector<TopicHandle> known_;
};

EmbeddedBroker::EmbeddedBroker(const EmbeddedBrokerOptions& options) : impl_{std::make_unique<Impl>(options)} {}
EmbeddedBroker::~EmbeddedBroker() = default;

std::string EmbeddedBroker::brokers() const { return impl_->brokers(); }
void EmbeddedBroker::create_topic(const std::string& name, std::int32_t partitions) {
  impl_->create_topic(name, partitions);
}
void EmbeddedBroker::produce(const OutgoingRecord& record) { impl_->produce(record); }
void EmbeddedBroker::flush(std::chrono::milliseconds timeout) { impl_->flush(timeout); }

}  // namespace tidemark::testing
