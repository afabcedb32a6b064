// What a person decides about a difference, recorded at the center and taken back as far as that is possible.
import { App } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { call, type Schemas } from "../../api/client";
import { useLook, useWords } from "../../look/look";
import { useComplaint } from "../../parts/parts";
import type { Key } from "../../words/words";
import { loose, nameOf, type Difference, type Field, type Item } from "./fields";

/** ledger, seen: which side is right; add, remove: entries; fine: not seen, and right so; again: a known difference is one again. */
export type Deed = "ledger" | "seen" | "add" | "remove" | "fine" | "again";
type Back = () => Promise<unknown>;
export interface Done { words: string; back: Back[] }
export interface Acts {
  busy: { done: number; of: number } | null;
  last: Done | null;
  act(deed: Deed, items: readonly Item[], only?: Difference): Promise<boolean>;
  undo(): Promise<void>;
}

interface Known { roleOf(word: string): Schemas["DeviceRole"] | undefined; wordOf(role: string): string; lines: Schemas["Line"][] }

/** What the ledger says of name, line and role can stand at the device itself, as a person's word. */
function correction(difference: Difference, known: Known): Schemas["DeviceCorrection"] | null {
  if (difference.field === "name" && difference.ledger) return { name: difference.ledger.slice(0, 128) };
  const role = difference.field === "kind" ? known.roleOf(difference.ledger) : undefined;
  if (role) return { role };
  const line = difference.field === "line" ? known.lines.find((one) => loose(one.name) === loose(difference.ledger)) : undefined;
  return line ? { line: line.id } : null;
}

/** What a person had said of the device before; null: nothing, so undoing gives it back to the identifiers. */
async function saidBefore(device: string, change: Schemas["DeviceCorrection"]): Promise<Schemas["DeviceCorrection"]> {
  const { summary, facts } = await call("get", "/devices/{device_id}", { path: { device_id: device } });
  const byPerson = (attribute: string) => facts.some((fact) => fact.attribute === attribute && fact.by === "person" && fact.chosen);
  return {
    ...("name" in change ? { name: byPerson("name") ? summary.name : null } : {}),
    ...("role" in change ? { role: byPerson("role") ? summary.role : null } : {}),
    ...("line" in change ? { line: byPerson("line") ? summary.line?.id ?? null : null } : {}),
  };
}

const patchEntry = (entry: string, body: Schemas["LedgerEntryEdit"]) => call("patch", "/ledger/entries/{entry_id}", { path: { entry_id: entry }, body });

async function ledgerIsRight(item: Item, differences: readonly Difference[], known: Known): Promise<Back[]> {
  const back: Back[] = [];
  const entry = item.entry, device = item.device;
  const corrections = new Map(differences.map((one) => [one, device ? correction(one, known) : null]));
  const change = Object.assign({}, ...[...corrections.values()].filter((one) => one !== null)) as Schemas["DeviceCorrection"];
  if (device && Object.keys(change).length > 0) {
    const before = await saidBefore(device.id, change);
    await call("patch", "/devices/{device_id}", { path: { device_id: device.id }, body: change });
    back.push(() => call("patch", "/devices/{device_id}", { path: { device_id: device.id }, body: before }));
  }
  const accept = differences.filter((one) => corrections.get(one) === null).map(({ field, seen }) => ({ field, seen }));
  if (entry && accept.length > 0) {
    await patchEntry(entry.id, { accept });
    back.push(() => patchEntry(entry.id, { accept: accept.map(({ field }) => ({ field, seen: null })) }));
  }
  return back;
}

async function seenIsRight(item: Item, differences: readonly Difference[], known: Known): Promise<Back[]> {
  const entry = item.entry;
  if (!entry) return [];
  const values = (of: (one: Difference) => string | null) => Object.fromEntries(differences.map((one) => [one.field, of(one)])) as Partial<Record<Field, string | null>>;
  await patchEntry(entry.id, { values: values((one) => (one.field === "kind" ? known.wordOf(one.seen) : one.seen) || null) });
  return [() => patchEntry(entry.id, { values: values((one) => entry.values[one.field] ?? null) })];
}

