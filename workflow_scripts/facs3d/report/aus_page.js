"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const LOST = 255, PRESENT = 128;
const element = id => document.getElementById(id);
const chart = element("chart"), strips = element("strips"), marks = element("marks");
const sheet = element("sheet");

const times = [];
data.steps.reduce((sum, step) => (times.push((sum + step) / 1000), sum + step), 0);
const nFrames = times.length, begin = times[0], end = data.end / 1000;
const values = data.aus.map(au => Uint8Array.from(atob(au.values), c => c.charCodeAt(0)));
// Beyond the longest that a frame lasts is a hole in the recording.
const ends = frame => Math.min(frame + 1 < nFrames ? times[frame + 1] : end, times[frame] + data.longest / 1000);
const shortest = 3 * (end - begin) / nFrames;

const state = { from: begin, to: end, frame: 0, events: false, drag: null };

// The last of the ascending numbers that is not above the limit, as a place.
function lastUpTo(numbers, limit) {
  let low = 0, high = numbers.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= limit) low = middle; else high = middle;
  }
  return low;
}

const inEvent = data.aus.map(() => new Uint8Array(nFrames));
for (const [au, first, , last] of data.events) inEvent[au].fill(1, first, last + 1);

// Rows: AUs, kinds of notes, time axis.
const rows = [];
function addRow(kind, left, right) {
  for (const cell of [left, right]) {
    if (!cell) continue;
    cell.style.gridRow = rows.length + 1;
    chart.append(cell);
  }
  rows.push({ kind, left, right });
}
function cell(name, ...content) {
  const made = document.createElement("div");
  made.className = name;
  made.append(...content);
  return made;
}
function span(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}
for (const au of data.aus) {
  const poor = au.grade === "poor" ? " poor" : "";
  const head = cell("head", au.id);
  if (au.mark) head.append(" ", span("grade", au.mark));
  const label = cell("label" + poor, head, span("name", au.name));
  addRow("au", label, cell("value" + poor));
}
for (const noted of data.noted) {
  const label = cell("kind", noted.kind);
  label.title = noted.kind;
  addRow("note", label);
}
addRow("axis", cell("axis"));
chart.style.setProperty("--rows", rows.length);
const noteRuns = data.noted.map(noted => noted.runs);

function context(canvas) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const c = canvas.getContext("2d");
  c.setTransform(1, 0, 0, 1, 0, 0);
  c.clearRect(0, 0, canvas.width, canvas.height);
  c.setTransform(scale, 0, 0, scale, 0, 0);
  return { c, width, height, scale };
}
const place = (time, width) => (time - state.from) / (state.to - state.from) * width;
const timeAt = (x, width) => state.from + x / width * (state.to - state.from);

function hatching(c) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const t = tile.getContext("2d");
  t.strokeStyle = "#6b6b6b";
  t.beginPath();
  for (const x of [-8, 0, 8]) { t.moveTo(x, 8); t.lineTo(x + 8, 0); }
  t.stroke();
  return c.createPattern(tile, "repeat");
}

// A column per pixel of the screen: of the frames in it the highest probability is drawn.
function draw() {
  const { c, width, scale } = context(strips);
  const n = Math.max(1, Math.round(width * scale)), step = width / n;
  const first = new Int32Array(n), last = new Int32Array(n);
  for (let column = 0; column < n; column++) {
    first[column] = lastUpTo(times, timeAt(column * step, width));
    last[column] = Math.max(first[column], lastUpTo(times, timeAt((column + 0.999) * step, width)));
  }
  const hatch = hatching(c);
  rows.forEach((row, number) => {
    const top = row.left.offsetTop, height = row.left.offsetHeight;
    if (row.kind === "au") drawStrip(c, number, top + 3, height - 6, first, last, step, hatch, width);
    if (row.kind === "note") drawRuns(c, noteRuns[number - data.aus.length], top + 4, height - 8, width);
    if (row.kind === "axis") drawAxis(c, top, width);
  });
  drawMarks();
}

