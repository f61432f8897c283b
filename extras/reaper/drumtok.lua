-- drumtok for REAPER: write, vary, humanise, fill or continue drums at the selected MIDI item.
--
-- Not yet run in REAPER itself; its logic is tested with a Lua interpreter against a stand-in of the functions it uses.
-- Install drumtok (pip install drumtok), then Actions > Show action list > New action > Load ReaScript > this file.
--
-- What is written becomes a new take of the selected item, or a new item at the edit cursor. It lies in the project's
-- folder as a MIDI file, and the item that it was made of stays as it is.

local TITLE = "drumtok"
local TICKS = 480 -- of a quarter note
local DRUM_CHANNEL = 9
local SECONDS = 120 -- that drumtok may take
local DEFAULT_BARS = 4
local ACTIONS = { "write", "vary", "humanise", "fill", "continue" }
local NEEDS_ITEM = { vary = true, humanise = true, fill = true, continue = true }

local function fail(message)
  error({ message = message }, 0)
end

-- Bytes of a number as MIDI writes lengths: seven bits to a byte, the first bit set on all but the last.
local function variable_length(number)
  local bytes = string.char(number % 128)
  number = number // 128
  while number > 0 do
    bytes = string.char(number % 128 + 128) .. bytes
    number = number // 128
  end
  return bytes
end

local function power_of_two(number)
  local power = 0
  while 2 ^ power < number do
    power = power + 1
  end
  return power
end

