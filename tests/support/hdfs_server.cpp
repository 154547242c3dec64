#include "support/hdfs_server.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

#include "support/end_of.hpp"
#include "support/eventually.hpp"
#include "support/free_port.hpp"

using namespace std::chrono_literals;

namespace tidemark::test {
namespace {

constexpr auto start_timeout = 90s;

std::string class_path(const std::filesystem::path& configuration) {
  const char* given = std::getenv("TIDEMARK_HDFS_LIBS");
  const std::filesystem::path folder = given != nullptr ? given : TIDEMARK_HDFS_LIBS;
  if (!std::filesystem::exists(folder))
    throw std::runtime_error{"no HDFS in " + folder.string() +
                             ": run ./tests/run.sh, which fetches it, or set TIDEMARK_HDFS_LIBS"};
  return configuration.string() + ":" + (folder / "*").string();
}

void write_xml(const std::filesystem::path& path, const HdfsServer::Properties& properties) {
  std::ofstream file{path};
  file << "<configuration>\n";
  for (const auto& [name, value] : properties)
    file << "<property><name>" << name << "</name><value>" << value << "</value></property>\n";
  file << "</configuration>\n";
}

std::string on_loopback(std::uint16_t port) { return fmt::format("127.0.0.1:{}", port); }

}  // namespace

HdfsServer& HdfsServer::shared() {
  static HdfsServer server;
  return server;
}

HdfsServer::HdfsServer(Properties properties, Role role)
    : role_{role},
      rpc_port_{free_port()},
      http_port_{free_port()},
      data_port_{free_port()},
      data_http_port_{free_port()},
      data_ipc_port_{free_port()} {
  write_configuration(properties);
  format();
  start();
}

void HdfsServer::kill() {
  name_node_->kill();
  data_node_->kill();
}

void HdfsServer::start() {
  const auto start_one = [&](std::unique_ptr<Process>& process, const char* name, const char* main_class) {
    if (process && process->running()) return;
    process = std::make_unique<Process>(Process::Options{.command = java({main_class}), .output_file = log_file(name)});
  };
  start_one(name_node_, "name-node", "org.apache.hadoop.hdfs.server.namenode.NameNode");
  if (role_ == Role::single) start_one(data_node_, "data-node", "org.apache.hadoop.hdfs.server.datanode.DataNode");
  const auto has_died = [&] { return !name_node_->running() || (data_node_ && !data_node_->running()); };
  if (!eventually([&] { return has_died() || is_ready(); }, start_timeout) || has_died())
    throw std::runtime_error{"HDFS did not start. The end of its logs:\n" + end_of(log_of("name-node")) +
                             end_of(log_of("data-node"))};
}

// A restarted name node counts the data node only once that has registered with it, and hears of its blocks after that.
bool HdfsServer::is_ready() const {
  if (role_ == Role::standby)
    return probe().ask("/webhdfs/v1/?op=LISTSTATUS").value_or("").find("StandbyException") != std::string::npos;
  try {
    probe().put("/.ready", "yes");
    return probe().get("/.ready") == "yes";
  } catch (const std::exception&) {
    return false;
  }
}

std::string HdfsServer::shell(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "org.apache.hadoop.fs.FsShell");
  Process process{{.command = java(std::move(arguments)), .environment = {{"HADOOP_USER_NAME", "root"}}}};
  const auto end = process.wait(60s);
  if (!end || end->code != 0) throw std::runtime_error{"hdfs dfs failed:\n" + process.output()};
  return process.output();
}

