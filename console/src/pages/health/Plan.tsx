// Which addresses are used and which are free, subnet by subnet, drawn.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call, type Schemas } from "../../api/client";
import { count, percent } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Bones, Chip, Failed, State, useLate } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";

type Subnet = Schemas["PlannedSubnet"];
const nearlyFull = 0.9;
/** As the center answers. */
const shownMost = 1024;

export function Plan() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ["health", "plan"], queryFn: ({ signal }) => call("get", "/address-plan", { signal }), placeholderData: keepPreviousData });
  const late = useLate(query.isPending);
  const subnets = query.data?.subnets ?? [];
  const used = subnets.reduce((sum, one) => sum + one.used, 0);
  return (
    <section className="panel whole hscroll" aria-label={t("health.tab.plan")}>
      <div className="tb"><span className="t2 s13" aria-live="polite">{query.data ? t("plan.says", { n: subnets.length, used }) : " "}</span></div>
      {query.error && !query.data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : !query.data ? (late ? <Bones rows={8} height={88} /> : null)
        : subnets.length === 0 ? <State middle why={t("plan.none")} />
        : <div className="hbox" role="region" tabIndex={0} aria-label={t("health.tab.plan")}>{subnets.map((one) => <OneSubnet key={one.network} of={one} />)}</div>}
    </section>
  );
}

function OneSubnet({ of }: { of: Subnet }) {
  const { t, word } = useWords();
  const url = useUrl();
  const open = url.get("subnet") === of.network;
  const full = of.used / Math.max(1, of.size) >= nearlyFull;
  const said = (values: Subnet["masks"]) => values.map((one) => `${one.value} (${count(one.count)})`).join(" · ");
  return (
    <article className="piece hsubnet">
      <div className="row" style={{ flexWrap: "wrap" }}>
        <h2 className="mono">{of.network}</h2>
        <span className="small t3">{word("planhow", of.how)}{of.lines.length > 0 && <> · {of.lines.map((one) => one.name).join(" · ")}</>}</span>
        {of.masks.length > 1 && <Chip kind="med" mark="med">{t("plan.masks")} {t("plan.disagree")}</Chip>}
        {of.gateways.length > 1 && <Chip kind="low" mark="low">{t("plan.gateways")} {t("plan.disagree")}</Chip>}
        {full && <Chip kind="med" mark="med">{t("plan.full")}</Chip>}
        <span className="sp" />
        <span className="s13 nw">{t("plan.used")} <b>{count(of.used)}</b> / {count(of.size)} ({percent(of.used / Math.max(1, of.size))})</span>
        <button type="button" className="btn q s" aria-expanded={open} onClick={() => url.set({ subnet: open ? null : of.network })}>{t(open ? "plan.close" : "plan.open")}</button>
      </div>
      <Cells of={of} />
      <dl className="hplan small">
        {of.free.length > 0 && <><dt>{t("plan.freeRanges")}</dt><dd className="mono wrap">{of.free.slice(0, 3).map((one) => t("plan.range", { first: one.first, last: one.last, n: one.count })).join(" · ")}</dd></>}
        {of.masks.length > 0 && <><dt>{t("plan.masks")}</dt><dd className="mono wrap">{said(of.masks)}</dd></>}
        {of.gateways.length > 0 && <><dt>{t("plan.gateways")}</dt><dd className="mono wrap">{said(of.gateways)}</dd></>}
        {of.silent > 0 && <><dt>{t("plan.silent")}</dt><dd>{count(of.silent)}</dd></>}
        <dt>{t("plan.growth")}</dt><dd><Growth weeks={of.weeks} /></dd>
      </dl>
      {open && <Addresses network={of.network} used={of.used} />}
    </article>
  );
}

/** A square for each address, or for each equal part of a large subnet; fuller is darker. */
function Cells({ of }: { of: Subnet }) {
  const { t } = useWords();
  const across = Math.min(64, Math.max(1, of.cells.length));
  const down = Math.ceil(of.cells.length / across);
  const size = 14, gap = 2;
  return (
    <div>
      <svg className="hcells" viewBox={`0 0 ${across * size} ${down * size}`} width="100%" style={{ maxWidth: across * size * 1.2 }} role="img" aria-label={t("plan.strip", { network: of.network, size: of.size, used: of.used })}>
        {of.cells.map((used, at) => {
          const share = used / of.cell_size;
          const step = used === 0 ? "free" : share >= 0.75 ? "u4" : share >= 0.25 ? "u3" : "u2";
          return <rect key={at} className={step} x={(at % across) * size} y={Math.floor(at / across) * size} width={size - gap} height={size - gap} rx={2} />;
        })}
      </svg>
      {of.cell_size > 1 && <p className="small t3">{t("plan.cell", { n: of.cell_size })}</p>}
    </div>
  );
}

function Growth({ weeks }: { weeks: number[] }) {
  const most = Math.max(1, ...weeks);
  return (
    <span className="row" style={{ gap: 8 }}>
      <svg width={weeks.length * 8} height={16} aria-hidden="true" className="hcells">
        {weeks.map((n, at) => <rect key={at} className={n === 0 ? "free" : "u3"} x={at * 8} width={6} y={16 - Math.max(2, (n / most) * 16)} height={Math.max(2, (n / most) * 16)} />)}
      </svg>
      <span className="mono">{weeks.slice(-4).map((n) => `+${count(n)}`).join(" ")}</span>
    </span>
  );
}

function Addresses({ network, used }: { network: string; used: number }) {
  const { t } = useWords();
  const query = useQuery({ queryKey: ["health", "plan", network], queryFn: ({ signal }) => call("get", "/address-plan", { query: { subnet: network }, signal }) });
  const rows = query.data?.subnets[0]?.addresses ?? [];
  if (query.error) return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  // As high as what comes: the subnets below stay where they are.
  if (query.isPending) return <Bones rows={Math.min(used, shownMost) + 1} height={43} />;
  return (
    <>
      <table className="lt hused" aria-label={t("plan.addresses")}>
        <thead><tr><th scope="col">{t("column.address")}</th><th scope="col">{t("column.device")}</th><th scope="col">{t("plan.first")}</th><th scope="col">{t("cycles.last")}</th></tr></thead>
        <tbody>{rows.map((one) => <tr key={one.address + (one.device.id ?? "")}><td className="mono">{one.address}</td><td><Ref of={one.device} /></td><td className="nw"><When at={one.first_seen} /></td><td className="nw"><When at={one.last_seen} /></td></tr>)}</tbody>
      </table>
      {used > rows.length && <p className="small t3">{t("plan.more", { n: used - rows.length })}</p>}
    </>
  );
}
