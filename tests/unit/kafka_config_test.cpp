#include "kafka/config.hpp"

#include <array>
#include <string>

#include <tidemark/dead_letters/kafka.hpp>
#include <tidemark/error.hpp>

#include "support/catch.hpp"

using namespace tidemark;

namespace {

ConsumerOptions with(const std::map<std::string, std::string>& properties) {
  return {.brokers = "localhost:9092", .group = "billing", .topics = {"orders"}, .kafka = properties};
}

std::string refusal(const std::map<std::string, std::string>& properties) {
  try {
    kafka::make_config(with(properties));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

std::string value(const kafka::ClientConfig& config, const char* name) { return kafka::property(config.get(), name); }

std::string refusal_of_letters(const std::map<std::string, std::string>& properties) {
  try {
    KafkaDeadLetters{{.brokers = "localhost:9092", .topic = "dead", .kafka = properties}};
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

using test::containing;

}  // namespace

TEST_CASE("what the promises rest on is set, whatever librdkafka's defaults", "[unit]") {
  const auto conf = kafka::make_config(with({}));
  CHECK(value(conf, "bootstrap.servers") == "localhost:9092");
  CHECK(value(conf, "group.id") == "billing");
  CHECK(value(conf, "enable.auto.commit") == "false");
  CHECK(value(conf, "enable.auto.offset.store") == "false");
  CHECK(value(conf, "enable.partition.eof") == "true");
  CHECK(value(conf, "auto.offset.reset") == "error");
  CHECK(value(conf, "log.queue") == "true");
}

TEST_CASE("checksums are checked, unless the user says otherwise", "[unit]") {
  CHECK(value(kafka::make_config(with({})), "check.crcs") == "true");
  CHECK(value(kafka::make_config(with({{"check.crcs", "false"}})), "check.crcs") == "false");
}

TEST_CASE("any other property passes through", "[unit]") {
  const auto conf = kafka::make_config(
      with({{"session.timeout.ms", "6100"}, {"client.id", "mine"}, {"queued.min.messages", "7"}, {"debug", "cgrp"}}));
  CHECK(value(conf, "session.timeout.ms") == "6100");
  CHECK(value(conf, "client.id") == "mine");
  CHECK(value(conf, "queued.min.messages") == "7");
  CHECK(value(kafka::make_config(with({})), "client.id") == "tidemark");
}

TEST_CASE("metrics are pushed where librdkafka can end that promptly, or where the user asks for it", "[unit]") {
  const auto version = rd_kafka_version();
  if (version < 0x02050000) return;  // it pushes none
  const bool ends_promptly = version >= 0x02090000;
  CHECK(value(kafka::make_config(with({})), "enable.metrics.push") == (ends_promptly ? "true" : "false"));
  CHECK(value(kafka::make_config(with({{"enable.metrics.push", "true"}})), "enable.metrics.push") == "true");
}

TEST_CASE("the memory budget is shared out among the workers", "[unit]") {
  auto options = with({});
  options.memory_budget_bytes = 64u << 20;
  CHECK(value(kafka::make_config(options), "queued.max.messages.kbytes") == "32768");
  CHECK(value(kafka::make_config(options), "queued.min.messages") == "65536");
  CHECK(value(kafka::make_config(options), "fetch.max.bytes") == "4194304");
  CHECK(value(kafka::make_config(options), "fetch.message.max.bytes") == "1048576");
  options.concurrency = 16;
  CHECK(value(kafka::make_config(options), "queued.max.messages.kbytes") == "2048");
  CHECK(value(kafka::make_config(options), "queued.min.messages") == "4096");
  CHECK(value(kafka::make_config(options), "fetch.message.max.bytes") == "131072");
  options.memory_budget_bytes = 1u << 20;
  options.concurrency = 1024;
  CHECK(value(kafka::make_config(options), "queued.max.messages.kbytes") == "1");
  options.memory_budget_bytes = std::size_t{1} << 50;
  options.concurrency = 1;
  CHECK(value(kafka::make_config(options), "queued.max.messages.kbytes") == "2097151");
  CHECK(value(kafka::make_config(options), "queued.min.messages") == "100000");
}

TEST_CASE("what a fetch may hold follows the limits that users give", "[unit]") {
  CHECK(value(kafka::make_config(with({{"receive.message.max.bytes", "2000000"}})), "fetch.max.bytes") == "1999488");
  const auto small = kafka::make_config(with({{"receive.message.max.bytes", "500000"}}));
  CHECK(value(small, "fetch.max.bytes") == "499488");
  CHECK(value(small, "message.max.bytes") == "499488");
  CHECK(value(kafka::make_config(with({{"receive.message.max.bytes", "200000000"}})), "fetch.max.bytes") == "4194304");
  CHECK(value(kafka::make_config(with({{"message.max.bytes", "9000000"}})), "fetch.max.bytes") == "9000000");
  const auto given =
      kafka::make_config(with({{"receive.message.max.bytes", "2000000"}, {"fetch.max.bytes", "1000000"}}));
  CHECK(value(given, "fetch.max.bytes") == "1000000");
}

TEST_CASE("librdkafka makes a client with any of the limits", "[unit]") {
  const auto* bytes = GENERATE("500000", "1000512", "2000000", "300000000");
  auto config = kafka::make_config(with({{"receive.message.max.bytes", bytes}}));
  std::array<char, 512> error{};
  const kafka::ClientHandle client{rd_kafka_new(RD_KAFKA_CONSUMER, config.get(), error.data(), error.size())};
  INFO(error.data());
  REQUIRE(client);
  config.release();
  CHECK_NOTHROW(config.verify(rd_kafka_conf(client.get())));
}

TEST_CASE("a property that tidemark sets itself is refused, with what to use instead", "[unit]") {
  CHECK_THAT(refusal({{"bootstrap.servers", "x:1"}}), containing("ConsumerOptions::brokers"));
  CHECK_THAT(refusal({{"metadata.broker.list", "x:1"}}), containing("ConsumerOptions::brokers"));
  CHECK_THAT(refusal({{"group.id", "x"}}), containing("ConsumerOptions::group"));
  CHECK_THAT(refusal({{"auto.offset.reset", "latest"}}), containing("ConsumerOptions::start"));
  CHECK_THAT(refusal({{"queued.max.messages.kbytes", "1"}}), containing("memory_budget_bytes"));
  CHECK_THAT(refusal({{"log.queue", "false"}}), containing("observer"));
  CHECK_THAT(refusal({{"offset.store.path", "/"}}), containing("FileOffsetStore"));
  const auto* name =
      GENERATE("enable.auto.commit", "auto.commit.enable", "auto.commit.interval.ms", "enable.auto.offset.store",
               "offset.store.method", "enable.partition.eof", "fetch.queue.backoff.ms");
  CHECK_THAT(refusal({{name, "true"}}), containing(std::string{"\""} + name + "\" belongs to tidemark"));
}

TEST_CASE("a property that tidemark sets itself is refused under its other names too", "[unit]") {
  CHECK_THAT(refusal({{"topic.auto.offset.reset", "latest"}}), containing("\"topic.auto.offset.reset\" belongs to"));
  CHECK_THAT(refusal({{"topic.enable.auto.commit", "true"}}), containing("belongs to tidemark"));
  CHECK_THAT(refusal({{"topic.auto.commit.enable", "true"}}), containing("belongs to tidemark"));
  CHECK_THAT(refusal({{"topic.offset.store.method", "file"}}), containing("belongs to tidemark"));
  CHECK_THAT(refusal({{"enabled_events", "0"}}), containing("belongs to tidemark"));
  const auto* name =
      GENERATE("bootstrap.servers", "metadata.broker.list", "acks", "request.required.acks", "topic.acks",
               "topic.request.required.acks", "enable.idempotence", "message.timeout.ms", "delivery.timeout.ms",
               "topic.delivery.timeout.ms", "transactional.id", "statistics.interval.ms");
  CHECK_THAT(refusal_of_letters({{name, "1"}}),
             containing("KafkaDeadLettersOptions::kafka: \"" + std::string{name} + "\" belongs to tidemark"));
}

TEST_CASE("a default of tidemark's gives way to the user's value, under whichever name", "[unit]") {
  const auto config = kafka::make_config(with({{"max.partition.fetch.bytes", "70000"}}));
  CHECK(value(config, "fetch.message.max.bytes") == "70000");
}

TEST_CASE("one property under two names is refused", "[unit]") {
  const auto text = refusal({{"sasl.mechanism", "PLAIN"}, {"sasl.mechanisms", "SCRAM-SHA-256"}});
  CHECK_THAT(text, containing("\"sasl.mechanism\" and \"sasl.mechanisms\" are two names of one property"));
  CHECK(refusal_of_letters({{"compression.codec", "zstd"}, {"topic.compression.codec", "gzip"}}) == "accepted");
}

TEST_CASE("values are read as librdkafka spells them, however long", "[unit]") {
  const auto config = kafka::make_config(
      with({{"security.protocol", " Sasl_SSL"}, {"sasl.username", "  ada"}, {"client.id", std::string(2000, 'x')}}));
  CHECK(value(config, "security.protocol") == "sasl_ssl");
  CHECK(value(config, "sasl.username") == "ada");
  CHECK(value(config, "client.id") == std::string(2000, 'x'));
  CHECK(value(config, "no.such.property").empty());
}

TEST_CASE("a client that holds another value than tidemark set is found out", "[unit]") {
  const auto config = kafka::make_config(with({}));
  config.verify(config.get());
  const auto altered = config.copy();
  REQUIRE(rd_kafka_conf_set(altered.get(), "topic.auto.offset.reset", "latest", nullptr, 0) == RD_KAFKA_CONF_OK);
  CHECK_THROWS_WITH(config.verify(altered.get()),
                    containing(R"("auto.offset.reset" = "largest" where tidemark set "error")"));
}

TEST_CASE("a property that librdkafka does not know is named", "[unit]") {
  const auto text = refusal({{"sesion.timeout.ms", "6000"}});
  CHECK_THAT(text, containing("has no property \"sesion.timeout.ms\""));
  CHECK_THAT(text, containing("CONFIGURATION.md"));
}

TEST_CASE("a value that librdkafka refuses is told with its property and the reason", "[unit]") {
  CHECK_THAT(refusal({{"session.timeout.ms", "soon"}}), containing("\"session.timeout.ms\" is refused"));
  CHECK_THAT(refusal({{"security.protocol", "carrier pigeon"}}), containing("carrier pigeon"));
}
