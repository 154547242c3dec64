// A member of a consumer group, to be killed: BROKERS TOPIC GROUP GATEWAY_PORT. Tells of each batch, before it is committed.

#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include <tidemark/stores/hbase.hpp>
#include <tidemark/tidemark.hpp>

namespace {

using namespace std::chrono_literals;

class Notes final : public tidemark::Observer {
 public:
  void on_error(std::string_view text) noexcept override { std::cout << "note " << text << std::endl; }
};

void tell(const tidemark::Batch<>& batch) {
  std::string text;
  for (const auto& record : batch)
    text += "did " + std::to_string(record.partition()) + " " + std::to_string(record.offset()) + "\n";
  std::cout << text << std::flush;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) return 2;
  tidemark::HBaseOffsetStore store{{.host = "127.0.0.1",
                                    .port = static_cast<std::uint16_t>(std::stoi(argv[4])),
                                    .create_table = true,
                                    .command_timeout = 20s}};
  tidemark::ConsumerOptions options{.brokers = argv[1], .group = argv[3], .topics = {argv[2]}};
  options.batch.max_records = 50;
  options.batch.max_wait = 5ms;
  options.observer = std::make_shared<Notes>();
  options.kafka = {{"session.timeout.ms", "3000"}, {"heartbeat.interval.ms", "300"}};
  tidemark::MicroBatchConsumer<> consumer{options, store, tell};
  consumer.run();
} catch (const std::exception& error) {
  std::cout << "wrong: " << error.what() << std::endl;
  return 1;
}
