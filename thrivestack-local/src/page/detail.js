// One event: who sent it, what is missing, and its JSON.

import { byId, chip, element, pair, setText, time, withCode } from "./dom.js";

const panel = byId("detail");
const title = byId("detail-title");
const body = byId("detail-body");
let text = "";
/** Answers may overtake one another; the last question counts. */
let asked = 0;
let returnTo = null;

/** Shows a call; `focus` moves the keyboard there, and closing moves it back. */
export async function open(number, focus = false) {
  asked = number;
  const answer = await fetch(`/page/call/${number}`).catch(() => null);
  if (asked !== number) return;
  const call = await answer?.json().catch(() => null);
  if (asked !== number) return;
  if (answer?.ok && call) show(call);
  else fail(number, call?.message ?? "The server does not answer.");
  if (focus || panel.hidden) returnTo = document.activeElement;
  panel.hidden = false;
  document.body.classList.add("has-detail");
  body.scrollTop = 0;
  if (focus) title.focus();
}

export function close() {
  asked = 0;
  panel.hidden = true;
  document.body.classList.remove("has-detail");
  returnTo?.focus();
  returnTo = null;
}

function fail(number, message) {
  setText(title, `Call ${number}`);
  text = "";
  body.replaceChildren(element("p", "counts", message));
}

function show(call) {
  text = call.json;
  title.replaceChildren(chip(call.call), element("bdi", "", call.name ?? ""));
  const facts = element("dl", "facts", pair("sent by key", call.key), pair("call", `${call.number}, in request ${call.request}`));
  if (call.user !== null) facts.append(pair("user", call.user));
  if (call.account !== null) facts.append(pair("account", call.account));
  facts.append(pair("timestamp", call.timestamp ?? "none"), pair("received", time(call.received)));
  const warnings = call.warnings.length
    ? element("ul", "advice", ...call.warnings.map((warning) => element("li", "", ...withCode(warning))))
    : element("p", "fine", "Nothing is missing that the standard events ask for.");
  const hints = call.hints.length
    ? [element("h3", "", "Hints"), element("ul", "hints", ...call.hints.map((hint) => element("li", "", ...withCode(hint))))]
    : [];
  if (call.not_sent.length) {
    const names = call.not_sent.map((name) => `\`${name}\``).join(", ");
    hints.push(element("p", "counts", ...withCode(`Documented, and not sent: ${names}.`)));
  }
  body.replaceChildren(facts, element("h3", "", "Warnings"), warnings, ...hints, element("h3", "", "JSON"), coloured(call.json));
}

/** The JSON with its keys, strings and other values in colours of their own. */
function coloured(json) {
  const pre = element("pre", "json");
  pre.tabIndex = 0;
  // Colours are for people; a machine's megabytes are shown as they are.
  if (json.length > 100_000) {
    pre.textContent = json;
    return pre;
  }
  let end = 0;
  for (const match of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) {
    pre.append(json.slice(end, match.index));
    const kind = match[2] ? "key" : match[1] ? "string" : "value";
    pre.append(element("span", kind, match[1] ?? match[0]), match[2] ?? "");
    end = match.index + match[0].length;
  }
  pre.append(json.slice(end));
  return pre;
}

byId("close").addEventListener("click", close);
byId("copy").addEventListener("click", async (event) => {
  const done = await navigator.clipboard.writeText(text).then(() => true, () => false);
  setText(event.target, done ? "Copied" : "Not allowed");
  setTimeout(() => setText(event.target, "Copy JSON"), 1_500);
});
