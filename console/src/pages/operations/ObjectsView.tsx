// The registers of one device: object × who reads, who writes, last value, last change. A page of its own here, a tab
// on the device's page.
import { Select } from "antd";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { Link } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { Export, FilterBox, useListKeys } from "../../parts/filters";
import { Icon, RoleIcon } from "../../parts/Icon";
import { ObjectName } from "../../parts/ObjectName";
import { OperationDrawer } from "../../parts/OperationDetail";
import { Bone, Failed, Kbd, NoneFound, State, useLate, useNarrow, usePageTitle } from "../../parts/parts";
import { Table, type Column, type TableHandle } from "../../parts/Table";
import { When } from "../../parts/Time";
import { Last } from "../conversations/columns";
import { unitWords } from "../../parts/units";
import { useUrl } from "../../parts/url";

type Row = Schemas["ObjectList"]["objects"][number];
const rowKey = (row: Row) => `${row.protocol} ${row.unit ?? ""} ${row.object}`;
const none = <span className="t3">–</span>;

function Users({ users }: { users: Row["readers"] }) {
  const { t } = useWords();
  const [first, ...rest] = users;
  if (!first) return none;
  return (
    <>
      <div className="row" style={{ gap: 6, flexWrap: "nowrap" }}><RoleIcon role={first.who.role} />{first.who.id ? <Link className="cut" tabIndex={-1} to={`/devices/${encodeURIComponent(first.who.id)}`} onClick={(event) => event.stopPropagation()}>{first.who.name}</Link> : <span className="cut">{first.who.name}</span>}</div>
      <div className="l2 cut" title={users.map((user) => `${user.who.name} ${count(user.count)}`).join(t("list.comma"))}>{t("op.times", { n: count(first.count) })}{rest.length > 0 && ` · ${t("objects.others", { n: rest.length })}`}</div>
    </>
  );
}

/** The table itself, for the device of `device`. */
export function Objects({ device }: { device: string }) {
  const { t } = useWords();
  const url = useUrl();
  const narrow = useNarrow();
  const written = url.get("written") === "1";
  const ask = useMemo(() => ({ ...(url.get("q") ? { q: url.get("q") } : {}), ...(written ? { written: true } : {}) }), [url, written]);
  const query = useQuery({
    queryKey: ["objects", device, ask], queryFn: ({ signal }) => call("get", "/devices/{device_id}/objects", { path: { device_id: device }, query: { ...ask, limit: 1000 }, signal }), placeholderData: keepPreviousData,
  });
  const late = useLate(query.isPending);
  const rows = query.data?.objects ?? [];
  const selected = url.get("sel");
  const selectedRow = rows.find((row) => rowKey(row) === selected);
  const detail = url.get("detail") === "1" && selectedRow?.operation !== undefined;
  const box = useRef<HTMLInputElement>(null);
  const table = useRef<TableHandle>(null);
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useCallback((from: number, to: number) => setRange([from, to]), []);
  useListKeys(box, table, () => {
    if (detail) url.set({ detail: null });
    else if (selected) url.set({ sel: null });
    else return false;
    return true;
  }, {
    e: () => { if (!selectedRow?.operation) return false; url.set({ detail: detail ? null : "1" }); return true; },
  });
  const columns = useMemo<Column<Row>[]>(() => [
    { key: "object", title: t("op.objectOnly"), width: "minmax(150px, 1.2fr)", least: 150, cell: (row) => <><ObjectName of={row} /><div className="l2 cut">{[row.unit && unitWords(row.unit, t), protocolName(row.protocol)].filter(Boolean).join(" · ")}</div></> },
    { key: "readers", title: t("objects.readers"), width: "minmax(140px, 1.1fr)", least: 140, cell: (row) => <Users users={row.readers} /> },
    { key: "writers", title: t("objects.writers"), width: "minmax(140px, 1.1fr)", least: 140, cell: (row) => <Users users={row.writers} /> },
    { key: "value", title: t("objects.value"), width: "minmax(110px, 1fr)", least: 110, cell: (row) => (row.value ? <><div className="cut mono" title={row.value}>{row.value}</div><div className="l2 cut">{row.valued && <When at={row.valued} as="ago" />}</div></> : none) },
    { key: "changed", title: t("objects.changed"), width: "108px", least: 108, cell: (row) => (row.changed ? <Last at={row.changed} /> : <span className="t3 small">{t("objects.steady")}</span>) },
    ...(narrow ? [] : [{ key: "last", title: t("talk.last"), width: "108px", least: 108, cell: (row: Row) => <Last at={row.last} /> }]),
  ], [t, narrow]);
  const filtered = Object.keys(ask).length > 0;
  return (
    <>
      <div className="tb">
        <FilterBox value={url.get("q")} inputRef={box} onChange={(q) => url.set({ q: q || null, sel: null })} onDown={() => table.current?.focus()} label={t("objects.filter")} how={t("objects.filterHow")} />
        <label className="row s13 t2 nw" style={{ gap: 6 }}><input type="checkbox" className="cb" checked={written} onChange={() => url.set({ written: written ? null : "1", sel: null })} />{t("objects.written")}</label>
        <span className="sp" />
        {query.data?.since && !narrow && <span className="t3 small nw">{t("objects.since")} <When at={query.data.since} as="full" /></span>}
        <Export path="/devices/{device_id}/objects/export" pathValues={{ device_id: device }} query={ask} narrow={narrow} />
      </div>
      {query.error && !query.data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : query.data && rows.length === 0 ? (filtered
          ? <State middle why={t("objects.emptyFilter")} action={<button type="button" className="btn" onClick={() => url.set({ q: null, written: null })}>{t("devices.clear")}</button>} />
          : <NoneFound covered={undefined} what={t("objects.none")} />)
        : <Table label={t("objects.title")} columns={columns} rows={rows} total={query.isPending ? (late ? 12 : 0) : rows.length} rowKey={rowKey} selected={selected} onSelect={(sel) => url.set({ sel })} onOpen={(row) => url.set({ sel: rowKey(row), detail: "1" })} onRange={onRange} handle={table} />}
      <div className="dfoot">
        <span>{rows.length > 0 ? t("objects.range", { from: range[0], to: range[1], n: query.data?.total ?? 0 }) : ""}</span>
        {query.data && query.data.total > rows.length && <span>{t("objects.cut", { n: rows.length })}</span>}
        <span className="sp" />
        <span className="opt row"><Kbd>j</Kbd><Kbd>k</Kbd>{t("keys.short.move")}</span><span className="opt row"><Kbd>e</Kbd>{t("keys.short.evidence")}</span>
      </div>
      {detail && selectedRow?.operation && <OperationDrawer id={selectedRow.operation} onClose={() => url.set({ detail: null })} />}
    </>
  );
}

