#include "client_programs.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "support/process.hpp"

namespace tidemark::bench {
namespace {

constexpr std::chrono::minutes longest_run{5};

const std::filesystem::path folder{TIDEMARK_BENCH_FOLDER};

struct Known {
  Client client;
  const char* file;
  const char* missing;
};

constexpr std::array<Known, 8> all{
    {{Client::raw, "bench_consume_raw", ""},
     {Client::raw_mimalloc, "bench_consume_raw_mimalloc", "mimalloc is not installed"},
     {Client::tidemark, "bench_consume_tidemark", ""},
     {Client::tidemark_mimalloc, "bench_consume_tidemark_mimalloc", "mimalloc is not installed"},
     {Client::java, "java/Consume.class", "there was no javac when the benchmarks were built"},
     {Client::franz, "bench_consume_franz", "there was no Go when the benchmarks were built"},
     {Client::parallel_tidemark, "bench_parallel_tidemark", ""},
     {Client::parallel_java, "java/Parallel.class",
      "there was no javac, or no Parallel Consumer, when the benchmarks were built"}}};

const Known& known(Client client) { return all.at(static_cast<std::size_t>(client)); }

std::string class_path() {
  const char* given = std::getenv("TIDEMARK_KAFKA_LIBS");
  return fmt::format("{}:{}/*", (folder / "java").string(), given != nullptr ? given : TIDEMARK_KAFKA_LIBS);
}

}  // namespace

std::string run_to_end(const Program& program) {
  test::Process process{{.command = program.command, .environment = program.environment}};
  const auto ended = process.wait(longest_run);
  if (ended != test::ExitStatus{.code = 0})
    throw std::runtime_error{fmt::format("{} {}:\n{}", program.command.front(),
                                         ended ? "failed" : "took longer than 5 minutes", process.output())};
  return process.output();
}

ClientPrograms::ClientPrograms(const std::string& librdkafka) {
  if (librdkafka.empty()) return;
  if (!std::filesystem::is_regular_file(librdkafka))
    throw std::runtime_error{"no such file: " + librdkafka + "; --librdkafka takes the path of a shared library"};
  std::filesystem::create_symlink(std::filesystem::absolute(librdkafka), folder_ / "librdkafka.so.1");
  environment_["LD_LIBRARY_PATH"] = folder_.path();
}

bool ClientPrograms::has(Client client) const { return std::filesystem::exists(folder / known(client).file); }

Program ClientPrograms::program(Client client) const {
  if (client == Client::java)
    return {{"java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", class_path(), "Consume"}};
  if (client == Client::parallel_java)
    return {{"java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp",
             fmt::format("{}:{}/*", (folder / "java").string(), TIDEMARK_PARALLEL_LIBS), "Parallel"}};
  const auto file = (folder / known(client).file).string();
  if (client == Client::franz) return {{file}};
  return {{file}, environment_};
}

Program ClientPrograms::member(Client client) const {
  if (client == Client::tidemark) return {{(folder / "bench_member_tidemark").string()}, environment_};
  return {{"java", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", class_path(), "Member"}};
}

std::vector<std::string> ClientPrograms::versions() const {
  std::vector<std::string> lines;
  for (const auto& [client, file, missing] : all) {
    if (!has(client)) {
      lines.push_back(fmt::format("{} does not take part: {}", file, missing));
      continue;
    }
    const auto output = run_to_end(program(client).add({"--version"}));
    lines.push_back(fmt::format("{}: {}", file, output.substr(0, output.find('\n'))));
  }
  return lines;
}

}  // namespace tidemark::bench
