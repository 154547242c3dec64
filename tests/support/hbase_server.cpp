#include "support/hbase_server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

#include "support/end_of.hpp"
#include "support/eventually.hpp"
#include "support/free_port.hpp"

namespace tidemark::test {
namespace {

constexpr std::chrono::seconds start_timeout{120};

std::filesystem::path libraries() {
  const char* given = std::getenv("TIDEMARK_HBASE_LIBS");
  std::filesystem::path folder = given != nullptr ? given : TIDEMARK_HBASE_LIBS;
  if (!std::filesystem::exists(folder))
    throw std::runtime_error{"no HBase in " + folder.string() +
                             ": run tests/servers/fetch-jars.sh hbase, or set TIDEMARK_HBASE_LIBS"};
  return folder;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool accepts(std::uint16_t port) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::socket socket{context};
  boost::system::error_code error;
  socket.connect({boost::asio::ip::address_v4::loopback(), port}, error);
  return !error;
}

}  // namespace

HBaseServer& HBaseServer::shared() {
  static HBaseServer server;
  return server;
}

HBaseServer::HBaseServer()
    : port_{free_port()}, zookeeper_port_{free_port()}, master_port_{free_port()}, region_port_{free_port()} {
  write_configuration();
  run_hbase();
  run_gateway();  // both start at once; the gateway takes connections before it finds HBase
  wait_for(*hbase_, log_file("hbase"), "Master has completed initialization");
  wait_for_gateway(*gateway_, port_);
}

void HBaseServer::start_gateway() {
  run_gateway();
  wait_for_gateway(*gateway_, port_);
}

void HBaseServer::start_hbase() {
  run_hbase();
  wait_for(*hbase_, log_file("hbase"), "Master has completed initialization");
}

void HBaseServer::run_hbase() {
  ++starts_;  // a log file of its own each time
  hbase_ = std::make_unique<Process>(
      Process::Options{.command = java("-Xmx512m", {"org.apache.hadoop.hbase.master.HMaster", "start"}),
                       .working_folder = folder_.path(),
                       .output_file = log_file("hbase")});
}

void HBaseServer::run_gateway() { gateway_ = extra_gateway(port_, {}); }

std::unique_ptr<Process> HBaseServer::extra_gateway(std::uint16_t port, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"org.apache.hadoop.hbase.thrift2.ThriftServer",
                                   "-p",
                                   std::to_string(port),
                                   "-b",
                                   "127.0.0.1",
                                   "--infoport",
                                   "-1"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.emplace_back("start");
  return std::make_unique<Process>(Process::Options{.command = java("-Xmx256m", command),
                                                    .working_folder = folder_.path(),
                                                    .output_file = log_file(fmt::format("gateway-{}", port))});
}

std::vector<std::string> HBaseServer::java(const std::string& heap, std::vector<std::string> arguments) const {
  // The quick compiler and the plain collector start sooner and leave the cores to the test.
  std::vector<std::string> command{"java", heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"};
  for (const auto* opened :
       {"java.lang", "java.lang.reflect", "java.nio", "java.util", "java.util.concurrent", "sun.nio.ch"}) {
    command.emplace_back("--add-opens");
    command.push_back(fmt::format("java.base/{}=ALL-UNNAMED", opened));
  }
  command.emplace_back("-cp");
  command.push_back(fmt::format("{}:{}/*", (folder_ / "conf").string(), libraries().string()));
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

std::filesystem::path HBaseServer::log_file(const std::string& of) const {
  const auto name = fmt::format("{}-{}.log", of, starts_);
  const char* kept = std::getenv("TIDEMARK_SERVER_LOGS");
  if (kept == nullptr) return folder_ / name;
  std::filesystem::create_directories(kept);
  return std::filesystem::path{kept} / fmt::format("{}-{}-{}", ::getpid(), port_, name);
}

void HBaseServer::write_configuration() const {
  const std::map<std::string, std::string> properties{
      {"hbase.rootdir", "file://" + (folder_ / "data").string()},
      {"hbase.tmp.dir", folder_ / "tmp"},
      {"hbase.zookeeper.property.dataDir", folder_ / "zookeeper"},
      {"hbase.zookeeper.property.clientPort", std::to_string(zookeeper_port_)},
      {"hbase.zookeeper.quorum", "127.0.0.1"},
      {"hbase.master.hostname", "localhost"},
      {"hbase.regionserver.hostname", "localhost"},
      {"hbase.master.port", std::to_string(master_port_)},
      {"hbase.regionserver.port", std::to_string(region_port_)},
      {"hbase.master.info.port", "-1"},
      {"hbase.regionserver.info.port", "-1"},
      {"hbase.wal.provider", "filesystem"},
      {"hbase.unsafe.stream.capability.enforce", "false"},
      // The other file system for local disks keeps what is flushed in the process, for its checksums: SIGKILL would lose it.
      {"fs.file.impl", "org.apache.hadoop.fs.RawLocalFileSystem"},
      {"hbase.regionserver.handler.count", "10"},
      {"hbase.procedure.store.region.rpc.handler.count", "2"},
  };
  std::filesystem::create_directories(folder_ / "conf");
  std::ofstream site{folder_ / "conf" / "hbase-site.xml"};
  site << "<configuration>\n";
  for (const auto& [name, value] : properties)
    site << "<property><name>" << name << "</name><value>" << value << "</value></property>\n";
  site << "</configuration>\n";
  std::ofstream log{folder_ / "conf" / "log4j.properties"};
  log << "log4j.rootLogger=INFO,console\n"
         "log4j.appender.console=org.apache.log4j.ConsoleAppender\n"
         "log4j.appender.console.layout=org.apache.log4j.PatternLayout\n"
         "log4j.appender.console.layout.ConversionPattern=%d{HH:mm:ss.SSS} %p %c{2}: %m%n\n";
}

void HBaseServer::wait_for(Process& process, const std::filesystem::path& log, const std::string& words) const {
  const auto said_or_died = [&] { return content(log).find(words) != std::string::npos || !process.running(); };
  if (!eventually(said_or_died, start_timeout) || !process.running())
    throw std::runtime_error{"HBase did not start. The end of its log:\n" + end_of(content(log))};
}

void HBaseServer::wait_for_gateway(Process& process, std::uint16_t port) const {
  if (!eventually([&] { return accepts(port) || !process.running(); }, start_timeout) || !process.running())
    throw std::runtime_error{"HBase's gateway did not start. The end of its log:\n" +
                             end_of(content(log_file(fmt::format("gateway-{}", port))))};
}

}  // namespace tidemark::test
