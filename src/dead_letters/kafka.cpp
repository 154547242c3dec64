#include <tidemark/dead_letters/kafka.hpp>

#include <mutex>
#include <utility>

#include "dead_letters/kafka_producer.hpp"

namespace tidemark {

class KafkaDeadLetters::Impl {
 public:
  explicit Impl(KafkaDeadLettersOptions options) : producer_{std::move(options)} {}

  void write(std::span<const DeadLetter> letters) {
    const std::lock_guard lock{mutex_};
    producer_.write(letters);
  }

  void check() {
    const std::lock_guard lock{mutex_};
    producer_.check();
  }

 private:
  std::mutex mutex_;
  kafka::DeadLetterProducer producer_;
};

KafkaDeadLetters::KafkaDeadLetters(KafkaDeadLettersOptions options)
    : impl_{std::make_unique<Impl>(std::move(options))} {}
KafkaDeadLetters::~KafkaDeadLetters() = default;

void KafkaDeadLetters::write(std::span<const DeadLetter> letters) { impl_->write(letters); }
void KafkaDeadLetters::check() { impl_->check(); }

}  // namespace tidemark
