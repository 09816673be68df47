// Talks to the server that the page came from. A server that is away is asked again until it is back: what a person
// decided is not dropped because somebody restarted it.

const AGAIN_MS = 1500;

/** Called with words when the server is away or says no, with an empty string when it answers again. */
let onTrouble = () => {};
export function listenForTrouble(listener) {
  onTrouble = listener;
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function ask(path, options, patient) {
  for (;;) {
    let answer;
    try {
      answer = await fetch(path, { credentials: "same-origin", ...options });
    } catch {
      if (!patient) return null;
      onTrouble("The server does not answer. Nothing is lost: this page asks again until it does.");
      await pause(AGAIN_MS);
      continue;
    }
    const body = await answer.json().catch(() => ({ error: `The server answered ${answer.status}.` }));
    onTrouble(body.error ? [body.error, body.next].filter(Boolean).join(" Next: ") : "");
    return { status: answer.status, ...body };
  }
}

/** GET; waits for the server. `patient` false: null if it is away. */
export function get(path, values = {}, { patient = true } = {}) {
  const query = new URLSearchParams(values).toString();
  return ask(query ? `${path}?${query}` : path, {}, patient);
}

/** POST a JSON body; as `get`. */
export function post(path, body, { patient = true } = {}) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return ask(path, options, patient);
}
