// Editing a row: a field a turn, what the edit changes below it, what is wrong beside it. A draft stays in this browser
// until the edit is saved or discarded, so that neither a crash nor a closed tab loses it.

import { post } from "/static/web/api.js";
import { find, make } from "/static/web/dom.js";
import { head, parts, pieces, roleOf } from "/static/page/row.js";

const CHECK_MS = 250;

const place = (row) => `tunegate draft ${find("top").dataset.key} ${row.id} ${row.content}`;

export class Editor {
  constructor(row, notice, save) {
    this.row = row;
    this.save = save;
    this.asked = 0;
    const draft = Editor.draftOf(row);
    find("row").replaceChildren(...head(row, notice), ...parts(row, (field) => this.field(field, draft)), this.liked(draft),
      make("p", { class: "fault", id: "fault-", role: "alert", hidden: true }));
    for (const area of this.areas()) fit(area);
    const answer = find("row").querySelector(".answer textarea") ?? this.areas()[0];
    answer.focus();
    answer.setSelectionRange(answer.value.length, answer.value.length);
    this.check();
  }

  /** The draft of a row, or null: {texts, label}. */
  static draftOf(row) {
    try {
      return JSON.parse(localStorage.getItem(place(row)));
    } catch {
      return null;
    }
  }

  areas() {
    return [...find("row").querySelectorAll("textarea[data-field]")];
  }

  field(field, draft) {
    const id = `edit-${field.name}`;
    const area = make("textarea", { id, rows: 1, "data-field": field.name, dir: "auto", class: field.json ? "code" : null, "aria-describedby": `fault-${field.name}`, spellcheck: field.json ? "false" : "true" });
    area.value = draft?.texts[field.name] ?? field.text;
    area.addEventListener("input", () => {
      fit(area);
      this.changed();
    });
    return make("section", { class: `turn editing ${field.role}${field.answer ? " answer" : ""}` },
      make("label", { class: "role", for: id }, roleOf(field)), area,
      make("p", { class: "fault", id: `fault-${field.name}`, role: "alert", hidden: true }),
      make("div", { class: "changes", id: `changes-${field.name}`, "data-code": field.json, hidden: true }));
  }

  liked(draft) {
    if (this.row.kind !== "feedback") return "";
    const box = make("input", { type: "checkbox", id: "edit-label" });
    box.checked = draft?.label ?? this.row.label;
    box.addEventListener("change", () => this.changed());
    return make("label", { class: "check" }, box, " The person who read it liked it");
  }

  typed() {
    const texts = Object.fromEntries(this.areas().map((area) => [area.dataset.field, area.value]));
    return this.row.kind === "feedback" ? { texts, label: find("edit-label").checked } : { texts };
  }

  untouched() {
    const { texts, label } = this.typed();
    return this.row.fields.every((field) => texts[field.name] === field.text.replaceAll("\r\n", "\n").replaceAll("\r", "\n"))
      && (label === undefined || label === this.row.label);
  }

  changed() {
    if (this.untouched()) localStorage.removeItem(place(this.row));
    else localStorage.setItem(place(this.row), JSON.stringify(this.typed()));
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.check(), CHECK_MS);
  }

  /** Asks the server what the edit changes and what is wrong with it; an overtaken answer is dropped. */
  async check() {
    const turn = ++this.asked;
    const { number, id, content } = this.row;
    const answer = await post("/api/check", { number, id, content, ...this.typed() }, { patient: false });
    if (turn !== this.asked || answer?.status !== 200 || !this.areas().length) return;
    this.showFaults(answer.faults, { focus: false });
    for (const field of this.row.fields) {
      const box = find(`changes-${field.name}`);
      if (!box) return; // the edit was left in the meantime
      const found = answer.changes[field.name];
      box.hidden = !found;
      box.replaceChildren(...(found ? [make("p", { class: "muted small" }, "Changes: struck out is gone, underlined is new."), pieces(found, field.json)] : []));
    }
  }

  /** After a refused save the first field at fault has the focus, and a check still under way says nothing any more. */
  showFaults(faults, { focus = true } = {}) {
    if (focus) this.asked++;
    for (const note of find("row").querySelectorAll(".fault")) {
      const found = faults.filter((fault) => `fault-${fault.field}` === note.id);
      note.hidden = !found.length;
      note.textContent = found.map((fault) => fault.message).join("\n");
      const area = find(`edit-${note.id.slice("fault-".length)}`);
      area?.setAttribute("aria-invalid", String(found.length > 0));
    }
    if (focus && faults.length) (find(`edit-${faults[0].field}`) ?? this.areas()[0]).focus();
  }

  /** The draft stays; whether there is one. */
  keep() {
    clearTimeout(this.waiting);
    return Editor.draftOf(this.row) !== null;
  }

  /** The draft goes. */
  forget() {
    clearTimeout(this.waiting);
    localStorage.removeItem(place(this.row));
    return false;
  }
}

/** As high as its text, so that nothing scrolls inside the page. */
function fit(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, 1200)}px`;
}
