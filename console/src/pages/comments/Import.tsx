// What a list's file would bring: its columns, its notation, the first words, what cannot be read and where, and which
// controllers it fits. Nothing is changed until the button is pressed.
import { App } from "antd";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { call, Problem, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Bone, Bones, Chip, Failed, Panel, State, useComplaint, useLate } from "../../parts/parts";
import { Problems, Sample, useProblemWords } from "../../parts/TablePreview";
import { useUrl } from "../../parts/url";
import { Controllers, type Of } from "./Controllers";

type File = Schemas["CommentFile"];
type Mapping = Schemas["CommentMapping"];
type Column = NonNullable<Schemas["CommentColumn"]>;
const columns: readonly Column[] = ["address", "comment", "name", "type", "scope", "specifier", "kind"];
const notations: readonly Mapping["notation"][] = ["melsec", "melsec_octal", "keyence", "omron", "siemens", "logix", "names", "modbus"];

export function Import({ id, lists }: { id: string; lists: Schemas["CommentList"][] }) {
  const { t } = useWords();
  const url = useUrl();
  const [ask, setAsk] = useState<Schemas["CommentMappingAsk"] | null>(null);
  const query = useQuery({
    queryKey: ["comment-file", id, ask], placeholderData: keepPreviousData, staleTime: Infinity, retry: false,
    queryFn: ({ signal }) => call("post", "/comments/files/{file_id}/preview", { path: { file_id: id }, body: { mapping: ask ?? { sheet: 0 } }, signal }),
  });
  const late = useLate(query.isPending);
  const file = query.data;
  const leave = (sel: string | null) => url.set({ import: null, sel });
  if (query.error && !file) return (
    <>
      <h1 className="unheard">{t("comments.import")}</h1>
      {query.error instanceof Problem && query.error.status === 404
        ? <State middle why={t("ledger.fileGone")} action={<button type="button" className="btn p" onClick={() => leave(null)}>{t("comments.import")}</button>} />
        : <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />}
    </>
  );
  return (
    <>
      <div className="head say">
        <div className="grow">
          <h1 className="wrap">{file ? t("ledger.looking", { name: file.name }) : t("comments.import")}</h1>
          <p className="t2 s13">{file ? t("comments.lookingWhat", { tool: t(`commenttool.${file.tool}`), n: file.words }) : late ? <Bone width={360} /> : " "}</p>
        </div>
        <button type="button" className="btn" onClick={() => leave(null)}>{t("ledger.leave")}</button>
      </div>
      <div className="dv">
        <div className="col" style={{ gap: 14 }}>
          {file ? <>
            <Columns file={file} fresh={!query.isPlaceholderData} choose={setAsk} />
            {query.error && <div className="panel"><Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} /></div>}
            {file.first_words.length > 0 && <Understood file={file} />}
            {file.problem_count > 0 && <Wrong file={file} />}
          </> : <Panel title={t("ledger.columns")}>{late ? <Bones rows={12} height={29} /> : <div style={{ height: 348 }} />}</Panel>}
        </div>
        {file ? <What key={file.id} file={file} lists={lists} ready={!query.isPlaceholderData && !query.error} onDone={leave} /> : <Panel title={t("ledger.brings")}>{late ? <Bones rows={6} /> : <div style={{ height: 204 }} />}</Panel>}
      </div>
    </>
  );
}

function Columns({ file, fresh, choose }: { file: File; fresh: boolean; choose(mapping: Schemas["CommentMappingAsk"]): void }) {
  const { t } = useWords();
  const id = useId();
  const { mapping } = file;
  const width = Math.max(1, file.headings.length, ...file.sample.map((row) => row.length));
  const shown = Array.from({ length: width }, (_, at) => mapping.columns[at] ?? null);
  const say = useProblemWords("commentproblem");
  const most = Math.max(1, Math.min(100_000, file.sheets[mapping.sheet]?.rows ?? 1));
  return (
    <section className="panel" aria-label={t("ledger.columns")}>
      <div className="ph wraps">
        <h2>{t("ledger.columns")} <span className="c">{t("ledger.columnsKnown", { n: shown.filter((one) => one !== null).length, all: width })}</span></h2><span className="sp" />
        <div className="row">
          {file.sheets.length > 1 && (
            <label className="row s13 t2" htmlFor={`${id}-s`}>{t("ledger.sheet")}
              <select id={`${id}-s`} className="input s pick" value={mapping.sheet} onChange={(event) => choose({ sheet: Number(event.target.value) })}>
                {file.sheets.map((sheet, at) => <option key={at} value={at}>{t("ledger.sheetOf", { name: sheet.name, n: sheet.rows })}</option>)}
              </select>
            </label>
          )}
          <label className="row s13 t2" htmlFor={`${id}-n`}>{t("comments.notation")}
            <select id={`${id}-n`} className="input s pick" value={mapping.notation} onChange={(event) => choose({ ...mapping, notation: event.target.value as Mapping["notation"] })}>
              {notations.map((one) => <option key={one} value={one}>{t(`commentnotation.${one}`)}</option>)}
            </select>
          </label>
          <label className="row s13 t2" htmlFor={`${id}-r`}>{t(mapping.header_rows === 0 ? "ledger.firstRow" : "ledger.headerRow")}
            <input id={`${id}-r`} key={`${mapping.sheet} ${mapping.header_row}`} className="input s" style={{ width: 72 }} type="number" min={1} max={most} defaultValue={mapping.header_row}
              onChange={(event) => { const row = Number(event.target.value); if (Number.isInteger(row) && row >= 1 && row <= most && row !== mapping.header_row) choose({ ...mapping, header_row: row }); }} />
          </label>
        </div>
      </div>
      <Sample headings={file.headings} rows={file.sample} first={mapping.header_row + mapping.header_rows} taken={shown} of={columns} word={(column) => t(`commentcolumn.${column}`)} problems={file.problems} say={say} fresh={fresh}
        height={380} choose={(at, column) => choose({ ...mapping, columns: shown.map((one, index) => (index === at ? column : one)) })}>
        {t("ledger.sampleOf", { n: file.sample.length, all: file.rows })} {file.encoding ? t(`ledger.encoding.${file.encoding}`) : ""}
      </Sample>
    </section>
  );
}

