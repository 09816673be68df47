// Draws a row: its turns, what a reviewer made of it, and the facts beside it.

import { ago, count, find, icon, make } from "/static/web/dom.js";

export const PAST = { approved: "approved", edited: "edited", rejected: "rejected", withdrawn: "reopened" };
const STATE = { approved: "Approved", edited: "Edited", rejected: "Rejected", withdrawn: "Reopened" };
const ROLE = { system: "System", user: "User", assistant: "Assistant", tool: "Tool" };
const PART = { prompt: "Prompt", chosen: "Better answer", rejected: "Worse answer", completion: "Answer" };
const LONG = 6000; // characters: longer texts are folded

/** `total` null: the row is drawn again as it was, its title stays. */
export function showRow(row, total, notice = "") {
  if (total !== null) row.total = total;
  const held = row.holder ? `${row.holder} looks at this row, too.` : "";
  find("row").replaceChildren(...head(row, [notice, held].filter(Boolean).join(" ")), ...parts(row, shownField));
  find("row").append(...(row.kind === "feedback" ? [make("p", { class: "liked" }, "The person who read it ", make("strong", {}, row.label ? "liked it" : "did not like it"), ".")] : []));
}

export function head(row, notice) {
  return [
    make("div", { class: "row-head" },
      make("h1", { id: "row-title" }, `Row ${count(row.number + 1)}`, make("span", { class: "muted" }, ` of ${count(row.total)}`)),
      make("div", { class: "badges" }, ...badges(row))),
    ...row.flags.map((flag) => make("p", { class: "flag" }, icon("note"), make("bdi", {}, flag))),
    notice ? make("p", { class: "notice", role: "status" }, notice) : null,
    row.decision?.reason ? make("p", { class: "reason" }, make("strong", {}, "Reason: "), make("bdi", {}, row.decision.reason)) : null,
  ].filter(Boolean);
}

function badges(row) {
  const found = [row.synthetic ? make("span", { class: "badge" }, "Synthetic") : row.sampled ? make("span", { class: "badge" }, "Sample") : null];
  if (row.decision) {
    const { verdict, reviewer, at } = row.decision;
    found.push(make("span", { class: `badge state ${verdict}`, title: new Date(at).toLocaleString() }, icon(verdict),
      make("span", {}, `${STATE[verdict]} by `, make("bdi", {}, reviewer), `, ${ago(at)}`)));
  }
  return found.filter(Boolean);
}

/** The fields of a row under the headings of its parts; `draw` makes one. */
export function parts(row, draw) {
  const drawn = [];
  let part = "messages";
  for (const field of row.fields) {
    if (field.part !== part) {
      part = field.part;
      drawn.push(make("h2", { class: `part ${part}` }, PART[part]));
    }
    drawn.push(draw(field, row));
  }
  return drawn;
}

export function roleOf(field) {
  const role = field.speaker ? `${ROLE[field.role]}: ${field.speaker}` : ROLE[field.role];
  return field.answer ? `${role}, the answer` : role;
}

function shownField(field) {
  const turn = make("section", { class: `turn ${field.role}${field.answer ? " answer" : ""}` }, make("h3", { class: "role" }, roleOf(field)));
  if (field.pieces) turn.append(make("p", { class: "muted small" }, "Edited: struck out is gone, underlined is new."));
  turn.append(...folded(field.pieces ? pieces(field.pieces, field.json) : text(field.text, field.json), field.text.length));
  if (field.calls) turn.append(make("h4", { class: "role" }, "Calls"), make("pre", { class: "text code", tabindex: "0" }, field.calls));
  return turn;
}

const text = (words, code) => make(code ? "pre" : "div", { class: code ? "text code" : "text", dir: "auto" }, words);

export function pieces(list, code) {
  const tags = { same: "span", gone: "del", new: "ins" };
  return make(code ? "pre" : "div", { class: code ? "text code" : "text", dir: "auto" }, ...list.map(([kind, words]) => make(tags[kind], {}, words)));
}

function folded(node, length) {
  if (length <= LONG) return [node];
  node.classList.add("folded");
  const button = make("button", { type: "button", class: "quiet", "aria-expanded": "false" }, `Show all ${count(length)} characters`);
  button.addEventListener("click", () => {
    const open = node.classList.toggle("folded") === false;
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "Show less" : `Show all ${count(length)} characters`;
  });
  return [node, button];
}

/** The column beside the row: where it came from, what was decided, how far everybody is. */
export function showFacts(answer, row) {
  find("facts").replaceChildren(...[row && about(row), row?.origin && origin(row.origin), row && past(row), everybody(answer)].filter(Boolean));
}

function list(title, pairs) {
  const entries = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return make("section", { class: "facts" }, make("h2", {}, title),
    make("dl", {}, ...entries.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, make("bdi", {}, value))))));
}

function about(row) {
  const length = `${count(row.characters)} characters, ${count(row.words)} words`;
  return list("Source", [["File", row.file], ["Line", count(row.line)], ["Split", row.split], ["Length", length], ["Id", row.id]]);
}

function origin(from) {
  const sampling = Object.entries(from.sampling).map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ");
  return list("Written by a model", [["Teacher", from.teacher], ["Revision", from.revision], ["Sampling", sampling], ["Licence", from.licence],
    ["From rows", (from.seeds ?? []).join(", ")]]);
}

function past(row) {
  if (!row.history.length) return null;
  return make("section", { class: "facts" }, make("h2", {}, "History"),
    make("ol", { class: "history" }, ...row.history.map(({ verdict, reviewer, at, reason }) => make("li", {},
      icon(verdict === "withdrawn" ? "undo" : verdict), make("span", {}, `${STATE[verdict]} by `, make("bdi", {}, reviewer), `, ${ago(at)}`,
        reason ? make("bdi", { class: "muted" }, ` (${reason})`) : null)))));
}

function everybody(answer) {
  return list("Reviewers", Object.entries(answer.reviewers).map(([name, done]) => [name, `${count(done)} decided`]));
}

/** No row is left in this view. */
export function showDone(answer, { filter, query }) {
  const left = answer.states.pending;
  const title = query ? "No row holds this text" : filter !== "pending" ? "No row here" : left ? "The rest is being looked at" : "All rows are reviewed";
  const words = filter !== "pending" || query ? "Choose another list above."
    : left ? `${count(answer.held)} of the last ${count(left)} rows are open at other reviewers. A row comes back three minutes after its reviewer has left.`
      : "Thank you. Whoever runs the pipeline now records the decisions and applies them.";
  find("row").replaceChildren(make("div", { class: "done" }, icon(left || query ? "pending" : "approved"), make("h1", { id: "row-title" }, title), make("p", {}, words)));
}
