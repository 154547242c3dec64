#include <algorithm>

#include <fmt/format.h>

#include "stores/hdfs/batch_names.hpp"
#include "stores/hdfs/checkpoint.hpp"
#include "stores/hdfs/commits_file.hpp"
#include "stores/hdfs/failure.hpp"

namespace tidemark::hdfs {

namespace {

std::vector<std::int64_t> batches_among(const std::vector<Listed>& files) {
  std::vector<std::int64_t> batches;
  for (const auto& file : files)
    if (const auto batch = batch_of(file.name)) batches.push_back(*batch);
  std::ranges::sort(batches);
  return batches;
}

}  // namespace

Snapshot Checkpoint::read() {
  // Each time round, others have added batches or removed them between two looks.
  constexpr int rounds = 20;
  std::optional<std::int64_t> missing;
  for (int round = 0; round < rounds; ++round)
    if (auto snapshot = try_read(missing)) return std::move(*snapshot);
  if (missing)
    throw passing(fmt::format(
        "{0}/offsets has a batch {1}, but no batch {2} that it could go on from. A writer that did not know that the "
        "log "
        "was removed and made anew takes such a batch back; if this lasts, that writer was killed before: remove "
        "offsets/{1} and commits/{1}.",
        folder_, *missing + 1, *missing));
  throw passing(fmt::format("{} changes faster than it can be read", folder_));
}

std::optional<Snapshot> Checkpoint::try_read(std::optional<std::int64_t>& missing) {
  Snapshot snapshot;
  const auto names = files_.list(folder_ + "/offsets");
  if (!names) {
    refuse_dstreams();
    return snapshot;
  }
  const auto batches = batches_among(*names);
  if (batches.empty()) return snapshot;
  snapshot.oldest = batches.front();
  snapshot.latest = batches.back();
  missing.reset();
  if (batches.size() > 1 && *std::next(batches.rbegin()) != snapshot.latest - 1) {
    missing = snapshot.latest - 1;
    return std::nullopt;
  }
  const auto latest = std::to_string(snapshot.latest);
  snapshot.latest_identity = std::ranges::find(*names, latest, &Listed::name)->identity;
  if (snapshot.latest_identity.empty()) return std::nullopt;

  const auto path = offsets_path(snapshot.latest);
  const auto text = files_.read(path);
  if (!text) return std::nullopt;
  if (const auto commit = files_.read(commits_path(snapshot.latest))) {
    snapshot.offsets = OffsetsFile::parse(*text, path);
    snapshot.watermark_ms = parse_commits_file(*commit, commits_path(snapshot.latest));
    snapshot.table = snapshot.offsets.table(path);
    return snapshot;
  }

  const auto planned = OffsetsFile::parse_planned(*text, path);
  if (read_waiting(snapshot, planned)) return snapshot;
  if (files_.exists(commits_path(snapshot.latest))) return std::nullopt;
  if (batches.size() == 1 && snapshot.latest == 0)
    read_initial(snapshot, planned);
  else if (!read_done(snapshot, batches))
    return std::nullopt;
  return snapshot;
}

/// A batch of ours counts from the first move on; Spark's only when it has both files, since Spark writes offsets/<N> before the work.
bool Checkpoint::read_waiting(Snapshot& snapshot, const std::optional<OffsetsFile>& planned) {
  if (!planned || planned->commit_id().empty()) return false;
  const auto path = folder_ + "/commits/" + waiting_name(snapshot.latest, planned->commit_id());
  const auto commit = files_.read(path);
  if (!commit) return false;
  snapshot.unfinished = planned->commit_id();
  snapshot.offsets = *planned;
  snapshot.watermark_ms = parse_commits_file(*commit, path);
  snapshot.table = snapshot.offsets.table(offsets_path(snapshot.latest));
  return true;
}

/// The highest batch below the latest that has both files.
bool Checkpoint::read_done(Snapshot& snapshot, const std::vector<std::int64_t>& batches) {
  const auto names = files_.list(folder_ + "/commits");
  const auto committed = batches_among(names.value_or(std::vector<Listed>{}));
  const auto done = std::find_if(batches.rbegin(), batches.rend(),
                                 [&](auto batch) { return std::ranges::binary_search(committed, batch); });
  if (done == batches.rend()) {
    // Or others have gone on since the first look, and removed all that was seen by then.
    const auto again = files_.list(folder_ + "/offsets");
    if (batches_among(again.value_or(std::vector<Listed>{})) != batches) return false;
    throw lasting(fmt::format(
        "{0}/offsets has batches {1} to {2}, and {0}/commits none of them: nothing says which one is done. Remove "
        "offsets/{2}, make commits/<N> for the batch that was the last one, or begin in another directory.",
        folder_, batches.front(), batches.back()));
  }
  const auto path = offsets_path(*done);
  const auto text = files_.read(path);
  const auto commit = files_.read(commits_path(*done));
  if (!text || !commit) return false;
  snapshot.offsets = OffsetsFile::parse(*text, path);
  snapshot.watermark_ms = parse_commits_file(*commit, commits_path(*done));
  snapshot.table = snapshot.offsets.table(path);
  return true;
}

/// Before the end of its first batch, a query stands where each of its sources began.
void Checkpoint::read_initial(Snapshot& snapshot, const std::optional<OffsetsFile>& planned) {
  if (!planned) return;
  snapshot.offsets = *planned;
  snapshot.offsets.clear_offsets();
  for (std::size_t source = 0; source < planned->sources(); ++source) {
    const auto path = fmt::format("{}/sources/{}/0", folder_, source);
    if (const auto text = files_.read(path)) snapshot.offsets.read_initial(source, *text, path);
  }
  snapshot.table = snapshot.offsets.table(folder_ + "/sources");
}

void Checkpoint::refuse_dstreams() {
  constexpr std::string_view prefix = "checkpoint-";
  const auto names = files_.list(folder_);
  if (!names) return;
  for (const auto& file : *names) {
    std::string_view name = file.name;
    if (!name.starts_with(prefix)) continue;
    name.remove_prefix(prefix.size());
    if (name.ends_with(".bk")) name.remove_suffix(3);
    if (!batch_of(name)) continue;
    throw lasting(fmt::format(
        "{} is a checkpoint of Spark Streaming (DStreams): checkpoint-{} in it is a Java-serialised program, which "
        "only that program can read. Let the program print its offsets, or take them from where it commits them, "
        "and set them with HdfsOffsetStore::overwrite(), in another HdfsOffsetStoreOptions::directory.",
        folder_, name));
  }
}

}  // namespace tidemark::hdfs
