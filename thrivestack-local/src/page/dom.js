// The only ways in which the page makes elements: what came from outside is always text, never markup.

export const byId = (id) => document.getElementById(id);

/** An element with a class and children, which are elements or text. */
export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** A pair of a definition list. */
export function pair(term, description) {
  return element("div", "", element("dt", "", term), element("dd", "", description));
}

/** Changes the text only if it differs, so that the browser has nothing to lay out anew. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Words of the server, in which names stand between backticks. */
export const withCode = (words) => words.split("`").map((part, index) => (index % 2 ? element("code", "", part) : part));

export function chip(call) {
  const made = element("span", "chip", call);
  made.dataset.call = call;
  return made;
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});
const numbers = new Intl.NumberFormat("en");

export const time = (milliseconds) => clock.format(milliseconds);
export const count = (number) => numbers.format(number);
export const counted = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;
