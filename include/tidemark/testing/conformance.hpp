#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/offset_store.hpp>

namespace tidemark::testing {

/// Opens the store on one piece of storage: the same at every call.
using OpenStore = std::function<std::unique_ptr<OffsetStore>()>;

/// How many processes may have the store open on the same storage at once.
enum class Processes {
  many,
  one,  ///< A second one, or a second store in the same process, gets a StoreError.
  none  ///< The storage lives and dies with the process.
};

struct StoreCapabilities {
  /// commit() compares before it sets. Without that a zombie is fenced by other means, or not at all.
  bool compares = true;
  bool survives_reopening = true;
  Processes processes = Processes::many;
  /// load() of several partitions of a topic sees a commit to them whole, or not at all. A store that reads each by itself can't.
  bool loads_together = true;
  /// Names that Kafka forbids for topics may be refused, with a StoreError that is not retryable. Mixing them up is never right.
  bool refuses_odd_names = false;
};

/// How to break what stands behind a store: the server, or the network before it. Each hook is about the storage that was made last. A check
/// that needs a hook which is not given is skipped.
struct StoreFaults {
  /// Cuts every connection. The server stays, and takes new ones.
  std::function<void()> disconnect{};
  /// While true, the server answers every change with an error, and carries out none: a full disk, a missing right, a demoted master.
  std::function<void(bool on)> refuse{};
  /// The next change is carried out, then `meanwhile` is called, and the reply to the change is lost.
  std::function<void(std::function<void()> meanwhile)> lose_reply{};
  /// While true, the server is there but answers nothing.
  std::function<void(bool on)> freeze{};
  /// Stops the server the hard way and starts it again with the data it had.
  std::function<void()> restart{};
  /// The longest that a call may take by the store's documentation, whatever happens.
  std::chrono::milliseconds longest_call{30'000};
};

/// What the kit must know of a store. Only `storage` is needed:
///
///     StoreUnderTest{.storage = [] {
///       auto folder = std::make_shared<TemporaryFolder>();
///       return [folder] { return std::make_unique<MyStore>(folder->path()); };
///     }}
struct StoreUnderTest {
  /// Makes clean storage, once a check, and returns how to open the store on it. The storage may go when that is destroyed.
  std::function<OpenStore()> storage;
  StoreCapabilities capabilities{};
  /// Checks to leave out, by name, and why. They are reported as skipped.
  std::map<std::string, std::string> skip{};
  /// Called before a topic is first used, where topics must exist.
  std::function<void(const std::string& topic, std::int32_t partitions)> make_topic{};
  /// The GroupSession's consumer, where the store needs one.
  std::function<rd_kafka_s*(std::string_view group)> consumer{};
  StoreFaults faults{};
  /// How long a check may take before it fails. Raise it for a store whose commits take long.
  std::chrono::seconds check_limit{60};
};

struct ConformanceResult {
  enum class Outcome { passed, failed, skipped };

  Outcome outcome = Outcome::passed;
  std::string why{};  ///< Empty where it passed.
};

/// One check of the contract; its name is the sentence that it proves.
struct ConformanceCheck {
  std::string name;
  /// Never throws. Needs no test framework; <tidemark/testing/catch2.hpp> fits it to Catch2.
  std::function<ConformanceResult()> run;
};

/// Every check of the contract in <tidemark/offset_store.hpp>; where the store is an OffsetCatalog too, of that one as well.
///
/// The checks on several processes fork: run them where no other thread holds a lock that the store needs. Each check runs on a thread of
/// its own.
///
/// No check can pull the plug: that a commit survives a power failure is proved by reading the code, or by tests that trace its syncs. A
/// process that is killed proves only that the commit does not depend on the process.
///
/// Blocking: a check for `check_limit`. One that has not ended by then has failed; its thread is left behind, with the store.
/// Lifetime: the checks keep a copy of `store`.
/// Errors:   ConfigError where `skip` names a check that does not exist, or `storage` is empty.
TIDEMARK_EXPORT std::vector<ConformanceCheck> conformance_checks(const StoreUnderTest& store);

}  // namespace tidemark::testing
