#pragma once

#include <string>

#include <tidemark/record.hpp>

namespace tidemark {

/// Turns a record into a `T`. Specialise it for your own types:
///
///     template <>
///     struct tidemark::Decoder<Order> {
///       Order operator()(const Record<>& record) const { return parse_order(record.value()); }
///     };
///
/// Key and headers are at hand too. One Decoder a worker thread, so it may keep scratch space.
///
/// Errors: what it throws is a handler error: nothing of the batch is committed.
template <class T>
struct Decoder;

/// The value as a string; null becomes empty.
template <>
struct Decoder<std::string> {
  std::string operator()(const Record<>& record) const { return std::string{record.value().text()}; }
};

}  // namespace tidemark
