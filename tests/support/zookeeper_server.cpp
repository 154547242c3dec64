#include "support/zookeeper_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "support/eventually.hpp"
#include "support/free_port.hpp"

using namespace std::chrono_literals;

namespace tidemark::test {

namespace {

std::string jars() {
  const char* given = std::getenv("TIDEMARK_ZOOKEEPER_LIBS");
  const std::filesystem::path folder = given != nullptr ? given : TIDEMARK_ZOOKEEPER_LIBS;
  if (!std::filesystem::exists(folder))
    throw std::runtime_error{"no ZooKeeper in " + folder.string() +
                             ": run ./tests/run.sh, which fetches it, or set TIDEMARK_ZOOKEEPER_LIBS"};
  return folder / "*";
}

// A short life on few cores: the quick compiler and the plain collector start sooner and leave the cores to the test.
std::vector<std::string> java(const std::filesystem::path& configuration) {
  return {
      "java", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", configuration.string() + ":" + jars()};
}

std::vector<std::string> joined(std::vector<std::string> command, const std::vector<std::string>& more) {
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

}  // namespace

ZooKeeperServer& ZooKeeperServer::shared() {
  static ZooKeeperServer server;
  return server;
}

ZooKeeperServer::ZooKeeperServer(Options options) : options_{std::move(options)}, port_{free_port()} {
  write_configuration();
  start();
}

void ZooKeeperServer::start() {
  auto command = joined(java(folder_.path()), options_.jvm);
  if (!options_.forces_sync) command.push_back("-Dzookeeper.forceSync=no");
  command = joined(std::move(command), {options_.id > 0 ? "org.apache.zookeeper.server.quorum.QuorumPeerMain"
                                                        : "org.apache.zookeeper.server.ZooKeeperServerMain",
                                        folder_ / "zoo.cfg"});
  process_ = std::make_unique<Process>(Process::Options{.command = std::move(command)});
  if (options_.id > 0) return;
  if (!eventually([&] { return !mode().empty() || !process_->running(); }) || !process_->running())
    throw std::runtime_error{"ZooKeeper did not start:\n" + log()};
}

std::string ZooKeeperServer::mode() const {
  const std::string label = "Mode: ";
  const auto reply = ask("srvr");
  const auto at = reply.find(label);
  if (at == std::string::npos) return {};
  return reply.substr(at + label.size(), reply.find('\n', at) - at - label.size());
}

std::string ZooKeeperServer::cli(const std::vector<std::string>& command) const {
  Process process{
      {.command = joined(joined(java(folder_.path()), {"org.apache.zookeeper.ZooKeeperMain", "-server", servers()}),
                         command)}};
  if (!process.wait(30s)) throw std::runtime_error{"ZooKeeper's command line did not end:\n" + process.output()};
  return process.output();
}

void ZooKeeperServer::write_configuration() const {
  std::ofstream file{folder_ / "zoo.cfg"};
  file << "tickTime=" << options_.tick_ms << "\ndataDir=" << (folder_ / "data").string() << "\nclientPort=" << port_
       << "\nclientPortAddress=127.0.0.1\nmaxClientCnxns=0\nadmin.enableServer=false\n4lw.commands.whitelist=*\n";
  if (options_.id > 0) {
    std::filesystem::create_directory(folder_ / "data");
    std::ofstream{folder_ / "data/myid"} << options_.id << '\n';
    file << "initLimit=50\nsyncLimit=20\n";
  }
  for (const auto& property : options_.properties) file << property << '\n';
  std::ofstream{folder_ / "logback.xml"}
      << "<configuration><appender name='out' "
         "class='ch.qos.logback.core.ConsoleAppender'><encoder><pattern>%d{HH:mm:ss.SSS} "
         "%-5level %logger{0} %msg%n</pattern></encoder></appender><root level='warn'><appender-ref ref='out'/></root>"
         "</configuration>\n";
}

std::string ZooKeeperServer::ask(const std::string& command) const {
  boost::asio::ip::tcp::iostream connection;
  connection.expires_after(500ms);  // what it accepts before it is ready may never be answered
  connection.connect("127.0.0.1", std::to_string(port_));
  connection << command << std::flush;
  return {std::istreambuf_iterator<char>{connection}, {}};
}

}  // namespace tidemark::test
