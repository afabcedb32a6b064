// Where a message was seen: frame 1,234 of which capture or sensor, with the way to it.
import { Link } from "react-router-dom";
import type { Schemas } from "../api/client";
import { count } from "../format/numbers";
import { useWords } from "../look/look";
import { When } from "./Time";

export function SeenIn({ evidence, withTime = true }: { evidence: Schemas["Evidence"]; withTime?: boolean }) {
  const { t, rich } = useWords();
  const source = <Link className="acc" to={evidence.capture ? `/capture#${evidence.capture}` : "/capture"}>{evidence.source || t("evidence.someSource")}</Link>;
  return (
    <span>
      {evidence.frame !== undefined
        ? rich(evidence.capture ? "evidence.frameOfCapture" : "evidence.frameOfSensor", { frame: <span className="mono">{count(evidence.frame)}</span>, source })
        : source}
      {withTime && evidence.at && <> · <When at={evidence.at} as="full" /></>}
    </span>
  );
}
