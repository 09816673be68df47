// The review page: one row at a time, decided by a key or a button. Each decision is on disk before the next row comes.

import { get, listenForTrouble, post } from "/static/web/api.js";
import { ago, count, find } from "/static/web/dom.js";
import { openHelp, openReject, openSearch, shortcutsOn } from "/static/page/dialogs.js";
import { Editor } from "/static/page/edit.js";
import { listenForKeys } from "/static/page/keys.js";
import { PAST, showDone, showFacts, showRow } from "/static/page/row.js";

const POLL_MS = 20000;
const state = { row: null, filter: "pending", query: "", busy: false, editor: null };

/** Does one thing at a time: a second key press while the server works on the first is not another decision. */
async function alone(action) {
  if (state.busy) return;
  state.busy = true;
  try {
    await action();
  } finally {
    state.busy = false;
  }
}

function say(words) {
  find("said").textContent = words;
}

function showProgress(answer) {
  const { total, states, reviewers } = answer;
  const decided = total - states.pending;
  const bar = find("bar");
  find("progress-count").textContent = `${count(decided)} of ${count(total)}`;
  const mine = reviewers[find("top").dataset.name] ?? 0;
  find("progress-rest").textContent = `decided, ${count(mine)} by you`;
  bar.setAttribute("aria-valuemax", total);
  bar.setAttribute("aria-valuenow", decided);
  for (const part of bar.children) {
    part.style.flexGrow = states[part.className];
    part.hidden = !states[part.className];
  }
  for (const button of find("filters").querySelectorAll("[data-filter]")) {
    const filter = button.dataset.filter;
    button.querySelector(".count").textContent = count(filter === "all" ? total : states[filter]);
    button.setAttribute("aria-pressed", String(filter === state.filter));
  }
  const chip = find("clear-query");
  chip.hidden = !state.query;
  chip.textContent = `Search: ${state.query}  ✕`;
  chip.setAttribute("aria-label", `Stop searching for ${state.query}`);
  state.undo = answer.undo;
  document.querySelector('[data-do="undo"]').disabled = !answer.undo;
}

/** Shows what the server answered: the row, or that there is none. */
function show(answer, notice = "") {
  showProgress(answer);
  state.row = answer.row;
  state.editor = null;
  find("deciding").hidden = false;
  for (const button of document.querySelectorAll("#deciding .big")) button.disabled = !answer.row;
  find("editing").hidden = true;
  if (!answer.row) {
    history.replaceState(null, "", "/");
    showDone(answer, state);
    showFacts(answer, null);
    find("row").focus({ preventScroll: true });
    return;
  }
  history.replaceState(null, "", `#${encodeURIComponent(answer.row.id)}`);
  showRow(answer.row, answer.total, notice);
  showFacts(answer, answer.row);
  scrollTo(0, 0);
  find("row").focus({ preventScroll: true });
  if (Editor.draftOf(answer.row)) edit("Your unsaved edit of this row is back.");
}

async function step(by, from = state.row?.number ?? -1) {
  const answer = await get("/api/step", { from, by, filter: state.filter, query: state.query });
  if (answer.status === 200) show(answer);
}

async function openRow(values) {
  const answer = await get("/api/row", values);
  if (answer.status === 200) show(answer);
  return answer.status === 200;
}

function words(row, verdict, extra) {
  const { number, id, content, version } = row;
  return { number, id, content, version, verdict, ...extra };
}

async function decide(verdict, extra = {}) {
  const { row } = state;
  if (!row) return;
  const answer = await post("/api/decide", words(row, verdict, extra));
  if (answer.status === 200) {
    if (verdict === "edited") state.editor?.forget();
    say(`Row ${row.number + 1} ${PAST[verdict]}.`);
    await step(1, row.number);
  } else if (answer.status === 409 && answer.row) {
    const { decision } = answer.row;
    const done = decision ? `${decision.reviewer} ${PAST[decision.verdict]} this row ${ago(decision.at)}` : "Somebody took a decision on this row back";
    show(answer, `${done}, before you decided. Yours was not recorded. Decide again to replace it, or go on.`);
  } else if (answer.status === 422) {
    state.editor?.showFaults(answer.faults);
  }
}

async function undo() {
  if (!state.undo) return;
  const answer = await post("/api/decide", words(state.undo, "withdrawn", {}));
  if (answer.status === 200) show(answer, "Your decision is taken back. The row is open again.");
  else if (answer.status === 409 && answer.row) show(answer, "Somebody decided this row after you. Nothing was taken back.");
}

function edit(notice = "") {
  if (!state.row || state.editor) return;
  state.editor = new Editor(state.row, notice, save);
  find("deciding").hidden = true;
  find("editing").hidden = false;
}

function save() {
  return alone(async () => {
    if (state.editor) await decide("edited", state.editor.typed());
  });
}

function leave({ discard = false } = {}) {
  const { editor } = state;
  if (!editor) return;
  const kept = discard ? editor.forget() : editor.keep();
  state.editor = null;
  find("deciding").hidden = false;
  find("editing").hidden = true;
  showRow(state.row, null, kept ? "Your edit is kept as a draft in this browser. Edit goes on with it." : "");
  find("row").focus({ preventScroll: true });
}

async function choose(filter, query = state.query) {
  state.filter = filter;
  state.query = query;
  await step(1, -1);
}

const actions = {
  approve: () => alone(() => decide("approved")),
  edit: () => edit(),
  reject: () => state.row && openReject((reason) => alone(() => decide("rejected", { reason }))),
  undo: () => alone(undo),
  next: () => alone(() => step(1)),
  previous: () => alone(() => step(-1)),
  search: () => openSearch(async (number, query) => {
    await alone(async () => {
      if (query) Object.assign(state, { query, filter: "all" });
      await openRow({ number });
    });
  }),
  help: openHelp,
  save,
  leave,
  discard: () => leave({ discard: true }),
};

/** Renews the lease on the row, and says when somebody else decides it in the meantime. */
async function poll() {
  if (document.visibilityState !== "visible" || state.busy) return;
  const { row } = state;
  const answer = await get("/api/state", row ? { number: row.number } : {}, { patient: false });
  if (!answer || answer.status !== 200 || state.row !== row || state.busy) return;
  showProgress(answer);
  showFacts(answer, row);
  const changed = row && answer.here && answer.here.version !== row.version;
  if (changed && !state.editor) await alone(() => openRow({ number: row.number }));
}

for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => actions[button.dataset.do]());
}
for (const button of find("filters").querySelectorAll("[data-filter]")) {
  button.addEventListener("click", () => alone(() => choose(button.dataset.filter)));
}
find("clear-query").addEventListener("click", () => alone(() => choose(state.filter, "")));
find("open-search").addEventListener("click", actions.search);
find("open-help").addEventListener("click", actions.help);
listenForTrouble((trouble) => {
  find("offline").textContent = trouble;
  find("offline").hidden = !trouble;
});
listenForKeys(actions, { editing: () => state.editor !== null, on: shortcutsOn });
setInterval(poll, POLL_MS);
document.addEventListener("visibilitychange", poll);

alone(async () => {
  const wanted = decodeURIComponent(location.hash.slice(1));
  if (!wanted || !(await openRow({ id: wanted }))) await step(1, -1);
  document.documentElement.dataset.ready = "true";
});
