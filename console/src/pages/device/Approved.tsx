// Whether it may be on the network, who said so and why; and the button for whoever may decide.
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { useWords } from "../../look/look";
import { ApprovalChip, whyWords } from "../../parts/Approval";
import { Panel } from "../../parts/parts";
import { When } from "../../parts/Time";
import { Decide } from "../approvals/Decide";

export function Approved({ row }: { row: Schemas["DeviceRow"] }) {
  const { t } = useWords();
  const { may } = useSession();
  const [deciding, setDeciding] = useState(false);
  const { approval } = row;
  const why = whyWords(approval, t);
  const decided = approval.by && approval.at;
  return (
    <Panel title={t("approve.panel")} right={may("device.approve")
      ? <button type="button" className="btn s" onClick={() => setDeciding(true)}>{t(approval.state === "pending" || approval.state === "expired" ? "approve.decide" : "approve.change")}</button>
      : undefined}>
      <div className="approvalbox">
        <ApprovalChip approval={approval} />
        {why && <p className="s13">{why}</p>}
        {approval.reason && <p className="s13 wrap">{t("approve.because", { reason: approval.reason })}</p>}
        {approval.until && <p className="small t2">{t("approve.untilIs")} <When at={approval.until} as="full" /></p>}
        {decided && <p className="small t3">{t("approve.by", { who: approval.by ?? "" })} <When at={approval.at} as="full" /></p>}
        {!may("device.approve") && <p className="small t3">{t("approve.who")}</p>}
      </div>
      {deciding && <Decide devices={[row.id]} name={row.name} onClose={() => setDeciding(false)} onDone={() => undefined} />}
    </Panel>
  );
}
