#include "postgres/killed_consumer.hpp"

TEST_CASE(
    "results in PostgreSQL are exact over 300 kills of the consumer, 300 ended sessions and 20 stops of the server",
    "[postgres-extended]") {
  tidemark::test::KilledConsumer killed{1'000'000};
  killed.run(325, 15);
  CHECK(killed.consumer_hits >= 300);
  CHECK(killed.session_hits >= 300);
  CHECK(killed.server_hits >= 20);
}