-- A MIDI file of type 0. notes: {start, stop, pitch, velocity}, in quarter notes from the beginning.
local function midi_file(notes, music)
  local events = {}
  for _, note in ipairs(notes) do
    local start = math.floor(note.start * TICKS + 0.5)
    local stop = math.max(math.floor(note.stop * TICKS + 0.5), start + 1)
    table.insert(events, { start, 1, string.char(0x90 + DRUM_CHANNEL, note.pitch, note.velocity) })
    table.insert(events, { stop, 0, string.char(0x80 + DRUM_CHANNEL, note.pitch, 0) })
  end
  table.sort(events, function(a, b)
    if a[1] ~= b[1] then
      return a[1] < b[1]
    elseif a[2] ~= b[2] then
      return a[2] < b[2] -- notes end before others begin
    end
    return a[3] < b[3]
  end)
  local microseconds = math.floor(60000000 / music.tempo + 0.5)
  local track = {
    "\0\xff\x51\x03" .. string.pack(">I3", microseconds),
    "\0\xff\x58\x04" .. string.char(music.numerator, power_of_two(music.denominator), 24, 8),
  }
  local now, last = 0, math.floor(music.bars * music.quarters * TICKS + 0.5)
  for _, event in ipairs(events) do
    local tick = math.min(event[1], last)
    table.insert(track, variable_length(tick - now) .. event[3])
    now = tick
  end
  table.insert(track, variable_length(last - now) .. "\xff\x2f\0")
  local body = table.concat(track)
  return "MThd" .. string.pack(">I4I2I2I2", 6, 0, 1, TICKS) .. "MTrk" .. string.pack(">I4", #body) .. body
end

-- The notes of a take between the ends of its item, in quarter notes from the item's start.
local function notes_of(take, first, length)
  local found = {}
  local _, count = reaper.MIDI_CountEvts(take)
  for index = 0, count - 1 do
    local _, _, muted, start, stop, _, pitch, velocity = reaper.MIDI_GetNote(take, index)
    local begins = reaper.MIDI_GetProjQNFromPPQPos(take, start) - first
    local ends = reaper.MIDI_GetProjQNFromPPQPos(take, stop) - first
    if not muted and begins > -1e-6 and begins < length - 1e-6 then
      table.insert(found, { start = math.max(begins, 0), stop = ends, pitch = pitch, velocity = velocity })
    end
  end
  return found
end

-- The tempo and meter at a time, and how many bars of it fit a length in seconds.
local function music_at(time, length)
  local numerator, denominator, tempo = reaper.TimeMap_GetTimeSigAtTime(0, time)
  local music = { numerator = numerator, denominator = denominator, tempo = tempo }
  music.quarters = 4 * numerator / denominator
  music.bars = DEFAULT_BARS
  if length then
    music.length = reaper.TimeMap2_timeToQN(0, time + length) - reaper.TimeMap2_timeToQN(0, time)
    music.bars = math.max(math.ceil(music.length / music.quarters - 1e-6), 1)
  end
  return music
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

local function new_file(name)
  local folder, number = reaper.GetProjectPath(""), 1
  while exists(folder .. "/" .. name .. "-" .. number .. ".mid") do
    number = number + 1
  end
  return folder .. "/" .. name .. "-" .. number .. ".mid"
end

local function write_file(path, data)
  local file = io.open(path, "wb")
  if not file then
    fail("cannot write " .. path)
  end
  file:write(data)
  file:close()
end

local function quoted(text)
  if text:find('"') then
    fail("text must have no quotes, got " .. text)
  end
  return text:find("[^%w%-%./=]") and '"' .. text .. '"' or text
end

-- The command line of an action.
local function command_line(asked, music, source, out)
  local words = { asked.command }
  local function add(...)
    for _, word in ipairs({ ... }) do
      table.insert(words, word)
    end
  end
  if asked.action == "vary" then
    add("vary", source, "--amount", asked.amount)
  elseif asked.action == "humanise" then
    add("humanise", source)
  elseif asked.action == "fill" then
    add("sample", "--from", source, "--fill-bars", tostring(music.bars), "--kind", "fill")
  elseif asked.action == "continue" then
    add("sample", "--primer", source, "--bars", tostring(music.bars))
  else
    local tempo = string.format("%.10g", music.tempo)
    add("sample", "--bars", tostring(music.bars), "--tempo", tempo)
    add("--meter", string.format("%d/%d", music.numerator, music.denominator))
  end
  if asked.style ~= "" then
    add("--style", asked.style)
  end
  if asked.seed ~= "" then
    add("--seed", asked.seed)
  end
  add("-q", "-o", out)
  for index, word in ipairs(words) do
    words[index] = quoted(word)
  end
  return table.concat(words, " ")
end

local function run(line)
  local answer = reaper.ExecProcess(line, SECONDS * 1000)
  local status, output = (answer or ""):match("^(%-?%d+)\n(.*)$")
  if status == nil then
    fail("cannot run drumtok: install it with pip, and enter the whole path of its command")
  elseif status ~= "0" then
    fail(output ~= "" and output or "drumtok ended with status " .. status)
  end
end

local function remembered(key, default)
  local value = reaper.GetExtState(TITLE, key)
  return value ~= "" and value or default
end

-- What the user asks for; nil where the dialog was cancelled.
local function ask()
  local labels = "Action: " .. table.concat(ACTIONS, "/") .. ",Style (empty: any),Amount of vary (0 to 1),"
  labels = labels .. "Seed (empty: drawn),Command,extrawidth=200"
  local values = { remembered("action", "write"), remembered("style", ""), remembered("amount", "0.3"), "" }
  table.insert(values, remembered("command", "drumtok"))
  local done, answer = reaper.GetUserInputs(TITLE, 5, labels, table.concat(values, ","))
  if not done then
    return nil
  end
  local asked, keys = {}, { "action", "style", "amount", "seed", "command" }
  local index = 1
  for value in (answer .. ","):gmatch("([^,]*),") do
    asked[keys[index] or "more"] = value:match("^%s*(.-)%s*$")
    index = index + 1
  end
  local known = false
  for _, action in ipairs(ACTIONS) do
    known = known or action == asked.action
  end
  if not known then
    fail("action must be one of " .. table.concat(ACTIONS, ", ") .. ", got " .. tostring(asked.action))
  end
  for _, key in ipairs({ "action", "style", "amount", "command" }) do
    reaper.SetExtState(TITLE, key, asked[key], true)
  end
  return asked
end

local function main()
  local asked = ask()
  if asked == nil then
    return
  end
  local item = reaper.GetSelectedMediaItem(0, 0)
  local take = item and reaper.GetActiveTake(item)
  if NEEDS_ITEM[asked.action] and not (take and reaper.TakeIsMIDI(take)) then
    fail(asked.action .. " requires a selected MIDI item")
  end
  local time = item and reaper.GetMediaItemInfo_Value(item, "D_POSITION") or reaper.GetCursorPosition()
  local length = item and reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
  local music = music_at(time, length)
  local source
  if NEEDS_ITEM[asked.action] then
    local notes = notes_of(take, reaper.TimeMap2_timeToQN(0, time), music.length)
    if #notes == 0 then
      fail("the selected item must have notes, got none")
    end
    source = new_file("drumtok-input")
    write_file(source, midi_file(notes, music))
  end
  local out = new_file("drumtok-" .. asked.action)
  local ok, problem = pcall(run, command_line(asked, music, source, out))
  if source then
    os.remove(source)
  end
  if not ok then
    error(problem, 0)
  end
  reaper.Undo_BeginBlock()
  if asked.action == "continue" then
    reaper.SetEditCurPos(time + length, false, false)
  end
  local as_take = item ~= nil and asked.action ~= "continue"
  reaper.InsertMedia(out, as_take and 3 or 0) -- 3: a take of the selected items, 0: an item on the selected track
  reaper.Undo_EndBlock("drumtok: " .. asked.action, -1)
  reaper.UpdateArrange()
end

local ok, problem = pcall(main)
if not ok then
  reaper.MB(type(problem) == "table" and problem.message or tostring(problem), TITLE, 0)
end
