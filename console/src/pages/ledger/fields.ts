// The fields of the ledger, how the columns of a file stand for them, and what is seen of a device under their names.
import type { Schemas } from "../../api/client";
import type { Url } from "../../parts/url";

export type Field = Schemas["LedgerField"];
export type Item = Schemas["Reconciled"];
export type Entry = Schemas["LedgerEntry"];
export type Difference = Item["differences"][number];
export type ListName = Schemas["LedgerListName"];

export const fields: readonly Field[] = ["number", "name", "ip", "mac", "vendor", "product", "serial", "firmware", "kind", "line", "place", "department", "owner", "contact", "criticality", "maintenance", "supplier", "note"];
/** In the order in which the page shows them; where nothing else is asked for, the first with anything to decide. */
export const lists: readonly ListName[] = ["same", "not_in_ledger", "unseen", "different"];
export const toDecide: readonly ListName[] = ["different", "not_in_ledger", "unseen", "same"];

/** Several columns may say the same: what they hold is joined. */
export function withColumn(columns: readonly (Field | null)[], at: number, field: Field | null): (Field | null)[] {
  return Array.from({ length: Math.max(columns.length, at + 1) }, (_, index) => (index === at ? field : columns[index] ?? null));
}

type Ask = Schemas["LedgerMappingAsk"];
const whole = (text: string, least: number, most: number) => (/^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined);

/** What the address says of a file's columns; what it does not say is guessed by the center. */
export function askedMapping(url: Pick<Url, "get">): Ask | null {
  const sheet = whole(url.get("sheet"), 0, 255);
  if (sheet === undefined) return null;
  const row = whole(url.get("row"), 1, 100_000), rows = whole(url.get("rows"), 0, 2);
  const columns = url.get("cols") === "" ? undefined : url.get("cols").split(",").slice(0, 256).map((one) => fields.find((field) => field === one) ?? null);
  return { sheet, ...(row ? { header_row: row } : {}), ...(rows !== undefined ? { header_rows: rows } : {}), ...(columns ? { columns } : {}) };
}

export function mappingInAddress(mapping: Ask | null): Record<string, string | null> {
  return {
    sheet: mapping ? String(mapping.sheet) : null, row: mapping?.header_row ? String(mapping.header_row) : null, rows: mapping?.header_rows !== undefined ? String(mapping.header_rows) : null,
    cols: mapping?.columns ? mapping.columns.map((one) => one ?? "-").join(",") : null,
  };
}

/** What is seen of a device, under the ledger's name for it; role and line are for the caller to put into words. */
export function seenOf(device: Schemas["ReconciledDevice"] | null, field: Field): string {
  if (!device) return "";
  if (field === "name" || field === "vendor" || field === "product" || field === "firmware" || field === "serial") return device[field] ?? "";
  if (field === "ip") return device.ips.join(" ");
  if (field === "mac") return device.macs.join(" ");
  return field === "line" ? device.line?.name ?? "" : field === "kind" ? device.role : "";
}

/** What an entry is called: by its name, else by the first thing that tells it from others. */
export function nameOf(item: Item): string {
  const values = item.entry?.values;
  return values?.name ?? item.device?.name ?? values?.number ?? values?.ip ?? values?.mac ?? values?.serial ?? values?.product ?? "–";
}

/** As people who write the same word differently compare it. */
export const loose = (text: string) => text.normalize("NFKC").toLowerCase().replace(/[\s\-_.\u30fb]/g, "");
