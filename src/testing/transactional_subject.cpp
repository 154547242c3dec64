#include "testing/transactional_subject.hpp"

#include <fmt/format.h>

#include "testing/conformance_failure.hpp"
#include "testing/conformance_subject.hpp"

namespace tidemark::testing {

TransactionalSubject::TransactionalSubject(const std::function<detail::AnyTransactionalStorage()>& make)
    : storage_{make()}, opened_{storage_.open()} {}

void TransactionalSubject::reopen() {
  opened_.reset();
  opened_ = storage_.open();
}

std::unique_ptr<detail::AnyTransaction> TransactionalSubject::begin(std::span<const OffsetRange> ranges) {
  return storage_.begin(*opened_, session(), ranges);
}

void TransactionalSubject::must_store(const std::vector<OffsetRange>& ranges) {
  if (const auto conflict = opened_->commit(session(), ranges))
    throw ConformanceFailure{fmt::format("commit of {} without a transaction was to go through, but {} stands at {}",
                                         text_of(ranges), text_of(conflict->partition), text_of(conflict->stored))};
}

std::optional<Conflict> TransactionalSubject::apply(const std::vector<OffsetRange>& ranges, const std::string& key,
                                                    const std::string& value) {
  const auto transaction = begin(ranges);
  transaction->write(key, value);
  return transaction->commit();
}

void TransactionalSubject::must_apply(const std::vector<OffsetRange>& ranges, const std::string& key,
                                      const std::string& value) {
  if (const auto conflict = apply(ranges, key, value))
    throw ConformanceFailure{fmt::format("a transaction over {} was to return nullopt, but returned that {} is at {}",
                                         text_of(ranges), text_of(conflict->partition), text_of(conflict->stored))};
}

void TransactionalSubject::must_conflict(const std::vector<OffsetRange>& ranges, const std::string& key,
                                         const Conflict& expected) {
  const auto conflict = apply(ranges, key, "of a transaction that met a conflict");
  if (!conflict)
    throw ConformanceFailure{fmt::format("a transaction over {} was to be a conflict, as {} is at {}, but went through",
                                         text_of(ranges), text_of(expected.partition), text_of(expected.stored))};
  if (*conflict != expected)
    throw ConformanceFailure{fmt::format("a transaction over {} was to report {} at {}, but reported {} at {}",
                                         text_of(ranges), text_of(expected.partition), text_of(expected.stored),
                                         text_of(conflict->partition), text_of(conflict->stored))};
}

void TransactionalSubject::must_read(const std::string& key, const std::optional<std::string>& expected) {
  const auto said = [](const std::optional<std::string>& value) {
    return value ? fmt::format("\"{}\"", printable(*value)) : std::string{"nothing"};
  };
  if (const auto value = storage_.read(key); value != expected)
    throw ConformanceFailure{
        fmt::format("the result \"{}\" was to be {}, but is {}", printable(key), said(expected), said(value))};
}

void TransactionalSubject::must_hold(const TopicPartition& partition, std::optional<std::int64_t> expected) {
  const auto stored = opened_->load(session(), std::span{&partition, 1}).front();
  if (stored != expected)
    throw ConformanceFailure{fmt::format("{} was to stand at {}, but load returned {}", text_of(partition),
                                         text_of(expected), text_of(stored))};
}

}  // namespace tidemark::testing
