#include "stores/postgres/offset_sql.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"

namespace tidemark::detail {

namespace {

constexpr std::size_t longest_identifier = 63;

std::string checked(std::string_view member, std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    throw ConfigError{fmt::format("PostgresTable::{} is {}: {}", member, stores::quoted(name), why)};
  };
  if (name.empty()) refuse("give the name");
  if (name.find('\0') != std::string_view::npos) refuse("PostgreSQL's names have no NUL byte");
  if (name.size() > longest_identifier)
    refuse(fmt::format("PostgreSQL cuts names after {} bytes, and this one has {}", longest_identifier, name.size()));
  return postgres_identifier(name);
}

}  // namespace

std::string postgres_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char character : name) {
    if (character == '"') quoted += '"';
    quoted += character;
  }
  return quoted + '"';
}

PostgresOffsetSql::PostgresOffsetSql(const PostgresTable& names) : has_group{!names.group.empty()} {
  table = (names.schema.empty() ? "" : checked("schema", names.schema) + ".") + checked("name", names.name);
  const auto group = has_group ? checked("group", names.group) : std::string{};
  const auto topic = checked("topic", names.topic);
  const auto partition = checked("partition", names.partition);
  const auto next = checked("next", names.next);
  const auto time = names.updated_at.empty() ? std::string{} : checked("updated_at", names.updated_at);

  const auto of_group = [&](int parameter) {
    return has_group ? fmt::format(" and o.{} = ${}::text", group, parameter) : std::string{};
  };
  const auto columns = (has_group ? group + ", " : "") + topic + ", " + partition;
  const auto same = fmt::format("o.{} = a.topic and o.{} = a.partition", topic, partition);
  const auto set_time = time.empty() ? "" : fmt::format(", {} = clock_timestamp()", time);
  const auto time_column = time.empty() ? "" : ", " + time;
  const auto time_value = time.empty() ? "" : ", clock_timestamp()";
  const auto group_value = [&](int parameter) {
    return has_group ? fmt::format("${}::text, ", parameter) : std::string{};
  };

  create = fmt::format(
      "create table if not exists {0} ({1}{2} text collate \"C\" not null, {3} integer not null check ({3} >= 0), {4} "
      "bigint not "
      "null check ({4} >= 0){5}, primary key ({6})) with (fillfactor = 50)",
      table, has_group ? group + " text collate \"C\" not null, " : "", topic, partition, next,
      time.empty() ? "" : fmt::format(", {} timestamptz not null default clock_timestamp()", time), columns);

  load = fmt::format(
      "select o.{0}, o.{1} is not null from unnest($1::text[], $2::int4[]) with ordinality as a(topic, partition, "
      "place) "
      "left join {2} as o on {3}{4} order by a.place",
      next, topic, table, same, of_group(3));

  const std::string_view asked =
      "unnest($1::text[], $2::int4[], $3::int8[], $4::int8[]) as a(topic, partition, first, until)";
  commit = fmt::format(
      "with moved as (update {table} as o set {next} = a.until{set_time} from {asked} where {same} and o.{next} = "
      "a.first{of_group} returning 1), made as (insert into {table} ({columns}, {next}{time_column}) select "
      "{group_value}a.topic, "
      "a.partition, a.until{time_value} from {asked} where (select count(*) from moved) < $5::int8 and not exists "
      "(select 1 "
      "from {table} as o where {same}{of_group}) on conflict do nothing returning 1) select 1 / (case when (select "
      "count(*) "
      "from moved) + (select count(*) from made) = $5::int8 then 1 else 0 end), (case when $6::text = '' or "
      "coalesce(current_setting('tidemark.transaction', true), '') = $6::text then '1' else 'the transaction was "
      "ended' "
      "end)::int4",
      fmt::arg("table", table), fmt::arg("next", next), fmt::arg("set_time", set_time), fmt::arg("asked", asked),
      fmt::arg("same", same), fmt::arg("of_group", of_group(7)), fmt::arg("columns", columns),
      fmt::arg("time_column", time_column), fmt::arg("group_value", group_value(7)),
      fmt::arg("time_value", time_value));

  if (has_group) groups = fmt::format("select distinct o.{0} collate \"C\" from {1} as o order by 1", group, table);

  list = fmt::format("select o.{0}, o.{1}, o.{2} from {3} as o where true{4} order by o.{0} collate \"C\", o.{1}",
                     topic, partition, next, table, of_group(1));

  overwrite = fmt::format(
      "insert into {0} ({1}, {2}{3}) select {4}a.topic, a.partition, a.next{5} from unnest($1::text[], $2::int4[], "
      "$3::int8[]) "
      "as a(topic, partition, next) on conflict ({1}) do update set {2} = excluded.{2}{6}",
      table, columns, next, time_column, group_value(4), time_value, set_time);

  erase = fmt::format("delete from {0} as o using unnest($1::text[], $2::int4[]) as a(topic, partition) where {1}{2}",
                      table, same, of_group(3));
}

}  // namespace tidemark::detail

namespace tidemark {

std::string postgres_create_table(const PostgresTable& table) { return detail::PostgresOffsetSql{table}.create; }

}  // namespace tidemark
