// "Whom does Yagura ask, and who said so?" Off until a person approves; what it does and never does in plain words, the
// draft, the preview, the approval, the stop, and every byte that was sent.
import { App } from "antd";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { useWords } from "../../look/look";
import { Icon } from "../../parts/Icon";
import { Bone, Bones, Failed, Panel, Seg, useComplaint, useLate, usePageTitle } from "../../parts/parts";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import { Approve } from "./Approve";
import { Log } from "./Log";
import { Preview } from "./Preview";
import { Subnets } from "./Subnets";

export type Asking = Schemas["Asking"];
const tabs = ["plan", "preview", "log"] as const;
type Tab = (typeof tabs)[number];

export default function AskingPage() {
  const { t } = useWords();
  const url = useUrl();
  usePageTitle(t("nav.asking"));
  const query = useQuery({ queryKey: ["asking"], queryFn: ({ signal }) => call("get", "/active-queries", { signal }), placeholderData: keepPreviousData, refetchInterval: 5_000 });
  const late = useLate(query.isPending);
  const asking = query.data;
  const tab = tabs.find((one) => one === url.get("tab")) ?? "plan";
  if (query.error && !asking) return <><h1 className="unheard">{t("nav.asking")}</h1><Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} /></>;
  const devices = new Set(asking?.approved.flatMap((one) => one.addresses)).size;
  const on = asking?.from === "console" && asking.state === "running";
  return (
    <>
      <div className="head say two"><Icon name="probe" size={28} /><div className="grow">
        <h1>{asking ? (on ? t("asking.saysOn", { n: devices }) : asking.from === "file" ? t("asking.saysFile") : asking.state === "stopped" && asking.from === "console" ? t("asking.saysStopped") : t("asking.saysOff")) : late ? <Bone width={320} height={14} /> : " "}</h1>
        <p className="t2 s13">{asking ? (asking.from === "off" ? t("asking.howOff") : asking.from === "file" ? t("asking.howFile") : on ? t("asking.howOn") : asking.state === "stopped" ? t("asking.howStopped") : t("asking.howNever")) : " "}</p>
      </div>
        {asking && <Seg<Tab> label={t("asking.tabs")} value={tab} options={tabs.map((one) => ({ value: one, label: t(`asking.tab.${one}`) }))} onChange={(one) => url.set({ tab: one === "plan" ? null : one, edit: null, address: null })} />}
        {asking && asking.from === "console" && <Stop on={on} />}
      </div>
      {!asking ? late && <div className="dv"><Panel title={t("asking.tab.plan")}><Bones rows={4} height={56} /></Panel></div> : (
        <div className="dv">
          <div className="col" style={{ gap: 14 }}>{tab === "plan" ? <Subnets asking={asking} /> : tab === "preview" ? <Preview asking={asking} /> : <Log services={asking.services} />}</div>
          <div className="col" style={{ gap: 14 }}>
            <Approve asking={asking} />
            <Plain />
            <Decisions asking={asking} />
          </div>
        </div>
      )}
    </>
  );
}

/** One press: it is in effect at once, and asked again only after another approval. */
function Stop({ on }: { on: boolean }) {
  const { t } = useWords();
  const { may } = useSession();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  if (!may("asking.stop")) return null;
  const stop = async () => {
    setBusy(true);
    try {
      client.setQueryData(["asking"], await call("post", "/active-queries/stop", { body: {} }));
      void message.success(t("asking.stopped"));
    } catch (error) {
      void message.error(complaint(error));
    }
    setBusy(false);
  };
  return <button type="button" className={on ? "btn stop" : "btn"} disabled={busy || !on} title={t("asking.stopWhat")} onClick={() => void stop()}><Icon name="pause" />{t("asking.stop")}</button>;
}

function Plain() {
  const { t } = useWords();
  return (
    <Panel title={t("asking.plain")}>
      <ul className="goods t2 s13 pad">
        {([1, 2, 3, 4] as const).map((at) => <li key={at} className="row"><span className="t3" aria-hidden="true">·</span><span>{t(`asking.does.${at}`)}</span></li>)}
      </ul>
      <h3 className="s13 b pad">{t("asking.never")}</h3>
      <ul className="goods t2 s13 pad">
        {([1, 2, 3] as const).map((at) => <li key={at} className="row"><span className="t3" aria-hidden="true">·</span><span>{t(`asking.never.${at}`)}</span></li>)}
      </ul>
    </Panel>
  );
}

function Decisions({ asking }: { asking: Asking }) {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const shown = all ? asking.decisions : asking.decisions.slice(0, 4);
  if (asking.decisions.length === 0 && asking.notes.length === 0) return null;
  return (
    <Panel title={t("asking.decisions")}>
      <ul className="actlist pad">
        {shown.map((one) => (
          <li key={one.at}><b className="b">{t(`asking.decided.${one.what}`)}</b> · {one.who ?? t("fact.somebody")} · <When at={one.at} as="full" />{one.why && <div className="l2 wrap">{one.why}</div>}</li>
        ))}
      </ul>
      {asking.decisions.length > 4 && <p className="pad"><button type="button" className="btn q s" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t("sight.fewer") : t("do.more")}</button></p>}
      {asking.notes.length > 0 && (
        <>
          <h3 className="s13 b pad">{t("asking.notes")}</h3>
          <ul className="actlist pad">{asking.notes.slice(0, 3).map((one) => <li key={one.at} className="l2 wrap" lang="en"><When at={one.at} as="full" /> {one.text}</li>)}</ul>
        </>
      )}
    </Panel>
  );
}
