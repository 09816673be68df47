// The three dialogs: why a row is rejected, finding a row, the list of keys.

import { get } from "/static/web/api.js";
import { count, find, icon, make } from "/static/web/dom.js";

const REASONS = ["wrong", "unclear", "incomplete", "format", "contradiction", "private data"];
const WAIT_MS = 200;
const SHORTCUTS = "tunegate single keys";

let rejected = () => {};
let chosen = () => {};
let searching = 0;

/** Asks for a reason, then calls `then` with it. */
export function openReject(then) {
  rejected = then;
  find("reason").value = "";
  find("reject").showModal();
  find("reasons").querySelector("button").focus();
}

function reject(reason) {
  const text = find("reason").value.trim();
  find("reject").close();
  rejected(reason && text ? `${reason}: ${text}` : reason || text);
}

/** Finds rows, then calls `then` with the number of the chosen one and the text it was found by. */
export function openSearch(then) {
  chosen = then;
  find("search").showModal();
  find("query").select();
  lookUp();
}

function choose(number, query) {
  find("search").close();
  chosen(number, query);
}

/** Shows what the query finds; an answer that a newer one has overtaken is dropped. */
async function lookUp() {
  const query = find("query").value.trim();
  const turn = ++searching;
  if (!query) {
    find("found").replaceChildren();
    find("found-words").textContent = "";
    return;
  }
  const answer = await get("/api/search", { query });
  if (turn !== searching || answer.status !== 200) return;
  const entries = answer.found.map((row) => entry(row, query));
  if (/^\d{1,9}$/.test(query)) {
    entries.unshift(make("li", {}, make("button", { type: "button", onclick: () => choose(Number(query) - 1, "") }, `Go to row ${query}`)));
  }
  find("found").replaceChildren(...entries);
  const more = answer.found.length === answer.limit;
  find("found-words").textContent = more ? `The first ${count(answer.limit)} rows that hold it` : `${count(answer.found.length)} found`;
}

function entry(row, query) {
  return make("li", {}, make("button", { type: "button", onclick: () => choose(row.number, query) },
    make("span", { class: "found-number" }, icon(row.state), String(row.number + 1), make("span", { class: "unseen" }, ` ${row.state}`)),
    make("span", { class: "found-text", dir: "auto" }, row.text)));
}

export function openHelp() {
  find("help").showModal();
}

export const shortcutsOn = () => localStorage.getItem(SHORTCUTS) !== "off";

find("reasons").append(...REASONS.map((reason, n) => make("li", {},
  make("button", { type: "button", onclick: () => reject(reason) },
    make("kbd", { class: "always" }, String(n + 1)), ` ${reason[0].toUpperCase()}${reason.slice(1)}`))));
find("reject-free").addEventListener("click", () => reject(""));
find("reject").addEventListener("keydown", (event) => {
  const reason = REASONS[Number(event.key) - 1];
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) reject("");
  else if (reason && event.target !== find("reason")) reject(reason);
  else return;
  event.preventDefault();
});
let waiting;
find("query").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(lookUp, WAIT_MS);
});
find("search").addEventListener("keydown", (event) => {
  const buttons = [...find("found").querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  if (event.key === "Enter" && event.target === find("query")) lookUp().then(() => find("found").querySelector("button")?.click());
  else if (event.key === "ArrowDown") buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
  else if (event.key === "ArrowUp") (buttons[at - 1] ?? find("query")).focus();
  else return;
  event.preventDefault();
});
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
find("shortcuts").checked = shortcutsOn();
find("shortcuts").addEventListener("change", (event) => localStorage.setItem(SHORTCUTS, event.target.checked ? "on" : "off"));
