// Listens to the server and hands what comes to the views; tabs, filters and keys.

import * as detail from "./detail.js";
import { byId, count, setText } from "./dom.js";
import * as flow from "./flow.js";
import * as list from "./list.js";
import * as panels from "./panels.js";

const TABS = ["events", "checklist", "flow", "refused"];
const RETRY = 2_000;

let run = null;
/** How many calls the server had to forget before this page had read them. */
let missed = 0;
let hasBegun = false;

function listen() {
  const source = new EventSource("/page/feed");
  source.onopen = () => state("live");
  source.onerror = () => {
    state("waiting");
    // The browser tries again by itself unless the answer was no stream.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, RETRY);
  };
  source.onmessage = (message) => take(JSON.parse(message.data));
}

function state(name) {
  const status = byId("status");
  if (status.dataset.state === name) return;
  status.dataset.state = name;
  setText(status.lastChild, name === "live" ? "live" : "waiting for the server");
}

function take(news) {
  if (news.run !== run) {
    if (run !== null) {
      list.clear();
      panels.clearRefused();
      detail.close();
    }
    run = news.run;
    missed = 0;
  }
  // A page that opens late has not been too slow.
  if (hasBegun) missed += news.missed;
  hasBegun = true;
  setText(byId("missed"), missed ? `${count(missed)} came faster than this page could read them.` : "");
  setText(byId("total-calls"), count(news.total.calls));
  setText(byId("total-requests"), count(news.total.requests));
  setText(byId("total-refused"), count(news.total.refused));
  list.add(news.calls);
  panels.addRefused(news.refused, news.total.refused);
  panels.showChecklist(news.checklist);
  flow.changed();
}

function choose(tab) {
  document.body.dataset.tab = tab;
  for (const name of TABS) {
    const button = byId(`tab-${name}`);
    button.setAttribute("aria-selected", name === tab);
    button.tabIndex = name === tab ? 0 : -1;
  }
  if (!byId("detail").hidden) detail.close();
  flow.show(tab === "flow");
  history.replaceState(null, "", `#${tab}`);
}

for (const name of TABS) {
  const button = byId(`tab-${name}`);
  button.addEventListener("click", () => choose(name));
  button.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    // Beside a wide list the checklist is always there, and its tab is not.
    const shown = TABS.filter((tab) => byId(`tab-${tab}`).offsetParent);
    const next = shown[(shown.indexOf(name) + by + shown.length) % shown.length];
    choose(next);
    byId(`tab-${next}`).focus();
  });
}

const lower = (id) => byId(id).value.trim().toLowerCase();

function applyFilters() {
  list.filter({
    search: lower("search"),
    call: byId("filter-call").value,
    event: lower("filter-event"),
    user: lower("filter-user"),
    account: lower("filter-account"),
    warnings: byId("filter-warnings").checked,
  });
}

let typing;
byId("filters").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(applyFilters, 120);
});
byId("filters").addEventListener("submit", (event) => event.preventDefault());

byId("more").addEventListener("click", () => {
  const on = byId("filters").classList.toggle("open");
  byId("more").setAttribute("aria-expanded", on);
});

const pauseButton = byId("pause");

function togglePause() {
  const on = pauseButton.getAttribute("aria-pressed") !== "true";
  pauseButton.setAttribute("aria-pressed", on);
  setText(pauseButton, on ? "Resume" : "Pause");
  list.pause(on);
}

pauseButton.addEventListener("click", togglePause);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = event.target.closest("input, select, textarea") !== null;
  if (event.key === "Escape" && !byId("detail").hidden) detail.close();
  else if (event.key === "/" && !isTyping) {
    choose("events");
    byId("search").focus();
  } else if (event.key === "p" && !isTyping) togglePause();
  else return;
  event.preventDefault();
});

list.onOpen(detail.open);
panels.onOpen((call) => detail.open(call, true));
flow.onOpen((call) => detail.open(call, true));
setText(
  byId("environment"),
  `THRIVESTACK_API_KEY=…\nTHRIVESTACK_ENDPOINT=${location.origin}/api`,
);
choose(TABS.find((tab) => `#${tab}` === location.hash) ?? "events");
listen();
