// Server-sent events as the HTML standard defines them: https://html.spec.whatwg.org/multipage/server-sent-events.html

/**
 * Return a parser of an event stream: a function that takes the text of a chunk and returns the events that it completes.
 * Lines end with CR, LF or CRLF, even across chunks; `id` and `retry` are ignored, as nothing reconnects here.
 * @returns {(chunk: string) => {name: string, data: string}[]}
 */
export function eventParser() {
  let line = "", name = "", data = [], started = false, afterReturn = false;

  function ended() {
    const [field, value] = line.includes(":") ? [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).replace(/^ /, "")] : [line, ""];
    const isEmpty = line === "";
    line = "";
    if (field === "event") name = value;
    if (field === "data") data.push(value);
    if (!isEmpty || !data.length) {
      if (isEmpty) name = "";
      return null;
    }
    const event = { name: name || "message", data: data.join("\n") };
    [name, data] = ["", []];
    return event;
  }

  return (chunk) => {
    const found = [];
    for (const character of started ? chunk : chunk.replace(/^\uFEFF/, "")) {
      const isLineFeed = character === "\n", ends = isLineFeed ? !afterReturn : character === "\r";
      afterReturn = character === "\r";
      if (ends) found.push(ended());
      else if (!isLineFeed) line += character;
    }
    started ||= chunk.length > 0;
    return found.filter(Boolean);
  };
}
