// Commits to a FileOffsetStore and says on stdout what happened, one write a line: what the crash tests end, trace and break.
//
//     tidemark_file_store_writer DIRECTORY [--commits N] [--threads N] [--no-sync] [--compact BYTES] [--file-limit BYTES]
//
// Each thread moves three partitions of its own topic t<thread> by 1, N times or for ever, in one commit:
//     start T NEXT    what the store held    (start T mixed: the three partitions differed)
//     acked T NEXT    the commit was acknowledged
//     failed T NEXT retryable|final TEXT     it was not; then, each once: what is loaded, and the same commit again
//     loaded T NEXT / unloadable T TEXT
// and a reader thread says `seen T NEXT` for whatever is new to it, if --reader is given.

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/stores/file.hpp>

namespace {

const tidemark::GroupSession session{"crash"};

struct Arguments {
  tidemark::FileOffsetStoreOptions store;
  std::int64_t commits = -1;
  int threads = 1;
  bool reader = false;
  std::optional<rlim_t> file_limit;
};

Arguments parse(const std::vector<std::string>& words) {
  Arguments arguments;
  arguments.store.directory = words.at(0);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--no-sync") {
      arguments.store.sync = false;
    } else if (words[i] == "--reader") {
      arguments.reader = true;
    } else if (words[i] == "--commits") {
      arguments.commits = std::stoll(words.at(++i));
    } else if (words[i] == "--threads") {
      arguments.threads = std::stoi(words.at(++i));
    } else if (words[i] == "--compact") {
      arguments.store.compact_after_bytes = std::stoull(words.at(++i));
    } else if (words[i] == "--file-limit") {
      arguments.file_limit = std::stoull(words.at(++i));
    } else {
      throw tidemark::ConfigError{"unknown argument " + words[i]};
    }
  }
  return arguments;
}

void say(const std::string& line) {
  const auto text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::_Exit(3);
}

/// One thread's three partitions, always moved together.
class Mover {
 public:
  Mover(tidemark::FileOffsetStore& store, int thread) : store_{store}, name_{std::to_string(thread)} {
    for (int partition = 0; partition < 3; ++partition) partitions_.push_back({"t" + name_, partition});
  }

  /// nullopt where the partitions differ.
  std::optional<std::int64_t> next() const {
    const auto stored = store_.load(session, partitions_);
    if (stored[0] != stored[1] || stored[1] != stored[2]) return std::nullopt;
    return stored[0].value_or(0);
  }

  void run(std::int64_t commits) {
    auto next_offset = next();
    say("start " + name_ + " " + (next_offset ? std::to_string(*next_offset) : "mixed"));
    if (!next_offset) return;
    for (std::int64_t i = 0; i != commits; ++i) {
      if (!move(*next_offset)) {
        tell_loaded();
        if (!move(*next_offset)) return;
      }
      ++*next_offset;
    }
  }

 private:
  bool move(std::int64_t from) {
    std::vector<tidemark::OffsetRange> ranges;
    for (const auto& partition : partitions_) ranges.push_back({partition, from, from + 1});
    const auto what = " " + name_ + " " + std::to_string(from + 1);
    try {
      const auto conflict = store_.commit(session, ranges);
      say((conflict ? "conflict" : "acked") + what);
      return !conflict;
    } catch (const tidemark::StoreError& error) {
      say("failed" + what + (error.is_retryable() ? " retryable " : " final ") + error.what());
      return false;
    }
  }

  void tell_loaded() const {
    try {
      const auto loaded = next();
      say("loaded " + name_ + " " + (loaded ? std::to_string(*loaded) : "mixed"));
    } catch (const tidemark::StoreError& error) {
      say("unloadable " + name_ + " " + error.what());
    }
  }

  tidemark::FileOffsetStore& store_;
  std::string name_;
  std::vector<tidemark::TopicPartition> partitions_;
};

void read_along(tidemark::FileOffsetStore& store, const std::atomic<bool>& done) {
  const Mover watched{store, 0};
  std::int64_t last = 0;
  while (!done) {
    const auto next = watched.next();
    if (next && *next == last) continue;
    say("seen 0 " + (next ? std::to_string(*next) : "mixed"));
    last = next.value_or(last);
  }
}

void run(const Arguments& arguments) {
  if (arguments.file_limit) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{*arguments.file_limit, *arguments.file_limit};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw tidemark::ConfigError{"cannot limit the size of files"};
  }
  tidemark::FileOffsetStore store{arguments.store};
  std::atomic<bool> done = false;
  std::optional<std::thread> reader;
  if (arguments.reader) reader.emplace([&] { read_along(store, done); });
  std::vector<std::thread> threads;
  for (int i = 1; i < arguments.threads; ++i) {
    threads.emplace_back([&, i] { Mover{store, i}.run(arguments.commits); });
  }
  Mover{store, 0}.run(arguments.commits);
  for (auto& thread : threads) thread.join();
  done = true;
  if (reader) reader->join();
}

}  // namespace

int main(int argc, char* argv[]) {
  try {
    run(parse({argv + 1, argv + argc}));
    return 0;
  } catch (const tidemark::Error& error) {
    say(std::string{"refused "} + error.what());
    return 2;
  }
}
