/**
 * A name of a node for each parameter, `parameter/<name>`, no two alike: TensorFlow takes letters, digits and `_.-/` in them
 * (NodeDef.name in its node_def.proto), so that whatever else is in a parameter's name becomes `_`. Names without such stay.
 */
export function nodeNames(parameters: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(parameters.filter((name) => valid(name) === name));
  const free = (name: string, count = 0): string => {
    const candidate = count === 0 ? name : `${name}_${count}`;
    return taken.has(candidate) ? free(name, count + 1) : candidate;
  };
  return new Map(
    parameters.map((name) => {
      const given = valid(name) === name ? name : free(valid(name));
      taken.add(given);
      return [name, `parameter/${given}`];
    }),
  );
}

function valid(name: string): string {
  return name.replace(/[^\w./-]/gu, '_');
}
