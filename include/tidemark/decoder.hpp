#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include <tidemark/error.hpp>
#include <tidemark/export.hpp>
#include <tidemark/record.hpp>

namespace tidemark {

/// A value that is not what its decoder expects.
class TIDEMARK_EXPORT DecodeError : public Error {
 public:
  using Error::Error;
};

/// Turns a record into a `T`. Specialise it for your own types:
///
///     template <>
///     struct tidemark::Decoder<Order> {
///       Order operator()(const Record<>& record) const { return parse_order(record.value()); }
///     };
///
/// or give MicroBatchConsumer a callable of that form. With `void operator()(const Record<>&, Order& into)` it writes over a value of an
/// earlier batch instead, whose memory is used again so; `T` must be default constructible then. Key and headers are at hand too. Each
/// worker thread has a decoder of its own, a copy, so it may keep scratch space.
///
/// Errors: what it throws makes the record a dead letter, or counts as the handler's: see UndecodablePolicy. For a failure that isn't the
///         record's fault, such as an outage of a schema registry, it must throw TransientError: the batch is tried again then.
template <class T>
struct Decoder;

/// Writes over a value that is there already.
template <class D, class T>
concept DecoderInto = std::default_initializable<T> && std::is_invocable_v<D&, const Record<>&, T&>;

/// What a MicroBatchConsumer<T> takes for a decoder.
template <class D, class T>
concept DecoderOf = DecoderInto<D, T> || std::is_invocable_r_v<T, D&, const Record<>&>;

/// The value as a string; null becomes empty.
template <>
struct Decoder<std::string> {
  std::string operator()(const Record<>& record) const { return std::string{record.value().text()}; }
  void operator()(const Record<>& record, std::string& into) const { into.assign(record.value().text()); }
};

/// Whole numbers as Kafka's ShortSerializer, IntegerSerializer and LongSerializer write them: big-endian, of exactly that size.
///
/// Errors: DecodeError; for null too.
template <class T>
  requires std::same_as<T, std::int16_t> || std::same_as<T, std::int32_t> || std::same_as<T, std::int64_t>
struct Decoder<T> {
  T operator()(const Record<>& record) const {
    const auto bytes = record.value().bytes();
    if (bytes.size() != sizeof(T))
      throw DecodeError{"the value has " + std::to_string(bytes.size()) + " bytes; an integer of " +
                        std::to_string(sizeof(T)) + " was expected"};
    std::make_unsigned_t<T> value = 0;
    for (const auto byte : bytes)
      value = static_cast<std::make_unsigned_t<T>>(static_cast<std::uint64_t>(value) << 8 |
                                                   std::to_integer<unsigned>(byte));
    return static_cast<T>(value);
  }
};

}  // namespace tidemark
