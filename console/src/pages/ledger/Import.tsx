// What a file would bring: its sheet, the meaning of its columns, the first rows, what cannot be read and where, and
// what importing would change. The address holds the choice; nothing is changed until the button is pressed.
import { App, Popconfirm } from "antd";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useMemo, useState } from "react";
import { call, Problem, type Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { Bone, Bones, Chip, Failed, Panel, Seg, State, useComplaint, useLate } from "../../parts/parts";
import { useUrl } from "../../parts/url";
import type { Key } from "../../words/words";
import { Problems, Sample, useProblemWords } from "../../parts/TablePreview";
import { askedMapping, fields, mappingInAddress, withColumn, type Field } from "./fields";

type File = Schemas["LedgerFile"];
type How = Schemas["LedgerImport"]["how"];
const firstOf = (file: File) => file.mapping.header_row + file.mapping.header_rows;

export function Import({ id }: { id: string }) {
  const { t } = useWords();
  const url = useUrl();
  const ask = useMemo(() => askedMapping(url), [url]);
  const query = useQuery({
    queryKey: ["ledger-file", id, ask], placeholderData: keepPreviousData, staleTime: Infinity, retry: false,
    queryFn: ({ signal }) => call("post", "/ledger/files/{file_id}/preview", { path: { file_id: id }, body: { mapping: ask ?? { sheet: 0 } }, signal }),
  });
  const late = useLate(query.isPending);
  const [how, setHow] = useState<How>("replace");
  const file = query.data;
  const leave = () => url.set({ import: null, ...mappingInAddress(null) });
  const choose = (mapping: Schemas["LedgerMappingAsk"]) => url.set(mappingInAddress(mapping));
  if (query.error && !file) return (
    <>
      <h1 className="unheard">{t("ledger.import")}</h1>
      {query.error instanceof Problem && query.error.status === 404
        ? <State middle why={t("ledger.fileGone")} action={<button type="button" className="btn p" onClick={leave}>{t("ledger.choose")}</button>} />
        : <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />}
    </>
  );
  return (
    <>
      <div className="head say">
        <div className="grow">
          <h1 className="wrap">{file ? t("ledger.looking", { name: file.name }) : t("ledger.import")}</h1>
          <p className="t2 s13">{file ? t("ledger.lookingWhat") : late ? <Bone width={360} /> : " "}</p>
        </div>
        <button type="button" className="btn" onClick={leave}>{t("ledger.leave")}</button>
      </div>
      <div className="dv">
        <div className="col" style={{ gap: 14 }}>
          {file ? <>
            <Columns file={file} fresh={!query.isPlaceholderData} choose={choose} />
            {query.error && <div className="panel"><Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} /></div>}
            {file.problem_count > 0 && <Wrong file={file} />}
          </> : <Panel title={t("ledger.columns")}>{late ? <Bones rows={12} height={29} /> : <div style={{ height: 348 }} />}</Panel>}
        </div>
        {file ? <What key={JSON.stringify(file.mapping)} file={file} how={how} setHow={setHow} ready={!query.isPlaceholderData && !query.error} onDone={leave} /> : <Panel title={t("ledger.brings")}>{late ? <Bones rows={6} /> : <div style={{ height: 204 }} />}</Panel>}
      </div>
    </>
  );
}

function Columns({ file, fresh, choose }: { file: File; fresh: boolean; choose(mapping: Schemas["LedgerMappingAsk"]): void }) {
  const { t } = useWords();
  const id = useId();
  const { mapping } = file;
  const width = Math.max(file.headings.length, ...file.sample.map((row) => row.length));
  const columns = Array.from({ length: width }, (_, at) => mapping.columns[at] ?? null);
  const say = useSay();
  const used = columns.filter((one) => one !== null);
  const known = used.length;
  const joined = new Set(used).size < known;
  const most = Math.max(1, Math.min(100_000, file.sheets[mapping.sheet]?.rows ?? 1));
  return (
    <section className="panel" aria-label={t("ledger.columns")}>
      <div className="ph wraps">
        <h2>{t("ledger.columns")} <span className="c">{t("ledger.columnsKnown", { n: known, all: width })}</span></h2><span className="sp" />
        <div className="row">
          {file.sheets.length > 1 && (
            <label className="row s13 t2" htmlFor={`${id}-s`}>{t("ledger.sheet")}
              <select id={`${id}-s`} className="input s pick" value={mapping.sheet} onChange={(event) => choose({ sheet: Number(event.target.value) })}>
                {file.sheets.map((sheet, at) => <option key={at} value={at}>{t("ledger.sheetOf", { name: sheet.name, n: sheet.rows })}</option>)}
              </select>
            </label>
          )}
          <label className="row s13 t2" htmlFor={`${id}-r`}>{t(mapping.header_rows === 0 ? "ledger.firstRow" : "ledger.headerRow")}
            <input id={`${id}-r`} key={`${mapping.sheet} ${mapping.header_row}`} className="input s" style={{ width: 72 }} type="number" min={1} max={most} defaultValue={mapping.header_row}
              onChange={(event) => { const row = Number(event.target.value); if (Number.isInteger(row) && row >= 1 && row <= most && row !== mapping.header_row) choose({ sheet: mapping.sheet, header_row: row, header_rows: mapping.header_rows }); }} />
          </label>
          <Seg label={t("ledger.headerRows")} value={String(mapping.header_rows)} onChange={(rows) => choose({ sheet: mapping.sheet, header_row: mapping.header_row, header_rows: Number(rows) })}
            options={[{ value: "0", label: t("ledger.noRow") }, { value: "1", label: t("ledger.oneRow") }, { value: "2", label: t("ledger.twoRows") }]} />
        </div>
      </div>
      <Sample headings={file.headings} rows={file.sample} first={firstOf(file)} taken={columns} of={fields} word={(field) => t(`ledgerfield.${field}`)} problems={file.problems} say={say} fresh={fresh}
        choose={(at, field) => choose({ ...mapping, columns: withColumn(columns, at, field) })}>
        {t("ledger.sampleOf", { n: file.sample.length, all: file.rows })} {file.encoding ? t(`ledger.encoding.${file.encoding}`) : ""} {joined ? t("ledger.joined") : ""}
      </Sample>
    </section>
  );
}

