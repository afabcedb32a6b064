// What is known of the device's weaknesses: every advisory that names its product, with the answer and its proof.
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { useSession } from "../../api/session";
import { useWords } from "../../look/look";
import { Mark } from "../../parts/Icon";
import { Bones, Chip, Failed, State, useLate } from "../../parts/parts";
import { useUrl } from "../../parts/url";
import { Decided } from "../vulnerabilities/columns";
import { Detail } from "../vulnerabilities/Detail";
import { markOf } from "../vulnerabilities/kinds";
import { SupportRows } from "../vulnerabilities/OutOfSupport";

export function Weaknesses({ id }: { id: string }) {
  const { t } = useWords();
  const url = useUrl();
  const { may } = useSession();
  const query = useQuery({ queryKey: ["device", id, "weaknesses"], queryFn: ({ signal }) => call("get", "/devices/{device_id}/weaknesses", { path: { device_id: id }, signal }) });
  const late = useLate(query.isPending);
  if (query.error) return <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (!query.data) return late ? <Bones rows={6} /> : <div style={{ height: 200 }} />;
  const { items, unsupported, tells_product } = query.data;
  const chosen = items.find((item) => item.key === url.get("weak"));
  if (items.length === 0 && unsupported.length === 0) return <State why={t(tells_product ? "weakness.ofDeviceNone" : "weakness.ofDeviceUnknown")} />;
  return (
    <>
      {unsupported.length > 0 && <SupportRows items={unsupported} />}
      {items.length > 0 && (
        <table className="wt" aria-label={t("device.tab.weaknesses")}>
          <thead><tr><th scope="col">{t("weakness.column.verdict")}</th><th scope="col">{t("weakness.column.advisory")}</th><th scope="col">{t("weakness.column.severity")}</th><th scope="col">{t("weakness.column.why")}</th><th scope="col">{t("weakness.column.state")}</th></tr></thead>
          <tbody>
            {items.slice(0, 200).map((item) => {
              const mark = markOf(item);
              return (
                <tr key={item.key}>
                  <td>{t(`weakness.list.${item.verdict}`)}{item.part && <div className="small t3 mono">{item.part}</div>}</td>
                  <td className="wrap"><button type="button" className="link" onClick={() => url.set({ weak: item.key })}>{item.title}</button><div className="small t3 mono">{item.advisory}</div></td>
                  <td><span className="row" style={{ gap: 6, flexWrap: "nowrap" }}>{mark && <Mark severity={mark} />}{t(`weakness.severity.${item.severity}`)}</span>{item.exploited && <div className="small b">{t("weakness.exploited")}</div>}</td>
                  <td><Decided item={item} /></td>
                  <td>{item.decision.state === "open" ? <span className="t3">{t("weakness.state.open")}</span> : <Chip>{t(`weakness.state.${item.decision.state}`)}</Chip>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {chosen && <Detail item={chosen} mayEdit={may("device.edit")} onClose={() => url.set({ weak: null })} />}
    </>
  );
}
