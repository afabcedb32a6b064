// "What in the network stops my line?" The first sentence answers; below it what was found, the cycles, the addresses.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { useWords } from "../../look/look";
import { Bone, Seg, useLate, usePageTitle } from "../../parts/parts";
import { Export } from "../../parts/filters";
import { useUrl } from "../../parts/url";
import { Cycles } from "./Cycles";
import { askOf, Findings } from "./Findings";
import { Plan } from "./Plan";

const tabs = ["findings", "cycles", "plan"] as const;
type Tab = (typeof tabs)[number];

export default function HealthPage() {
  const { t } = useWords();
  const url = useUrl();
  usePageTitle(t("nav.health"));
  const tab = tabs.find((one) => one === url.get("tab")) ?? "findings";
  const all = useQuery({ queryKey: ["health", "sum"], queryFn: ({ signal }) => call("get", "/network-health", { query: { limit: 1 }, signal }), placeholderData: keepPreviousData });
  const late = useLate(all.isPending);
  const sum = all.data;
  return (
    <div className="pg">
      <div className="head say two">
        <div className="grow">
          <h1>{sum ? (sum.open > 0 ? t("health.saysOpen", { n: sum.open }) : t("health.saysNone")) : late ? <Bone width={320} height={14} /> : t("nav.health")}</h1>
          <p className="t2 s13">{sum && sum.ended > 0 ? <>{t("health.saysEnded", { n: sum.ended })} · </> : null}{t("health.saysHow")}</p>
        </div>
        <Seg<Tab> label={t("health.tabs")} value={tab} options={tabs.map((one) => ({ value: one, label: t(`health.tab.${one}`) }))}
          onChange={(one) => url.set({ tab: one === "findings" ? null : one, sel: null, q: null, kind: null, state: null, line: null, device: null, subnet: null })} />
        {tab === "findings" && <Export path="/network-health/export" query={askOf(url)} />}
        {tab === "plan" && <Export path="/address-plan/export" query={{}} />}
      </div>
      {tab === "findings" ? <Findings /> : tab === "cycles" ? <Cycles /> : <Plan />}
    </div>
  );
}
