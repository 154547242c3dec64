#pragma once

#include <map>
#include <string>
#include <vector>

#include "measurement.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::bench {

/// Who takes part. Each is a program of its own, all with the same options and the same last line.
enum class Client { raw, raw_mimalloc, tidemark, tidemark_mimalloc, java, franz, parallel_tidemark, parallel_java };

struct Program {
  std::vector<std::string> command{};
  std::map<std::string, std::string> environment{};

  Program& add(const std::vector<std::string>& arguments) {
    command.insert(command.end(), arguments.begin(), arguments.end());
    return *this;
  }
};

/// Runs it until its end. Throws std::runtime_error with its output where it fails.
std::string run_to_end(const Program& program);

/// Where the contenders' programs are, and what they need to start.
class ClientPrograms {
 public:
  /// `librdkafka` takes the place of the system's for those that use it; empty: none does.
  explicit ClientPrograms(const std::string& librdkafka);

  /// Not everywhere are there Go and mimalloc.
  bool has(Client client) const;
  Program program(Client client) const;
  /// Takes BROKERS TOPIC GROUP; of tidemark and Java only.
  Program member(Client client) const;
  /// A line for each that is there: who it is and which versions it uses.
  std::vector<std::string> versions() const;

 private:
  test::TemporaryFolder folder_;  // in which the other librdkafka has the name that the loader looks for
  std::map<std::string, std::string> environment_{};
};

}  // namespace tidemark::bench
