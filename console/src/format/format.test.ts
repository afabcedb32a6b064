import { describe, expect, it } from "vitest";
import { bitRate, bytes, count, duration, percent, short } from "./numbers";
import { ago, day, exported, full, moment, parse, range } from "./time";

const tokyo = "Asia/Tokyo";
const now = new Date("2026-11-20T08:42:00+09:00");
const at = (text: string) => parse(text) as Date;

describe("numbers", () => {
  it("groups and shortens", () => {
    expect(count(1386)).toBe("1,386");
    expect(short(3120)).toBe("3,120");
    expect(short(486_000)).toBe("486k");
    expect(short(10_800_000)).toBe("10.8M");
    expect(short(86_000)).toBe("86k");
    expect(short(999_960)).toBe("1M");
  });
  it("writes bytes and rates with the units of the language", () => {
    expect(bytes(48_200, "ja")).toBe("48.2 KB");
    expect(bytes(48_200, "en")).toBe("48.2 kB");
    expect(bytes(512, "en")).toBe("512 B");
    expect(bytes(999_999, "en")).toBe("1 MB");
    expect(bitRate(1_200_000, "ja")).toBe("1.2 Mbps");
    expect(bitRate(1_200_000, "en")).toBe("1.2 Mb/s");
  });
  it("says 100% only where it is exact, and 0% only for none", () => {
    expect(percent(0.94)).toBe("94%");
    expect(percent(1)).toBe("100%");
    expect(percent(0.99999)).toBe("99.9%");
    expect(percent(0.00002)).toBe("0.002%");
    expect(percent(0.0000001)).toBe("<0.001%");
    expect(percent(0)).toBe("0%");
    expect(percent(0.715)).toBe("71.5%");
    expect(percent(0.9996)).toBe("99.9%");
    expect(percent(Number.NaN)).toBe("–");
  });
  it("writes lengths of time", () => {
    expect(duration(2 * 3600 + 35 * 60, "ja")).toBe("2時間35分");
    expect(duration(2 * 3600 + 35 * 60, "en")).toBe("2 h 35 min");
    expect(duration(0.008, "ja")).toBe("8 ms");
    expect(duration(0.011, "en")).toBe("11 ms");
    expect(duration(1, "ja")).toBe("1秒");
    expect(duration(0.0000205, "en")).toBe("21 µs");
  });
});

describe("time", () => {
  it("names today, yesterday, another day, another year in the plant's zone", () => {
    expect(moment(at("2026-11-19T17:14:00.000000000Z"), now, "ja", tokyo)).toBe("今日 02:14");
    expect(moment(at("2026-11-19T11:36:00Z"), now, "ja", tokyo)).toBe("昨日 20:36");
    expect(moment(at("2026-11-19T11:36:00Z"), now, "en", tokyo)).toBe("Yesterday 20:36");
    expect(moment(at("2026-11-13T02:14:00+09:00"), now, "ja", tokyo)).toBe("11/13(金) 02:14");
    expect(moment(at("2026-11-13T02:14:00+09:00"), now, "en", tokyo)).toBe("Fri, Nov 13, 02:14");
    expect(moment(at("2017-03-01T12:00:00+09:00"), now, "ja", tokyo)).toBe("2017/03/01 12:00");
    expect(day(now, "ja", tokyo)).toBe("11/20(金)");
  });
  it("writes the full time and the exported one", () => {
    expect(full(at("2026-11-19T17:14:19.482Z"), "ja", tokyo)).toBe("2026/11/20 02:14:19");
    expect(full(at("2026-11-19T17:14:19.482Z"), "en", tokyo)).toBe("Nov 20, 2026, 02:14:19");
    expect(exported(at("2026-11-19T17:14:19.482999999Z"), tokyo)).toBe("2026-11-20T02:14:19.482+09:00");
    expect(exported(at("2026-11-19T17:14:19.482Z"), "America/St_Johns")).toBe("2026-11-19T13:44:19.482-03:30");
  });
  it("says how long ago", () => {
    const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);
    expect(ago(before(8), now, "ja", tokyo)).toBe("8秒前");
    expect(ago(before(240), now, "en", tokyo)).toBe("4 min ago");
    expect(ago(before(6 * 3600 + 28 * 60), now, "ja", tokyo)).toBe("6時間28分前");
    expect(ago(before(6 * 3600 + 28 * 60), now, "en", tokyo)).toBe("6 h 28 min ago");
    expect(ago(new Date(now.getTime() + 5000), now, "ja", tokyo)).toBe("0秒前");
  });
  it("writes ranges with an en dash", () => {
    expect(range(at("2026-11-20T19:00:00+09:00"), at("2026-11-20T22:00:00+09:00"), "ja", tokyo)).toBe("19:00–22:00");
  });
  it("takes nothing for a time that is none", () => {
    expect(parse("")).toBeNull();
    expect(parse("yesterday")).toBeNull();
    expect(parse(undefined)).toBeNull();
  });
});

describe("zones", () => {
  it("are as far from UTC as the browser says, at every hour of a year and around each change of clocks", () => {
    for (const zone of ["Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]) {
      const asked = new Intl.DateTimeFormat("en", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
      const check = (at: Date) => {
        const of = Object.fromEntries(asked.formatToParts(at).map((part) => [part.type, part.value]));
        expect(exported(at, zone).slice(0, 19)).toBe(`${of.year}-${of.month}-${of.day}T${of.hour}:${of.minute}:${of.second}`);
      };
      for (let hour = 0; hour < 8784; hour += 5) check(new Date(Date.UTC(2026, 0, 1, hour, 29, 59)));
      for (const near of ["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", "2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"])
        for (const second of [-1, 0, 1]) check(new Date(Date.parse(near) + 1000 * second));
    }
  });
});
