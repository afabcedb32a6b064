// Hours of a week as a plan has them ("Mon-Fri 12:00-13:00"), and as fields.
export const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
export type Day = (typeof days)[number];
export interface Hours { first: Day; last: Day; from: string; to: string }

/** A day's end is 24:00 in a plan and 00:00 in a field of the browser. */
export function hoursOf(text: string): Hours | undefined {
  const found = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:-(Mon|Tue|Wed|Thu|Fri|Sat|Sun))? (\d\d:\d\d)-(\d\d:\d\d)$/.exec(text);
  if (!found) return undefined;
  const first = found[1] as Day;
  return { first, last: (found[2] as Day | undefined) ?? first, from: found[3]!, to: found[4] === "24:00" ? "00:00" : found[4]! };
}

export function textOf({ first, last, from, to }: Hours): string {
  return `${first === last ? first : `${first}-${last}`} ${from}-${to === "00:00" ? "24:00" : to}`;
}

/** The bytes of an IPv4 address, or nothing. */
export function v4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Is this address one of a station in that network? Of IPv6 the box answers when it is sent. */
export function inNetwork(address: string, network: string): boolean {
  const [base = "", bits = ""] = network.split("/");
  const at = v4(address), from = v4(base);
  if (at === undefined || from === undefined || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(at / size) === Math.floor(from / size);
}

/** The dotted beginning that all addresses of it share: "10.2.3." */
export function beginning(network: string): string {
  const [base = "", bits = "0"] = network.split("/");
  if (v4(base) === undefined) return "";
  return base.split(".").slice(0, Math.floor(Number(bits) / 8)).map((part) => `${part}.`).join("");
}
