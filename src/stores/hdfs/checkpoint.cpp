#include "stores/hdfs/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "stores/hdfs/batch_names.hpp"
#include "stores/hdfs/commits_file.hpp"
#include "stores/hdfs/failure.hpp"

namespace tidemark::hdfs {

namespace {

std::string new_id() { return boost::uuids::to_string(boost::uuids::random_generator{}()); }

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

/// What the files of one commit are called, before and after they are moved.
struct Checkpoint::Names {
  Names(const std::string& folder, std::int64_t number, std::string commit_id)
      : batch{number},
        id{std::move(commit_id)},
        waiting_offsets{folder + "/offsets/" + waiting_name(number, id)},
        waiting_commits{folder + "/commits/" + waiting_name(number, id)} {}

  std::int64_t batch;
  std::string id;
  std::string waiting_offsets;
  std::string waiting_commits;
};

Checkpoint::Checkpoint(Files& files, std::string folder, std::size_t keep)
    : files_{files}, folder_{std::move(folder)}, keep_{static_cast<std::int64_t>(keep)} {}

std::string Checkpoint::offsets_path(std::int64_t batch) const { return fmt::format("{}/offsets/{}", folder_, batch); }
std::string Checkpoint::commits_path(std::int64_t batch) const { return fmt::format("{}/commits/{}", folder_, batch); }

bool Checkpoint::add(Snapshot& snapshot, const Edits& edits) {
  if (!finish(snapshot)) return false;
  const Names names{folder_, snapshot.latest + 1, new_id()};
  if (snapshot.latest < 0) write_metadata(names.id);

  auto offsets = snapshot.offsets;
  offsets.apply(edits);
  offsets.raise_watermark(snapshot.watermark_ms);
  offsets.stamp(names.id, now_ms());
  files_.write(std::array{NewFile{names.waiting_offsets, offsets.text()},
                          NewFile{names.waiting_commits, commits_file(snapshot.watermark_ms)}});
  if (!take_place(names)) return false;
  const auto place = look_at_place(snapshot, names);
  if (place == Place::taken_back) return false;
  if (!complete(names)) return false;
  // Whoever reads the log now goes on from a later batch. It was built on this one, or by somebody who did not know that the log was
  // made anew: only reading it tells.
  if (place == Place::overtaken) return false;
  snapshot.latest = names.batch;
  snapshot.table = offsets.table(offsets_path(names.batch));
  snapshot.offsets = std::move(offsets);
  return true;
}

bool Checkpoint::finish(Snapshot& snapshot) {
  if (snapshot.unfinished.empty()) return true;
  const Names names{folder_, snapshot.latest, std::exchange(snapshot.unfinished, {})};
  return complete(names);
}

// Spark makes one where it is missing; its newer versions ask for one.
void Checkpoint::write_metadata(const std::string& id) {
  const auto path = folder_ + "/metadata";
  if (files_.exists(path)) return;
  const auto waiting = folder_ + "/.metadata." + id + ".tidemark";
  files_.write(std::array{NewFile{waiting, fmt::format("{{\"id\":\"{}\"}}", id)}});
  if (files_.move(waiting, path) != Moved::yes) files_.remove(std::array{waiting});
}

bool Checkpoint::take_place(const Names& names) {
  std::exception_ptr trouble;
  try {
    if (files_.move(names.waiting_offsets, offsets_path(names.batch)) == Moved::yes) return true;
  } catch (const StoreError&) {
    trouble = std::current_exception();
  }
  // It may have been moved all the same: the reply was lost, or the request sent twice. What could be removed was not, and never will be.
  if (files_.remove(std::array{names.waiting_offsets}).front())
    files_.remove(std::array{names.waiting_commits});
  else if (is_ours(names))
    return true;
  if (trouble) std::rethrow_exception(trouble);
  return false;
}

bool Checkpoint::is_ours(const Names& names) {
  const auto path = offsets_path(names.batch);
  const auto text = files_.read(path);
  if (!text) return false;
  const auto file = OffsetsFile::parse_planned(*text, path);
  return file && file->commit_id() == names.id;
}

// The batch is stored already, with the file that waits for its place: any failure here only puts off what Spark sees.
bool Checkpoint::complete(const Names& names) {
  const auto path = commits_path(names.batch);
  switch (files_.move(names.waiting_commits, path)) {
    case Moved::yes:
      return true;
    case Moved::target_exists:
      files_.remove(std::array{names.waiting_commits});
      return true;
    case Moved::source_missing:
      break;
  }
  return files_.exists(path);  // another writer was so kind
}

/// Whether the batch that was placed is really the next one of the log that it was built on. The log may have been removed meanwhile, and
/// made anew by others, or the others may have gone on so far that the number was used, and purged, since.
Checkpoint::Place Checkpoint::look_at_place(Snapshot& snapshot, const Names& names) {
  const auto listed = files_.list(folder_ + "/offsets").value_or(std::vector<Listed>{});
  const auto find = [&](std::int64_t batch) {
    return std::ranges::find_if(listed, [&](const Listed& file) { return batch_of(file.name) == batch; });
  };
  const auto ours = find(names.batch);
  const auto before = find(names.batch - 1);
  const bool is_overtaken =
      std::ranges::any_of(listed, [&](const Listed& file) { return batch_of(file.name).value_or(-1) > names.batch; });
  const bool continues = names.batch == 0 ? !is_overtaken || find(1) != listed.end()
                                          : before != listed.end() && before->identity == snapshot.latest_identity;
  if (ours == listed.end() || ours->identity.empty() || !continues) {
    take_back(names);
    return Place::taken_back;
  }
  constexpr std::int64_t now_and_then = 16;
  snapshot.is_crowded = names.batch % now_and_then == 0 && std::ranges::any_of(listed, [&](const Listed& file) {
                          return waiting_for(file.name).value_or(-1) >= names.batch;
                        });
  snapshot.latest_identity = ours->identity;
  // Only now, for in a log that was made anew this would remove what others have stored.
  purge(snapshot, names.batch - keep_ + 1);
  return is_overtaken ? Place::overtaken : Place::held;
}

/// Until then the batch counts as the latest one for whoever reads the log.
void Checkpoint::take_back(const Names& names) {
  if (is_ours(names)) files_.remove(std::array{offsets_path(names.batch)});
  files_.remove(std::array{names.waiting_commits});
}

void Checkpoint::purge(Snapshot& snapshot, std::int64_t below) {
  constexpr std::int64_t at_once = 20;  // of a log that was kept longer, some with each commit
  const auto end = std::min(below, snapshot.oldest + at_once);
  for (; snapshot.oldest < end; ++snapshot.oldest)
    files_.remove(std::array{offsets_path(snapshot.oldest), commits_path(snapshot.oldest)});
  if (below > 0 && below % keep_ == 0) {
    sweep(folder_ + "/offsets", below);
    sweep(folder_ + "/commits", below);
  }
}

/// Removes what dead writers have left, and batches that were written at a number long gone.
void Checkpoint::sweep(const std::string& folder, std::int64_t below) {
  std::vector<std::string> litter;
  for (const auto& [name, identity, is_folder] : files_.list(folder).value_or(std::vector<Listed>{})) {
    const auto batch = batch_of(name) ? batch_of(name) : waiting_for(name);
    if (batch && *batch < below) litter.push_back(folder + "/" + name);
  }
  if (!litter.empty()) files_.remove(litter);
}

}  // namespace tidemark::hdfs
