// The state of a device as a chip: grey tick as usual, ring to know, hatch where nobody can see.
import type { Schemas } from "../api/client";
import { useWords } from "../look/look";
import { Mark } from "./Icon";
import { Chip } from "./parts";

export function DeviceState({ state }: { state: Schemas["DeviceState"] }) {
  const { t } = useWords();
  const words = t(`devicestate.${state}`);
  if (state === "usual") return <span className="t3 small nw"><Mark severity="ok" /> {words}</span>;
  if (state === "unknown") return <span className="chip"><span className="hatch hatchbox" style={{ width: 14 }} aria-hidden="true" /><span>{words}</span></span>;
  return <Chip kind="low" mark="low">{words}</Chip>;
}
