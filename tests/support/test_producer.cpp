#include "support/test_producer.hpp"

#include <array>
#include <stdexcept>

#include "support/kafka_client.hpp"

namespace tidemark::test {
namespace {

constexpr int timeout_ms = 60'000;
constexpr std::int64_t not_delivered = -1;

using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, kafka::FreeWith<rd_kafka_headers_destroy>>;

HeadersHandle copy_headers(const TestRecord& record) {
  if (record.headers.empty()) return nullptr;
  HeadersHandle headers{rd_kafka_headers_new(record.headers.size())};
  for (const auto& [name, value] : record.headers) {
    check(rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()),
                              value ? value->data() : nullptr, value ? static_cast<ssize_t>(value->size()) : 0),
          "add header " + name);
  }
  return headers;
}

}  // namespace

struct TestProducer::Impl {
  // Callbacks run inside poll and flush, on the thread that calls them.
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& self = *static_cast<Impl*>(opaque);
    const auto index = reinterpret_cast<std::uintptr_t>(message->_private);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      self.first_error = rd_kafka_err2str(message->err);
    } else {
      self.offsets[index] = message->offset;
    }
  }

  std::vector<std::int64_t> offsets;  ///< By the order produced.
  std::string first_error;
  ClientHandle client;
};

TestProducer::TestProducer(const std::string& brokers, std::map<std::string, std::string> properties)
    : impl_{std::make_unique<Impl>()} {
  properties.insert_or_assign("bootstrap.servers", brokers);
  properties.try_emplace("enable.idempotence", "true");  // else records that are sent again may come after later ones
  impl_->client = make_client(RD_KAFKA_PRODUCER, properties, &Impl::on_delivery, impl_.get());
  if (properties.contains("transactional.id")) {
    check(rd_kafka_init_transactions(impl_->client.get(), timeout_ms), "init_transactions");
  }
}

TestProducer::~TestProducer() = default;

void TestProducer::produce(const TestRecord& record) {
  const auto view = [](const std::optional<std::string>& text) {
    return text ? std::pair<const void*, std::size_t>{text->data(), text->size()}
                : std::pair<const void*, std::size_t>{};
  };
  const auto [key, key_size] = view(record.key);
  const auto [value, value_size] = view(record.value);
  auto* const index = reinterpret_cast<void*>(static_cast<std::uintptr_t>(impl_->offsets.size()));
  impl_->offsets.push_back(not_delivered);
  while (true) {
    auto headers = copy_headers(record);
    // Not rd_kafka_producev, whose macros are no standard C++.
    std::array<rd_kafka_vu_t, 8> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    fields[0].u.cstr = record.topic.c_str();
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = record.partition;
    fields[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[2].u.i = RD_KAFKA_MSG_F_COPY;
    fields[3].vtype = RD_KAFKA_VTYPE_KEY;
    fields[3].u.mem = {const_cast<void*>(key), key_size};
    fields[4].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[4].u.mem = {const_cast<void*>(value), value_size};
    fields[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[5].u.i64 = record.timestamp;
    fields[6].vtype = RD_KAFKA_VTYPE_OPAQUE;
    fields[6].u.ptr = index;
    fields[7].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[7].u.headers = headers.get();
    const kafka::ErrorHandle error{
        rd_kafka_produceva(impl_->client.get(), fields.data(), headers ? fields.size() : fields.size() - 1)};
    const auto code = error ? rd_kafka_error_code(error.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      static_cast<void>(headers.release());  // the message owns them now
      return;
    }
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) check(code, "produce to " + record.topic);
    rd_kafka_poll(impl_->client.get(), 100);
  }
}

void TestProducer::produce(const std::string& topic, std::int32_t partition, std::optional<std::string> key,
                           std::optional<std::string> value) {
  produce({.topic = topic, .partition = partition, .key = std::move(key), .value = std::move(value)});
}

std::vector<std::int64_t> TestProducer::flush() {
  check(rd_kafka_flush(impl_->client.get(), timeout_ms), "flush");
  if (const auto error = std::exchange(impl_->first_error, {}); !error.empty())
    throw std::runtime_error{"produce: " + error};
  return std::exchange(impl_->offsets, {});
}

void TestProducer::begin() { check(rd_kafka_begin_transaction(impl_->client.get()), "begin transaction"); }

std::vector<std::int64_t> TestProducer::commit() {
  auto offsets = flush();
  check(rd_kafka_commit_transaction(impl_->client.get(), timeout_ms), "commit transaction");
  return offsets;
}

std::vector<std::int64_t> TestProducer::abort() {
  auto offsets = flush();
  check(rd_kafka_abort_transaction(impl_->client.get(), timeout_ms), "abort transaction");
  return offsets;
}

}  // namespace tidemark::test
