// The checklist and the refused requests.

import { byId, count, counted, element, setText, time, withCode } from "./dom.js";

/** More refusals than this help nobody. */
const SHOWN = 500;

const points = byId("points");
const refusals = byId("refused-list");
let openCall = () => {};

export function onOpen(handler) {
  openCall = handler;
}

export function showChecklist(checklist) {
  const seen = checklist.filter((point) => point.sight).length;
  setText(byId("checklist-count"), `${seen}/${checklist.length}`);
  byId("checklist-progress").value = seen;
  checklist.forEach((point, index) => showPoint(points.children[index] ?? newPoint(point), point));
}

function newPoint(point) {
  const made = element(
    "li",
    "",
    element("i", "mark"),
    element("strong", "", point.name),
    element("span", "hint", ...withCode(point.hint)),
    element("button", "sight"),
  );
  made.lastChild.type = "button";
  made.lastChild.addEventListener("click", () => openCall(Number(made.dataset.call)));
  points.append(made);
  return made;
}

function showPoint(made, { sight }) {
  const [mark, , , button] = made.children;
  made.className = sight ? "seen" : "";
  setText(mark, sight ? "✓" : "");
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", sight ? "seen" : "not seen");
  button.hidden = !sight;
  if (!sight) return;
  made.dataset.call = sight.call;
  setText(button, `${sight.source ?? "no source"} · key ${sight.key} · ${time(sight.at)}`);
}

export function clearRefused() {
  refusals.replaceChildren();
}

export function addRefused(added, total) {
  setText(byId("refused-count"), count(total));
  byId("refused-count").hidden = total === 0;
  setText(
    byId("refused-note"),
    total === 0 ? "Every request was taken." : `${counted(total, "request was", "requests were")} refused, newest first.`,
  );
  for (const request of added.slice(-SHOWN)) {
    refusals.prepend(
      element(
        "li",
        "",
        element("span", "time", time(request.received)),
        element("b", "code", request.status === 0 ? "reset" : String(request.status)),
        element("code", "path", request.path),
        element(
          "span",
          "what",
          `${request.key === null ? "unknown key" : `key ${request.key}`} · ${counted(request.bytes, "byte", "bytes")}`,
        ),
        element("p", "reason", ...withCode(request.reason)),
      ),
    );
  }
  while (refusals.children.length > SHOWN) refusals.lastChild.remove();
}
