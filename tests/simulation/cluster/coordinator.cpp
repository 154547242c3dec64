#include "cluster/coordinator.hpp"

#include <algorithm>

#include "cluster/client.hpp"
#include "cluster/cluster.hpp"

namespace simulation {

using namespace std::chrono_literals;

std::uint64_t Coordinator::number_of(const Client& client) const {
  for (const auto& [number, member] : members_)
    if (member.client == &client) return number;
  return 0;
}

void Coordinator::enter(Client& client) {
  if (number_of(client) != 0) return;
  members_[++numbers_].client = &client;
  rebalance();
}

void Coordinator::rebalance() {
  if (members_.empty()) return;
  const bool goes_on = is_rebalancing_;
  is_rebalancing_ = true;
  for (auto& [number, member] : members_) {
    if (goes_on && member.joined) continue;
    member.joined = false;
    if (member.client != nullptr) member.client->hear_of_rebalance();
  }
  if (goes_on) return;
  scheduler_.after(settings_.rebalance_timeout, [this, generation = generation_] {
    if (generation != generation_ || !is_rebalancing_) return;
    std::vector<std::uint64_t> late;
    for (const auto& [number, member] : members_)
      if (!member.joined) late.push_back(number);
    for (const auto number : late) remove(number);
    if (is_rebalancing_) complete_if_all_joined();
  });
}

void Coordinator::join(Client& client) {
  const auto number = number_of(client);
  if (number == 0) return enter(client);
  if (!is_rebalancing_) return rebalance();
  auto& member = members_.at(number);
  member.joined = true;
  member.has = client.has();
  complete_if_all_joined();
}

void Coordinator::complete_if_all_joined() {
  if (std::ranges::all_of(members_, [](const auto& entry) { return entry.second.joined; })) complete();
}

void Coordinator::complete() {
  is_rebalancing_ = false;
  ++generation_;
  if (members_.empty()) return;
  std::vector<Member*> members;
  for (auto& [number, member] : members_) {
    member.target.clear();
    members.push_back(&member);
  }
  // Shares of about the same size. Which one gets what is drawn, but for those that a cooperative member may keep.
  const auto all = all_partitions();
  const auto share = (all.size() + members.size() - 1) / members.size();
  Partitions free = all;
  if (settings_.is_cooperative) {
    for (auto* member : members)
      for (const auto& partition : member->has)
        if (member->target.size() < share && free.erase(partition) > 0) member->target.insert(partition);
  }
  std::rotate(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(scheduler_.random().below(members.size())),
              members.end());
  for (const auto& partition : free)
    (*std::ranges::min_element(members, {}, [](const Member* m) {
      return m->target.size();
    }))->target.insert(partition);

  for (auto* member : members) {
    auto now = member->target;
    if (settings_.is_cooperative)  // what another member still has comes with the next rebalance
      for (const auto* other : members)
        if (other != member)
          for (const auto& partition : other->has) now.erase(partition);
    if (member->client != nullptr) member->client->hear_of_assignment(generation_, now);
  }
}

Coordinator::Partitions Coordinator::all_partitions() const {
  Partitions all;
  for (const auto& [name, log] : cluster_.logs()) all.insert(name);
  return all;
}

void Coordinator::leave(Client& client) {
  if (const auto number = number_of(client); number != 0) remove(number, true);
}

void Coordinator::remove(std::uint64_t number, bool by_its_will) {
  auto* client = members_.at(number).client;
  members_.erase(number);
  if (client != nullptr) client->hear_of_expulsion();
  if (client != nullptr && !by_its_will && on_removed) on_removed(*client);
  if (is_rebalancing_)
    complete_if_all_joined();
  else
    rebalance();
}

void Coordinator::miss(Client& client) {
  const auto number = number_of(client);
  if (number == 0) return;
  auto& member = members_.at(number);
  member.is_missed = true;
  const auto misses = ++member.misses;
  scheduler_.after(settings_.session_timeout, [this, number, misses] {
    const auto found = members_.find(number);
    if (found != members_.end() && found->second.is_missed && found->second.misses == misses) remove(number);
  });
}

void Coordinator::hear(Client& client) {
  if (const auto number = number_of(client); number != 0) members_.at(number).is_missed = false;
}

void Coordinator::forget(Client& client) {
  const auto number = number_of(client);
  if (number == 0) return;
  miss(client);
  members_.at(number).client = nullptr;
}

void Coordinator::expel(Client& client) {
  if (const auto number = number_of(client); number != 0) remove(number);
}

bool Coordinator::is_owner(const Client* client, const tidemark::TopicPartition& partition) const {
  return std::ranges::any_of(members_, [&](const auto& entry) {
    return entry.second.client == client && entry.second.target.contains(partition);
  });
}

}  // namespace simulation