/** As a page: which device, then its objects. */
export function ObjectsView() {
  const { t, rich } = useWords();
  const url = useUrl();
  const id = url.get("device");
  usePageTitle(t("objects.title"));
  const [typed, setTyped] = useState("");
  const found = useQuery({
    queryKey: ["devices", "choose", typed],
    queryFn: ({ signal }) => call("get", "/devices", { query: { ...(typed ? { q: typed } : { role: ["plc", "safety_controller", "rtu", "remote_io", "drive", "gateway", "building_controller", "protection_relay", "meter"] }), limit: 50, sort: "name" }, signal }), placeholderData: keepPreviousData,
  });
  const device = useQuery({ queryKey: ["device", id], queryFn: ({ signal }) => call("get", "/devices/{device_id}", { path: { device_id: id }, signal }), enabled: id !== "" });
  const known = device.data?.summary;
  const options = useMemo(() => {
    const rows = found.data?.devices ?? [];
    return [...(known && !rows.some((row) => row.id === known.id) ? [known] : []), ...rows].map((row) => ({ value: row.id, label: row.address && row.address !== row.name ? `${row.name} · ${row.address}` : row.name }));
  }, [found.data, known]);
  return (
    <div className="pg">
      <div className="head say">
        <div className="grow">
          <h1>{t("objects.title")}</h1>
          <p className="t2 s13">{known ? rich("objects.sentence", { name: <Link className="acc b" to={`/devices/${encodeURIComponent(id)}`}>{known.name}</Link> }) : id ? (device.error ? t("device.gone") : <Bone width={300} />) : t("objects.choose")}</p>
        </div>
        <Select showSearch value={id || undefined} placeholder={t("objects.chooseDevice")} aria-label={t("objects.chooseDevice")} style={{ width: 300 }} filterOption={false} onSearch={setTyped} options={options} onChange={(next: string) => url.set({ device: next, sel: null, detail: null })} notFoundContent={t("palette.nothing")} />
        <button type="button" className="btn" onClick={() => url.set({ view: null, q: null, written: null, sel: null, detail: null }, "push")}><Icon name="left" />{t("objects.toActs")}</button>
      </div>
      <section className="panel dlpanel whole" aria-label={t("objects.title")}>
        {id ? <Objects device={id} /> : (
          found.error ? <Failed middle error={found.error} onAgain={() => void found.refetch()} />
            : found.data?.devices.length === 0 ? <State middle why={t("devices.emptyNever")} action={<Link className="btn p" to="/capture">{t("devices.toCapture")}</Link>} />
            : <div className="choices">{(found.data?.devices ?? []).slice(0, 24).map((row) => <button key={row.id} type="button" className="btn" onClick={() => url.set({ device: row.id })}><RoleIcon role={row.role} /><span className="cut">{row.name}</span></button>)}</div>
        )}
      </section>
    </div>
  );
}
