// The page of a blind comparison: two answers, five questions, a key each. A rating is on disk before the next pair comes.

import { get, listenForTrouble, post } from "/static/web/api.js";
import { count, find, icon, make } from "/static/web/dom.js";
import { listenForKeys, shortcutsOn } from "/static/page/keys.js";
import { Questions } from "/static/page/questions.js";

const POLL_MS = 20000;
const ROLE = { system: "System", user: "User", assistant: "Assistant", tool: "Tool" };
const state = { pair: null, busy: false, paused: false, undo: null };
const questions = new Questions(find("questions"), (complete) => { find("save").disabled = !complete; });

/** Does one thing at a time: a second key press while the server works on the first is not another rating. */
async function alone(action) {
  if (state.busy) return;
  state.busy = true;
  try {
    await action();
  } finally {
    state.busy = false;
  }
}

function showProgress({ mine, done, left, undo }) {
  find("progress-count").textContent = `${count(mine)} rated by you,`;
  find("progress-rest").textContent = left ? `${count(left)} left for everybody` : "nothing left";
  const bar = find("bar");
  bar.setAttribute("aria-valuemax", done + left);
  bar.setAttribute("aria-valuenow", done);
  bar.children[0].style.flexGrow = done;
  bar.children[1].style.flexGrow = left;
  state.undo = undo;
  for (const button of document.querySelectorAll('[data-do="undo"]')) button.disabled = !undo;
}

const text = (words) => {
  const code = /^[{[]\n/.test(words);
  return make(code ? "pre" : "div", { class: code ? "text code" : "text", dir: "auto" }, words || make("span", { class: "muted" }, "(empty)"));
};

function turn({ role, text: words }) {
  return make("div", { class: `turn ${role}` }, make("h3", { class: "role" }, ROLE[role] ?? role), text(words));
}

/** Shows a pair, with the marks it had if it is rated anew. Both answers go the same way. */
function showPair(pair, marks, notice) {
  state.pair = pair;
  find("prompt").replaceChildren(...pair.prompt.map(turn));
  for (const side of ["a", "b"]) find(side).replaceChildren(text(pair[side]));
  for (const id of ["answers", "rating"]) find(id).hidden = false;
  tell(notice);
  questions.start(marks);
  scrollTo(0, 0);
  find("pair").focus({ preventScroll: true });
}

function tell(notice) {
  find("notice").textContent = notice;
  find("notice").hidden = !notice;
}

/** A screen without a pair: paused, waiting for others, or at the end. */
function showScreen(name, title, words, button = null) {
  state.pair = null;
  for (const id of ["answers", "rating"]) find(id).hidden = true;
  tell("");
  const undo = state.undo && !state.paused ? make("button", { type: "button", onclick: () => alone(undoLast) }, icon("undo"), "Change my last rating") : null;
  find("prompt").replaceChildren(make("div", { class: "done" }, icon(name), make("h1", {}, title), make("p", {}, words), button, undo));
  find("pair").focus({ preventScroll: true });
}

function show(answer, notice = "") {
  showProgress(answer);
  state.paused = false;
  if (answer.pair) showPair(answer.pair, answer.marks ?? null, notice);
  else if (answer.waiting) showScreen("wait", "Nothing for you just now", "The last pairs are open at other raters. This page looks again by itself.");
  else showScreen("done", "Thank you, that was the last pair", "All that you can rate is rated. You may close this page.");
}

async function next() {
  const answer = await get("/api/next");
  if (answer.status === 200) show(answer);
}

async function save() {
  const { pair } = state;
  if (!pair || !questions.complete()) return;
  const answer = await post("/api/vote", { item: pair.item, marks: questions.marks() });
  if (answer.status !== 200) return;
  find("said").textContent = "Saved.";
  show(answer);
}

async function undoLast() {
  if (!state.undo || state.paused) return;
  const answer = await post("/api/undo", { item: state.undo });
  if (answer.status === 200) show(answer, "Your last rating is taken back. Rate this pair again.");
}

async function pause() {
  if (state.paused) return;
  const answer = await post("/api/pause", {}, { patient: false });
  if (answer?.status === 200) showProgress(answer);
  state.paused = true;
  const resume = make("button", { type: "button", class: "big approve", onclick: () => alone(next) }, "Go on", make("kbd", {}, "P"));
  showScreen("pause", "Paused", "All your ratings are saved. Close this page if you like: your link brings you back here.", resume);
}

const rate = (value) => () => { if (state.pair && !state.busy) questions.answer(value); };
const actions = {
  a: rate("a"), tie: rate("tie"), b: rate("b"),
  back: () => state.pair && questions.back(),
  save: () => alone(save),
  undo: () => alone(undoLast),
  pause: () => alone(() => (state.paused ? next() : pause())),
  help: () => find("help").showModal(),
};

/** Keeps the pair for this rater while the page is seen, and looks for pairs that have come free. */
async function poll() {
  if (document.visibilityState !== "visible" || state.busy || state.paused) return;
  const { pair } = state;
  const answer = await get(pair ? "/api/state" : "/api/next", pair ? { item: pair.item } : {}, { patient: false });
  if (!answer || answer.status !== 200 || state.pair !== pair || state.busy || state.paused) return;
  if (pair) showProgress(answer);
  else show(answer);
}

for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", () => actions[button.dataset.do]());
for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
find("rating").addEventListener("submit", (event) => {
  event.preventDefault();
  actions.save();
});
listenForTrouble((trouble) => {
  find("offline").textContent = trouble;
  find("offline").hidden = !trouble;
});
listenForKeys(actions, { on: shortcutsOn });
setInterval(poll, POLL_MS);
document.addEventListener("visibilitychange", poll);
alone(async () => {
  await next();
  document.documentElement.dataset.ready = "true";
});
