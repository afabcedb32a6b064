// "What do the plant's people call D100?" Lists of device comments, which controllers each is of, and their words; while
// a file is looked at, what it would bring.
import { App, Popconfirm } from "antd";
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link } from "react-router-dom";
import { call, uploadComments, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { FilterBox } from "../../parts/filters";
import { Icon, RoleIcon } from "../../parts/Icon";
import { Bone, Bones, Failed, Panel, State, useComplaint, useLate, usePageTitle } from "../../parts/parts";
import { TableDrop } from "../../parts/TableDrop";
import { When } from "../../parts/Time";
import { unitWords } from "../../parts/units";
import { useUrl } from "../../parts/url";
import { Controllers, type Of } from "./Controllers";
import { Import } from "./Import";

type List = Schemas["CommentList"];
const accepted = ".csv,.txt,.tsv,.xlsx,.sdf,.asc,.seq,text/csv,text/plain,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

export default function CommentsPage() {
  const { t } = useWords();
  const url = useUrl();
  const { may } = useSession();
  usePageTitle(t("nav.comments"));
  const query = useQuery({ queryKey: ["comments"], queryFn: ({ signal }) => call("get", "/comments", { signal }) });
  const late = useLate(query.isPending);
  const mayEdit = may("device.edit");
  if (url.get("import") && mayEdit) return <Import key={url.get("import")} id={url.get("import")} lists={query.data?.lists ?? []} />;
  if (query.error && !query.data) return <><h1 className="unheard">{t("nav.comments")}</h1><Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} /></>;
  const lists = query.data?.lists;
  const words = lists?.reduce((sum, one) => sum + one.words, 0) ?? 0;
  const unused = lists?.filter((one) => one.of.length === 0).length ?? 0;
  const shown = lists?.find((one) => one.id === url.get("sel")) ?? (lists?.length === 1 ? lists[0] : undefined);
  return (
    <>
      <div className="head say"><Icon name="pen" size={28} /><div className="grow">
        <h1>{lists ? (lists.length === 0 ? t("comments.none") : t("comments.have", { n: lists.length, words })) : late ? <Bone width={300} height={14} /> : " "}</h1>
        <p className="t2 s13">{lists && lists.length > 0 && unused > 0 ? t("comments.unused", { n: unused }) : t("comments.why")}</p>
      </div></div>
      <div className="dv">
        <div className="col" style={{ gap: 14 }}>
          {lists && lists.length > 0 && (
            <Panel title={t("comments.lists")} count={count(lists.length)}>
              <ul className="actlist clists">{lists.map((one) => <Row key={one.id} list={one} on={shown?.id === one.id} choose={() => url.set({ sel: one.id, q: null })} />)}</ul>
            </Panel>
          )}
          {!lists && late && <Panel title={t("comments.lists")}><Bones rows={4} height={56} /></Panel>}
          {shown && <Words key={`w${shown.id}`} list={shown} />}
          {lists?.length === 0 && (
            <section className="panel noledger" aria-label={t("comments.good")}>
              <h2 className="s13 b">{t("comments.good")}</h2>
              <ul className="goods t2 s13">{([1, 2, 3] as const).map((at) => <li key={at} className="row"><span className="t3" aria-hidden="true">·</span><span>{t(`comments.good.${at}`)}</span></li>)}</ul>
            </section>
          )}
        </div>
        <div className="col" style={{ gap: 14 }}>
          {mayEdit ? <Panel title={t("comments.import")}><Receive /><p className="small t3 pad">{t("ledger.previewFirst")}</p></Panel> : lists && <p className="small t3">{t("ledger.editBy")}</p>}
          {shown && <Detail key={`d${shown.id}`} list={shown} mayEdit={mayEdit} />}
        </div>
      </div>
    </>
  );
}

function Receive() {
  const { t } = useWords();
  const url = useUrl();
  const client = useQueryClient();
  return (
    <TableDrop drop={t("comments.drop")} kinds=".csv .txt .xlsx .sdf .asc" accept={accepted} send={uploadComments}
      onTold={(told) => {
        client.setQueryData(["comment-file", told.id, null], told);
        url.set({ sel: null, q: null, import: told.id }, "push");
      }} />
  );
}

function Row({ list, on, choose }: { list: List; on: boolean; choose(): void }) {
  const { t } = useWords();
  return (
    <li>
      <button type="button" className={on ? "clist on" : "clist"} aria-pressed={on} onClick={choose}>
        <span className="row" style={{ gap: 8, flexWrap: "nowrap" }}><b className="b cut">{list.name}</b><span className="sp" /><span className="t2 small nw">{t("comments.words", { n: list.words })}</span></span>
        <span className="l2 cut">{t(`commenttool.${list.tool}`)} · {list.of.length > 0 ? list.of.map((one) => (one.unit ? `${one.device.name} ${unitWords(one.unit, t)}` : one.device.name)).join(t("list.comma")) : t("comments.ofNone")}</span>
      </button>
    </li>
  );
}

