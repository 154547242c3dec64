#include "stores/file/recovery.hpp"

#include <optional>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/file/escaping.hpp"
#include "stores/file/log_line.hpp"

namespace tidemark::file {

namespace {

constexpr std::size_t sector_bytes = 512;
constexpr std::size_t lines_synced_before_rename = 2;

/// Whether sectors of bytes[begin, end) never reached the disk: the file grew, but they still read as zeros. A line holds no NUL, and
/// one flipped bit makes a run of a single NUL at most, which neither a line's first byte (a digit) nor its last one can become.
bool has_lost_sectors(std::string_view bytes, std::size_t begin, std::size_t end) {
  bool lost = false;
  for (auto at = bytes.find('\0', begin); at < end; at = bytes.find('\0', at)) {
    const auto from = at;
    while (at < end && bytes[at] == '\0') ++at;
    const bool starts_at_border = from == begin || from % sector_bytes == 0;
    const bool ends_at_border = at == end || at % sector_bytes == 0;
    if (!starts_at_border || !ends_at_border) return false;
    lost = true;
  }
  return lost;
}

/// Reads one log, line by line.
class Reader {
 public:
  Reader(std::string_view bytes, std::string_view group, const std::string& file)
      : bytes_{bytes}, group_{group}, file_{file} {}

  Recovered read() {
    do {
      ++line_;
      const auto end = bytes_.find('\n', at_);
      if (end == std::string_view::npos) {
        take_unterminated();
        break;
      }
      if (!take(end)) break;
      at_ = end + 1;
    } while (at_ < bytes_.size() || line_ < lines_synced_before_rename);
    recovered_.whole_bytes = at_;
    return std::move(recovered_);
  }

 private:
  void take_unterminated() const {
    if (line_ <= lines_synced_before_rename) damaged("it ends too early");
    // A write cut short leaves no more than the line's beginning.
    if (unseal(bytes_.substr(at_, bytes_.size() - at_ - 1))) damaged("its line end is not a line end");
  }

  bool take(std::size_t end) {
    const auto body = unseal(bytes_.substr(at_, end - at_));
    if (!body) {
      const bool last = end + 1 == bytes_.size();
      if (last && line_ > lines_synced_before_rename && has_lost_sectors(bytes_, at_, end)) return false;
      damaged("its checksum does not match");
    }
    if (line_ == 1) {
      take_header(*body);
    } else {
      take_record(*body);
    }
    return true;
  }

  void take_header(std::string_view body) const {
    const auto named = decode_header(body);
    if (!named) damaged("it is not the header of a format that this version of tidemark knows");
    if (*named == group_) return;
    throw StoreError{
        fmt::format(
            "{} holds the offsets of group {}, not of group {}. Was its folder renamed or copied? Give every group "
            "its own folder, made by the store itself, and move offsets by list() and overwrite().",
            file_, escape(*named), escape(group_)),
        StoreError::Retry::no};
  }

  void take_record(std::string_view body) {
    const auto line = decode(body);
    if (!line) damaged("its checksum matches, but it is not a record that this version of tidemark knows");
    if (line_ > 2 && line->sequence != recovered_.sequence + 1) damaged("a line before it is missing");
    recovered_.sequence = line->sequence;
    apply_edits(line->edits, recovered_.table);
  }

  [[noreturn]] void damaged(std::string_view why) const {
    const auto mend = line_ <= lines_synced_before_rename
                          ? std::string{"Restore the file from a backup, or remove it to begin with nothing stored (the "
                                        "consumer's start policy then decides where to read on)."}
                          : fmt::format("Restore the file from a backup, or cut it before this line (truncate -s {} FILE): "
                                        "offsets then go back to the line before, and later records are handled again.",
                                        at_);
    throw StoreError{
        fmt::format("{} is damaged at line {}, byte {}: {}. Nothing was changed. {}", file_, line_, at_, why, mend),
        StoreError::Retry::no};
  }

  std::string_view bytes_;
  std::string_view group_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  Recovered recovered_;
};

}  // namespace

Recovered recover(std::string_view bytes, std::string_view group, const std::string& file) {
  return Reader{bytes, group, file}.read();
}

std::optional<std::string> group_in(std::string_view folder, std::string_view bytes) {
  if (auto group = group_of_folder(folder)) return group;
  const auto body = unseal(bytes.substr(0, bytes.find('\n')));
  auto group = body ? decode_header(*body) : std::nullopt;
  return group && folder_name(*group) == folder ? group : std::nullopt;
}

}  // namespace tidemark::file
