#include <atomic>
#include <memory>
#include <string>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

#include "engine/recording_observer.hpp"
#include "engine/running.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/free_port.hpp"
#include "support/raw_server.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("while librdkafka waits for a token, the control thread does not", "[kip848]") {
  std::atomic<bool> was_asked = false;
  std::atomic<bool> may_answer = false;
  RawServer identity{[&](std::string_view received) -> std::string {
    if (received.empty()) return {};
    was_asked = true;
    if (!eventually([&] { return may_answer.load(); }, patience)) return {};
    return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  }};
  const auto observer = std::make_shared<RecordingObserver>();
  testing::MemoryOffsetStore store;
  MicroBatchConsumer<> consumer{{.brokers = "127.0.0.1:" + std::to_string(free_port()),
                                 .group = "billing",
                                 .topics = {"orders"},
                                 .connect_timeout = std::chrono::milliseconds::max(),
                                 .observer = observer,
                                 .kafka = {{"security.protocol", "sasl_plaintext"},
                                           {"sasl.mechanisms", "OAUTHBEARER"},
                                           {"sasl.oauthbearer.method", "oidc"},
                                           {"sasl.oauthbearer.client.id", "billing"},
                                           {"sasl.oauthbearer.client.secret", "secret"},
                                           {"sasl.oauthbearer.token.endpoint.url",
                                            "http://127.0.0.1:" + std::to_string(identity.port()) + "/token"},
                                           {"debug", "security"}}},
                                store,
                                [](const Batch<>&) {}};
  Running running{consumer};
  REQUIRE(eventually([&] { return was_asked.load(); }, patience));
  // Were the token fetched by the thread that polls, it would come before all else.
  CHECK(eventually([&] { return !observer->heard().logs.empty(); }, 10s));
  may_answer = true;
  CHECK(eventually([&] { return !observer->heard().errors.empty(); }, patience));
  CHECK_NOTHROW(running.stop());
}