function drawStrip(c, au, top, height, first, last, step, hatch, width) {
  const poor = data.aus[au].grade === "poor", own = values[au];
  const on = poor ? "#8c8c8c" : "#d55e00", off = poor ? "#c8c8c8" : "#0072b2";
  c.fillStyle = "#f3f3f3";
  c.fillRect(0, top, width, height);
  for (let column = 0; column < first.length; column++) {
    const inHole = timeAt(column * step, width) > ends(first[column]) + 1e-6;
    let most = -1, lost = inHole;
    for (let frame = first[column] + inHole; frame <= last[column]; frame++) {
      if (own[frame] === LOST) lost = true; else if (own[frame] > most) most = own[frame];
    }
    const x = column * step;
    if (lost) {
      c.fillStyle = hatch;
      c.fillRect(x, top, step, height);
    }
    if (most >= 0 && !state.events) {
      const share = (most & 127) / 100;
      c.fillStyle = most & PRESENT ? on : off;
      c.fillRect(x, top + height * (1 - share), step + 0.05, height * share);
    }
  }
  if (state.events) {
    for (const [which, start, apex, stop] of data.events) {
      if (which !== au) continue;
      const left = place(times[start], width), right = place(ends(stop), width);
      c.fillStyle = on;
      c.fillRect(left, top + height / 4, Math.max(right - left, 2), height / 2);
      c.fillStyle = "#1a1a1a";
      c.fillRect(place((times[apex] + ends(apex)) / 2, width) - 1, top, 2, height);
    }
  } else if (data.aus[au].threshold !== null) {
    c.strokeStyle = "#333";
    c.setLineDash([4, 4]);
    c.beginPath();
    const y = top + height * (1 - data.aus[au].threshold);
    c.moveTo(0, y);
    c.lineTo(width, y);
    c.stroke();
    c.setLineDash([]);
  }
}

function drawRuns(c, runs, top, height, width) {
  c.fillStyle = "#f3f3f3";
  c.fillRect(0, top, width, height);
  c.fillStyle = "#333";
  for (const [first, last] of runs) {
    const left = place(times[first], width);
    c.fillRect(left, top, Math.max(place(ends(last), width) - left, 2), height);
  }
}

const clock = seconds => {
  const minutes = Math.floor(seconds / 60);
  const rest = (seconds - 60 * minutes).toFixed(2);
  return minutes ? `${minutes}:${rest.padStart(5, "0")}` : `${rest} s`;
};

function drawAxis(c, top, width) {
  const wanted = (state.to - state.from) / Math.max(2, width / 90);
  const tick = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800].find(s => s >= wanted) || 3600;
  c.fillStyle = c.strokeStyle = "#595959";
  c.font = "12px system-ui, sans-serif";
  for (let number = Math.ceil(state.from / tick); number * tick <= state.to; number++) {
    const time = number * tick, x = place(time, width);
    c.fillRect(x - 0.5, top, 1, 5);
    const minutes = Math.floor(time / 60 + 1e-9), rest = time - 60 * minutes;
    const shown = rest.toFixed(tick < 0.1 ? 2 : tick < 1 ? 1 : 0);
    c.textAlign = x < 20 ? "left" : x > width - 20 ? "right" : "center";
    c.fillText(end < 60 ? `${shown} s` : `${minutes}:${shown.padStart(tick < 1 ? 4 : 2, "0")}`, x, top + 17);
  }
}

function drawMarks() {
  const { c, width, height } = context(marks);
  const x = place((times[state.frame] + ends(state.frame)) / 2, width);
  c.fillStyle = "#1a1a1a";
  c.fillRect(x - 0.75, 0, 1.5, height);
  if (state.drag && state.drag.zooms) {
    c.fillStyle = "rgba(0, 0, 0, 0.2)";
    c.fillRect(Math.min(state.drag.from, state.drag.to), 0, Math.abs(state.drag.to - state.drag.from), height);
  }
}

function drawFace() {
  if (!sheet) return;
  const canvas = element("face"), c = canvas.getContext("2d");
  c.clearRect(0, 0, canvas.width, canvas.height);
  if (values[0][state.frame] === LOST) {
    c.fillStyle = hatching(c);
    c.fillRect(0, 0, canvas.width, canvas.height);
    return;
  }
  const { frames, columns, side } = data.faces;
  let number = lastUpTo(frames, state.frame);
  const away = place => Math.abs(times[frames[place]] - times[state.frame]);
  if (number + 1 < frames.length && away(number + 1) < away(number)) number += 1;
  const x = number % columns * side, y = Math.floor(number / columns) * side;
  c.drawImage(sheet, x, y, side, side, 0, 0, canvas.width, canvas.height);
  canvas.dataset.frame = frames[number];
}

function show(frame) {
  state.frame = Math.min(nFrames - 1, Math.max(0, frame));
  const time = times[state.frame], lost = values[0][state.frame] === LOST;
  element("time").textContent = clock(time);
  element("frame").textContent = `frame ${state.frame}`;
  const noted = data.noted.filter(kind => kind.runs.some(([a, b]) => a <= state.frame && state.frame <= b));
  element("note").textContent = [...(lost ? ["no face"] : []), ...noted.map(kind => kind.kind)].join(", ");
  data.aus.forEach((au, number) => {
    const value = values[number][state.frame], shown = rows[number].right;
    shown.textContent = lost ? "–" : ((value & 127) / 100).toFixed(2);
    const on = state.events ? inEvent[number][state.frame] : !lost && value & PRESENT;
    shown.classList.toggle("on", Boolean(on));
  });
  chart.setAttribute("aria-valuemin", begin);
  chart.setAttribute("aria-valuemax", end);
  chart.setAttribute("aria-valuenow", time);
  chart.setAttribute("aria-valuetext", clock(time));
  drawFace();
  drawMarks();
}

