"""A stand-in for the MIDI ports of the browser, which records what the page sends and plays what a test does."""

INSTALL = """() => {
  window.asked = 0;
  window.sent = [];
  const output = { id: "synth", name: "Synth", type: "output", state: "connected",
    send(data, when = 0) {
      if (this.state === "disconnected") throw new DOMException("the port is gone", "InvalidStateError");
      window.sent.push({ data: [...data], when, now: performance.now() });
    } };
  window.synth = output;
  const input = { id: "pads", name: "Pads", type: "input", state: "connected", onmidimessage: null };
  window.pads = input;
  const access = { outputs: new Map([["synth", output]]), inputs: new Map([["pads", input]]), onstatechange: null };
  Object.defineProperty(navigator, "requestMIDIAccess", { configurable: true, value: async () => {
    window.asked += 1;
    if (window.denies) throw new DOMException("denied", "NotAllowedError");
    return access;
  } });
}"""
PLAY = "([data, when]) => pads.onmidimessage({ data: Uint8Array.from(data), timeStamp: when ?? performance.now() })"


def install(page):
    """Replace the MIDI ports of the browser."""
    page.evaluate(INSTALL)


def connect(page, output="Synth"):
    """Connect the page to the ports of the stand-in."""
    install(page)
    page.get_by_role("button", name="Connect MIDI").click()
    page.wait_for_selector("#midi-output option[value=synth]", state="attached")
    page.select_option("#midi-output", label=output)


def receive(page, *data, when=None):
    """Let a message arrive at the input of the page, at a time in ms or now."""
    page.evaluate(PLAY, [list(data), when])


def sent(page, kind=None):
    """Return (time in ms, bytes) of all messages that the page sent, or those with one status, ordered by time."""
    rows = [(row["when"], row["data"]) for row in page.evaluate("sent")]
    return sorted((row for row in rows if kind in (None, row[1][0] & 0xF0, row[1][0])), key=lambda row: row[0])
