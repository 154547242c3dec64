#include "crash/file_sync_trace.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>
#include <utility>

namespace tidemark::test {

namespace {

/// The highest offset of each topic: all that a writer's log is about.
using Offsets = std::map<std::string, long>;

void take_later(Offsets& offsets, const Offsets& others) {
  for (const auto& [topic, next] : others) offsets[topic] = std::max(offsets[topic], next);
}

Offsets offsets_in(const std::string& text) {
  static const std::regex change{R"( t(\d+):0=(\d+))"};
  Offsets offsets;
  for (auto match = std::sregex_iterator{text.begin(), text.end(), change}; match != std::sregex_iterator{}; ++match) {
    take_later(offsets, {{(*match)[1], std::stol((*match)[2])}});
  }
  return offsets;
}

std::string first_path(const std::string& call) {
  static const std::regex path{R"(<([^>]*)>|"([^"]*)\")"};
  std::smatch match;
  if (!std::regex_search(call, match, path)) return {};
  return match[1].matched ? match[1] : match[2];
}

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// A disk on which a power failure leaves only what was synced. It is fed with the calls as they begin and end.
class StrictDisk {
 public:
  void begin(const std::string& call) {
    // What is written or made from here on may not be part of this sync.
    if (is_sync(call)) {
      syncing_ = written_;
      syncing_new_ = written_new_;
    }
    if (call.starts_with("write(1<")) check(call);
  }

  void end(const std::string& call) {
    if (call.find(") = -1 ") != std::string::npos) return;
    const auto path = first_path(call);
    if (call.starts_with("write(") && path.ends_with("/offsets.log")) take_later(written_, offsets_in(call));
    if (call.starts_with("write(") && path.ends_with("/offsets.log.new")) written_new_ = offsets_in(call);
    if (call.starts_with("mkdir(")) unsynced_folders_.emplace(path, parent_of(path));
    if (call.starts_with("mkdirat(")) unsynced_folders_.emplace("the group's folder", path);
    if (call.starts_with("renameat(")) rename();
    if (is_sync(call)) sync(path);
  }

  const std::vector<std::string>& mistakes() const { return mistakes_; }

 private:
  static bool is_sync(const std::string& call) { return call.starts_with("fdatasync(") || call.starts_with("fsync("); }

  void sync(const std::string& path) {
    if (path.ends_with("/offsets.log.new")) durable_new_ = syncing_new_;
    if (path.ends_with("/offsets.log")) take_later(may_be_found_.back(), syncing_);
    if (path.ends_with("/crash")) may_be_found_ = {may_be_found_.back()};
    std::erase_if(unsynced_folders_, [&](const auto& folder) { return folder.second == path; });
  }

  // Until the folder is synced either file may be the one that is found.
  void rename() {
    may_be_found_.push_back(std::exchange(durable_new_, {}));
    written_ = std::exchange(written_new_, {});
  }

  void check(const std::string& call) {
    static const std::regex told{R"re("(acked|seen) (\d+) (\d+))re"};
    std::smatch match;
    if (!std::regex_search(call, match, told)) return;
    for (const auto& offsets : may_be_found_) {
      const auto found = offsets.find(match[2]);
      if (found == offsets.end() || found->second < std::stol(match[3])) mistakes_.push_back(call + ": the record");
    }
    for (const auto& [folder, parent] : unsynced_folders_) mistakes_.push_back(call + ": " + folder);
  }

  Offsets written_;
  Offsets written_new_;
  Offsets syncing_;
  Offsets syncing_new_;
  Offsets durable_new_;
  std::vector<Offsets> may_be_found_{{}};  // at first no file, the newest last
  std::map<std::string, std::string> unsynced_folders_;
  std::vector<std::string> mistakes_;
};

}  // namespace

std::vector<std::string> told_before_durable(std::string_view trace) {
  static const std::regex resumed{R"(^<\.\.\. \w+ resumed>)"};
  StrictDisk disk;
  std::map<std::string, std::string> unfinished;  // by thread
  std::istringstream lines{std::string{trace}};
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.find(' ');
    const auto thread = line.substr(0, space);
    auto call = line.substr(std::min(line.size(), line.find_first_not_of(' ', space)));
    if (const auto cut = call.find(" <unfinished ...>"); cut != std::string::npos) {
      unfinished[thread] = call.substr(0, cut);
      disk.begin(unfinished[thread]);
    } else if (std::smatch match; std::regex_search(call, match, resumed)) {
      disk.end(unfinished[thread] + match.suffix().str());
    } else {
      disk.begin(call);
      disk.end(call);
    }
  }
  return disk.mistakes();
}

}  // namespace tidemark::test
