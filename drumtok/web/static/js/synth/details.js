// The detail of a reproduced sound as text, as drumtok.sound.details: what its parameters have beside those of its latent.

/** The lowest values that are heard. @param {any} tables @returns {(n: number) => number} */
function floorOf({ middles: { length: partials }, silent, depth }) {
  return (n) => (n >= 3 + 3 * partials ? -depth : n >= 3 + partials && n < 3 + 2 * partials ? silent : -Infinity);
}

/** Parameters with a detail. @param {Float64Array} decoded @param {string | undefined} detail @param {any} tables */
export function withDetail(decoded, detail, tables) {
  if (!detail) return decoded;
  const units = Int8Array.from(atob(detail), (byte) => byte.charCodeAt(0)), floor = floorOf(tables);
  return decoded.map((value, n) => Math.max(value, floor(n)) + tables.detailUnit * units[n]);
}

/** The detail of parameters; the inverse is `withDetail`. @param {Float64Array} parameters @param {Float64Array} decoded @param {any} tables */
export function detailOf(parameters, decoded, tables) {
  const floor = floorOf(tables), { detailUnit: unit, detailMost: most } = tables;
  const units = Int8Array.from(parameters, (value, n) => Math.min(Math.max(Math.round((Math.max(value, floor(n)) - Math.max(decoded[n], floor(n))) / unit), -most), most));
  return units.some(Boolean) ? btoa(Array.from(new Uint8Array(units.buffer), (byte) => String.fromCharCode(byte)).join("")) : "";
}