function Wrong({ file }: { file: File }) {
  return <Problems problems={file.problems} all={file.problem_count} say={useSay()} />;
}

function useSay() {
  const { t } = useWords();
  return useProblemWords("ledgerproblem", (name, value) => (name === "field" && fields.some((field) => field === value) ? t(`ledgerfield.${value as Field}`) : value));
}

function What({ file, how, setHow, ready, onDone }: { file: File; how: How; setHow(how: How): void; ready: boolean; onDone(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const id = useId();
  const [skip, setSkip] = useState(false);
  const [busy, setBusy] = useState(false);
  const gone = how === "replace" ? file.gone : 0;
  const blocked = file.problem_count > 0 && !skip;
  const keyed = file.mapping.columns.some((field) => field !== null && ["number", "name", "ip", "mac", "serial"].includes(field));
  const can = ready && !busy && !blocked && keyed && file.entries > 0;
  const take = async () => {
    setBusy(true);
    try {
      const told = await call("post", "/ledger/files/{file_id}/import", { path: { file_id: file.id }, body: { mapping: file.mapping, how, skip_problems: skip } });
      void message.success(t("ledger.imported", { n: told.new + told.changed, new: told.new, changed: told.changed, gone: told.gone }));
      void client.invalidateQueries({ predicate: (query) => ["ledger", "ledger-list", "device"].includes(String(query.queryKey[0])) });
      onDone();
    } catch (error) {
      void message.error(complaint(error));
      void client.invalidateQueries({ queryKey: ["ledger-file", file.id] }); // Perhaps the ledger is another by now.
      setBusy(false);
    }
  };
  const keep = async () => {
    setBusy(true);
    try {
      const told = await call("post", "/ledger/files/{file_id}/layout", { path: { file_id: file.id }, body: { mapping: file.mapping } });
      void message.success(t("ledger.layoutKept", { n: told.entries, all: told.rows }));
      void client.invalidateQueries({ queryKey: ["ledger"] });
      onDone();
    } catch (error) {
      void message.error(complaint(error));
      setBusy(false);
    }
  };
  const button = <button type="button" className="btn p" style={{ width: "100%" }} disabled={!can} onClick={gone > 0 ? undefined : () => void take()}>{busy ? t("ledger.taking") : t("ledger.take", { n: file.entries })}</button>;
  const number = (key: Key, n: number) => <><dt>{t(key)}</dt><dd className={n > 0 ? "b" : "t3"}>{t("unit.items", { n })}</dd></>;
  return (
    <Panel title={t("ledger.brings")} className="brings">
      <dl className="kv" style={{ gridTemplateColumns: "minmax(0, 1fr) auto" }}>
        {number("ledger.new", file.new)}
        {number("ledger.changed", file.changed)}
        {number("ledger.same", Math.max(0, file.entries - file.new - file.changed))}
        {number("ledger.gone", gone)}
        {file.empty_rows > 0 && number("ledger.emptyRows", file.empty_rows)}
        {file.problem_rows > 0 && <><dt>{t("ledger.problemRows")}</dt><dd><Chip kind="low" mark="low">{t("unit.items", { n: file.problem_rows })}</Chip></dd></>}
      </dl>
      <fieldset className="ways2">
        <legend className="flabel">{t("ledger.how")}</legend>
        {(["replace", "add"] as const).map((one) => (
          <label key={one} className="row s13"><input type="radio" name={`${id}-how`} className="cb" checked={how === one} onChange={() => setHow(one)} /><span>{t(`ledger.how.${one}`)}<span className="small t3 under">{t(`ledger.how.${one}.what`)}</span></span></label>
        ))}
      </fieldset>
      {file.problem_count > 0 && <label className="row s13 skip2"><input type="checkbox" className="cb" checked={skip} onChange={(event) => setSkip(event.target.checked)} /><span>{t("ledger.skip", { n: file.problem_rows })}</span></label>}
      <div className="pad">
        {gone > 0
          ? <Popconfirm title={t("ledger.goneAsk", { n: gone })} description={<span className="s13 asking">{t("ledger.goneWhat")}</span>} okText={t("ledger.take", { n: file.entries })} cancelText={t("do.cancel")} onConfirm={() => void take()} disabled={!can} placement="bottomRight">{button}</Popconfirm>
          : button}
        <button type="button" className="btn" style={{ width: "100%", marginTop: 8 }} disabled={!ready || busy || file.mapping.columns.every((field) => field === null)} title={t("ledger.layoutWhat")} onClick={() => void keep()}>{t("ledger.layoutOnly")}</button>
        <p className="small t3" style={{ marginTop: 8 }} aria-live="polite">{!keyed ? t("ledger.needsKey") : file.entries === 0 ? t("ledger.noRows") : blocked ? t("ledger.blocked") : t("ledger.safe")}</p>
      </div>
    </Panel>
  );
}
