#include <tidemark/stores/hbase.hpp>

#include <functional>
#include <utility>

#include "hbase/hbase_fixture.hpp"
#include "support/free_port.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("options that can't work are refused by name", "[hbase]") {
  using Options = HBaseOffsetStoreOptions;
  using namespace std::chrono_literals;
  const std::vector<std::pair<std::string, std::function<void(Options&)>>> cases{
      {"host", [](Options& o) { o.host.clear(); }},
      {"port", [](Options& o) { o.port = 0; }},
      {"table", [](Options& o) { o.table = ""; }},
      {"table", [](Options& o) { o.table = "a b"; }},
      {"table", [](Options& o) { o.table = "a:b:c"; }},
      {"family", [](Options& o) { o.family = ""; }},
      {"family", [](Options& o) { o.family = "a:b"; }},
      {"connect_timeout", [](Options& o) { o.connect_timeout = 0ms; }},
      {"command_timeout", [](Options& o) { o.command_timeout = 0ms; }},
      {"checkout_timeout", [](Options& o) { o.checkout_timeout = -1ms; }},
      {"max_idle_time", [](Options& o) { o.max_idle_time = -1ms; }},
      {"max_connections", [](Options& o) { o.max_connections = 0; }}};
  for (const auto& [option, spoil] : cases) {
    auto options = hbase_at(9090);
    spoil(options);
    try {
      HBaseOffsetStore{options};
      FAIL("taken: " << option);
    } catch (const ConfigError& error) {
      CHECK(std::string{error.what()}.find("HBaseOffsetStoreOptions::" + option) == 0);
    }
  }
}

TEST_CASE("a table is made where it is missing, if that is wished, and nothing in it expires", "[hbase]") {
  auto options = hbase_at(HBaseServer::shared().port());
  options.table = unique_name("made");
  options.create_table = false;
  const auto error = store_error_of([&] { HBaseOffsetStore{options}; });
  CHECK(says(error, options.table, "create '" + options.table + "', 'offsets'", "create_table"));
  CHECK_FALSE(error->is_retryable());
  options.create_table = true;
  options.refuse_time_to_live = true;
  HBaseOffsetStore store{options};
  CHECK(store.retention().keeps_offsets());
  CHECK(store.list("billing").empty());
}

TEST_CASE("a table that others spoil while it is in use is an error that says what to do", "[hbase]") {
  auto options = hbase_at(HBaseServer::shared().port());
  options.table = unique_name("spoilt");
  options.command_timeout = std::chrono::seconds{30};
  HBaseProbe probe{options.port, options.table};
  probe.create_table(0, "others");
  const auto without_family = store_error_of([&] { HBaseOffsetStore{options}; });
  CHECK(says(without_family, "no column family \"offsets\"", "alter"));
  CHECK_FALSE(without_family->is_retryable());
  options.family = "others";
  HBaseOffsetStore store{options};
  probe.disable_table();
  const auto disabled = store_error_of([&] { store.list("billing"); });
  CHECK(says(disabled, options.table, "enable"));
  CHECK_FALSE(disabled->is_retryable());
  probe.delete_table();
  const auto dropped = store_error_of([&] { store.list("billing"); });
  INFO((dropped ? dropped->what() : "no error"));
  CHECK(says(dropped, options.table, "the table does not exist"));
  CHECK_FALSE(dropped->is_retryable());
}

TEST_CASE("a table whose cells expire is told of, and refused if that is wished", "[hbase]") {
  auto options = hbase_at(HBaseServer::shared().port());
  options.table = unique_name("expiring");
  HBaseProbe{options.port, options.table}.create_table(2'592'000);
  const HBaseOffsetStore store{options};
  CHECK(store.retention().time_to_live == std::chrono::hours{24 * 30});
  CHECK_FALSE(store.retention().keeps_offsets());
  CHECK(store.retention().text().find("expire after 2592000 s (30.0 days)") != std::string::npos);
  options.refuse_time_to_live = true;
  const auto error = store_error_of([&] { HBaseOffsetStore{options}; });
  CHECK(says(error, options.table, "refuse_time_to_live", "30.0 days", "TTL => 'FOREVER'"));
  CHECK_FALSE(error->is_retryable());
}

TEST_CASE("framed and compact gateways are talked to, and a mistake about that is an error", "[hbase]") {
  const auto plain = emptied_hbase();
  auto options = plain;
  options.port = free_port();
  auto& server = HBaseServer::shared();
  const auto gateway = server.extra_gateway(options.port, {"-f", "-c"});
  server.wait_for_gateway(*gateway, options.port);
  for (const bool framed : {false, true}) {
    for (const bool compact : {false, true}) {
      CAPTURE(framed, compact);
      options.framed = framed;
      options.compact = compact;
      options.fsync = true;
      options.command_timeout = std::chrono::seconds{framed && compact ? 20 : 1};
      if (!framed || !compact) {
        CHECK(says(store_error_of([&] { HBaseOffsetStore{options}; }), "127.0.0.1:"));
        continue;
      }
      HBaseOffsetStore store{options};
      const OffsetRange range = orders(0, 5);
      REQUIRE_FALSE(store.commit({.group = "billing"}, {&range, 1}));
    }
  }
  CHECK(HBaseProbe{plain.port}.row("billing:orders") == "0=5");
}
