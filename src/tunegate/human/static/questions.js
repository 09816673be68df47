// The five questions: one is current; an answer moves on to the next that has none.

export class Questions {
  /** `changed` is called with whether all questions are answered. */
  constructor(root, changed) {
    this.fields = [...root.querySelectorAll("[data-question]")];
    this.changed = changed;
    this.at = 0;
    root.addEventListener("change", (event) => this.#answered(this.fields.indexOf(event.target.closest("[data-question]"))));
    root.addEventListener("focusin", (event) => this.#go(this.fields.indexOf(event.target.closest("[data-question]"))));
  }

  /** Begin with a new pair: no marks, or those it had. */
  start(marks) {
    for (const field of this.fields) {
      for (const input of field.querySelectorAll("input")) input.checked = marks?.[field.dataset.question] === input.value;
    }
    this.#go(0);
    this.changed(this.complete());
  }

  /** Answer the current question. */
  answer(value) {
    this.fields[this.at].querySelector(`input[value="${value}"]`).checked = true;
    this.#answered(this.at);
  }

  back() {
    this.#go(Math.max(0, this.at - 1));
  }

  complete() {
    return this.fields.every((field) => field.querySelector("input:checked"));
  }

  marks() {
    return Object.fromEntries(this.fields.map((field) => [field.dataset.question, field.querySelector("input:checked").value]));
  }

  #answered(at) {
    this.#go(Math.min(at + 1, this.fields.length - 1));
    this.changed(this.complete());
  }

  #go(at) {
    if (at < 0) return;
    this.at = at;
    this.fields.forEach((field, n) => field.classList.toggle("current", n === at));
  }
}
