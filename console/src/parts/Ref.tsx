// A device by its name, with its icon; an address of nobody we know without a link.
import { Link } from "react-router-dom";
import type { Schemas } from "../api/client";
import { useWords } from "../look/look";
import { RoleIcon } from "./Icon";

export function Ref({ of, self, second }: { of: Schemas["DeviceRef"]; self?: string; /** The address below the name, as lists show it. */ second?: boolean }) {
  const { t } = useWords();
  if (of.id && of.id === self) return <span className="row t2" style={{ gap: 6 }}><RoleIcon role={of.role} /><span className="cut">{t("device.thisOne")}</span></span>;
  const name = of.id
    ? <Link className="cut" title={of.address ?? of.name} to={`/devices/${encodeURIComponent(of.id)}`} tabIndex={second ? -1 : undefined} onClick={(event) => event.stopPropagation()}>{of.name}</Link>
    : <span className="cut t2" title={of.address}>{of.name}</span>;
  if (!second) return <span className="row" style={{ gap: 6 }}><RoleIcon role={of.role} />{name}</span>;
  return (
    <div className="row" style={{ gap: 8, flexWrap: "nowrap" }}>
      <RoleIcon role={of.role} size={20} />
      <div className="grow"><div className="cut">{name}</div>{of.address && of.address !== of.name && <div className="l2 cut mono">{of.address}</div>}</div>
    </div>
  );
}
