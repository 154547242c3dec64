#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include <tidemark/bytes.hpp>
#include <tidemark/detail/record_view.hpp>
#include <tidemark/headers.hpp>

namespace tidemark {

template <class T>
class Batch;

namespace detail {
struct BatchParts;
}

/// One Kafka record, a view into the fetched message. `T` is the type its value was decoded to; Bytes is the value as it came.
///
/// Lifetime: valid as long as the batch; copy what must live longer.
template <class T = Bytes>
class Record {
 public:
  explicit Record(const detail::RecordView& view)
    requires std::is_same_v<T, Bytes>
      : view_{&view} {}
  Record(const detail::RecordView& view, const T& value)
    requires(!std::is_same_v<T, Bytes>)
      : view_{&view}, value_{&value} {}

  const std::string& topic() const { return view_->partition->name.topic; }
  std::int32_t partition() const { return view_->partition->name.partition; }
  std::int64_t offset() const { return view_->offset; }

  /// Null and empty differ.
  Bytes key() const { return view_->key; }

  /// As producer or broker set it; nullopt where the record has none.
  std::optional<std::chrono::system_clock::time_point> timestamp() const {
    const auto ms = view_->partition->source->timestamp_ms(view_->origin);
    if (ms < 0) return std::nullopt;
    return std::chrono::system_clock::time_point{std::chrono::milliseconds{ms}};
  }

  Headers headers() const { return Headers{*view_}; }

  Bytes value() const
    requires std::is_same_v<T, Bytes>
  {
    return view_->value;
  }
  const T& value() const
    requires(!std::is_same_v<T, Bytes>)
  {
    return *value_;
  }

 private:
  friend class Batch<T>;
  friend struct detail::BatchParts;

  struct Nothing {};
  const detail::RecordView* view_;
  [[no_unique_address]] std::conditional_t<std::is_same_v<T, Bytes>, Nothing, const T*> value_{};
};

}  // namespace tidemark
