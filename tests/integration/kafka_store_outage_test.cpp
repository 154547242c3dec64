#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include <tidemark/error.hpp>
#include <tidemark/stores/kafka.hpp>

#include "integration/kafka_store_fixture.hpp"
#include "support/free_port.hpp"
#include "support/store_error.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

/// How many bytes `action` writes to stderr, whoever in this process does it.
std::uintmax_t written_to_stderr(const std::function<void()>& action) {
  const TemporaryFolder folder;
  const auto file = folder / "stderr";
  const int before = ::dup(STDERR_FILENO);
  const int captured = ::open(file.c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(captured, STDERR_FILENO);
  action();
  ::dup2(before, STDERR_FILENO);
  ::close(captured);
  ::close(before);
  return std::filesystem::file_size(file);
}

}  // namespace

TEST_CASE("while the coordinator is silent calls end in time, and go through once it is back", "[integration]") {
  KafkaStoreFixture kafka;
  KafkaOffsetStore store{{.brokers = kafka.brokers, .timeout = 500ms}};
  PlainMember member{kafka.brokers, kafka.group, kafka.topic};
  kafka.await_partitions(member, 1);
  commit(store, member.session(), {{kafka.partition(), 0, 10}});
  CHECK(store.list(kafka.group).size() == 1);

  const auto ends_in_time = [](const std::function<void()>& call) {
    const auto start = std::chrono::steady_clock::now();
    const auto error = store_error_of(call);
    CHECK(std::chrono::steady_clock::now() - start < 5s);
    CHECK(says(error, "KafkaOffsetStoreOptions::timeout"));
    CHECK((error && error->is_retryable()));
  };
  KafkaServer::shared().freeze();
  ends_in_time([&] { commit(store, member.session(), {{kafka.partition(), 10, 20}}); });
  ends_in_time([&] { load(store, member.session(), kafka.partition()); });
  ends_in_time([&] { store.list(kafka.group); });
  KafkaServer::shared().thaw();

  CHECK(eventually([&] {
    return !store_error_of([&] { commit(store, member.session(), {{kafka.partition(), 10, 30}}); });
  }));
  CHECK(kafka.committed() == 30);
}

TEST_CASE("a cluster out of reach is an error that says why, with nothing on stderr", "[integration]") {
  const auto nowhere = "127.0.0.1:" + std::to_string(free_port());
  std::optional<StoreError> error;
  const auto written = written_to_stderr([&] {
    KafkaOffsetStore store{{.brokers = nowhere, .timeout = 500ms}};
    error = store_error_of([&] { store.list("group"); });
  });
  CHECK(says(error, nowhere, "Connection refused"));
  CHECK((error && error->is_retryable()));
  CHECK(written == 0);
}

TEST_CASE("a refused login names neither password nor user's secret", "[integration]") {
  KafkaStoreFixture kafka;
  KafkaOffsetStore store{{.brokers = kafka.brokers,
                          .timeout = 1s,
                          .kafka = {{"security.protocol", "SASL_PLAINTEXT"},
                                    {"sasl.mechanisms", "PLAIN"},
                                    {"sasl.username", "tidemark"},
                                    {"sasl.password", "hunter2-is-secret"}}}};
  std::optional<StoreError> error;
  const auto written = written_to_stderr([&] { error = store_error_of([&] { store.list(kafka.group); }); });
  REQUIRE(error);
  INFO(error->what());
  CHECK_FALSE(says(error, "hunter2"));
  CHECK(says(error, "security.protocol"));
  CHECK(written == 0);
}
