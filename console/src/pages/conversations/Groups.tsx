// Conversations added up by pair, by protocol or by lines. A row opens what is in it: it becomes the filter.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, type ReactNode, type Ref as Handle } from "react";
import { call, type Schemas } from "../../api/client";
import { bytes, count } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { Failed, State, useLate, useNarrow } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { Table, type Column, type TableHandle } from "../../parts/Table";
import { When } from "../../parts/Time";
import { Last } from "./columns";
import type { Url } from "../../parts/url";
import type { Ask } from "./Conversations";

export type Grouping = "pair" | "protocol" | "lines";
type Group = Schemas["ConversationGroups"]["groups"][number];

export function Groups({ by, ask, url, handle }: { by: Grouping; ask: Ask; url: Url; handle: Handle<TableHandle> }) {
  const { t } = useWords();
  const { lang } = useLook();
  const narrow = useNarrow();
  const query = useQuery({
    queryKey: ["conversations", "groups", by, ask],
    queryFn: ({ signal }) => call("get", "/conversations/groups", { query: { ...ask, by, limit: 1000 } as never, signal }), placeholderData: keepPreviousData,
  });
  const late = useLate(query.isPending);
  const groups = query.data?.groups ?? [];
  const name = (group: Group) => (group.protocols[0] === undefined || group.protocols[0] === "unknown" ? t("talk.unclaimed") : protocolName(group.protocols[0]));
  const key = (group: Group) => `${group.a?.id ?? group.a?.name ?? group.line_a?.id ?? ""}|${group.b?.id ?? group.b?.name ?? group.line_b?.id ?? ""}|${by === "protocol" ? group.protocols[0] : ""}`;
  const line = (of: Schemas["LineRef"] | undefined) => (of ? of.name : <span className="t3">{t("devices.noLine")}</span>);
  const open = (group: Group) => {
    const change = by === "protocol" ? { protocol: group.protocols[0] ?? null }
      : by === "lines" ? { line: group.line_a?.id ?? group.line_b?.id ?? null }
      : group.a?.id && group.b?.id ? { device: group.a.id, peer: group.b.id }
      : { device: group.a?.id ?? group.b?.id ?? null };
    url.set({ ...change, group: null, sel: null }, "push");
  };
  // Reached by Tab, as whatever scrolls has to be; the groups by ends have links there.
  const opens = (group: Group) => <div className="cut"><button type="button" className="link" onClick={(event) => { event.stopPropagation(); open(group); }}>{name(group)}</button></div>;
  const columns = useMemo<Column<Group>[]>(() => {
    const ends: Column<Group>[] = by === "pair"
      ? [{ key: "a", title: t("talk.from"), width: "minmax(150px, 1.4fr)", least: 150, cell: (group) => (group.a ? <Ref of={group.a} second /> : null) }, { key: "b", title: t("talk.to"), width: "minmax(150px, 1.4fr)", least: 150, cell: (group) => (group.b ? <Ref of={group.b} second /> : null) }]
      : by === "lines"
        ? [{ key: "a", title: t("column.line"), width: "minmax(130px, 1fr)", least: 130, cell: (group) => <div className="cut">{group.line_a || group.line_b ? <button type="button" className="link" onClick={(event) => { event.stopPropagation(); open(group); }}>{line(group.line_a)}</button> : line(group.line_a)}</div> }, { key: "b", title: t("talks.otherLine"), width: "minmax(130px, 1fr)", least: 130, cell: (group) => <div className="cut">{line(group.line_b)}</div> }]
        : [{ key: "protocol", title: t("devices.facet.protocol"), width: "minmax(150px, 1.4fr)", least: 150, cell: opens }];
    const cell = (text: ReactNode) => <div className="cut t2">{text}</div>;
    return [
      ...ends,
      ...(by === "protocol" ? [] : [{ key: "protocols", title: t("column.protocols"), width: "minmax(130px, 1.2fr)", least: 130, cell: (group: Group) => cell(group.protocols.map((one) => (one === "unknown" ? t("talk.unclaimed") : protocolName(one))).join(t("list.comma"))) }]),
      { key: "conversations", title: t("nav.conversations"), width: "100px", least: 100, cell: (group) => <><div>{count(group.conversations)}</div>{group.one_sided > 0 && <div className="l2 cut">{t("talks.oneSidedOf", { n: group.one_sided })}</div>}</> },
      { key: "bytes", title: t("talk.bytes"), width: "104px", least: 104, cell: (group) => <><div>{bytes(group.bytes, lang)}</div><div className="l2 cut">{t("unit.packets", { n: group.packets })}</div></> },
      ...(narrow ? [] : [{ key: "first", title: t("talk.first"), width: "132px", least: 132, cell: (group: Group) => cell(<When at={group.first} />) }]),
      { key: "last", title: t("talk.last"), width: "132px", least: 132, cell: (group) => <Last at={group.last} /> },
    ];
  }, [by, t, lang, narrow, url]); // eslint-disable-line react-hooks/exhaustive-deps
  if (query.error && !query.data) return <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (query.data?.total === 0) return <State middle why={t("talks.emptyFilter")} />;
  return (
    <>
      <Table label={t("talks.group")} columns={columns} rows={groups} total={query.isPending ? (late ? 12 : 0) : groups.length} rowKey={key} selected={url.get("sel")} onSelect={(sel) => url.set({ sel })} onOpen={open} handle={handle} />
      <div className="dfoot"><span>{query.data && query.data.total > groups.length ? t("talks.groupsCut", { shown: groups.length, n: query.data.total }) : t("talks.groupOpen")}</span></div>
    </>
  );
}
