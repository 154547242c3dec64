#include "machine.hpp"

#include <fstream>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

namespace tidemark::bench {
namespace {

std::string processor() {
  std::ifstream file{"/proc/cpuinfo"};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  return "unknown processor";
}

}  // namespace

void print_machine() {
  fmt::print("machine: {}, {} cores; librdkafka {}; {} {}\n", processor(), std::thread::hardware_concurrency(),
             rd_kafka_version_str(),
#ifdef __clang__
             "clang", __clang_version__);
#else
             "gcc", __VERSION__);
#endif
}

}  // namespace tidemark::bench
