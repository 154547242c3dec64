#include "support/postgres_server.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "support/eventually.hpp"
#include "support/free_port.hpp"
#include "support/unique_name.hpp"

namespace tidemark::test {

namespace {

constexpr uid_t plain_user = 65534;  // nobody

void run_to_end(std::vector<std::string> command, const std::filesystem::path& folder) {
  Process process{{.command = PostgresServer::as_plain_user(std::move(command)),
                   .environment = {},
                   .working_folder = folder,
                   .output_file = {}}};
  const auto end = process.wait(std::chrono::seconds{120});
  if (!end || end->code != 0) throw std::runtime_error{"PostgreSQL's data could not be made:\n" + process.output()};
}

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

std::string PostgresServer::programs() {
  std::filesystem::path newest;
  for (const auto& version : std::filesystem::directory_iterator{"/usr/lib/postgresql"})
    if (std::filesystem::exists(version.path() / "bin/postgres")) newest = std::max(newest, version.path());
  if (newest.empty())
    throw std::runtime_error{"PostgreSQL's server is not installed: tools/install-dependencies.sh test"};
  return newest / "bin";
}

std::vector<std::string> PostgresServer::as_plain_user(std::vector<std::string> command) {
  if (::geteuid() != 0) return command;
  const auto user = std::to_string(plain_user);
  std::vector<std::string> whole{"setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--pdeathsig", "KILL"};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

PostgresServer::PostgresServer(Options options) : options_{std::move(options)}, port_{free_port()} {
  initialize();
  start();
}

PostgresServer::~PostgresServer() {
  try {
    thaw();
    stop_immediately();
  } catch (...) {
    process_->kill();
  }
}

void PostgresServer::initialize() {
  if (::geteuid() == 0 && ::chown(folder_.path().c_str(), plain_user, plain_user) != 0)
    throw std::runtime_error{"chown of the server's folder"};
  const std::string data = folder_ / "data";
  if (options_.copy_of.empty()) {
    std::ofstream{folder_ / "password"} << "secret\n";
    std::filesystem::permissions(folder_ / "password", std::filesystem::perms::all);
    run_to_end({programs() + "/initdb", "-D", data, "-U", "tidemark", "-E", "UTF8", "--locale", "C", "--no-sync",
                "--auth-host", options_.authentication, "--auth-local", "trust", "--pwfile", folder_ / "password"},
               folder_.path());
  } else {
    run_to_end({programs() + "/pg_basebackup", "-D", data, "-d", options_.copy_of, "-R", "--no-sync", "-c", "fast"},
               folder_.path());
  }
}

void PostgresServer::start() {
  std::map<std::string, std::string> settings{{"port", std::to_string(port_)},
                                              {"listen_addresses", "127.0.0.1"},
                                              {"unix_socket_directories", folder_.path()},
                                              {"fsync", "off"},
                                              {"full_page_writes", "off"},
                                              {"shared_buffers", "32MB"},
                                              {"shared_preload_libraries", "pg_stat_statements"},
                                              {"log_min_messages", "warning"}};
  for (const auto& [name, value] : options_.settings) settings[name] = value;
  std::vector<std::string> command{programs() + "/postgres", "-D", folder_ / "data"};
  if (options_.largest_file > 0)
    command.insert(command.begin(), {"prlimit", "--fsize=" + std::to_string(options_.largest_file)});
  for (const auto& [name, value] : settings) {
    command.emplace_back("-c");
    command.push_back(name + "=" + value);
  }
  const auto answers = [&] {
    try {
      probe()("select 1");
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  // Right after an immediate stop the sessions of before may still hold the shared memory.
  for (int attempt = 0; attempt < 20; ++attempt) {
    process_ = std::make_unique<Process>(Process::Options{
        .command = as_plain_user(command), .environment = {}, .working_folder = folder_.path(), .output_file = {}});
    if (eventually([&] { return answers() || !process_->running(); }) && process_->running()) return;
  }
  throw std::runtime_error{"PostgreSQL did not start:\n" + log()};
}

std::string PostgresServer::connection(std::uint16_t port, const std::string& database) {
  return "host=127.0.0.1 user=tidemark password=secret sslmode=disable dbname=" + database +
         " port=" + std::to_string(port);
}

std::string PostgresServer::make_database() {
  auto name = "d" + unique_name("");
  std::erase_if(name, [](char c) { return c == '-'; });
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  probe()("create database " + name);
  return name;
}

void PostgresServer::stop_immediately() {
  process_->send(SIGQUIT);
  if (!process_->wait(std::chrono::seconds{30})) process_->kill();
}

void PostgresServer::disconnect_all() {
  probe()(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client "
      "backend'");
}

void PostgresServer::signal_all(int signal) {
  const auto server = std::to_string(process_->pid());
  if (signal == SIGSTOP) process_->freeze();
  std::ifstream children{"/proc/" + server + "/task/" + server + "/children"};
  for (pid_t child = 0; children >> child;) ::kill(child, signal);
  if (signal != SIGSTOP) process_->send(signal);
}

}  // namespace tidemark::test
