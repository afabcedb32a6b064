// Numbers as people read them (console design, "Numbers and time"). Intl does the digits; words and
// units that depend on grammar come from the word files, never from joining strings here.

export type Lang = "ja" | "en";

const exact = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 1386 -> "1,386": the same in both languages. */
export function count(value: number): string {
  return exact.format(value);
}

/** For narrow cells: 486k, 10.8M. The exact number belongs into the tooltip. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size < 10_000) return count(value);
  for (const [unit, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    // 999,950 would be printed as 1000.0k: the next unit starts where rounding would carry.
    if (size >= unit * 0.9995 || unit === 1e3) {
      const scaled = value / unit;
      return (Math.abs(scaled) < 100 ? trim(scaled.toFixed(1)) : scaled.toFixed(0)) + letter;
    }
  }
  return count(value);
}

function trim(text: string): string {
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}

/** 1 KB is 1,000 bytes. ja "48.2 KB", en "48.2 kB". */
export function bytes(value: number, lang: Lang): string {
  const units = lang === "ja" ? ["B", "KB", "MB", "GB", "TB"] : ["B", "kB", "MB", "GB", "TB"];
  return scaled(value, units);
}

/** Bits a second. ja "1.2 Mbps", en "1.2 Mb/s". */
export function bitRate(value: number, lang: Lang): string {
  const units = lang === "ja" ? ["bps", "kbps", "Mbps", "Gbps", "Tbps"] : ["b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s"];
  return scaled(value, units);
}

function scaled(value: number, units: string[]): string {
  let size = value;
  let step = 0;
  while (Math.abs(size) >= 999.5 && step < units.length - 1) {
    size /= 1000;
    step += 1;
  }
  const digits = step === 0 || Math.abs(size) >= 100 ? size.toFixed(0) : trim(size.toFixed(1));
  return `${digits} ${units[step]}`;
}

/** A share of 1. "100%" only where it is exact: 0.9999 is 99.9%, and a drop that happened is never 0%. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return "–";
  if (share >= 1) return "100%";
  if (share <= 0) return "0%";
  const value = share * 100;
  if (value > 99.9) return "99.9%";
  if (value >= 10) return `${trim((Math.floor(value * 10) / 10).toFixed(Number.isInteger(Math.round(value * 10) / 10) ? 0 : 1))}%`;
  if (value >= 0.1) return `${trim(value.toFixed(1))}%`;
  if (value >= 0.001) return `${value.toFixed(3)}%`;
  return "<0.001%";
}

/** A length of time, in seconds. ja "2時間35分", en "2 h 35 min", both "8 ms". */
export function duration(seconds: number, lang: Lang): string {
  const ja = lang === "ja";
  const size = Math.abs(seconds);
  if (size < 0.001) return `${trim((seconds * 1e6).toFixed(0))} µs`;
  if (size < 1) return `${trim((seconds * 1000).toFixed(size < 0.01 ? 1 : 0))} ms`;
  if (size < 60) {
    const text = size < 10 ? trim(seconds.toFixed(1)) : seconds.toFixed(0);
    return ja ? `${text}秒` : `${text} s`;
  }
  const minutes = Math.floor(size / 60);
  if (minutes < 60) {
    const rest = Math.floor(size % 60);
    if (rest === 0 || minutes >= 10) return ja ? `${minutes}分` : `${minutes} min`;
    return ja ? `${minutes}分${rest}秒` : `${minutes} min ${rest} s`;
  }
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours < 48) {
    if (rest === 0) return ja ? `${hours}時間` : `${hours} h`;
    return ja ? `${hours}時間${rest}分` : `${hours} h ${rest} min`;
  }
  const days = Math.floor(hours / 24);
  return ja ? `${count(days)}日` : `${count(days)} days`;
}
