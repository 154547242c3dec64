#include "stores/redis/script.hpp"

#include <string>

namespace tidemark::detail {

const RedisScript redis_commit_script{R"lua(local at = 1
local moved = false
for k = 1, #KEYS do
  local n = 0 + ARGV[at]
  local last = at + 2 * n
  local stored = redis.pcall('HMGET', KEYS[k], unpack(ARGV, at + 1, last))
  if stored.err then return stored end
  local i = 1
  for f = last + 1, last + n do
    local now = stored[i]
    if now ~= ARGV[at + i + 1] then
      if now and now ~= ARGV[f] then return {k, f - last, now} end
      moved = true
    end
    i = i + 2
  end
  at = last + n + 1
end
if not moved then return 0 end
at = 1
for k = 1, #KEYS do
  local n = 0 + ARGV[at]
  local set = redis.pcall('HSET', KEYS[k], unpack(ARGV, at + 1, at + 2 * n))
  if type(set) == 'table' then return set end
  at = at + 3 * n + 1
end
return 1
)lua",
                                      "f20438969617f2c63f0daf62256391aeedcbcc70"};

const RedisScript redis_overwrite_script{R"lua(for k = 1, #KEYS do
  local found = redis.pcall('HLEN', KEYS[k])
  if type(found) == 'table' then return found end
end
local at = 1
for k = 1, #KEYS do
  local last = at + 2 * ARGV[at]
  local done = redis.pcall('HSET', KEYS[k], unpack(ARGV, at + 1, last))
  if type(done) == 'table' then return done end
  at = last + 1
end
return 1
)lua",
                                         "c50b907bfc9c835bfb11acac8cb5081a938c3c98"};

const RedisScript redis_erase_script{R"lua(for k = 1, #KEYS do
  local found = redis.pcall('HLEN', KEYS[k])
  if type(found) == 'table' then return found end
end
local at = 1
for k = 1, #KEYS do
  local last = at + 1 * ARGV[at]
  local done = redis.pcall('HDEL', KEYS[k], unpack(ARGV, at + 1, last))
  if type(done) == 'table' then return done end
  at = last + 1
end
return 1
)lua",
                                     "5cb7ea69087b23b0dd866095c190cef7462a1537"};

const RedisScript redis_transaction_script{R"lua(local hashes = 0 + ARGV[1]
local before = {}
local at = 2
local moved, repeated = false, false
for k = 1, hashes do
  local n = 0 + ARGV[at]
  local last = at + 2 * n
  local stored = redis.pcall('HMGET', KEYS[k], unpack(ARGV, at + 1, last))
  if stored.err then return {'failed', 'offsets', 0, stored.err} end
  before[k] = stored
  local i = 1
  for f = last + 1, last + n do
    local now, to = stored[i], ARGV[at + i + 1]
    if now ~= to then
      if now and now ~= ARGV[f] then return {'conflict', k, f - last, now} end
      moved = true
    elseif to ~= ARGV[f] and not repeated then
      repeated = {'conflict', k, f - last, now}
    end
    i = i + 2
  end
  at = last + n + 1
end

local notes, noted = KEYS[hashes + 1], false
local ranges = at - 1
local function batch()
  return redis.sha1hex(table.concat(KEYS, ' ', 1, hashes) .. ' ' .. table.concat(ARGV, ' ', 1, ranges))
end
if hashes > 0 then
  local found = redis.pcall('HMGET', notes, ARGV[3])
  if found.err then return {'failed', 'notes', 0, found.err} end
  noted = found[1]
end
if not moved and hashes > 0 then
  if noted then
    local of, count, command, err = string.match(noted, '^(%x+) (%d+) (%d+) (.*)$')
    if of == batch() then return {'applied', count, command, err} end
  end
  return {'done'}
end
if repeated then return repeated end

local function same(reply)
  local kind = ARGV[at]
  at = at + 1
  if kind == 'n' then return reply == false end
  local told = ARGV[at]
  at = at + 1
  if kind == 's' then return reply == told end
  if kind == 'i' then return reply == tonumber(told) end
  if type(reply) ~= 'table' then return false end
  if kind == 'o' then return reply.ok == told end
  if #reply ~= tonumber(told) then return false end
  for i = 1, #reply do
    if not same(reply[i]) then return false end
  end
  return true
end
local reads = tonumber(ARGV[at])
at = at + 1
for r = 1, reads do
  local n = ARGV[at]
  local reply = redis.pcall(unpack(ARGV, at + 1, at + n))
  at = at + n + 1
  if type(reply) == 'table' and reply.err then return {'failed', 'read', r, reply.err} end
  if not same(reply) then return {'changed', r} end
end

local types = ARGV[at]
for t = at + 1, at + 2 * types, 2 do
  local found = redis.pcall('TYPE', ARGV[t])
  if found.err then return {'failed', 'type', ARGV[t], found.err} end
  if found.ok ~= 'none' and found.ok ~= ARGV[t + 1] then return {'type', ARGV[t], found.ok} end
end
local commands = at + 2 * types + 1

local pcall, unpack, type = redis.pcall, unpack, type
local function restore()
  for _, existed in ipairs({false, true}) do
    local at = 2
    for k = 1, hashes do
      local n = 0 + ARGV[at]
      for i = 1, 2 * n, 2 do
        local was, done = before[k][i], 0
        if not existed and not was then done = pcall('HDEL', KEYS[k], ARGV[at + i]) end
        if existed and was then done = pcall('HSET', KEYS[k], ARGV[at + i], was) end
        if type(done) == 'table' then return false end
      end
      at = at + 3 * n + 1
    end
  end
  return true
end
at = 2
for k = 1, hashes do
  local n = 0 + ARGV[at]
  local set = pcall('HSET', KEYS[k], unpack(ARGV, at + 1, at + 2 * n))
  if type(set) == 'table' then
    if k > 1 then restore() end
    return {'failed', 'offsets', 0, set.err}
  end
  at = at + 3 * n + 1
end

at = commands
local total, command, wrote = #ARGV, 0, false
local failures, first, why = 0, 0, ''
while at <= total do
  local last = at + ARGV[at]
  command = command + 1
  local reply = pcall(unpack(ARGV, at + 1, last))
  if type(reply) == 'table' and reply.err then
    if not wrote and failures == 0 and restore() then return {'failed', 'command', command, reply.err} end
    failures = failures + 1
    if failures == 1 then first, why = command, reply.err end
  else
    wrote = true
  end
  at = last + 1
end
if failures == 0 then
  if noted then pcall('HDEL', notes, ARGV[3]) end
  return {'applied'}
end
if hashes > 0 then
  pcall('HSET', notes, ARGV[3], batch() .. ' ' .. failures .. ' ' .. first .. ' ' .. why)
end
return {'applied', failures, first, why}
)lua",
                                           "06c1c9b4ca69261490f63227de2da37bba8ce133"};

RedisReply redis_error_in(const RedisReply& answer) {
  using Type = RedisReply::Type;
  if (answer.is_error()) return answer;
  if (answer.type() != Type::array || answer.elements().size() != 4) return {};
  const auto told = answer.elements();
  if (told[0].type() != Type::string || told[0].text() != "failed" || told[3].type() != Type::string) return {};
  return {Type::error, std::string{told[3].text()}};
}

}  // namespace tidemark::detail
