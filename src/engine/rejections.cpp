#include "engine/rejections.hpp"

#include <tidemark/error.hpp>

#include "core/cut_text.hpp"
#include "core/invariant.hpp"
#include "engine/store_call.hpp"

namespace tidemark::engine {

void Rejections::begin(std::span<const core::Claim> claims) {
  claims_ = claims;
  const std::lock_guard lock{mutex_};
  rejected_.clear();
  known_.clear();
  has_failed_ = false;
}

void Rejections::reject(const detail::RecordView& record, DeadLetterReason reason, std::string why, int attempts) {
  const std::lock_guard lock{mutex_};
  if (!context_.options.dead_letters) {
    has_failed_ = true;
    fail_without_sink();
  }
  if (known_.insert(record.origin).second) rejected_.push_back({record, reason, core::cut_text(why), attempts});
}

bool Rejections::has(const detail::RecordView& record) const {
  const std::lock_guard lock{mutex_};
  return known_.contains(record.origin);
}

void Rejections::store() {
  const std::lock_guard lock{mutex_};
  if (has_failed_) fail_without_sink();  // the handler may have swallowed that
  if (rejected_.empty()) return;
  std::vector<DeadLetter> letters;
  letters.reserve(rejected_.size());
  TIDEMARK_INVARIANT(18, known_.size() == rejected_.size());
  for (const auto& [record, reason, why, attempts] : rejected_)
    letters.push_back({Record<>{record}, context_.options.group, reason, why, attempts});
  has_failed_ = true;
  write(letters);
  has_failed_ = false;
  context_.notifier->on_dead_letters(letters);
  rejected_.clear();
  known_.clear();
}

void Rejections::write(std::span<const DeadLetter> letters) {
  StoreCall call{context_.options.store_retry, context_.notifier, &watch_};
  const CallWatch::Call watched{watch_};
  while (true) {
    try {
      return context_.options.dead_letters->write(letters);
    } catch (...) {
      call.wait_or_rethrow("the dead letters could not be written", interrupt_);
      if (reader_.valid(claims_).empty()) throw;
    }
  }
}

bool Rejections::has_failed() const {
  const std::lock_guard lock{mutex_};
  return has_failed_;
}

std::size_t Rejections::size() const {
  const std::lock_guard lock{mutex_};
  return rejected_.size();
}

void Rejections::fail_without_sink() const {
  throw ConfigError{
      "a record was rejected, but there is nowhere to put it: set ConsumerOptions::dead_letters, to KafkaDeadLetters, "
      "JsonLinesDeadLetters or a DeadLetterSink of your own"};
}

}  // namespace tidemark::engine
