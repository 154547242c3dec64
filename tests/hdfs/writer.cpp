// Commits to a checkpoint and says on stdout what happened, one write a line: what the tests kill at each of its steps.
//
//     tidemark_hdfs_writer URL KEEP COMMITS
//
//     start NEXT    what the store held
//     acked NEXT    the commit was acknowledged

#include <unistd.h>

#include <cstdlib>
#include <string>

#include <tidemark/error.hpp>
#include <tidemark/stores/hdfs.hpp>

namespace {

void say(const std::string& line) {
  const auto text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::_Exit(3);
}

}  // namespace

int main(int argc, char* argv[]) try {
  if (argc != 4) return 2;
  auto options = tidemark::hdfs_options(argv[1]);
  options.keep_batches = std::stoul(argv[2]);
  tidemark::HdfsOffsetStore store{options};
  const tidemark::GroupSession session{.group = "billing"};
  const tidemark::TopicPartition partition{"orders", 0};
  auto next = store.load(session, {&partition, 1}).at(0).value_or(0);
  say("start " + std::to_string(next));
  for (long i = std::stol(argv[3]); i > 0; --i) {
    const tidemark::OffsetRange range{partition, next, next + 1};
    if (store.commit(session, {&range, 1})) return 4;
    say("acked " + std::to_string(++next));
  }
} catch (const tidemark::Error& error) {
  say(std::string{"refused "} + error.what());
  return 1;
}
