// How the hits of a style sound, as `drumtok.generation.style_sound`. Patterns are the JSON of the API.

/** Raise the kicks and snares that are softer than the style plays them, each drum by one factor. @param {any} pattern @param {string} style @param {Record<string, any>} tables */
export function atLevels(pattern, style, { levels, floors, loudest: most, styles }) {
  const factors = Object.entries({ ...levels, ...styles[style]?.levels }).map(([drum, level]) => {
    const own = pattern.hits.filter((hit) => hit.drum === drum).map(({ velocity }) => velocity).sort((one, other) => one - other);
    const loudest = own.slice(Math.floor((own.length * 2) / 3)), sum = loudest.reduce((all, velocity) => all + velocity, 0);
    return [drum, { times: Math.max(level / (sum / loudest.length), 1), least: (floors[drum] ?? 0) * level }];
  });
  const raised = new Map(/** @type {[string, {times: number, least: number}][]} */ (factors));
  const louder = ({ drum, velocity }) => Math.floor(Math.min(Math.max(velocity * raised.get(drum).times, raised.get(drum).least), most) + 0.5);
  return { ...pattern, hits: pattern.hits.map((hit) => (raised.has(hit.drum) ? { ...hit, velocity: louder(hit) } : hit)) };
}

/** Move the sixteenths beside the beats to the triplets that they stand for, in a style that swings in triplets. @param {any} pattern @param {string} style @param {Record<string, any>} tables */
export function inTriplets(pattern, style, { tripletOffsets, styles }) {
  if (!styles[style]?.triplets || pattern.grid !== tripletOffsets.length) return pattern;
  return { ...pattern, hits: pattern.hits.map((hit) => ({ ...hit, offset: Math.fround(tripletOffsets[hit.step % tripletOffsets.length]) })) };
}
