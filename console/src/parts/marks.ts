// Which bytes of a message say what a claim says. Only what can be checked is marked: a field of a header where its
// value equals the claim's, a text where it stands in the bytes. Bytes are of the message, not of the frame.
import type { Schemas } from "../api/client";

export interface Mark { from: number; length: number; what: "protocol" | "length" | "unit" | "function" | "object" | "count" | "value" }

export const bytesOf = (hex: string): number[] => (hex.match(/../g) ?? []).map((byte) => parseInt(byte, 16));
const word = (bytes: readonly number[], at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const numberIn = (text: string | undefined): number | undefined => {
  const found = /(\d+)\s*$/.exec(text ?? "");
  return found ? Number(found[1]) : undefined;
};

/** The first place of a text as it may stand in a message: as bytes, or in two bytes a character. */
export function findText(bytes: readonly number[], text: string): Mark | undefined {
  if (text.length < 2) return undefined;
  const utf8 = [...new TextEncoder().encode(text)];
  const wide = [...text].flatMap((letter) => { const code = letter.codePointAt(0) ?? 0; return [code & 255, code >> 8 & 255]; });
  for (const wanted of [utf8, wide])
    for (let at = 0; at + wanted.length <= bytes.length; at++)
      if (wanted.every((byte, index) => bytes[at + index] === byte)) return { from: at, length: wanted.length, what: "value" };
  return undefined;
}

/** Modbus application protocol header (MODBUS Messaging on TCP/IP 1.0b, 3.1.3), then the request of 6.1 to 6.16. */
function modbus(bytes: readonly number[], op: Schemas["Operation"]): Mark[] {
  if (bytes.length < 8 || word(bytes, 2) !== 0) return [];
  const out: Mark[] = [{ from: 2, length: 2, what: "protocol" }, { from: 4, length: 2, what: "length" }];
  if (bytes[6] === numberIn(op.unit)) out.push({ from: 6, length: 1, what: "unit" });
  if (((bytes[7] ?? 0) & 127) !== (op.function.code & 127)) return out;
  out.push({ from: 7, length: 1, what: "function" });
  const place = numberIn(op.object);
  if (place !== undefined && bytes.length >= 10 && (word(bytes, 8) === place || word(bytes, 8) + 1 === place)) out.push({ from: 8, length: 2, what: "object" });
  return out;
}

/** TPKT (RFC 1006), COTP data (X.224 13.7), S7comm's header as its function byte shows it. */
function s7comm(bytes: readonly number[], op: Schemas["Operation"]): Mark[] {
  if (bytes[0] !== 3 || bytes.length < 8) return [];
  const out: Mark[] = [{ from: 2, length: 2, what: "length" }];
  const at = 5 + (bytes[4] ?? 0);
  if (bytes[at] !== 0x32) return out;
  out.push({ from: at, length: 1, what: "protocol" });
  const kind = bytes[at + 1];
  const parameters = at + (kind === 2 || kind === 3 ? 12 : 10);
  if (kind !== 7 && bytes[parameters] === (op.function.code & 255)) out.push({ from: parameters, length: 1, what: "function" });
  const place = /^DB(\d+)\.DB[A-Z](\d+)/.exec(op.object ?? "");
  for (let item = parameters + 2; place && item + 12 <= bytes.length && bytes[item] === 0x12; item += 12) {
    const address = ((bytes[item + 9] ?? 0) << 16) | word(bytes, item + 10);
    if (word(bytes, item + 6) === Number(place[1]) && address >> 3 === Number(place[2])) {
      out.push({ from: item + 4, length: 2, what: "count" }, { from: item + 6, length: 6, what: "object" });
      break;
    }
  }
  return out;
}

/** EtherNet/IP encapsulation (CIP Vol. 2, 2-3.1): command, length; the service stands further in. */
function enip(bytes: readonly number[], op: Schemas["Operation"]): Mark[] {
  if (bytes.length < 24) return [];
  const out: Mark[] = [{ from: 0, length: 2, what: "protocol" }, { from: 2, length: 2, what: "length" }];
  if (op.object && /^[A-Za-z_]/.test(op.object)) {
    const tag = findText(bytes, op.object.replace(/\[.*$/, ""));
    if (tag) {
      out.push({ ...tag, what: "object" });
      // Service, size of the path in words, then the symbolic segment 0x91 with its length.
      if (bytes[tag.from - 2] === 0x91 && bytes[tag.from - 4] === (op.function.code & 255)) out.push({ from: tag.from - 4, length: 1, what: "function" });
    }
  }
  return out;
}

export function marksOfOperation(op: Schemas["Operation"]): Mark[] {
  const bytes = bytesOf(op.message ?? "");
  const by: Record<string, (bytes: readonly number[], op: Schemas["Operation"]) => Mark[]> = { modbus, s7comm, cip: enip, enip };
  const out = by[op.protocol]?.(bytes, op) ?? [];
  if (!out.some((mark) => mark.what === "object") && op.object) {
    // "A files.minamo.example": the longest of its words that stands there.
    const words = op.object.split(/[\s.]+/).filter((one) => one.length > 3).sort((a, b) => b.length - a.length);
    for (const one of words) {
      const found = findText(bytes, one);
      if (found && !out.some((mark) => found.from < mark.from + mark.length && mark.from < found.from + found.length)) {
        out.push({ ...found, what: "object" });
        break;
      }
    }
  }
  return out.sort((a, b) => a.from - b.from);
}

export function marksOfFact(fact: Schemas["Fact"], hex: string): Mark[] {
  const bytes = bytesOf(hex);
  const mac = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(fact.value) ? fact.value.split(":").map((part) => parseInt(part, 16)) : undefined;
  const ip = /^\d+\.\d+\.\d+\.\d+$/.test(fact.value) ? fact.value.split(".").map(Number) : undefined;
  const raw = mac ?? ip;
  if (raw)
    for (let at = 0; at + raw.length <= bytes.length; at++)
      if (raw.every((byte, index) => bytes[at + index] === byte)) return [{ from: at, length: raw.length, what: "value" }];
  const found = findText(bytes, fact.value);
  return found ? [found] : [];
}
