// A register that is read from one address on has several values: what each of them is called, and its numbers.

/** Numbers of these are hexadecimal with one maker and decimal with another: which one comes next cannot be said. */
const either = new Set(["x", "y", "b", "w", "sb", "sw", "dx", "dy", "l"]);

/** "D100" and 3 are "D103"; where the next address cannot be told, "X10 + 3". */
export function placeName(object: string, element: number): string {
  const found = /^(.*?)(\d{1,12})$/.exec(object);
  const space = found?.[1] ?? "";
  if (!found || space === "" || space.endsWith(".") || either.has(space.toLowerCase())) return element === 0 ? object : `${object} + ${element}`;
  return `${space}${Number(found[2]) + element}`;
}

/** "[1,2,3]" is 1, 2, 3; anything else is itself. */
export function elementsOf(value: string): string[] {
  if (value.length < 2 || !value.startsWith("[") || !value.endsWith("]")) return [value];
  return value === "[]" ? [] : value.slice(1, -1).split(",");
}

/** The value at one place; a value that was cut, or one that has no such place, is shown as it is. */
export const elementOf = (value: string, element: number | undefined): string => (element === undefined ? value : elementsOf(value)[element] ?? value);

/** The place that a search was for: D107 in what begins at D100 is 7. */
export function placeOf(object: string, asked: string, elements: number): number | undefined {
  if (elements < 2) return undefined;
  const wanted = asked.trim().toLowerCase();
  for (let at = 0; at < elements; at++) if (placeName(object, at).toLowerCase() === wanted) return at;
  return undefined;
}

/** How often, in a unit that a person can picture: every 2 s, 30 a minute. */
export function everySeconds(count: number, first: string, last: string): number | undefined {
  const span = (Date.parse(last) - Date.parse(first)) / 1000;
  return count >= 3 && span >= 10 ? span / (count - 1) : undefined; // Less is no rhythm.
}
