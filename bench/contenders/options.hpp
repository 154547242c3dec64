#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tidemark::bench {

/// What every contender is told. bench/README.md lists what each of them makes of it.
struct ConsumeOptions {
  std::string brokers;
  std::string topic;
  std::string group;
  std::uint64_t records = 0;        ///< Prints its figures after so many.
  bool stay = false;                ///< Then goes on, until it is killed.
  std::size_t batch = 10'000;       ///< Records at once, at the most.
  std::chrono::nanoseconds work{};  ///< The handler computes so long for each record.
  std::chrono::nanoseconds wait{};  ///< The handler waits so long for each record, once a batch, as for I/O.
  std::uint64_t latency_skip = 0;   ///< Records carry the time they were sent; the latencies of so many don't count.
  bool latencies = false;           ///< Set with `latency_skip`.
  std::string settings = "equal";   ///< librdkafka's: equal to tidemark's, or its own: equal, default.
  std::string read = "batch";       ///< How librdkafka is read: batch, or first (wait for one, drain the rest).
  std::chrono::milliseconds max_wait{100};  ///< tidemark's.
  std::size_t workers = 1;                  ///< tidemark's.
  std::string store = "none";               ///< Where tidemark keeps offsets: none, file or kafka.
  std::string offsets;                      ///< The file store's folder.
  std::size_t ahead = 1;                    ///< Batches that tidemark may have uncommitted.
  /// tidemark's: plain, typed (values decoded to a struct), or guarded (retries, rejects and rates that are never reached).
  std::string handling = "plain";
};

/// Exits with a usage message where the command line does not fit, and with `version` where that is asked for.
ConsumeOptions parse_options(int argc, char** argv, const std::string& version);

}  // namespace tidemark::bench
