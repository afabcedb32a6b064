// What changed in 24 hours. More than a dozen fold by line and kind.
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { newness } from "../../parts/effects";
import { Icon, Mark } from "../../parts/Icon";
import { Bones, Panel, State } from "../../parts/parts";
import { When } from "../../parts/Time";
import type { Key } from "../../words/words";

type Change = Schemas["Change"];
const icons: Record<Change["kind"], string> = { new_device: "plus", quiet: "minus", back: "plus", first_act: "star", firmware: "chip", address: "swap", name: "pen", part: "chip", correction: "pen", approval: "swap" };

interface Row { key: string; kind: Change["kind"]; changes: Change[] }

/** Where one line has more than three changes of a kind, they are one row. */
export function fold(changes: readonly Change[], most: number): Row[] {
  if (changes.length <= most) return changes.map((change) => ({ key: change.id, kind: change.kind, changes: [change] }));
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const key = `${change.line?.id ?? ""}/${change.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  const done = new Set<string>();
  return changes.flatMap((change): Row[] => {
    const key = `${change.line?.id ?? ""}/${change.kind}`;
    const group = groups.get(key) ?? [];
    if (group.length <= 3) return [{ key: change.id, kind: change.kind, changes: [change] }];
    if (done.has(key)) return [];
    done.add(key);
    return [{ key, kind: change.kind, changes: group }];
  });
}

export function Changes({ overview, late, now }: { overview: Schemas["Overview"] | undefined; late: boolean; now: Date }) {
  const { t, word } = useWords();
  const [all, setAll] = useState(false);
  const query = useQuery({ queryKey: ["changes"], queryFn: ({ signal }) => call("get", "/changes", { query: { limit: 200 }, signal }), enabled: all });
  const list = (all ? query.data?.changes : undefined) ?? overview?.changes ?? [];
  const rows = useMemo(() => fold(list, 7), [list]);
  const shown = all ? rows : rows.slice(0, 7);
  const rest = (overview?.changes_total ?? 0) - shown.reduce((sum, row) => sum + row.changes.length, 0);

  const sentence = (change: Change): string => {
    const line = change.line?.name ?? "";
    const device = change.device.name;
    switch (change.kind) {
      case "first_act": return t(change.peer ? "change.firstAct" : "change.firstActAlone", { who: device, whom: change.peer?.name ?? "", act: word("act", change.act ?? "unknown") });
      case "new_device": return line ? t("change.newIn", { name: device, line }) : t("change.new", { name: device });
      case "quiet": return t("change.quiet", { name: device });
      case "back": return t("change.back", { name: device });
      case "correction": return t("change.correction", { name: device, what: word("attribute", change.attribute ?? "name"), who: change.by ?? t("fact.somebody") });
      case "approval": return t("change.approval", { name: device, from: change.from ?? "", to: change.to ?? "" });
      default: return change.from ? t("change.fact", { name: device, what: word("attribute", change.attribute ?? change.kind), from: change.from, to: change.to ?? "" }) : t("change.factNew", { name: device, what: word("attribute", change.attribute ?? change.kind), to: change.to ?? "" });
    }
  };
  const to = (change: Change): string => {
    const owner = change.kind === "first_act" ? (change.peer?.id ?? change.device.id) : change.device.id;
    if (!owner) return "/devices";
    return `/devices/${encodeURIComponent(owner)}${change.kind === "first_act" ? `?tab=operations${change.peer?.id && change.device.id ? `&peer=${encodeURIComponent(change.device.id)}` : ""}` : change.kind === "new_device" || change.kind === "quiet" ? "" : "?tab=history"}`;
  };
  return (
    <Panel title={t("overview.changes")} {...(overview ? { count: count(overview.changes_total) } : {})}>
      {!overview ? (late ? <Bones rows={7} height={35} /> : <div style={{ height: 245 }} />)
        : list.length === 0 ? <State why={t("overview.noChanges")} />
        : (
          <ul className={all ? "chgs all" : "chgs"}>
            {shown.map((row) => {
              const first = row.changes[0] as Change;
              const one = row.changes.length === 1;
              return (
                <li key={row.key} className="chg">
                  <Icon name={icons[row.kind]} />
                  {one ? <Link className="cut" to={to(first)} title={sentence(first)}>{sentence(first)}</Link>
                    : <Link className="cut" to={first.line ? `/devices?line=${encodeURIComponent(first.line.id)}${row.kind === "new_device" ? "&view=new" : row.kind === "quiet" ? "&view=quiet" : ""}` : row.kind === "new_device" ? "/devices?view=new" : "/devices"}>
                        {t("change.folded", { line: first.line?.name ?? t("devices.noLine"), what: t(`change.kind.${row.kind}` as Key), n: row.changes.length })}</Link>}
                  <span className="tm">{first.kind === "first_act" && first.effect && first.effect !== "observes" && first.effect !== "none" && <><Mark severity={newness(first.effect)} /> </>}<When at={first.at} now={now} as={now.getTime() - Date.parse(first.at) < 86_400_000 ? "clock" : "moment"} /></span>
                </li>
              );
            })}
            {(rest > 0 || all) && <li className="chg"><span /><button type="button" className="link" style={{ textAlign: "left" }} onClick={() => setAll(!all)}>{all ? t("devices.fewer") : t("change.rest", { n: rest })}</button></li>}
          </ul>
        )}
    </Panel>
  );
}
