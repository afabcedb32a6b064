// What people type into the filter box, turned into what the center understands: free words, line:NAME,
// role:ROLE, vlan:NUMBER, net:10.2.3.0/24, fw<VERSION. Keys and roles may be typed in either language; a MAC or IPv6 address stays a word.

type FilterKey = "line" | "role" | "fw" | "vlan" | "net";

export interface Typed {
  words: string[];
  pairs: { key: FilterKey; op: ":" | "<" | ">" | "="; value: string }[];
}

const keys: Record<string, FilterKey> = {
  line: "line", "ライン": "line", role: "role", "役割": "role", fw: "fw", firmware: "fw", "ファーム": "fw", "ファームウェア": "fw", vlan: "vlan", net: "net", subnet: "net", "サブネット": "net",
};

function pieces(text: string): string[] {
  const out: string[] = [];
  let now = "";
  let quoted = false;
  for (const letter of text) {
    if (letter === '"') quoted = !quoted;
    else if (!quoted && /\s/.test(letter)) {
      if (now) out.push(now);
      now = "";
    } else now += letter;
  }
  if (now) out.push(now);
  return out;
}

export function parseFilter(text: string): Typed {
  const typed: Typed = { words: [], pairs: [] };
  for (const piece of pieces(text)) {
    const found = /^([^:：<>=＝]+)([:：<>=＝])(.+)$/s.exec(piece);
    const key = found && keys[(found[1] ?? "").toLowerCase()];
    if (!found || !key) {
      typed.words.push(piece);
      continue;
    }
    const sign = (found[2] ?? ":").replace("：", ":").replace("＝", "=") as ":" | "<" | ">" | "=";
    typed.pairs.push({ key, op: sign, value: found[3] ?? "" });
  }
  return typed;
}

const quote = (value: string) => (/\s/.test(value) ? `"${value}"` : value);

/** The same filter as the center reads it. `roleOf` finds a role by the word a person uses for it. */
export function canonical(text: string, roleOf: (word: string) => string | undefined): string {
  const typed = parseFilter(text);
  return [
    ...typed.pairs.map((pair) => {
      const value = pair.key === "role" ? (roleOf(pair.value) ?? pair.value) : pair.value;
      return `${pair.key}${pair.op}${quote(value)}`;
    }),
    ...typed.words.map(quote),
  ].join(" ").slice(0, 256);
}
