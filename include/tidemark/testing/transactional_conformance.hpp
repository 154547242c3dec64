#pragma once

#include <optional>
#include <span>

#include <tidemark/testing/conformance.hpp>
#include <tidemark/transactional_store.hpp>

namespace tidemark::testing {

/// One piece of clean storage for a store with transactions, and how the checks write and read results there.
template <TransactionalStore Store>
struct TransactionalStorage {
  /// Opens the store: on the same storage at every call.
  std::function<std::unique_ptr<Store>()> open;
  /// Writes a result through the transaction, over one that has the same key.
  std::function<void(typename Store::Transaction&, const std::string& key, const std::string& value)> write;
  /// The result that is there for everybody, outside of any transaction; nullopt where there is none.
  std::function<std::optional<std::string>(const std::string& key)> read;
};

template <TransactionalStore Store>
struct TransactionalStoreUnderTest {
  /// Makes clean storage, once a check.
  std::function<TransactionalStorage<Store>()> storage;
  /// Checks to leave out, by name, and why. They are reported as skipped.
  std::map<std::string, std::string> skip{};
  /// Whether the storage outlives the process.
  bool survives_processes = true;
  /// As StoreUnderTest::check_limit.
  std::chrono::seconds check_limit{60};
};

namespace detail {

/// Transactions with their type erased, so that the checks are compiled once.
class AnyTransaction {
 public:
  virtual ~AnyTransaction() = default;
  virtual void write(const std::string& key, const std::string& value) = 0;
  virtual std::optional<Conflict> commit() = 0;
};

struct AnyTransactionalStorage {
  std::function<std::unique_ptr<OffsetStore>()> open;
  std::function<std::unique_ptr<AnyTransaction>(OffsetStore&, const GroupSession&, std::span<const OffsetRange>)> begin;
  std::function<std::optional<std::string>(const std::string& key)> read;
};

template <TransactionalStore Store>
class TypedTransaction final : public AnyTransaction {
 public:
  using Write = decltype(TransactionalStorage<Store>::write);

  TypedTransaction(Store& store, const GroupSession& session, std::span<const OffsetRange> ranges, Write write)
      : transaction_{store.begin(session, ranges)}, write_{std::move(write)} {}

  void write(const std::string& key, const std::string& value) override { write_(transaction_, key, value); }
  std::optional<Conflict> commit() override { return transaction_.commit(); }

 private:
  typename Store::Transaction transaction_;
  Write write_;
};

TIDEMARK_EXPORT std::vector<ConformanceCheck> transactional_checks(std::function<AnyTransactionalStorage()> storage,
                                                                   std::map<std::string, std::string> skip,
                                                                   std::chrono::seconds check_limit);

inline constexpr const char* transactional_kill_check =
    "a process that is killed inside a commit leaves results and offsets, or neither";

}  // namespace detail

/// The checks of the contract in <tidemark/transactional_store.hpp>, over and above those of conformance_checks().
///
/// Errors: ConfigError where `skip` names a check that does not exist.
template <TransactionalStore Store>
std::vector<ConformanceCheck> transactional_conformance_checks(const TransactionalStoreUnderTest<Store>& store) {
  auto skip = store.skip;
  if (!store.survives_processes)
    skip.insert({detail::transactional_kill_check, "the storage ends with the process (survives_processes)"});
  return detail::transactional_checks(
      [make = store.storage]() -> detail::AnyTransactionalStorage {
        auto storage = make();
        return {
            storage.open,
            [write = storage.write](OffsetStore& opened, const GroupSession& session,
                                    std::span<const OffsetRange> ranges) -> std::unique_ptr<detail::AnyTransaction> {
              return std::make_unique<detail::TypedTransaction<Store>>(dynamic_cast<Store&>(opened), session, ranges,
                                                                       write);
            },
            storage.read};
      },
      std::move(skip), store.check_limit);
}

}  // namespace tidemark::testing
