// How far uploads and their reading are, in two lines, for the first run.
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { useSession } from "../../api/session";
import { percent } from "../../format/numbers";
import { useWords } from "../../look/look";
import { useComplaint } from "../../parts/parts";
import { useUploads } from "../capture/uploads";
import type { Key } from "../../words/words";

export function Uploading() {
  const { t } = useWords();
  const { may } = useSession();
  const complaint = useComplaint();
  const uploads = useUploads();
  const captures = useQuery({ queryKey: ["captures"], queryFn: ({ signal }) => call("get", "/captures", { query: { limit: 50 }, signal }), enabled: may("sensor.look"), refetchInterval: 2000 });
  const sending = uploads.filter((one) => one.state !== "sent");
  const list = (captures.data?.captures ?? []).slice(0, 4);
  if (sending.length === 0 && list.length === 0) return null;
  return (
    <ul className="col" style={{ gap: 8 }} aria-live="polite">
      {sending.map((one) => (
        <li key={one.id}>
          <div className="row s13"><span className="cut">{one.name}</span><span className="sp" /><span className="t3">{one.state === "failed" ? complaint(one.problem) : percent(one.sent / Math.max(1, one.size))}</span></div>
          <div className="progress"><i style={{ width: `${one.sent / Math.max(1, one.size) * 100}%` }} /></div>
        </li>
      ))}
      {list.map((capture) => {
        const share = capture.state === "reading" ? (capture.bytes_read ?? 0) / Math.max(1, capture.bytes) : ["read", "damaged"].includes(capture.state) ? 1 : 0;
        return (
          <li key={capture.id}>
            <div className="row s13"><span className="cut">{capture.name}</span><span className="sp" /><span className="t3">{t(`capturestate.${capture.state}` as Key)}{capture.packets !== undefined && <> · {t("unit.packets", { n: capture.packets })}</>}</span></div>
            <div className="progress"><i style={{ width: `${share * 100}%` }} /></div>
          </li>
        );
      })}
    </ul>
  );
}
