// Systems and applications that nobody mends any more, with the value that told so.
import { useQuery } from "@tanstack/react-query";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { Bones, Failed, State, useLate } from "../../parts/parts";
import { DeviceCell } from "./columns";

export function SupportRows({ items }: { items: Schemas["OutOfSupport"][] }) {
  const { t } = useWords();
  return (
    <table className="wt" aria-label={t("weakness.list.support")}>
      <thead><tr><th scope="col">{t("column.device")}</th><th scope="col">{t("weakness.support.product")}</th><th scope="col">{t("weakness.support.since")}</th><th scope="col">{t("weakness.support.said")}</th></tr></thead>
      <tbody>
        {items.map((one, at) => (
          <tr key={at}>
            <td><DeviceCell device={one.device} part="" /></td>
            <td className="wrap">{one.product} {one.release}</td>
            <td>{one.since ?? t("weakness.support.unknown")}{one.extended && <div className="small t3">{t("weakness.support.extended", { day: one.extended_until ?? "–" })}</div>}</td>
            <td className="wrap"><span className="mono">{one.said}</span>{one.evidence && <div className="small t3">{one.evidence.protocol ? protocolName(one.evidence.protocol) : ""}{one.evidence.frame !== undefined && ` · #${count(one.evidence.frame)}`}</div>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function OutOfSupport({ known }: { known: boolean }) {
  const { t } = useWords();
  const query = useQuery({ queryKey: ["weaknesses", "support"], queryFn: ({ signal }) => call("get", "/weaknesses/support", { signal }) });
  const late = useLate(query.isPending);
  return (
    <section className="panel dlpanel whole" aria-label={t("weakness.list.support")} style={{ overflow: "auto" }}>
      {query.error ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : !query.data ? (late ? <Bones rows={8} height={43} /> : null)
        : query.data.items.length === 0 ? <State middle why={t(known ? "weakness.empty.support" : "weakness.empty.supportUnknown")} />
        : <SupportRows items={query.data.items} />}
    </section>
  );
}
