// The list of events. Only the rows that can be seen are elements, so a hundred thousand events cost no more than forty.

import { byId, chip, count, element, setText, time } from "./dom.js";

const KEPT = 100_000;
/** Rows are thrown away so many at once, because moving all the others has its price. */
const SLACK = 10_000;
const OVERSCAN = 6;

// The places in a row, as the server writes it.
export const NUMBER = 0;
const [AT, CALL, NAME, USER, ACCOUNT, KEY, WARNINGS, SEARCHABLE] = [1, 2, 3, 4, 5, 6, 7, 8];

const list = byId("list");
const spacer = list.firstElementChild;
const pool = [];

let rows = [];
/** What passes the filters, oldest first; while paused, what passed them then. */
let view = [];
let isPaused = false;
let selected = null;
let isFrameAsked = false;
let passes = () => true;
let hasFilter = false;
let open = () => {};
const names = new Set();

export function onOpen(handler) {
  open = handler;
}

export function clear() {
  rows = [];
  view = [];
  selected = null;
  draw();
}

export function add(added) {
  for (const row of added) {
    rows.push(row);
    if (row[CALL] === "track" && names.size < 500 && !names.has(row[NAME])) {
      names.add(row[NAME]);
      const option = element("option");
      option.value = row[NAME];
      byId("event-names").append(option);
    }
  }
  if (!isPaused) {
    const before = view.length;
    for (const row of added) if (passes(row)) view.push(row);
    // Whoever has scrolled down looks at something, which must not move.
    if (list.scrollTop > 0) list.scrollTop += (view.length - before) * rowHeight();
  }
  if (rows.length > KEPT + SLACK) trim();
  draw();
}

function trim() {
  rows = rows.slice(-KEPT);
  if (isPaused) return;
  const first = rows[0][NUMBER];
  const start = view.findIndex((row) => row[NUMBER] >= first);
  view = start < 0 ? [] : view.slice(start);
}

export function filter({ search, call, event, user, account, warnings }) {
  const has = (value, wanted) => value !== null && value.toLowerCase().includes(wanted);
  const tests = [];
  if (call) tests.push((row) => row[CALL] === call);
  if (event) tests.push((row) => has(row[NAME], event));
  if (user) tests.push((row) => has(row[USER], user));
  if (account) tests.push((row) => has(row[ACCOUNT], account));
  if (warnings) tests.push((row) => row[WARNINGS].length > 0);
  if (search) {
    tests.push((row) => has(row[SEARCHABLE], search) || has(row[KEY], search) || row[WARNINGS].some((text) => has(text, search)));
  }
  hasFilter = tests.length > 0;
  passes = (row) => tests.every((test) => test(row));
  view = rows.filter(passes);
  list.scrollTop = 0;
  draw();
}

export function pause(on) {
  isPaused = on;
  if (!on) {
    view = rows.filter(passes);
    list.scrollTop = 0;
  }
  draw();
}

/** Moves the selection by so many rows, downward if positive. */
function move(by) {
  if (view.length === 0) return;
  const at = selected === null ? -1 : indexOf(selected);
  const index = Math.min(Math.max(at < 0 ? 0 : at + by, 0), view.length - 1);
  selected = rowAt(index)[NUMBER];
  const top = index * rowHeight();
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + rowHeight() > list.scrollTop + list.clientHeight) list.scrollTop = top + rowHeight() - list.clientHeight;
  draw();
  if (!byId("detail").hidden) open(selected);
}

// The newest is on top.
const rowAt = (index) => view[view.length - 1 - index];

/** Where a call is in the view, by halving, because the view is in order. */
function indexOf(number) {
  let [low, high] = [0, view.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (view[middle][NUMBER] < number) low = middle + 1;
    else high = middle;
  }
  return view[low]?.[NUMBER] === number ? view.length - 1 - low : -1;
}

/** The style says how high a row is, and says so again on a narrow screen. */
const rowHeight = () => parseFloat(getComputedStyle(list).getPropertyValue("--row"));

function draw() {
  if (isFrameAsked) return;
  isFrameAsked = true;
  requestAnimationFrame(() => {
    isFrameAsked = false;
    render();
  });
}

function render() {
  const height = rowHeight();
  byId("empty").hidden = rows.length > 0;
  list.hidden = rows.length === 0;
  setText(
    byId("counts"),
    (hasFilter || isPaused ? `${count(view.length)} of ${count(rows.length)} shown` : `${count(rows.length)} shown`) +
      (isPaused ? ", paused" : ", newest first"),
  );
  spacer.style.height = `${view.length * height}px`;
  const first = Math.max(Math.floor(list.scrollTop / height) - OVERSCAN, 0);
  const last = Math.min(Math.ceil((list.scrollTop + list.clientHeight) / height) + OVERSCAN, view.length);
  while (pool.length < last - first) pool.push(newRow());
  let active = "";
  pool.forEach((made, offset) => {
    const index = first + offset;
    made.hidden = index >= last;
    if (made.hidden) return;
    fill(made, rowAt(index), index, height);
    if (rowAt(index)[NUMBER] === selected) active = made.id;
  });
  if (active) list.setAttribute("aria-activedescendant", active);
  else list.removeAttribute("aria-activedescendant");
}

function newRow() {
  const made = element("div", "row");
  made.setAttribute("role", "option");
  made.id = `row-${pool.length}`;
  for (const name of ["time", "call", "name", "user", "account", "key", "warnings"]) made.append(element("span", name));
  made.children[1].append(chip(""));
  list.append(made);
  return made;
}

function fill(made, row, index, height) {
  made.style.transform = `translateY(${index * height}px)`;
  made.setAttribute("aria-setsize", view.length);
  made.setAttribute("aria-posinset", index + 1);
  made.setAttribute("aria-selected", row[NUMBER] === selected);
  if (made.dataset.number === String(row[NUMBER])) return;
  made.dataset.number = row[NUMBER];
  const [at, call, name, user, account, key, warnings] = made.children;
  setText(at, time(row[AT]));
  setText(call.firstChild, row[CALL]);
  call.firstChild.dataset.call = row[CALL];
  setText(name, row[NAME] ?? "");
  setText(user, row[USER] ?? "");
  setText(account, row[ACCOUNT] ?? "");
  setText(key, row[KEY]);
  const found = row[WARNINGS].length;
  setText(warnings, found ? `${found} ⚠\ufe0e` : "");
  warnings.title = row[WARNINGS].join("\n");
  if (found) warnings.setAttribute("aria-label", `${found} warnings`);
  else warnings.removeAttribute("aria-label");
}

list.addEventListener("scroll", draw, { passive: true });
new ResizeObserver(draw).observe(list);

list.addEventListener("click", (event) => {
  const row = event.target.closest(".row");
  if (!row) return;
  selected = Number(row.dataset.number);
  draw();
  open(selected);
});

list.addEventListener("keydown", (event) => {
  const page = Math.max(Math.floor(list.clientHeight / rowHeight()) - 1, 1);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, End: Infinity, Home: -Infinity };
  if (event.key in steps) move(steps[event.key]);
  else if (event.key === "Enter" && selected !== null) open(selected, true);
  else return;
  event.preventDefault();
});
