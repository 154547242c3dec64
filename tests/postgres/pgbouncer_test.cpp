#include <tidemark/stores/postgres.hpp>

#include <tidemark/testing/catch2.hpp>

#include <fstream>

#include "postgres/postgres_fixture.hpp"
#include "support/eventually.hpp"
#include "support/free_port.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

/// PgBouncer in transaction mode: each transaction gets any of two sessions.
class PgBouncer {
 public:
  explicit PgBouncer(const PostgresServer& server) {
    std::ofstream{folder_ / "users"} << "\"tidemark\" \"secret\"\n";
    std::ofstream{folder_ / "ini"} << "[databases]\n* = host=127.0.0.1 port=" << server.port()
                                   << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nunix_socket_dir =\nlisten_port = "
                                   << port_ << "\nauth_type = trust\nauth_file = " << (folder_ / "users").string()
                                   << "\npool_mode = transaction\ndefault_pool_size = 2\n";
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    process_ = std::make_unique<Process>(
        Process::Options{.command = PostgresServer::as_plain_user({"/usr/sbin/pgbouncer", folder_ / "ini"}),
                         .environment = {},
                         .working_folder = folder_.path(),
                         .output_file = {}});
    const bool is_up = eventually([&] {
      try {
        PostgresProbe{PostgresServer::connection(port_)}("select 1");
        return true;
      } catch (const std::runtime_error&) {
        return !process_->running();
      }
    });
    INFO(process_->output());
    REQUIRE(is_up);
    REQUIRE(process_->running());
  }
  PostgresOffsetStoreOptions options(const std::string& database) const {
    auto options = impatient(PostgresServer::connection(port_, database));
    options.prepared_statements = PostgresPreparedStatements::never;
    return options;
  }

 private:
  TemporaryFolder folder_;
  std::uint16_t port_ = free_port();
  std::unique_ptr<Process> process_;
};

}  // namespace

TEST_CASE("the store and its transactions keep the contract through PgBouncer in transaction mode", "[postgres]") {
  static PgBouncer bouncer{PostgresServer::shared()};
  SECTION("offsets") {
    tidemark::testing::check_conformance(
        {.storage =
             [] {
               const auto options = bouncer.options(PostgresServer::shared().make_database());
               return [options] { return std::make_unique<PostgresOffsetStore>(options); };
             },
         .capabilities = {.refuses_odd_names = true}});
  }
  SECTION("transactions") {
    tidemark::testing::check_transactional_conformance<PostgresOffsetStore>({.storage = [] {
      const auto database = PostgresServer::shared().make_database();
      const auto direct = PostgresServer::shared().connection(database);
      PostgresProbe{direct}("create table results(key text, value text, unique (key))");
      return tidemark::testing::TransactionalStorage<PostgresOffsetStore>{
          .open = [database] { return std::make_unique<PostgresOffsetStore>(bouncer.options(database)); },
          .write =
              [](PostgresTransaction& transaction, const std::string& key, const std::string& value) {
                // A temporary table lives on one of PgBouncer's sessions: until the transaction's end.
                transaction.execute("create temporary table staged (like results) on commit drop");
                transaction.copy("staged", {"key", "value"}).add(key, value);
                transaction.execute(
                    "insert into results select * from staged on conflict (key) do update set value = excluded.value");
                transaction.execute("drop table staged");
              },
          .read = [direct](const std::string& key) -> std::optional<std::string> {
            auto found = PostgresProbe{direct}("select value from results where key = '" + key + "'");
            if (found.empty()) return std::nullopt;
            return found;
          }};
    }});
  }
}
