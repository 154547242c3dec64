#include "stores/redis/script.hpp"

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
local at = 2
local moved, repeated = false, false
for k = 1, hashes do
  local n = 0 + ARGV[at]
  local last = at + 2 * n
  local stored = redis.pcall('HMGET', KEYS[k], unpack(ARGV, at + 1, last))
  if stored.err then return stored end
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
if not moved and hashes > 0 then return {'done'} end
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
  if not same(reply) then return {'changed', r} end
end

local types = ARGV[at]
for t = at + 1, at + 2 * types, 2 do
  local found = redis.pcall('TYPE', ARGV[t])
  if found.ok and found.ok ~= 'none' and found.ok ~= ARGV[t + 1] then return {'type', ARGV[t], found.ok} end
end
at = at + 2 * types + 1

local result = {'applied'}
local total, command, wrote = #ARGV, 0, false
local pcall, unpack, type = redis.pcall, unpack, type
while at <= total do
  local last = at + ARGV[at]
  command = command + 1
  local reply = pcall(unpack(ARGV, at + 1, last))
  if type(reply) == 'table' and reply.err then
    if not wrote then return {'failed', command, reply.err} end
    result[#result + 1] = command
    result[#result + 1] = reply.err
  else
    wrote = true
  end
  at = last + 1
end
at = 2
for k = 1, hashes do
  local n = 0 + ARGV[at]
  local set = redis.pcall('HSET', KEYS[k], unpack(ARGV, at + 1, at + 2 * n))
  if type(set) == 'table' then
    if not wrote then return set end
    result[#result + 1] = 0
    result[#result + 1] = set.err
  end
  at = at + 3 * n + 1
end
return result
)lua",
                                           "af002c6bffab408030e40226f4166bcb0daf8290"};

}  // namespace tidemark::detail
