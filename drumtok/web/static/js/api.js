// The server: what it knows, questions with one answer, and answers that come bar by bar.

const secret = new URLSearchParams(location.hash.slice(1)).get("token");
if (secret) {
  sessionStorage.setItem("token", secret);
  history.replaceState(null, "", location.pathname); // a link that is shared has no token in it
}
const token = sessionStorage.getItem("token");

/** Where there is no answer, or no end of one: nobody may be there. */
function broken(error) {
  throw error.name === "AbortError" ? error : new Error("The server does not answer: is drumtok serve still running?");
}

async function ask(path, options = {}) {
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(`/api/${path}`, { ...options, headers }).catch(broken);
  if (answer.ok) return answer;
  const detail = await answer.json().then((body) => body.detail, () => answer.statusText);
  throw new Error(answer.status === 401 ? "This page wants the token of the address that drumtok serve printed" : detail);
}

const posted = (body, accept = "*/*") => ({
  method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", Accept: accept },
});

export const get = async (path) => (await ask(path)).json();
export const bytes = async (path) => (await ask(path)).arrayBuffer();
export const post = async (path, body, signal) => (await ask(path, { ...posted(body), signal })).json();
/** Says what will be asked next; whether it is heard does not matter. */
export const prepare = (body) => ask("prepare", posted(body)).catch(() => {});
export const file = async (path, body) => (await ask(path, posted(body))).blob();
export const upload = async (data) =>
  (await ask("midi/read", { method: "POST", body: data, headers: { "Content-Type": "audio/midi" } })).json();

/** Asks for an answer in events; `onBar` gets each bar as it is settled. Returns the whole answer. */
export async function stream(path, body, onBar, signal) {
  const answer = await ask(path, { ...posted(body, "text/event-stream"), signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read().catch(broken);
    if (done) throw new Error("The answer broke off");
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const [, name, data] = event.match(/^event: (\w+)\ndata: (.*)$/s);
      const told = JSON.parse(data);
      if (name === "done") return told;
      if (name === "error") throw new Error(told.detail);
      onBar(told.bar, told.pattern);
    }
  }
}

export const about = await get("about");
export const DRUMS = about.drums;
export const LANES = DRUMS.map((drum) => drum.lane);