function view(from, to) {
  const length = Math.min(end - begin, Math.max(shortest, to - from));
  const middle = (from + to) / 2;
  state.from = Math.min(Math.max(begin, middle - length / 2), end - length);
  state.to = state.from + length;
  draw();
}
const zoom = factor => {
  const moment = times[state.frame], length = (state.to - state.from) * factor;
  const share = (moment - state.from) / (state.to - state.from);
  view(moment - share * length, moment + (1 - share) * length);
};

function go(frame) {
  show(frame);
  const time = times[state.frame], length = state.to - state.from;
  if (time < state.from || time >= state.to) view(time - length / 2, time + length / 2);
}

function goToEvent(number) {
  const [, first, apex, last] = data.events[number];
  const around = Math.max(1, ends(last) - times[first]);
  view(times[first] - around, ends(last) + around);
  show(apex);
}
// By apex, so that each is reached once however they overlap.
const order = data.events.map((_, number) => number).sort((a, b) => data.events[a][2] - data.events[b][2]);
let current = null;
function stepEvent(direction) {
  if (!order.length) return;
  let at = current !== null && data.events[current][2] === state.frame ? order.indexOf(current) + direction
    : direction > 0 ? order.findIndex(number => data.events[number][2] > state.frame)
    : order.findLastIndex(number => data.events[number][2] < state.frame);
  if (at < 0 || at >= order.length) return;
  current = order[at];
  goToEvent(current);
}

function setMode(events) {
  state.events = events;
  element("events").setAttribute("aria-pressed", events);
  element("probability").setAttribute("aria-pressed", !events);
  draw();
  show(state.frame);
}

const xOf = pointer => pointer.clientX - marks.getBoundingClientRect().left;
marks.addEventListener("pointerdown", pointer => {
  chart.focus({ preventScroll: true });
  marks.setPointerCapture(pointer.pointerId);
  state.drag = { from: xOf(pointer), to: xOf(pointer), zooms: false };
});
marks.addEventListener("pointermove", pointer => {
  const x = xOf(pointer);
  if (state.drag && pointer.pointerType === "mouse") {
    state.drag.to = x;
    state.drag.zooms = Math.abs(x - state.drag.from) > 5;
  }
  const time = Math.min(state.to, Math.max(state.from, timeAt(x, marks.clientWidth)));
  show(lastUpTo(times, time));
});
marks.addEventListener("pointerup", pointer => {
  const drag = state.drag;
  state.drag = null;
  if (drag && drag.zooms) {
    const [a, b] = [timeAt(drag.from, marks.clientWidth), timeAt(drag.to, marks.clientWidth)];
    view(Math.min(a, b), Math.max(a, b));
  } else {
    show(lastUpTo(times, timeAt(xOf(pointer), marks.clientWidth)));
  }
});
marks.addEventListener("pointercancel", () => { state.drag = null; drawMarks(); });
marks.addEventListener("dblclick", () => view(begin, end));

const second = direction => lastUpTo(times, times[state.frame] + direction);
const keys = {
  ArrowRight: key => go(key.shiftKey ? Math.max(state.frame + 1, second(1)) : state.frame + 1),
  ArrowLeft: key => go(key.shiftKey ? Math.min(state.frame - 1, second(-1)) : state.frame - 1),
  ArrowDown: () => stepEvent(1),
  ArrowUp: () => stepEvent(-1),
  Home: () => go(0),
  End: () => go(nFrames - 1),
  Escape: () => view(begin, end),
  "+": () => zoom(0.5),
  "-": () => zoom(2),
  e: () => setMode(!state.events),
};
chart.addEventListener("keydown", key => {
  if (key.ctrlKey || key.metaKey || key.altKey || !(key.key in keys)) return;
  key.preventDefault();
  keys[key.key](key);
});
const clicks = {
  probability: () => setMode(false),
  events: () => setMode(true),
  in: () => zoom(0.5),
  out: () => zoom(2),
  whole: () => view(begin, end),
  previous: () => stepEvent(-1),
  next: () => stepEvent(1),
};
for (const [id, act] of Object.entries(clicks)) element(id).addEventListener("click", act);
for (const link of document.querySelectorAll("a[data-event]")) {
  link.addEventListener("click", click => {
    click.preventDefault();
    current = Number(link.dataset.event);
    goToEvent(current);
    element("figure").scrollIntoView();
    chart.focus({ preventScroll: true });
  });
}

element("figure").hidden = false;
document.body.classList.add("live");
if (!sheet) element("face").remove();
new ResizeObserver(draw).observe(chart);
draw();
show(0);
if (sheet) sheet.decode().then(drawFace);
})();