function Words({ list }: { list: List }) {
  const { t } = useWords();
  const url = useUrl();
  const box = useRef<HTMLInputElement>(null);
  const q = url.get("q");
  const query = useInfiniteQuery({
    queryKey: ["comments", list.id, "words", q, list.at],
    queryFn: ({ pageParam, signal }) => call("get", "/comments/{list_id}/words", { path: { list_id: list.id }, query: { limit: 200, ...(q ? { q } : {}), ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor, placeholderData: keepPreviousData,
  });
  const late = useLate(query.isPending);
  const rows = query.data?.pages.flatMap((page) => page.words) ?? [];
  return (
    <Panel title={list.name} count={count(query.data?.pages[0]?.total ?? list.words)} label={list.name}>
      <div className="tb"><FilterBox value={q} inputRef={box} onChange={(text) => url.set({ q: text || null })} onDown={() => undefined} label={t("comments.filter")} how={t("comments.filterHow")} /></div>
      {query.error && !query.data ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : query.isPending ? (late ? <Bones rows={8} height={30} /> : <div style={{ height: 240 }} />)
        : rows.length === 0 ? <State why={t("comments.emptyFilter")} action={<button type="button" className="btn s" onClick={() => url.set({ q: null })}>{t("devices.clear")}</button>} />
        : (
          <div className="ltbox" tabIndex={0} role="region" aria-label={t("table.scroll")}>
            <table className="lt words">
              <thead><tr><th>{t("comments.address")}</th><th>{t("comments.said")}</th><th>{t("comments.name")}</th><th>{t("comments.seenAs")}</th></tr></thead>
              <tbody>
                {rows.map((one) => (
                  <tr key={one.object}>
                    <td className="mono">{one.address}</td><td className="wrap">{one.comment ?? <span className="t3">–</span>}</td><td><span className="cut">{one.name ?? <span className="t3">–</span>}</span>{one.type && <div className="l2 cut">{one.type}</div>}</td><td className="mono t2">{one.object === one.address ? <span className="t3">{t("comments.same")}</span> : one.object}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      {query.hasNextPage && <button type="button" className="btn q s" style={{ margin: "6px 10px 10px" }} disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("do.more")}</button>}
    </Panel>
  );
}

function Detail({ list, mayEdit }: { list: List; mayEdit: boolean }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [of, setOf] = useState<Of[]>(list.of.flatMap((one) => (one.device.id ? [{ device: one.device.id, ...(one.unit ? { unit: one.unit } : {}) }] : [])));
  const fits = useQuery({ queryKey: ["comments", list.id, "fits"], queryFn: ({ signal }) => call("get", "/comments/{list_id}/fits", { path: { list_id: list.id }, signal }), enabled: open });
  const refresh = () => void client.invalidateQueries({ predicate: (query) => ["comments", "operations", "operation", "objects", "device", "search"].includes(String(query.queryKey[0])) });
  const save = async (act: () => Promise<unknown>, done: string) => {
    setBusy(true);
    try {
      await act();
      void message.success(done);
      setOpen(false);
      refresh();
    } catch (error) {
      void message.error(complaint(error));
    }
    setBusy(false);
  };
  return (
    <Panel title={t("comments.of")}>
      {!open && (list.of.length > 0
        ? <ul className="actlist">{list.of.map((one, at) => (
          <li key={at} className="row" style={{ gap: 6 }}><RoleIcon role={one.device.role} />{one.device.id ? <Link className="cut" to={`/operations?view=objects&device=${encodeURIComponent(one.device.id)}`}>{one.device.name}</Link> : <span className="cut t3">{one.device.name}</span>}{one.unit && <span className="t3 small">{unitWords(one.unit, t)}</span>}</li>
        ))}</ul>
        : <p className="small t2 pad">{t("comments.ofNoneWhat")}</p>)}
      {open && <Controllers fits={fits.data?.suggested} pending={fits.isPending} known={list.of} value={of} onChange={setOf} />}
      {list.at && !open && <p className="small t3 pad">{t("comments.importedBy", { who: list.who ?? t("fact.somebody") })} <When at={list.at} as="full" /></p>}
      {mayEdit && (
        <div className="row pad" style={{ gap: 8, flexWrap: "wrap" }}>
          {open ? <>
            <button type="button" className="btn p" disabled={busy} onClick={() => void save(() => call("patch", "/comments/{list_id}", { path: { list_id: list.id }, body: { of } }), t("comments.saved"))}>{t("comments.save")}</button>
            <button type="button" className="btn" onClick={() => setOpen(false)}>{t("do.cancel")}</button>
          </> : <>
            <button type="button" className="btn" onClick={() => setOpen(true)}>{t("comments.choose")}</button>
            <Popconfirm title={t("comments.removeAsk")} description={<span className="s13 asking">{t("comments.removeWhat")}</span>} okText={t("comments.remove")} cancelText={t("do.cancel")} placement="bottomRight"
              onConfirm={() => void save(() => call("delete", "/comments/{list_id}", { path: { list_id: list.id } }), t("comments.removed", { name: list.name }))}>
              <button type="button" className="btn" disabled={busy}>{t("comments.remove")}</button>
            </Popconfirm>
          </>}
        </div>
      )}
    </Panel>
  );
}
