#include "stores/file/escaping.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "support/catch.hpp"

using namespace tidemark::file;
using namespace std::string_literals;

namespace {

const std::vector<std::string> hostile_names{"",
                                             ".",
                                             "..",
                                             "../../etc/passwd",
                                             "/",
                                             "a/b",
                                             "a_b",
                                             "a.b",
                                             "a b",
                                             "A",
                                             "a",
                                             "%",
                                             "%2F",
                                             "a%2Fb",
                                             "\0"s,
                                             "\n",
                                             "a\nb",
                                             "'\"`$(reboot)",
                                             "größe",
                                             "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
                                             ".hidden",
                                             "%2Ehidden",
                                             "-rf",
                                             "offsets.log",
                                             std::string(249, 'n'),
                                             std::string(10'000, 'n'),
                                             std::string(9'999, 'n') + "m",
                                             std::string(10'000, '/')};

}  // namespace

TEST_CASE("every name comes back from its escaped form", "[unit]") {
  for (const auto& name : hostile_names) CHECK(unescape(escape(name)) == name);
}

TEST_CASE("every byte alone is escaped and comes back", "[unit]") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name(1, static_cast<char>(byte));
    CHECK(unescape(escape(name)) == name);
  }
}

TEST_CASE("groups never share a folder, and a folder's name is safe in any file system", "[unit]") {
  std::set<std::string> folders;
  for (const auto& group : hostile_names) {
    const auto folder = folder_name(group);
    CAPTURE(folder);
    CHECK(folders.insert(folder).second);
    CHECK(!folder.empty());
    CHECK(folder.size() <= 255);
    CHECK(folder.front() != '.');
    CHECK(std::ranges::all_of(folder, [](unsigned char c) { return c > ' ' && c < 127 && c != '/'; }));
  }
}

TEST_CASE("a group's folder is found again by later versions", "[unit]") {
  CHECK(folder_name("billing") == "billing");
  CHECK(folder_name("a/b") == "a%2Fb");
  CHECK(folder_name("..") == "%2E.");
  CHECK(folder_name("") == "%");
  // A version 5 UUID in the OID name space, as every UUID library makes it.
  CHECK(folder_name(std::string(300, 'n')) == std::string(120, 'n') + "%-41a323f7-c6c9-5895-9260-740b047c5d52");
}

TEST_CASE("a folder's name leads back to its group, unless that is too long", "[unit]") {
  for (const auto& name : hostile_names) {
    CAPTURE(name);
    const auto folder = folder_name(name);
    const bool is_whole = folder.find("%-") == std::string::npos;
    CHECK(group_of_folder(folder) == (is_whole ? std::optional{name} : std::nullopt));
  }
  for (const auto* folder : {".hidden", "a b", "%41", "%2", "%2e", "%2E%2Ea"}) {
    CAPTURE(folder);
    CHECK_FALSE(group_of_folder(folder));
  }
}
