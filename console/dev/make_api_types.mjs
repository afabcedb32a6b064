// Writes src/api/schema.d.ts from the areas' api.yaml, which are the single source of the contract. Puts them
// together as tools/openapi.py does; that one also checks the habits of the contract, this one only needs types.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const areas = ["spine/api", "see", "segment", "watch", "guard", "respond", "govern"];

let whole = null;
for (const area of areas) {
  const file = join(root, area, "api.yaml");
  if (!existsSync(file)) continue;
  const part = parse(readFileSync(file, "utf8"));
  if (!whole) {
    whole = part;
    continue;
  }
  Object.assign(whole.paths, part.paths ?? {});
  for (const [kind, named] of Object.entries(part.components ?? {}))
    whole.components[kind] = { ...(whole.components[kind] ?? {}), ...named };
}
if (!whole) throw new Error(`no api.yaml under ${root}: build the console inside the project's tree`);

const types = astToString(await openapiTS(whole, { alphabetize: true }));
const out = join(dirname(fileURLToPath(import.meta.url)), "..", "src", "api", "schema.d.ts");
mkdirSync(dirname(out), { recursive: true });
if (!existsSync(out) || readFileSync(out, "utf8") !== types) writeFileSync(out, types);
