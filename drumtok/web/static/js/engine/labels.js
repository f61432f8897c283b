// What a pattern is conditioned on, and the ids of that, as `drumtok.tokenizer.labels` and `drumtok.generation.compose`.

/** The number of bounds that are at most a value. */
const classOf = (value, bounds) => bounds.filter((bound) => bound <= value).length;

/** The id of a value, by the way in which its label counts, given what the network knows. */
const NUMBER = {
  kind: (value, _, { kinds }) => kinds.indexOf(value),
  name: (value, known) => known.indexOf(value) + 1,
  source: (value, known, { changed }) => (known.length ? [changed, ...known].indexOf(value) + 1 : 0),
  class: (value, known) => (known.length && value !== null ? classOf(value, known) + 1 : 0),
  flag: (value, known) => Number(value && known),
};

/** Return the ids of a conditioning by the names of the labels; what the network does not know counts as unknown. */
export const labelIds = (conditioning, config, tables) =>
  Object.fromEntries(tables.labels.map(({ name, values, numbering }) => [name, NUMBER[numbering](conditioning[name], config[values] ?? [], tables)]));

/** Return the labels of a new pattern, with those that its style implies. */
export function conditioningFor(settings, { config, kinds }, meter, tables) {
  const kind = settings.kind ?? (kinds.includes("beat") ? "beat" : "any");
  if (!kinds.includes(kind)) throw new Error(`kind must be one that the checkpoint knows (${kinds.join(", ")}), got '${kind}'`);
  const style = [settings.style, ...(tables.styles[settings.style]?.like ?? [])].find((name) => config.styles.includes(name)) ?? "";
  const source = settings.source || config.source_of_style?.[config.styles.indexOf(style)] || "";
  const hits = settings.hits === null ? null : (settings.hits * meter[1]) / (4 * meter[0]);
  return { kind, style, tempo: settings.tempo, source, hits, meter: meter.join("/"), starts_mid_song: kind === "beat" };
}
