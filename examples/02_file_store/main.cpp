// Appends the values of a topic to the file results.txt, and keeps the offsets in a folder beside it. No server but Kafka.
//
// Guarantee: at least once, through power failures too. A batch's results are on the disk before its offsets are.
// Failure:   after a crash, or an error of the handler, the batch in flight is written again: readers must bear repeated lines.
//            A second process with the same group is refused by the store's lock. An error ends the program with 1.

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <system_error>

#include <tidemark/stores/file.hpp>
#include <tidemark/tidemark.hpp>

namespace {

class ResultFile {
 public:
  explicit ResultFile(const char* name) : file_{std::fopen(name, "ae"), &std::fclose} { check(file_ != nullptr); }

  void append(const tidemark::Batch<>& batch) {
    for (const auto& record : batch) {
      const auto value = record.value().text();
      check(std::fwrite(value.data(), 1, value.size(), file_.get()) == value.size());
      check(std::fputc('\n', file_.get()) != EOF);
    }
    check(std::fflush(file_.get()) == 0);
    check(fdatasync(fileno(file_.get())) == 0);
  }

 private:
  static void check(bool done) {
    if (!done) throw std::system_error{errno, std::generic_category(), "cannot write the results"};
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP\n";
    return 2;
  }
  try {
    tidemark::FileOffsetStore store{"offsets"};
    ResultFile results{"results.txt"};
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1],
                                             .group = argv[3],
                                             .topics = {argv[2]},
                                             .observer = std::make_shared<tidemark::LineObserver>()},
                                            store,
                                            [&results](const tidemark::Batch<>& batch) { results.append(batch); }};
    tidemark::run_until_signal(consumer);
    for (const auto& [partition, next] : store.list(argv[3]))
      std::cout << partition.topic << '/' << partition.partition << " next " << next << '\n';
  } catch (const std::exception& error) {
    std::cerr << "file_store: " << error.what() << '\n';
    return 1;
  }
}
