// How states and waits are put into words.
#include <fmt/format.h>

#include <tidemark/consumer_state.hpp>

namespace tidemark {

std::string_view to_string(WaitKind kind) noexcept {
  switch (kind) {
    case WaitKind::brokers:
      return "brokers";
    case WaitKind::coordinator:
      return "coordinator";
    case WaitKind::leader:
      return "leader";
    case WaitKind::topic:
      return "topic";
    case WaitKind::dead_letters:
      return "dead_letters";
    case WaitKind::group:
      return "group";
    case WaitKind::starts:
      return "starts";
    case WaitKind::store:
      return "store";
    case WaitKind::right:
      return "right";
    case WaitKind::unreadable:
      return "unreadable";
    case WaitKind::records:
      return "records";
    case WaitKind::handler:
      return "handler";
    case WaitKind::retry:
      return "retry";
    case WaitKind::pause:
      return "pause";
    case WaitKind::rate_limit:
      return "rate_limit";
    case WaitKind::drain:
      return "drain";
    case WaitKind::stop:
      return "stop";
  }
  return "?";
}

std::string_view to_string(ConsumerPhase phase) noexcept {
  switch (phase) {
    case ConsumerPhase::not_started:
      return "not_started";
    case ConsumerPhase::connecting:
      return "connecting";
    case ConsumerPhase::joining:
      return "joining";
    case ConsumerPhase::standby:
      return "standby";
    case ConsumerPhase::loading:
      return "loading";
    case ConsumerPhase::reading:
      return "reading";
    case ConsumerPhase::handling:
      return "handling";
    case ConsumerPhase::committing:
      return "committing";
    case ConsumerPhase::retrying_store:
      return "retrying_store";
    case ConsumerPhase::paused:
      return "paused";
    case ConsumerPhase::draining:
      return "draining";
    case ConsumerPhase::stopping:
      return "stopping";
    case ConsumerPhase::ended:
      return "ended";
  }
  return "?";
}

std::string_view to_string(PartitionPhase phase) noexcept {
  switch (phase) {
    case PartitionPhase::loading:
      return "loading";
    case PartitionPhase::reading:
      return "reading";
    case PartitionPhase::handling:
      return "handling";
    case PartitionPhase::parked:
      return "parked";
    case PartitionPhase::not_authorised:
      return "not_authorised";
    case PartitionPhase::no_leader:
      return "no_leader";
  }
  return "?";
}

namespace {

std::string_view awaited(WaitKind kind) {
  switch (kind) {
    case WaitKind::brokers:
      return "a broker";
    case WaitKind::coordinator:
      return "the group's coordinator";
    case WaitKind::leader:
      return "a leader of its partitions";
    case WaitKind::topic:
      return "a topic to exist";
    case WaitKind::dead_letters:
      return "the dead-letter sink";
    case WaitKind::group:
      return "the group to assign partitions";
    case WaitKind::starts:
      return "Kafka to tell where partitions start";
    case WaitKind::store:
      return "the offset store";
    case WaitKind::right:
      return "the right to read";
    case WaitKind::unreadable:
      return "a batch that can't be read";
    case WaitKind::records:
      return "records that Kafka has";
    case WaitKind::handler:
      return "the handler";
    case WaitKind::retry:
      return "the next attempt of the handler";
    case WaitKind::pause:
      return "resume()";
    case WaitKind::rate_limit:
      return "its rate limit";
    case WaitKind::drain:
      return "batches in hand, to give partitions back";
    case WaitKind::stop:
      return "batches in hand, to stop";
  }
  return "?";
}

}  // namespace

std::string to_string(const WaitEvent& event) {
  const auto place = event.place.empty() ? "" : fmt::format(" ({})", event.place);
  const auto seconds = event.lasted.count() / 1000;
  if (event.is_over) return fmt::format("no longer waits for {}{}, after {} s", awaited(event.kind), place, seconds);
  auto text = fmt::format("has waited {} s for {}{}", seconds, awaited(event.kind), place);
  if (!event.reason.empty()) text += fmt::format(": {}", event.reason);
  if (!event.remedy.empty()) text += fmt::format(". {}", event.remedy);
  return text;
}

std::string to_string(const ConsumerState& state) {
  auto text = fmt::format("{} for {} s, {} partitions", to_string(state.phase), state.lasted.count() / 1000,
                          state.partitions.size());
  for (const auto& wait : state.waits)
    text += "\n  " + to_string(WaitEvent{wait.kind, wait.lasted, false, wait.place, wait.reason, wait.remedy});
  for (const auto& [partition, phase, next, why] : state.partitions) {
    if (phase == PartitionPhase::reading || phase == PartitionPhase::handling) continue;
    text += fmt::format("\n  {} [{}] {}", partition.topic, partition.partition, to_string(phase));
    if (next >= 0) text += fmt::format(" at offset {}", next);
    if (!why.empty()) text += fmt::format(": {}", why);
  }
  return text;
}

}  // namespace tidemark
