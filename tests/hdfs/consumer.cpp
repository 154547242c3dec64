// A member of a group, to be killed: BROKERS TOPIC GROUP URL FILE. Appends "PARTITION OFFSET" to FILE for each record.

#include <fcntl.h>
#include <unistd.h>

#include <iostream>
#include <stdexcept>
#include <string>

#include <tidemark/stores/hdfs.hpp>
#include <tidemark/tidemark.hpp>

int main(int argc, char** argv) try {
  using namespace std::chrono_literals;
  if (argc != 6) return 2;
  const int file = ::open(argv[5], O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (file < 0) return 3;
  tidemark::HdfsOffsetStore store{argv[4]};
  tidemark::ConsumerOptions options{.brokers = argv[1], .group = argv[3], .topics = {argv[2]}};
  options.batch.max_records = 200;
  options.batch.max_wait = 5ms;
  options.kafka = {{"session.timeout.ms", "3000"}, {"heartbeat.interval.ms", "300"}};
  tidemark::MicroBatchConsumer<> consumer{
      options, store, [&](const tidemark::Batch<>& batch) {
        std::string lines;
        for (const auto& record : batch)
          lines += std::to_string(record.partition()) + " " + std::to_string(record.offset()) + "\n";
        if (::write(file, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()))
          throw std::runtime_error{"cannot write"};
      }};
  consumer.run();
} catch (const std::exception& error) {
  std::cout << "wrong: " << error.what() << std::endl;
  return 1;
}
