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
  if (!is_in_line(snapshot, names.batch)) return false;
  if (!complete(names)) return false;

  constexpr std::int64_t now_and_then = 16;
  snapshot.is_crowded = names.batch % now_and_then == 0 && look_for_others(names.batch);
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

/// Whether `batch` was really the next one. A snapshot from long ago may name a number that was used, and purged, since. Batches go in
/// order, lowest first: so if one below is there, this one was not purged before.
bool Checkpoint::is_in_line(Snapshot& snapshot, std::int64_t batch) {
  if (purge(snapshot, batch - keep_ + 1)) return true;
  if (batch > 0) return files_.exists(offsets_path(batch - 1));
  const auto names = files_.list(folder_ + "/offsets");
  return names && std::ranges::none_of(*names, [](const auto& name) { return batch_of(name).value_or(0) > 0; });
}

/// True if a batch was there to be removed.
bool Checkpoint::purge(Snapshot& snapshot, std::int64_t below) {
  constexpr std::int64_t at_once = 20;  // of a log that was kept longer, some with each commit
  bool was_there = false;
  const auto end = std::min(below, snapshot.oldest + at_once);
  for (; snapshot.oldest < end; ++snapshot.oldest)
    was_there |= files_.remove(std::array{offsets_path(snapshot.oldest), commits_path(snapshot.oldest)}).front();
  if (below > 0 && below % keep_ == 0) {
    sweep(folder_ + "/offsets", below);
    sweep(folder_ + "/commits", below);
  }
  return was_there;
}

bool Checkpoint::look_for_others(std::int64_t batch) {
  const auto names = files_.list(folder_ + "/offsets");
  return names &&
         std::ranges::any_of(*names, [&](const auto& name) { return waiting_for(name).value_or(-1) >= batch; });
}

/// Removes what dead writers have left, and batches that were written at a number long gone.
void Checkpoint::sweep(const std::string& folder, std::int64_t below) {
  std::vector<std::string> litter;
  for (const auto& name : files_.list(folder).value_or(std::vector<std::string>{})) {
    const auto batch = batch_of(name) ? batch_of(name) : waiting_for(name);
    if (batch && *batch < below) litter.push_back(folder + "/" + name);
  }
  if (!litter.empty()) files_.remove(litter);
}

}  // namespace tidemark::hdfs
