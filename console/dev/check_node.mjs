// Every package of the lock can run on the Node that Debian 12 has: what the build needs must not need more.
// usage: node dev/check_node.mjs [VERSION]      (the one that package.json names)
import { readFileSync } from "node:fs";

const here = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), "utf8"));
const wanted = (process.argv[2] ?? here("package.json").engines.node.replace(/^\D+/, "")).split(".").map(Number);
const at = (text) => { const [major = 0, minor = 0, patch = 0] = text.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : 0)); return [major, minor, patch]; };
const compare = (one, two) => { for (let i = 0; i < 3; i++) if ((one[i] ?? 0) !== (two[i] ?? 0)) return (one[i] ?? 0) - (two[i] ?? 0); return 0; };

/** What npm's engines use of semver: "a || b", and in each "^1.2.3 >=1 <2 ~1.2 1.x *". */
function fits(range) {
  return range.split("||").some((one) => one.replace(/(>=|<=|>|<|\^|~|=)\s+/g, "$1").trim().split(/\s+/).every((term) => {
    const [, sign, text] = /^(>=|<=|>|<|\^|~|=)?v?(.*)$/.exec(term) ?? [];
    if (!text || text === "*" || text === "x") return true;
    const bound = at(text), how = compare(wanted, bound);
    switch (sign) {
      case ">=": return how >= 0;
      case "<=": return how <= 0;
      case ">": return how > 0;
      case "<": return how < 0;
      case "^": return how >= 0 && wanted[0] === bound[0];
      case "~": return how >= 0 && wanted[0] === bound[0] && (!text.includes(".") || (wanted[1] ?? 0) === bound[1]);
      default: return wanted[0] === bound[0] && (!/\.\d/.test(text) || how === 0);
    }
  }));
}

const wrong = [];
let looked = 0;
for (const [path, one] of Object.entries(here("package-lock.json").packages)) {
  // npm leaves out what is optional and does not fit.
  if (path === "" || one.optional || typeof one.engines?.node !== "string") continue;
  looked += 1;
  if (!fits(one.engines.node)) wrong.push(`${path.replace(/^.*node_modules\//, "")} ${one.version} wants node ${one.engines.node}`);
}
if (wrong.length > 0) {
  console.error(`these packages do not run on node ${wanted.join(".")}:\n${wrong.join("\n")}`);
  process.exit(1);
}
console.log(`node ${wanted.join(".")}: ${looked} packages say which they want, and all run on it`);