async function settle(deed: Deed, item: Item, differences: readonly Difference[], known: Known): Promise<Back[]> {
  const { entry, device } = item;
  if (deed === "ledger") return ledgerIsRight(item, differences, known);
  if (deed === "seen") return seenIsRight(item, differences, known);
  if (deed === "add" && device) {
    const made = await call("post", "/ledger/entries", { body: { device: device.id } });
    return [() => call("delete", "/ledger/entries/{entry_id}", { path: { entry_id: made.id } })];
  }
  if (!entry) return [];
  if (deed === "remove") {
    await call("delete", "/ledger/entries/{entry_id}", { path: { entry_id: entry.id } });
    return [() => call("post", "/ledger/entries", { body: { values: entry.values } })];
  }
  if (deed === "fine") {
    await patchEntry(entry.id, { accept: [{ field: "unseen", seen: "" }] });
    return [() => patchEntry(entry.id, { accept: [{ field: "unseen", seen: null }] })];
  }
  const accepted = entry.accepted.map(({ field, seen }) => ({ field, seen }));
  await patchEntry(entry.id, { accept: accepted.map(({ field }) => ({ field, seen: null })) });
  return [() => patchEntry(entry.id, { accept: accepted })];
}

export function useActs(): Acts {
  const { t } = useWords();
  const { words } = useLook();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const [busy, setBusy] = useState<Acts["busy"]>(null);
  const [last, setLast] = useState<Done | null>(null);
  const working = useRef(false);
  const lines = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }) });
  const known = useMemo<Known>(() => {
    const roles = Object.entries(words).filter(([key]) => key.startsWith("devicerole.")).map(([key, word]) => [key.slice("devicerole.".length), loose(word)] as const);
    return {
      roleOf: (word) => (roles.find(([role, name]) => name === loose(word) || loose(role) === loose(word))?.[0]) as Schemas["DeviceRole"] | undefined,
      wordOf: (role) => words[`devicerole.${role}` as Key] ?? role,
      lines: lines.data?.lines ?? [],
    };
  }, [words, lines.data]);

  const refresh = useCallback(() => {
    const again = () => void client.invalidateQueries({ predicate: (query) => ["ledger", "ledger-list", "device", "devices"].includes(String(query.queryKey[0])) });
    again();
    setTimeout(again, 1200); // Lists show what was recorded of a device within a second.
  }, [client]);

  const act = useCallback<Acts["act"]>(async (deed, items, only) => {
    if (working.current || items.length === 0) return false;
    working.current = true;
    const back: Back[] = [];
    let done = 0;
    setBusy({ done, of: items.length });
    try {
      for (const item of items) {
        back.push(...await settle(deed, item, only ? [only] : item.differences, known));
        done += 1;
        setBusy({ done, of: items.length });
      }
    } catch (error) {
      void message.error(complaint(error));
    }
    if (done > 0) setLast({ words: done === 1 ? t(`ledger.did.${deed}` as Key, { name: nameOf(items[0]!) }) : t(`ledger.didMany.${deed}` as Key, { n: done }), back });
    working.current = false;
    setBusy(null);
    refresh();
    return done === items.length;
  }, [known, message, complaint, t, refresh]);

  const undo = useCallback(async () => {
    if (!last || working.current) return;
    working.current = true;
    const back = [...last.back].reverse();
    setBusy({ done: 0, of: back.length });
    try {
      for (const [index, one] of back.entries()) {
        await one();
        setBusy({ done: index + 1, of: back.length });
      }
      setLast({ words: t("ledger.undone"), back: [] });
    } catch (error) {
      void message.error(complaint(error));
    }
    working.current = false;
    setBusy(null);
    refresh();
  }, [last, message, complaint, t, refresh]);
  return useMemo(() => ({ busy, last, act, undo }), [busy, last, act, undo]);
}
