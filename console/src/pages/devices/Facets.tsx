// The facets at the left: counts follow the filter, a tick narrows it.
import type { Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { FacetGroup } from "../../parts/filters";
import { Bone } from "../../parts/parts";
import type { Url } from "../../parts/url";
import type { Key } from "../../words/words";

type Facet = Schemas["Facet"];
const order: Record<string, string[]> = { level: ["0", "1", "2", "3", "3.5", "4"], state: ["new", "quiet", "unknown", "usual"], approval: ["pending", "expired", "rejected", "temporary", "approved"], criticality: ["high", "medium", "low", "none"] };

export function Facets({ facets, failed, url }: { facets: Schemas["DeviceFacets"] | undefined; failed: boolean; url: Url }) {
  const { t } = useWords();
  const groups: { name: "state" | "approval" | "owner" | "criticality" | "line" | "role" | "level" | "vendor" | "protocol"; several: boolean; most: number; words(facet: Pick<Facet, "value" | "name">): string }[] = [
    { name: "state", several: true, most: 4, words: (facet) => t(`devicestate.${facet.value}` as Key) },
    { name: "approval", several: true, most: 5, words: (facet) => t(`approval.${facet.value}` as Key) },
    { name: "line", several: false, most: 8, words: (facet) => facet.name ?? (facet.value === "none" ? t("devices.noLine") : facet.value) },
    { name: "role", several: true, most: 7, words: (facet) => t(`devicerole.${facet.value}` as Key) },
    { name: "level", several: true, most: 6, words: (facet) => t("devices.levelFacet", { level: facet.value, name: t(`level.${facet.value}` as Key) }) },
    { name: "owner", several: false, most: 5, words: (facet) => (facet.value === "none" ? t("devices.noOwner") : facet.value) },
    { name: "criticality", several: true, most: 4, words: (facet) => t(facet.value === "none" ? "devices.noCriticality" : `criticality.${facet.value}` as Key) },
    { name: "vendor", several: false, most: 5, words: (facet) => facet.name ?? facet.value },
    { name: "protocol", several: false, most: 6, words: (facet) => protocolName(facet.value) },
  ];
  if (!facets) {
    return failed ? <p className="t3 small">{t("devices.facetsFailed")}</p> : <>{[110, 90, 120, 80, 100, 95, 70, 110, 84, 100].map((width, index) => <div key={index} style={{ height: 25 }}><Bone width={width} /></div>)}</>;
  }
  return (
    <>
      {groups.map((group) => {
        const list = [...facets[group.name]];
        const given = order[group.name];
        if (given) list.sort((a, b) => given.indexOf(a.value) - given.indexOf(b.value));
        return <FacetGroup key={group.name} {...group} title={t(`devices.facet.${group.name}` as Key)} list={list} url={url} />;
      })}
    </>
  );
}