function Understood({ file }: { file: File }) {
  const { t } = useWords();
  return (
    <Panel title={t("comments.understood")} count={count(file.words)}>
      <div className="ltbox" tabIndex={0} role="region" aria-label={t("comments.understood")} style={{ maxHeight: 300 }}>
        <table className="lt words">
          <thead><tr><th>{t("comments.address")}</th><th>{t("comments.seenAs")}</th><th>{t("comments.said")}</th><th>{t("comments.name")}</th></tr></thead>
          <tbody>{file.first_words.map((one) => <tr key={one.object}><td className="mono">{one.address}</td><td className="mono t2">{one.object === one.address ? <span className="t3">{t("comments.same")}</span> : one.object}</td><td className="wrap">{one.comment ?? <span className="t3">–</span>}</td><td className="cut">{one.name ?? <span className="t3">–</span>}</td></tr>)}</tbody>
        </table>
      </div>
      {file.words > file.first_words.length && <p className="small t3 pad">{t("comments.understoodCut", { n: file.words, shown: file.first_words.length })}</p>}
    </Panel>
  );
}

function Wrong({ file }: { file: File }) {
  return <Problems problems={file.problems} all={file.problem_count} say={useProblemWords("commentproblem")} />;
}

/** The one that fits best is chosen: where more than half of what was seen has a word, or it is the only one of its maker. */
function usual(fits: Schemas["CommentFit"][]): Of[] {
  const [best, next] = fits;
  if (!best?.device.id || (best.found === 0 && next)) return [];
  return best.found * 2 > best.seen || (best.found > 0 && !next) ? [{ device: best.device.id }] : [];
}

function What({ file, lists, ready, onDone }: { file: File; lists: Schemas["CommentList"][]; ready: boolean; onDone(sel: string): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const id = useId();
  const same = lists.find((one) => one.name === file.name);
  const [of, setOf] = useState<Of[]>(() => usual(file.suggested));
  const [replaces, setReplaces] = useState(same?.id ?? "");
  const [skip, setSkip] = useState(false);
  const [busy, setBusy] = useState(false);
  const blocked = file.problem_count > 0 && !skip;
  const can = ready && !busy && !blocked && file.words > 0;
  const take = async () => {
    setBusy(true);
    try {
      const told = await call("post", "/comments/files/{file_id}/import", { path: { file_id: file.id }, body: { mapping: file.mapping, of, ...(replaces ? { replaces } : {}), skip_problems: skip } });
      void message.success(t("comments.imported", { n: told.words }));
      void client.invalidateQueries({ predicate: (query) => ["comments", "operations", "operation", "objects", "device", "search"].includes(String(query.queryKey[0])) });
      onDone(told.id);
    } catch (error) {
      void message.error(complaint(error));
      setBusy(false);
    }
  };
  return (
    <Panel title={t("ledger.brings")} className="brings">
      <dl className="kv" style={{ gridTemplateColumns: "minmax(0, 1fr) auto" }}>
        <dt>{t("comments.wordsIn")}</dt><dd className={file.words > 0 ? "b" : "t3"}>{t("unit.items", { n: file.words })}</dd>
        {file.silent_rows > 0 && <><dt>{t("comments.silentRows")}</dt><dd className="t3">{t("unit.items", { n: file.silent_rows })}</dd></>}
        {file.problem_rows > 0 && <><dt>{t("ledger.problemRows")}</dt><dd><Chip kind="low" mark="low">{t("unit.items", { n: file.problem_rows })}</Chip></dd></>}
      </dl>
      <h3 className="flabel pad">{t("comments.of")}</h3>
      <Controllers fits={file.suggested} pending={false} value={of} onChange={setOf} />
      {lists.length > 0 && (
        <label className="row s13 t2 pad" htmlFor={`${id}-l`} style={{ flexWrap: "wrap" }}>{t("comments.replaces")}
          <select id={`${id}-l`} className="input s pick" value={replaces} onChange={(event) => setReplaces(event.target.value)}>
            <option value="">{t("comments.replacesNone")}</option>
            {lists.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </select>
        </label>
      )}
      {file.problem_count > 0 && <label className="row s13 skip2"><input type="checkbox" className="cb" checked={skip} onChange={(event) => setSkip(event.target.checked)} /><span>{t("ledger.skip", { n: file.problem_rows })}</span></label>}
      <div className="pad">
        <button type="button" className="btn p" style={{ width: "100%" }} disabled={!can} onClick={() => void take()}>{busy ? t("ledger.taking") : t("ledger.take", { n: file.words })}</button>
        <p className="small t3" style={{ marginTop: 8 }} aria-live="polite">{file.words === 0 ? t("comments.noWords") : blocked ? t("ledger.blocked") : of.length === 0 ? t("comments.ofLater") : t("ledger.safe")}</p>
      </div>
    </Panel>
  );
}
