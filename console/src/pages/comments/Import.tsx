// What a list's file would bring: its columns, its notation, the first words, what cannot be read and where, and which
// controllers it fits. Nothing is changed until the button is pressed.
import { App } from "antd";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useMemo, useState } from "react";
import { call, Problem, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Mark } from "../../parts/Icon";
import { Bone, Bones, Chip, Failed, Panel, State, useComplaint, useLate } from "../../parts/parts";
import { letters } from "../../parts/TableDrop";
import { useUrl } from "../../parts/url";
import type { Key } from "../../words/words";
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
            {file.problem_count > 0 && <Problems file={file} />}
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
  const bad = useMemo(() => new Map(file.problems.map((one) => [`${one.row} ${one.column}`, one])), [file.problems]);
  const say = useProblemWords();
  const first = mapping.header_row + mapping.header_rows;
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
      <div className="pvbox" role="region" tabIndex={0} aria-label={t("ledger.sample")} aria-busy={!fresh} style={{ maxHeight: 380 }}>
        <table className="pv">
          <thead>
            <tr>
              <th scope="col"><span className="unheard">{t("ledger.row")}</span></th>
              {shown.map((column, at) => (
                <th key={at} scope="col" className={column ? undefined : "unused"}>
                  <select className="input s" value={column ?? ""} aria-label={t("ledger.meaningOf", { column: letters(at + 1), heading: file.headings[at] ?? "" })}
                    onChange={(event) => choose({ ...mapping, columns: shown.map((one, index) => (index === at ? ((event.target.value || null) as Column | null) : one)) })}>
                    <option value="">{t("ledger.unused")}</option>
                    {columns.map((one) => <option key={one} value={one}>{t(`commentcolumn.${one}`)}</option>)}
                  </select>
                  <div className="heading" title={file.headings[at]}><span className="t3 mono">{letters(at + 1)}</span> {file.headings[at] || <span className="t3">{t("ledger.noHeading")}</span>}</div>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {file.sample.map((cells, at) => {
              const row = first + at;
              return (
                <tr key={row}>
                  <th scope="row">{row}</th>
                  {shown.map((column, place) => {
                    const problem = bad.get(`${row} ${place + 1}`);
                    return <td key={place} className={problem ? "bad" : column ? undefined : "unused"} title={problem ? say(problem) : cells[place]}>{problem && <Mark severity="low" />}{cells[place]}</td>;
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="small t3 pad">{t("ledger.sampleOf", { n: file.sample.length, all: file.rows })} {file.encoding ? t(`ledger.encoding.${file.encoding}`) : ""}</p>
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

/** What is wrong with a cell, in plain words; codes that this console does not know yet are named. */
function useProblemWords() {
  const { t } = useWords();
  return (one: Schemas["CommentProblem"]): string => {
    const named = Object.fromEntries(one.args.map(({ name, value }) => [name, value]));
    const key = `commentproblem.${one.code.slice("comments.".length)}` as Key;
    const words = t(key, { row: "", most: "", ...named, value: one.value, heading: one.heading });
    return words === key ? t("ledgerproblem.other", { code: one.code, value: one.value }) : words;
  };
}

function Problems({ file }: { file: File }) {
  const { t } = useWords();
  const say = useProblemWords();
  return (
    <Panel title={t("ledger.problems")} count={count(file.problem_count)}>
      <div className="problems" role="region" tabIndex={0} aria-label={t("ledger.problems")}>
        <table className="id">
          <thead><tr><th scope="col">{t("ledger.row")}</th><th scope="col">{t("ledger.column")}</th><th scope="col">{t("ledger.problem")}</th></tr></thead>
          <tbody>{file.problems.map((one, at) => <tr key={at}><td className="nw">{t("ledger.rowIs", { n: one.row })}</td><td>{one.column > 0 ? <span className="wrap"><span className="mono">{letters(one.column)}</span> {one.heading}</span> : <span className="t3">{t("ledger.wholeRow")}</span>}</td><td className="wrap">{say(one)}</td></tr>)}</tbody>
        </table>
      </div>
      {file.problem_count > file.problems.length && <p className="small t3 pad">{t("ledger.problemsCut", { n: file.problem_count, shown: file.problems.length })}</p>}
    </Panel>
  );
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
