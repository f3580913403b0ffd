// The order of each user's calls. The server works it out.

import { byId, chip, count, counted, element, setText, time, withCode } from "./dom.js";

/** A hundred thousand calls take the server a moment to sort, which it does less often when only the number shows. */
const PAUSE = 1_000;
const PAUSE_HIDDEN = 5_000;

const list = byId("flow-list");
const steps = byId("flow-steps");
let user = null;
let isShown = false;
let isStale = true;
let isAsking = false;
let pause;
let openCall = () => {};

export function onOpen(handler) {
  openCall = handler;
}

export function show(on) {
  isShown = on;
  if (!on) return;
  isStale = true;
  // Whoever looks does not wait for the longer pause to end.
  if (pause !== undefined) {
    clearTimeout(pause);
    askAgain();
  }
}

/** Something came, so what is shown is old. */
export function changed() {
  isStale = true;
  refresh();
}

async function refresh() {
  if (!isStale || isAsking) return;
  isAsking = true;
  isStale = false;
  pause = undefined;
  try {
    showUsers(await ask("flows", byId("flow-user").value.trim()));
    if (isShown && user !== null) showSteps(await ask("flow", user));
  } catch {
    isStale = true;
  }
  pause = setTimeout(askAgain, isShown ? PAUSE : PAUSE_HIDDEN);
}

function askAgain() {
  isAsking = false;
  refresh();
}

async function ask(what, value) {
  const answer = await fetch(`/page/${what}?user=${encodeURIComponent(value)}`);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

function showUsers({ users, with_breaches: broken, flows }) {
  setText(byId("flow-count"), count(broken));
  byId("flow-count").hidden = broken === 0;
  setText(
    byId("flow-counts"),
    `${counted(users, "user", "users")}, ${broken === 0 ? "all in order" : `${count(broken)} out of order`}` +
      (flows.length < users ? `; ${count(flows.length)} listed` : ""),
  );
  if (isShown && user === null && flows.length > 0) choose(flows[0].user);
  const focused = document.activeElement?.dataset?.user;
  list.replaceChildren(...flows.map(userItem));
  if (focused !== undefined) [...list.querySelectorAll("button")].find((button) => button.dataset.user === focused)?.focus();
}

function userItem({ user: id, calls, breaches, hints }) {
  const button = element(
    "button",
    "",
    element("bdi", "", id),
    element("span", "", counted(calls, "call", "calls")),
    breaches ? element("b", "", `${count(breaches)} ⚠\ufe0e`) : element("i", "", hints ? counted(hints, "hint", "hints") : "✓"),
  );
  button.type = "button";
  button.dataset.user = id;
  button.setAttribute("aria-current", id === user);
  button.addEventListener("click", () => choose(id));
  return element("li", "", button);
}

async function choose(id) {
  user = id;
  for (const button of list.querySelectorAll("button")) button.setAttribute("aria-current", button.dataset.user === id);
  const answer = await ask("flow", id).catch(() => null);
  if (answer && user === id) showSteps(answer);
}

function showSteps({ user: id, left_out: leftOut, steps: found }) {
  if (id !== user) return;
  const top = steps.scrollTop;
  steps.replaceChildren(
    element("h2", "", element("span", "", "What "), element("bdi", "", id), element("span", "", " did, in order")),
    leftOut ? element("p", "counts", `The first ${count(leftOut)} are left out.`) : "",
    element("ol", "", ...found.map(stepItem)),
  );
  steps.scrollTop = top;
}

function stepItem({ number, at, call, name, account, breaches, hints }) {
  const button = element(
    "button",
    "",
    element("span", "time", time(at)),
    chip(call),
    element("bdi", "name", name ?? ""),
    element("bdi", "account", account ?? ""),
  );
  button.type = "button";
  button.addEventListener("click", () => openCall(number));
  return element(
    "li",
    breaches.length ? "breach" : hints.length ? "hint" : "",
    button,
    ...breaches.map((breach) => element("p", "", ...withCode(breach))),
    ...hints.map((hint) => element("p", "hint", "Hint: ", ...withCode(hint))),
  );
}

let typing;
byId("flow-user").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(changed, 200);
});
