// The text of a plan, such as `intro:4,verse:8@0.7,fill`, as `drumtok.sampling.plan_text` writes it.

/**
 * Return the sections of a plan; parts of another form are left out, as the server refuses them.
 * @param {string} plan
 */
export function sectionsOf(plan) {
  const found = plan.split(",").flatMap((part) => [...part.matchAll(/^\s*([^:]+):(\d+)/g)]);
  return found.map(([, name, bars]) => ({ name: name.trim(), bars: Number(bars) }));
}
