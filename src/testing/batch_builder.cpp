#include <tidemark/testing/batch_builder.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <tidemark/error.hpp>

namespace tidemark::testing {

namespace {

Bytes bytes_of(const std::optional<std::string>& text) { return text ? Bytes{std::string_view{*text}} : Bytes{}; }

/// Its origins are SampleRecords.
class SampleSource final : public tidemark::detail::RecordSource {
 public:
  std::int64_t timestamp_ms(const void* origin) const override {
    const auto& timestamp = record(origin).timestamp;
    if (!timestamp) return -1;
    return std::chrono::floor<std::chrono::milliseconds>(timestamp->time_since_epoch()).count();
  }
  std::size_t header_count(const void* origin) const override { return record(origin).headers.size(); }
  tidemark::detail::RecordHeader header(const void* origin, std::size_t index) const override {
    const auto& header = record(origin).headers[index];
    return {header.name, bytes_of(header.value)};
  }

 private:
  static const SampleRecord& record(const void* origin) { return *static_cast<const SampleRecord*>(origin); }
};

}  // namespace

namespace {

class RecordedRejections final : public tidemark::detail::Rejections {
 public:
  void reject(const tidemark::detail::RecordView& record, DeadLetterReason reason, std::string why,
              int /*attempts*/) override {
    const std::lock_guard lock{mutex_};
    rejected_.push_back({record.partition->name, record.offset, reason, std::move(why)});
  }
  bool has(const tidemark::detail::RecordView& record) const override {
    const std::lock_guard lock{mutex_};
    return std::ranges::any_of(rejected_, [&](const RejectedRecord& one) {
      return one.partition == record.partition->name && one.offset == record.offset;
    });
  }
  void store() override {}

  const std::vector<RejectedRecord>& rejected() const { return rejected_; }

 private:
  mutable std::mutex mutex_;
  std::vector<RejectedRecord> rejected_;
};

}  // namespace

class BatchBuilder::Impl {
 public:
  void add(SampleRecord record) {
    const TopicPartition name{record.topic, record.partition};
    const auto known = ranges_.find(name);
    const auto lowest = known == ranges_.end() ? 0 : known->second.until;
    const auto offset = record.offset.value_or(lowest);
    if (offset < lowest)
      throw ConfigError{
          fmt::format("{}/{}: offset {} cannot be added, the next one is {} or greater; a partition's "
                      "records come in the order of their offsets",
                      name.topic, name.partition, offset, lowest)};
    record.offset = offset;
    if (known == ranges_.end())
      ranges_[name] = {name, offset, offset + 1};
    else
      known->second.until = offset + 1;
    auto& partition = partitions_[name];
    partition = {name, &source_};
    const auto& kept = records_.emplace_back(std::move(record));
    views_.push_back({&partition, offset, bytes_of(kept.key), bytes_of(kept.value), &kept});
  }

  const tidemark::detail::BatchView& view() {
    range_list_.clear();
    for (const auto& [name, range] : ranges_) range_list_.push_back(range);
    view_.records = views_;
    view_.ranges = range_list_;
    view_.rejections = &rejections_;
    return view_;
  }

  const std::vector<RejectedRecord>& rejected() const { return rejections_.rejected(); }
  void attempt(int attempt) { view_.attempt = attempt; }
  void stop_token(std::stop_token token) { view_.stop_token = std::move(token); }

 private:
  SampleSource source_;
  std::deque<SampleRecord> records_;  // a deque and maps, because views point into them
  std::map<TopicPartition, tidemark::detail::RecordPartition> partitions_;
  std::map<TopicPartition, OffsetRange> ranges_;
  std::vector<tidemark::detail::RecordView> views_;
  std::vector<OffsetRange> range_list_;
  RecordedRejections rejections_;
  tidemark::detail::BatchView view_;
};

BatchBuilder::BatchBuilder() : impl_{std::make_unique<Impl>()} {}
BatchBuilder::~BatchBuilder() = default;
BatchBuilder::BatchBuilder(BatchBuilder&&) noexcept = default;
BatchBuilder& BatchBuilder::operator=(BatchBuilder&&) noexcept = default;

BatchBuilder& BatchBuilder::add(SampleRecord record) {
  impl_->add(std::move(record));
  return *this;
}

BatchBuilder& BatchBuilder::attempt(int attempt) {
  impl_->attempt(attempt);
  return *this;
}

BatchBuilder& BatchBuilder::stop_token(std::stop_token token) {
  impl_->stop_token(std::move(token));
  return *this;
}

const std::vector<RejectedRecord>& BatchBuilder::rejected() const { return impl_->rejected(); }

const tidemark::detail::BatchView& BatchBuilder::view() { return impl_->view(); }

}  // namespace tidemark::testing