std::vector<std::string> HdfsServer::java(std::vector<std::string> arguments) const {
  // A short life on few cores: the quick compiler and the plain collector start sooner and leave the cores to the test.
  std::vector<std::string> command{"java",
                                   "-Xmx256m",
                                   "-XX:+UseSerialGC",
                                   "-XX:TieredStopAtLevel=1",
                                   "--add-opens",
                                   "java.base/java.lang=ALL-UNNAMED",
                                   "-cp",
                                   class_path(folder_ / "conf")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

HdfsServer::Properties HdfsServer::addresses() const {
  if (role_ == Role::single)
    return {{"dfs.namenode.rpc-address", on_loopback(rpc_port_)},
            {"dfs.namenode.http-address", on_loopback(http_port_)}};
  return {{"dfs.nameservices", "pair"},
          {"dfs.ha.namenodes.pair", "here,elsewhere"},
          {"dfs.ha.namenode.id", "here"},
          {"dfs.namenode.rpc-address.pair.here", on_loopback(rpc_port_)},
          {"dfs.namenode.http-address.pair.here", on_loopback(http_port_)},
          {"dfs.namenode.rpc-address.pair.elsewhere", on_loopback(data_ipc_port_)},
          {"dfs.namenode.http-address.pair.elsewhere", on_loopback(data_http_port_)},
          {"dfs.namenode.shared.edits.dir", "file://" + (folder_ / "shared").string()}};
}

void HdfsServer::write_configuration(const Properties& added) const {
  const auto conf = folder_ / "conf";
  std::filesystem::create_directories(conf / "webapps/hdfs");
  std::filesystem::create_directories(conf / "webapps/datanode");
  const auto is_pair = role_ == Role::standby;
  write_xml(conf / "core-site.xml", {{"fs.defaultFS", is_pair ? "hdfs://pair" : "hdfs://" + on_loopback(rpc_port_)},
                                     {"hadoop.tmp.dir", folder_ / "tmp"}});
  Properties all = addresses();
  all.merge(Properties{
      {"dfs.namenode.name.dir", folder_ / "name"},
      {"dfs.datanode.data.dir", folder_ / "data"},
      {"dfs.datanode.hostname", "127.0.0.1"},
      {"dfs.datanode.address", on_loopback(data_port_)},
      {"dfs.datanode.http.address", on_loopback(data_http_port_)},
      {"dfs.datanode.ipc.address", on_loopback(data_ipc_port_)},
      {"dfs.replication", "1"},
      {"dfs.namenode.safemode.extension", "0"},
      // Killed and started again, a data node is back at once.
      {"dfs.heartbeat.interval", "1"},
      // A data node that closes a file asks again so soon whether the name node has heard of the block, not after 400.
      {"dfs.client.block.write.locateFollowingBlock.initial.delay.ms", "5"},
      {"dfs.client.block.write.locateFollowingBlock.retries", "10"},
      {"dfs.permissions.superusergroup", "root"}});
  for (const auto& [name, value] : added) all.insert_or_assign(name, value);
  write_xml(conf / "hdfs-site.xml", all);
  std::ofstream{conf / "log4j.properties"}
      << "log4j.rootLogger=INFO,console\n"
         "log4j.appender.console=org.apache.log4j.ConsoleAppender\n"
         "log4j.appender.console.target=System.err\n"
         "log4j.appender.console.layout=org.apache.log4j.PatternLayout\n"
         "log4j.appender.console.layout.ConversionPattern=%d{HH:mm:ss.SSS} %p %c{1}: %m%n\n"
         "log4j.logger.org.apache.hadoop.fs=ERROR\n"
         "log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR\n";
}

void HdfsServer::format() const {
  Process process{{.command = java({"org.apache.hadoop.hdfs.server.namenode.NameNode", "-format", "-nonInteractive"})}};
  const auto end = process.wait(start_timeout);
  if (!end || end->code != 0)
    throw std::runtime_error{"HDFS could not format its storage:\n" + end_of(process.output())};
}

/// In $TIDEMARK_SERVER_LOGS it outlives the test.
std::filesystem::path HdfsServer::log_file(const std::string& name) const {
  const char* kept = std::getenv("TIDEMARK_SERVER_LOGS");
  if (kept == nullptr) return folder_ / (name + ".log");
  std::filesystem::create_directories(kept);
  return std::filesystem::path{kept} / fmt::format("hdfs-{}-{}-{}.log", name, ::getpid(), http_port_);
}

std::string HdfsServer::log_of(const std::string& name) const {
  std::ifstream file{log_file(name)};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace tidemark::test
