// Which key does what. Single keys count only where no dialog is open, and can be switched off.

import { find } from "/static/web/dom.js";

const SHORTCUTS = "tunegate single keys";
const KEYS = {
  a: "a", 1: "a", ArrowLeft: "a", t: "tie", 2: "tie", ArrowDown: "tie", b: "b", 3: "b", ArrowRight: "b",
  ArrowUp: "back", Enter: "save", u: "undo", p: "pause", "?": "help",
};

export const shortcutsOn = () => localStorage.getItem(SHORTCUTS) !== "off";

export function listenForKeys(actions, { on }) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !on()) return;
    if (event.key === "Enter" && event.target.closest?.("button, a")) return; // a button that has the focus is pressed
    const name = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!name) return;
    event.preventDefault();
    actions[name]();
  });
}

find("shortcuts").checked = shortcutsOn();
find("shortcuts").addEventListener("change", (event) => localStorage.setItem(SHORTCUTS, event.target.checked ? "on" : "off"));
