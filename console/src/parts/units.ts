// How a part of a device is reached, in the reader's words: the network says "unit 3", "rack 0 slot 2".
import type { Key, Values } from "../words/words";

const known = new Set(["unit", "rack", "slot", "port", "link", "station", "network", "node", "module", "channel", "address"]);

export function unitWords(path: string, t: (key: Key, values?: Values) => string): string {
  const parts = path.split(" ");
  const out: string[] = [];
  for (let at = 0; at < parts.length; at++) {
    const name = parts[at] ?? "", number = parts[at + 1];
    if (known.has(name) && number !== undefined && /^\d+$/.test(number)) {
      out.push(t(`unit.${name}` as Key, { value: number }));
      at += 1;
    } else out.push(name);
  }
  return out.join(" ");
}
