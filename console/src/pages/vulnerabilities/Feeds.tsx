// What was brought and how old it is; more is dropped or chosen, several files one after the other.
import { Popconfirm } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type DragEvent } from "react";
import { call, uploadFeed, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Icon, Mark } from "../../parts/Icon";
import { useComplaint } from "../../parts/parts";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";

interface Sum { files: number; advisories: number; exploited: number; likelihoods: number; supports: number; wrong: { name: string; why: string }[] }

export function Feeds({ feeds, mayEdit }: { feeds: Schemas["Feed"][]; mayEdit: boolean }) {
  const { t } = useWords();
  const url = useUrl();
  const client = useQueryClient();
  const complaint = useComplaint();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<{ name: string; at: number; of: number } | null>(null);
  const [sum, setSum] = useState<Sum | null>(null);
  const again = () => Promise.all([["feeds"], ["weakness-facets"], ["weaknesses"], ["advisory"], ["device"]].map((queryKey) => client.invalidateQueries({ queryKey })));
  const send = async (files: File[]) => {
    if (input.current) input.current.value = "";
    if (files.length === 0 || sending) return;
    url.set({ feeds: "1" });
    const done: Sum = { files: 0, advisories: 0, exploited: 0, likelihoods: 0, supports: 0, wrong: [] };
    for (const [at, file] of files.entries()) {
      setSending({ name: file.name, at: at + 1, of: files.length });
      try {
        const told = await uploadFeed(file, () => undefined).promise;
        done.files += told.files;
        done.advisories += told.advisories;
        done.exploited += told.exploited;
        done.likelihoods += told.likelihoods;
        done.supports += told.supports;
        for (const one of told.problems) done.wrong.push({ name: one.where ?? file.name, why: one.why ?? one.what });
      } catch (error) {
        done.wrong.push({ name: file.name, why: complaint(error) });
      }
    }
    setSending(null);
    setSum(done);
    await again();
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void send([...event.dataTransfer.files]);
  };
  return (
    <>
      {feeds.length === 0
        ? <div className="head"><Icon name="guard" size={28} /><div className="grow"><h1>{t("weakness.none")}</h1><p className="t2">{t("weakness.noneWhy")}</p></div></div>
        : <div className="head"><div className="grow"><h1>{t("weakness.feedsTitle")}</h1><p className="t2 s13">{t("weakness.feedsWhy")}</p></div><button type="button" className="btn" onClick={() => url.set({ feeds: null })}>{t("weakness.back")}</button></div>}
      <section className="panel noledger" aria-label={t("weakness.feeds")}>
        {mayEdit ? (
          <div className={over ? "drop over take" : "drop take"} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
            <Icon name="upload" size={24} />
            <div className="grow" aria-live="polite">
              <div>{sending ? t("weakness.reading", { name: sending.name, at: sending.at, n: sending.of }) : t("weakness.drop")}</div>
              <div className="small t3">CSAF 2.0 (.json .zip) · NVD JSON 2.0 (.json.gz) · KEV (.json) · EPSS (.csv.gz) · {t("weakness.supportTable")} (.csv)</div>
            </div>
            <input ref={input} type="file" hidden multiple accept=".json,.csv,.gz,.zip" onChange={(event) => void send([...(event.target.files ?? [])])} aria-hidden="true" tabIndex={-1} />
            <button type="button" className="btn p" disabled={sending !== null} onClick={() => input.current?.click()}>{t("ledger.choose")}</button>
          </div>
        ) : <p className="pad t2 s13">{t("weakness.decideBy")}</p>}
        {sum && (
          <div className="notice" role="status">
            {sum.wrong.length > 0 && <Mark severity="low" />}
            <div className="grow">
              <div className="b">{t("weakness.taken", { files: sum.files, advisories: sum.advisories })}</div>
              {sum.wrong.slice(0, 8).map((one, at) => <div key={at} className="wrap small">{one.name}: {one.why}</div>)}
              {sum.wrong.length > 8 && <div className="small t3">{t("weakness.moreWrong", { n: sum.wrong.length - 8 })}</div>}
            </div>
          </div>
        )}
        {feeds.length > 0 && (
          <table className="wt" aria-label={t("weakness.feedsTitle")}>
            <thead><tr><th scope="col">{t("weakness.feed.kind")}</th><th scope="col">{t("weakness.feed.entries")}</th><th scope="col">{t("weakness.feed.age")}</th><th scope="col">{t("weakness.feed.brought")}</th>{mayEdit && <th scope="col"><span className="unheard">{t("weakness.feed.remove")}</span></th>}</tr></thead>
            <tbody>
              {feeds.map((one) => (
                <tr key={one.kind}>
                  <td>{t(`weakness.kind.${one.kind}`)}</td>
                  <td className="r">{count(one.entries)}</td>
                  <td>{t("weakness.days", { n: one.days })}{one.dated && <span className="t3"> · {one.dated.slice(0, 10)}</span>}</td>
                  <td className="wrap">{one.name} <span className="t3">{one.who} · <When at={one.at} /></span></td>
                  {mayEdit && <td className="r"><Popconfirm title={t("weakness.feed.removeAsk")} okText={t("weakness.feed.remove")} cancelText={t("do.cancel")} onConfirm={async () => { await call("delete", "/weaknesses/feeds/{kind}", { path: { kind: one.kind } }); await again(); }}><button type="button" className="btn q s">{t("weakness.feed.remove")}</button></Popconfirm></td>}
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <p className="small t3">{t("weakness.offline")}</p>
      </section>
    </>
  );
}
