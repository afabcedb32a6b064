import { expect, it } from "vitest";
import { strength } from "./strength";

it("says how strong a password is", () => {
  expect(strength("short")).toBe("short");
  expect(strength("aaaaaaaaaaaaaa")).toBe("guessable");
  expect(strength("tanaka-tanaka-1", "tanaka")).toBe("guessable");
  expect(strength("password1234")).toBe("fair");
  expect(strength("correct horse battery")).toBe("strong");
  expect(strength("plc weld two")).toBe("fair");
  expect(strength("溶接二号の操作盤は右側です")).toBe("good");
});
