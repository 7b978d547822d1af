"use strict";
// Channels with their bursts; every change is a new list of states, so that it can be undone.
const data = JSON.parse(document.getElementById("data").textContent);
const SMALL = 0.001, STEP = 0.005, LARGE = 0.05, SHORTEST = 0.01, NEAR = 12;
let state = data.channels.map(c => ({ dropped: false, bursts: c.bursts.map(b => ({ ...b })) }));
const before = [];
let taken = 0;
const rows = [], status = document.getElementById("status");
const copy = s => s.map(c => ({ dropped: c.dropped, bursts: c.bursts.map(b => ({ ...b })) }));
const seconds = t => t === null ? "before the recording" : t.toFixed(3) + " s";
const edge = (c, b, end) => end ? (b.offset ?? data.channels[c].end) : (b.onset ?? data.channels[c].start);

function change(words, act) {
  before.push(copy(state));
  act();
  state.forEach(c => c.bursts.sort((a, b) => (a.onset ?? -Infinity) - (b.onset ?? -Infinity)));
  document.getElementById("undo").disabled = false;
  status.textContent = words;
  show();
}
function undo() {
  if (!before.length) return;
  // Who works by keyboard stays where they were.
  const c = rows.findIndex(r => r.section.contains(document.activeElement)), at = document.activeElement.dataset;
  state = before.pop();
  document.getElementById("undo").disabled = !before.length;
  status.textContent = "Undone.";
  show();
  if (c >= 0) focusBurst(c, Math.min(at.burst ?? 0, state[c].bursts.length - 1), at.end === "1");
}
function place(c, b, time, end) {
  // An edge stays inside the recording, on its side of the other one and off the neighbours.
  const ch = data.channels[c], all = state[c].bursts, i = all.indexOf(b);
  const first = i > 0 ? edge(c, all[i - 1], true) : ch.start, last = i + 1 < all.length ? edge(c, all[i + 1], false) : ch.end;
  if (end) b.offset = Math.max(Math.min(time, last), Math.min(edge(c, b, false) + SHORTEST, ch.end));
  else b.onset = Math.min(Math.max(time, first), Math.max(edge(c, b, true) - SHORTEST, ch.start));
}
function move(c, i, by, end) {
  const b = state[c].bursts[i];
  change("", () => place(c, b, Math.round((edge(c, b, end) + by) * 1e6) / 1e6, end));
  status.textContent = `${data.channels[c].words}: ${end ? "end" : "onset"} now at ${seconds(end ? b.offset : b.onset)}.`;
  focusBurst(c, state[c].bursts.indexOf(b), end);
}
function focusBurst(c, i, end) {
  const found = rows[c].list.querySelector(`[data-burst="${i}"][data-end="${end ? 1 : 0}"]`);
  (found || rows[c].add).focus();
}
function drop(c, i, everywhere) {
  const b = state[c].bursts[i], from = edge(c, b, false), to = edge(c, b, true);
  const where = data.channels[c].recording;
  change(everywhere ? "Repetition dropped in every channel of the recording." : "Burst dropped.", () => {
    state.forEach((s, k) => {
      if (k === c) s.bursts.splice(i, 1);
      else if (everywhere && data.channels[k].recording === where)
        s.bursts = s.bursts.filter(o => edge(k, o, true) < from || edge(k, o, false) > to);
    });
  });
  focusBurst(c, Math.min(i, state[c].bursts.length - 1), false);
}
function add(c, at) {
  // Where a burst is, after it; no longer than to the next.
  const ch = data.channels[c];
  let onset = Math.max(ch.start, Math.min(at, ch.end - 0.2));
  state[c].bursts.forEach(b => { if (onset > edge(c, b, false) - SHORTEST && onset < edge(c, b, true)) onset = edge(c, b, true); });
  const next = Math.min(ch.end, ...state[c].bursts.map(b => edge(c, b, false)).filter(t => t >= onset));
  if (next - onset < SHORTEST) { status.textContent = `No room for a burst at ${seconds(onset)}; a double click adds one elsewhere.`; return; }
  const b = { onset, offset: Math.min(onset + 0.2, next), detected: null };
  change(`Burst added at ${seconds(onset)}; move its edges.`, () => state[c].bursts.push(b));
  focusBurst(c, state[c].bursts.indexOf(b), false);
}
function keys(event, c, i, end) {
  const by = event.shiftKey ? LARGE : event.altKey ? SMALL : STEP;
  if (event.key === "ArrowLeft") move(c, i, -by, end);
  else if (event.key === "ArrowRight") move(c, i, by, end);
  else if (event.key === "Delete" || event.key === "Backspace") drop(c, i, event.shiftKey);
  else return;
  event.preventDefault();
}
function button(words, act) {
  const b = document.createElement("button");
  b.type = "button"; b.textContent = words; b.addEventListener("click", act);
  return b;
}
function build() {
  const place_ = document.getElementById("channels");
  data.channels.forEach((ch, c) => {
    const section = document.createElement("section"), title = document.createElement("h2");
    const canvas = document.createElement("canvas"), list = document.createElement("ul"), bar = document.createElement("p");
    const label = document.createElement("label"), box = document.createElement("input");
    title.textContent = ch.words;
    box.type = "checkbox"; box.checked = true;
    box.addEventListener("change", () => change(box.checked ? "Channel kept." : "Channel dropped.", () => { state[c].dropped = !box.checked; }));
    label.append(box, " keep this channel");
    const addButton = button("add a burst", () => add(c, (ch.start + ch.end) / 2));
    bar.append(label, addButton);
    if (!ch.timed) { const why = document.createElement("small"); why.textContent = `Not timed: ${ch.why_not}`; bar.append(why); }
    canvas.setAttribute("aria-hidden", "true");
    section.append(title, canvas, list, bar);
    place_.append(section);
    rows.push({ section, canvas, list, box, add: addButton });
    drag(c, canvas);
  });
}
function drag(c, canvas) {
  let held = null, old = null;
  const ch = data.channels[c];
  const time = e => ch.start + (e.offsetX / canvas.clientWidth) * (ch.end - ch.start);
  canvas.addEventListener("pointerdown", e => {
    let best = null, least = NEAR;
    state[c].bursts.forEach(b => [false, true].forEach(end => {
      const away = Math.abs(edge(c, b, end) - time(e)) / (ch.end - ch.start) * canvas.clientWidth;
      if (away < least) { least = away; best = { b, end }; }
    }));
    if (!best) return;
    held = best; old = copy(state);
    canvas.setPointerCapture(e.pointerId); e.preventDefault();
  });
  canvas.addEventListener("pointermove", e => {
    if (!held) return;
    if (old) { before.push(old); old = null; document.getElementById("undo").disabled = false; }
    place(c, held.b, Math.round(time(e) * 1000) / 1000, held.end); draw(c);
  });
  const release = () => { if (held && !old) { status.textContent = "Moved."; show(); } held = null; };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("dblclick", e => add(c, time(e)));
}
function show() {
  rows.forEach((row, c) => {
    row.section.classList.toggle("dropped", state[c].dropped);
    row.box.checked = !state[c].dropped;
    row.list.replaceChildren(...state[c].bursts.map((b, i) => {
      const item = document.createElement("li");
      [false, true].forEach(end => {
        const at = button(`${end ? "to" : "from"} ${end && b.offset === null ? "beyond the end" : seconds(end ? b.offset : b.onset)}`, () => {});
        at.dataset.burst = i; at.dataset.end = end ? 1 : 0;
        at.setAttribute("aria-label", `${data.channels[c].words}, burst ${i + 1}, ${end ? "end" : "onset"} ${seconds(end ? b.offset : b.onset)}; arrow keys move it`);
        at.addEventListener("keydown", e => keys(e, c, i, end));
        item.append(at);
      });
      item.append(button("−5 ms", () => move(c, i, -STEP, false)), button("+5 ms", () => move(c, i, STEP, false)),
        button("drop", () => drop(c, i, false)), button("drop repetition", () => drop(c, i, true)));
      item.querySelectorAll("button:not([aria-label])").forEach(made =>
        made.setAttribute("aria-label", `${data.channels[c].words}, burst ${i + 1}: ${made.textContent.replace("−", "minus ").replace("+", "plus ")}`));
      return item;
    }));
    draw(c);
  });
  document.body.dataset.changes = before.length;
}
function draw(c) {
  const ch = data.channels[c], canvas = rows[c].canvas, ratio = window.devicePixelRatio || 1;
  const w = canvas.clientWidth, h = canvas.clientHeight, style = getComputedStyle(document.body);
  canvas.width = w * ratio; canvas.height = h * ratio;
  const g = canvas.getContext("2d");
  g.scale(ratio, ratio);
  const x = t => (t - ch.start) / (ch.end - ch.start) * w;
  const most = ch.high.concat(ch.low).reduce((m, v) => Math.max(m, Math.abs(v ?? 0)), 1e-12), y = v => h / 2 - v / most * (h / 2 - 4);
  state[c].bursts.forEach(b => {
    g.fillStyle = style.getPropertyValue("--burst");
    g.fillRect(x(edge(c, b, false)), 0, x(edge(c, b, true)) - x(edge(c, b, false)), h);
  });
  g.strokeStyle = style.color; g.lineWidth = 1; g.beginPath();
  ch.time.forEach((t, i) => { if (ch.low[i] !== null) { g.moveTo(x(t), y(ch.low[i]) + .5); g.lineTo(x(t), y(ch.high[i]) - .5); } });
  g.stroke();
  state[c].bursts.forEach(b => {
    g.lineWidth = 2;
    g.strokeStyle = style.getPropertyValue("--edge");
    [[false, b.onset], [true, b.offset]].forEach(([end, t]) => {
      if (t === null) return;
      g.setLineDash(end ? [4, 3] : []); g.beginPath(); g.moveTo(x(t), 0); g.lineTo(x(t), h); g.stroke();
    });
    g.setLineDash([]);
  });
}
function csv() {
  const lines = [], cell = v => v === null || v === undefined ? "" : String(v);
  // Blanks behind the commas: without them a spreadsheet takes the quotation marks away.
  const json = held => JSON.stringify(held, null, 1).replace(/\n */g, " ");
  const safe = t => t.replace(new RegExp(data.formula, "g"), "$1'");
  const quoted = t => /[",\r\n]/.test(t) ? '"' + t.replaceAll('"', '""') + '"' : t;
  data.channels.forEach((ch, c) => {
    if (state[c].dropped) lines.push(data.left_out_head + json({ channel: ch.key }));
    else if (ch.timed || state[c].bursts.length)
      lines.push(data.head + json({ channel: ch.key, method: ch.method, rate: ch.rate, settings: ch.settings }));
  });
  lines.push(data.columns.join(","));
  data.channels.forEach((ch, c) => {
    if (!state[c].dropped) state[c].bursts.forEach(b =>
      lines.push([quoted(safe(ch.key)), cell(b.onset), cell(b.offset), ...(b.detected || data.columns.slice(3).map(() => null)).map(cell)].join(",")));
  });
  return lines.join("\n") + "\n";
}
function takeHome() {
  const link = document.createElement("a"), url = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  link.href = url; link.download = "corrections.csv"; link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
  taken = before.length;
  status.textContent = "corrections.csv is in your downloads.";
}
document.getElementById("undo").addEventListener("click", undo);
document.getElementById("save").addEventListener("click", takeHome);
document.addEventListener("keydown", e => { if ((e.ctrlKey || e.metaKey) && e.key === "z") { undo(); e.preventDefault(); } });
window.addEventListener("resize", show);
window.addEventListener("beforeunload", e => { if (before.length !== taken) e.preventDefault(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
build();
show();
