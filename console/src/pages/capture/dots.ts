// Devices of a network as dots: one each, or one for several where there are more than a row of eyes can take in.
import type { Schemas } from "../../api/client";

export const kinds = ["seen", "one_sided", "heard", "named", "missing"] as const;
export type Kind = (typeof kinds)[number];

const most = 120;

/** What is there at all has at least one dot. `each`: devices for one dot. */
export function dotsOf(counts: Schemas["SightCounts"]): { dots: Kind[]; each: number } {
  const total = kinds.reduce((sum, kind) => sum + counts[kind], 0);
  const each = total <= most ? 1 : Math.ceil(total / (most - kinds.length));
  return { dots: kinds.flatMap((kind) => Array.from({ length: Math.ceil(counts[kind] / each) }, () => kind)), each };
}
