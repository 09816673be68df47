// Which key does what. Single keys count only where no text is typed and no dialog is open.

const KEYS = {
  a: "approve", e: "edit", r: "reject", u: "undo", j: "next", k: "previous",
  ArrowRight: "next", ArrowLeft: "previous", "/": "search", "?": "help",
};

export function listenForKeys(actions, { editing, on }) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if (editing()) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(event, actions.save);
      else if (event.key === "Escape") run(event, () => actions.leave());
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !on()) return;
    if (event.target.closest?.("input, textarea, select")) return;
    const name = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (name) run(event, actions[name]);
  });
}

function run(event, action) {
  event.preventDefault();
  action();
}
