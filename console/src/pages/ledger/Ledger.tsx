// "Does our ledger match the floor?" Without a ledger a file is asked for; with one, the four lists; while a file is
// looked at, what it would bring.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { call } from "../../api/client";
import { useSession } from "../../api/session";
import { useWords } from "../../look/look";
import { Icon } from "../../parts/Icon";
import { Bone, Bones, Failed, useLate, usePageTitle } from "../../parts/parts";
import { useUrl } from "../../parts/url";
import { Import } from "./Import";
import { Receive } from "./Receive";
import { Reconcile } from "./Reconcile";
import { Rules } from "./Rules";

const usualDays = 30;

export default function LedgerPage() {
  const { t } = useWords();
  const url = useUrl();
  const { may } = useSession();
  usePageTitle(t("nav.ledger"));
  const said = Number(url.get("days"));
  const days = Number.isInteger(said) && said >= 1 && said <= 3650 ? said : usualDays;
  const query = useQuery({ queryKey: ["ledger", days], queryFn: ({ signal }) => call("get", "/ledger", { query: { days }, signal }), placeholderData: keepPreviousData });
  const late = useLate(query.isPending);
  const ledger = query.data;
  if (url.get("import") && may("device.edit")) return <Import key={url.get("import")} id={url.get("import")} />;
  if (url.get("tab") === "rules") return <Rules mayEdit={may("device.edit")} />;
  if (query.error && !ledger) return <><h1 className="unheard">{t("nav.ledger")}</h1><Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} /></>;
  if (!ledger) return late ? <Waiting /> : <h1 className="unheard">{t("nav.ledger")}</h1>;
  if (ledger.file === null && ledger.entries === 0) return <NoLedger mayEdit={may("device.edit")} seen={ledger.counts.not_in_ledger} />;
  return <Reconcile ledger={ledger} days={days} mayEdit={may("device.edit")} />;
}

function Waiting() {
  const { t } = useWords();
  return (
    <div className="pg" role="status" aria-label={t("state.loading")}>
      <div className="head say"><div className="grow"><h1 className="unheard">{t("nav.ledger")}</h1><div style={{ height: 22 }}><Bone width={300} height={14} /></div><div style={{ height: 21 }}><Bone width={420} /></div></div></div>
      <div className="lcards">{[0, 1, 2, 3].map((at) => <div key={at} className="lcard"><Bone width={90} /><Bone width={60} height={20} /><Bone width={130} /></div>)}</div>
      <div className="panel dlpanel whole"><Bones rows={12} height={43} /></div>
    </div>
  );
}

function NoLedger({ mayEdit, seen }: { mayEdit: boolean; seen: number }) {
  const { t } = useWords();
  return (
    <>
      <div className="head"><Icon name="ledger" size={28} /><div className="grow"><h1>{t("ledger.none")}</h1><p className="t2">{seen > 0 ? t("ledger.noneSeen", { n: seen }) : t("ledger.noneWhy")}</p></div><Link className="btn" to="/ledger?tab=rules">{t("rules.title")}</Link></div>
      <section className="panel noledger" aria-label={t("ledger.import")}>
        {mayEdit ? <Receive /> : <p className="pad t2 s13">{t("ledger.editBy")}</p>}
        <h2 className="s13 b">{t("ledger.good")}</h2>
        <ul className="goods t2 s13">
          {([1, 2, 3] as const).map((at) => <li key={at} className="row"><span className="t3" aria-hidden="true">·</span><span>{t(`ledger.good.${at}`)}</span></li>)}
        </ul>
        <p className="small t3">{t("ledger.previewFirst")}</p>
        {seen === 0 && <p className="s13 tocapture"><Link className="link" to="/capture">{t("devices.toCapture")}</Link></p>}
      </section>
    </>
  );
}
