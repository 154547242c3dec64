#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <vector>

#include <tidemark/offset_store.hpp>

namespace tidemark {

/// A store whose transactions carry the handler's results together with the offsets: an exactly-once effect.
///
/// `begin(session, ranges)` opens a `Transaction`. The handler writes its results through it; `commit()` then applies results and
/// offsets together, or nothing. It returns nullopt when they were applied, and also when `until` of every range was stored
/// already: then these results were applied before, by us or by another owner, and are discarded. When that holds for some of the
/// partitions only, or a partition stands elsewhere, it returns the conflict and discards the results.
///
/// A Transaction that is destroyed without commit() is rolled back. It is used by one thread.
template <class Store>
concept TransactionalStore = std::derived_from<Store, OffsetStore> && requires { typename Store::Transaction; } &&
                             requires(Store& store, const GroupSession& session, std::span<const OffsetRange> ranges,
                                      typename Store::Transaction& transaction) {
                               { store.begin(session, ranges) } -> std::same_as<typename Store::Transaction>;
                               { transaction.commit() } -> std::same_as<std::optional<Conflict>>;
                             };

}  // namespace tidemark
